//! Components that were looked at and compiled, on disk, so that the second start is instant.
//!
//! Whoever can write here can run code as this user, so a file is used only when nobody else can have written it: it and
//! its folder belong to this user, are writable by no other, and are no links. Its checksum finds what the disk did.

use std::fs::{self, DirBuilder, File};
use std::hash::{Hash as _, Hasher};
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::time::SystemTime;
use std::{env, process};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, open, openat, renameat, unlinkat};
use rustix::process::geteuid;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;

use crate::component::RULES;

/// Where compiled components are kept between two starts.
#[derive(Debug, Clone, Default)]
pub enum CompileCache {
    /// The user's cache folder: `$XDG_CACHE_HOME`, else `~/.cache`.
    #[default]
    User,
    /// A folder of one's own. It and what is in it must belong to the user, and be writable by no other.
    Folder(PathBuf),
    /// Nowhere: compiled anew at every start.
    Off,
}

/// Compiled code that is kept, all files together, in bytes. Those of JavaScript or Python are some 40 MB each.
const TOTAL: u64 = 512 << 20;
/// The first bytes of a file: the SHA-256 of the rest.
const CHECKSUM: usize = 32;
/// What the names of files here end in; nothing else is ever removed.
const EXTENSION: &str = "compiled";
/// Links are not followed, and no child inherits what is open.
const CAREFUL: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);

/// What a file is named by: the component, the rules that it keeps, and what compiled code depends on besides.
pub(super) struct Key(String);

impl Key {
    /// For the component with this digest.
    pub(super) fn new(component: &str, engine: &Engine) -> Self {
        let mut digest = Fingerprint(Sha256::new());
        digest.write(component.as_bytes());
        RULES.iter().copied().flatten().for_each(|text| digest.write(text.as_bytes()));
        engine.precompile_compatibility_hash().hash(&mut digest);
        Self(format!("{:x}.{EXTENSION}", digest.0.finalize()))
    }
}

/// Takes what is hashed into a digest that no two engines share.
struct Fingerprint(Sha256);

impl Hasher for Fingerprint {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[derive(Debug, Clone)]
pub(super) struct Cache {
    folder: PathBuf,
    total: u64,
}

impl Cache {
    pub(super) fn of(cache: &CompileCache) -> Option<Self> {
        let folder = match cache {
            CompileCache::User => user_folder()?.join("host-harness").join("compiled"),
            CompileCache::Folder(folder) => folder.clone(),
            CompileCache::Off => return None,
        };
        Some(Self { folder, total: TOTAL })
    }

    /// Compiled code that is there and may be run.
    pub(super) fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let file = self.folder.join(&key.0);
        match self.read(key) {
            Ok(artifact) => Some(artifact),
            Err(Unusable::System(error)) if error.kind() == io::ErrorKind::NotFound => None,
            Err(unusable) => {
                tracing::warn!("compiling anew, since {} is not used: {unusable}", file.display());
                None
            }
        }
    }

    fn read(&self, key: &Key) -> Result<Vec<u8>, Unusable> {
        let folder = self.open()?;
        let mut file: File = openat(&folder, &key.0, OFlags::RDONLY | CAREFUL, Mode::empty())?.into();
        let size = own(&fstat(&file)?, FileType::RegularFile, "it")?;
        if size > self.total {
            return Err(Unusable::Damaged);
        }
        let mut checksum = [0; CHECKSUM];
        file.read_exact(&mut checksum).map_err(|_| Unusable::Damaged)?;
        let mut artifact = Vec::new();
        file.read_to_end(&mut artifact)?;
        if Sha256::digest(&artifact)[..] == checksum { Ok(artifact) } else { Err(Unusable::Damaged) }
    }

    /// The folder, of which it is certain that only this user writes into it: what is opened from here on is opened in
    /// it, whatever becomes of its path.
    fn open(&self) -> Result<OwnedFd, Unusable> {
        let folder = open(&self.folder, OFlags::RDONLY | OFlags::DIRECTORY | CAREFUL, Mode::empty())?;
        own(&fstat(&folder)?, FileType::Directory, "the folder")?;
        Ok(folder)
    }

