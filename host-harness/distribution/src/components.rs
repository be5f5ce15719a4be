//! The folder of the user's own where components are kept, each by its digest: what runs from there is what was installed,
//! whether the registry is there or not.

use std::env;
use std::fs::{self, File, Permissions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use private_file::{Draft, create_folder};

use crate::digest::Digest;

/// Why a component is not had from the folder, or not put there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComponentsError {
    /// Nobody knows where the folder is.
    #[error("there is no folder for components: set HOME, or XDG_DATA_HOME")]
    NoFolder,
    /// It is not there.
    #[error("{} is gone, which was installed; an upgrade gets it again", path.display())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// It was changed.
    #[error("{} is not what was installed, it was changed since; an upgrade gets it again", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
    },
    /// The system does not let it.
    #[error("{}: {reason}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

/// The folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components(PathBuf);

impl Components {
    /// That of the user: below `$XDG_DATA_HOME`, else below `~/.local/share`.
    ///
    /// # Errors
    /// [`ComponentsError::NoFolder`].
    pub fn of_user() -> Result<Self, ComponentsError> {
        // A path that is not absolute is to be ignored (XDG base directory specification).
        let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let data = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local").join("share")));
        data.map(|data| Self(data.join("host-harness").join("components"))).ok_or(ComponentsError::NoFolder)
    }

    /// A folder of one's own.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Where a component is kept.
    #[must_use]
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.0.join(format!("{}.wasm", digest.hex()))
    }

    /// A component of at most so many bytes, of which it is certain that it is the one of this digest.
    ///
    /// # Errors
    /// [`ComponentsError`].
    pub fn get(&self, digest: &Digest, most: u64) -> Result<Vec<u8>, ComponentsError> {
        let path = self.path(digest);
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes));
        match read {
            Ok(_) if bytes.len() as u64 <= most && digest.is_of(&bytes) => Ok(bytes),
            Ok(_) => Err(ComponentsError::Altered { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ComponentsError::Gone { path }),
            Err(error) => Err(ComponentsError::System { path, reason: error.to_string() }),
        }
    }

    /// Keeps a component: whole or not at all, whoever else keeps the same one meanwhile. Nobody writes to it afterwards.
    ///
    /// # Errors
    /// [`ComponentsError::System`].
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, ComponentsError> {
        let digest = Digest::of(bytes);
        let path = self.path(&digest);
        let failed = |error: io::Error| ComponentsError::System { path: path.clone(), reason: error.to_string() };
        if self.get(&digest, bytes.len() as u64).is_ok() {
            return Ok(digest);
        }
        create_folder(&self.0).map_err(failed)?;
        let written = Draft::open(&path).and_then(|draft| draft.commit(bytes));
        written.and_then(|()| fs::set_permissions(&path, read_only())).map_err(failed)?;
        Ok(digest)
    }
}

fn read_only() -> Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o400)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::thread;

    use super::*;

    #[test]
    fn a_component_is_read_only_and_what_was_changed_or_is_gone_does_not_run() {
        let folder = tempfile::tempdir().unwrap();
        let components = Components::in_folder(&folder.path().join("a/components"));
        let digest = components.put(b"component").unwrap();
        let path = components.path(&digest);
        assert_eq!(components.get(&digest, 9).unwrap(), b"component");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o400);
        assert!(matches!(components.get(&digest, 8), Err(ComponentsError::Altered { .. })), "more than may be read");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, b"componend").unwrap();
        let told = components.get(&digest, 9).unwrap_err().to_string();
        assert!(told.contains("is not what was installed"), "{told}");
        fs::remove_file(&path).unwrap();
        assert_eq!(components.get(&digest, 9), Err(ComponentsError::Gone { path }));
        assert_eq!(components.put(b"component").unwrap(), digest, "it is put there again");
        assert_eq!(components.get(&digest, 9).unwrap(), b"component");
    }

    #[test]
    fn two_installs_at_once_leave_one_whole_component_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let components = Components::in_folder(folder.path());
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| components.put(&bytes).unwrap());
            }
        });
        assert_eq!(components.get(&Digest::of(&bytes), 1 << 20).unwrap(), bytes);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