    /// Keeps compiled code. Where that fails the next start is slower, and that is all.
    pub(super) fn put(&self, key: &Key, artifact: &[u8]) {
        if let Err(unusable) = self.write(key, artifact) {
            tracing::warn!("compiled code is not kept in {}: {unusable}", self.folder.display());
        }
    }

    fn write(&self, key: &Key, artifact: &[u8]) -> Result<(), Unusable> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let folder = self.open()?;
        self.make_room(u64::try_from(artifact.len()).unwrap_or(u64::MAX))?;
        // Two processes that compile the same at once write two files, and the second takes the place of the first.
        let unfinished = format!("{}.{}.{EXTENSION}", key.0, process::id());
        // What a process of the same number left behind when it was killed.
        unlinkat(&folder, &unfinished, AtFlags::empty()).ok();
        let written = write_whole(&folder, &unfinished, artifact);
        let named = written.and_then(|()| Ok(renameat(&folder, &unfinished, &folder, &key.0)?));
        if named.is_err() {
            unlinkat(&folder, &unfinished, AtFlags::empty()).ok();
        }
        Ok(named?)
    }

    /// Removes the files that were written longest ago, until there is room for so many bytes more.
    fn make_room(&self, bytes: u64) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_file() && entry.path().extension().is_some_and(|extension| extension == EXTENSION) {
                files.push((metadata.modified()?, metadata.len(), entry.path()));
            }
        }
        files.sort();
        let mut total = files.iter().fold(bytes, |total, (_, size, _)| total.saturating_add(*size));
        for (_, size, file) in files {
            if total <= self.total {
                break;
            }
            fs::remove_file(file)?;
            total = total.saturating_sub(size);
        }
        Ok(())
    }
}

fn write_whole(folder: &OwnedFd, name: &str, artifact: &[u8]) -> io::Result<()> {
    let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | CAREFUL;
    let mut file: File = openat(folder, name, new, Mode::RUSR | Mode::WUSR)?.into();
    file.write_all(&Sha256::digest(artifact))?;
    file.write_all(artifact)
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("{0} belongs to another user")]
    NotOwn(&'static str),
    #[error("{0} can be written by others (its mode is {1:o}); take their permission away, or remove it")]
    Writable(&'static str, u32),
    #[error("{0} is a link or something else that is not looked into")]
    Odd(&'static str),
    #[error("its content is damaged")]
    Damaged,
    #[error(transparent)]
    System(#[from] io::Error),
}

impl From<rustix::io::Errno> for Unusable {
    fn from(error: rustix::io::Errno) -> Self {
        Self::System(error.into())
    }
}

/// The size of something that nobody but this user can have written.
fn own(what: &Stat, expected: FileType, name: &'static str) -> Result<u64, Unusable> {
    if FileType::from_raw_mode(what.st_mode) != expected {
        return Err(Unusable::Odd(name));
    }
    if what.st_uid != geteuid().as_raw() {
        return Err(Unusable::NotOwn(name));
    }
    let mode = Mode::from_raw_mode(what.st_mode);
    if mode.intersects(Mode::WGRP | Mode::WOTH) {
        return Err(Unusable::Writable(name, mode.bits()));
    }
    Ok(u64::try_from(what.st_size).unwrap_or_default())
}

fn user_folder() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_were_written_longest_ago_make_room_and_other_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { folder: folder.path().to_owned(), total: 100 };
        let key = |name: &str| Key(format!("{name}.{EXTENSION}"));
        let other = folder.path().join("notes.txt");
        fs::write(&other, [0; 1_000]).unwrap();
        for name in ["a", "b", "c"] {
            cache.put(&key(name), &[1; 8]);
        }
        let age = |name: &str, seconds| {
            let file = File::options().write(true).open(folder.path().join(key(name).0)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).unwrap();
        };
        // 40 bytes each: there is room for two, and the first went for the third.
        assert_eq!((cache.get(&key("b")), cache.get(&key("c"))), (Some(vec![1; 8]), Some(vec![1; 8])));
        age("b", 2);
        age("c", 1);
        cache.put(&key("d"), &[1; 8]);
        assert_eq!(
            (cache.get(&key("c")), cache.get(&key("b")), cache.get(&key("d"))),
            (None, Some(vec![1; 8]), Some(vec![1; 8]))
        );
        assert!(other.exists());
    }
}
