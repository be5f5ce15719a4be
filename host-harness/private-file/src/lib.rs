//! Files that nobody but their owner is to read: they hold a bank's data, or keys.
//!
//! A file is made for its owner alone. A link in its place is followed when it is this user's own or the system's; where
//! somebody else has put one, no file is made at all: what it points to is not what was meant. On systems without such
//! permissions, files are made as any other.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// Links behind links that are followed.
const LINKS: usize = 40;

/// Makes a file, or empties the one that is there, which keeps its permissions. What has no content to replace (a
/// named pipe, a terminal, `/dev/stdout`) is written to as it is.
///
/// # Errors
/// The file is somebody else's link, a disk or a folder, or cannot be made.
pub fn create(path: &Path) -> io::Result<File> {
    expect_no_database(&meant(path)?)?;
    let file = append(path)?;
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    Ok(file)
}

/// As [`create`], and what is there stays before what is written.
///
/// # Errors
/// As [`create`].
pub fn append(path: &Path) -> io::Result<File> {
    let path = meant(path)?;
    let file = writing(&path).append(true).create(true).open(&path).map_err(|error| why(&path, error))?;
    if is_disk(&file.metadata()?) {
        return Err(io::Error::other("it is a disk"));
    }
    Ok(file)
}

/// Makes a file that is not there yet. Returns false when something is there.
///
/// # Errors
/// The file is a link to nothing, or cannot be made.
pub fn create_missing(path: &Path) -> io::Result<bool> {
    match writing(path).create_new(true).open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match path.metadata() {
            Ok(_) => Ok(false),
            Err(_) => Err(why(path, error)),
        },
        Err(error) => Err(why(path, error)),
    }
}

/// Makes a folder, and those it is in, as far as they are missing.
///
/// # Errors
/// As [`fs::create_dir_all`].
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Whether others than the owner may read or write the file.
#[must_use]
pub fn is_open_to_others(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0;
    #[cfg(not(unix))]
    {
        _ = metadata;
        false
    }
}

/// A file that replaces another in one step, once it is written whole. Dropped before, it leaves the other as it was.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    file: File,
    /// Where it is written, and what it replaces; none for what is written through.
    beside: Option<(PathBuf, PathBuf)>,
}

impl Draft {
    /// Opens what will be `path`: a file beside it, or itself where there is no content to replace (see [`create`]). Of a
    /// link, it is what the link points to.
    ///
    /// # Errors
    /// `path` is somebody else's link, a disk or a folder, or its folder is missing or not to be written to.
    pub fn open(path: &Path) -> io::Result<Self> {
        let target = meant(path)?;
        let replaces = match fs::symlink_metadata(&target) {
            Ok(there) => there.is_file(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(error),
        };
        expect_no_database(&target)?;
        if !replaces {
            return Ok(Self { path: path.to_owned(), file: create(path)?, beside: None });
        }
        let (file, beside) = unused(&target)?;
        Ok(Self { path: path.to_owned(), file, beside: Some((beside, target)) })
    }

    /// The file that it will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes it whole and puts it into its place.
    ///
    /// # Errors
    /// It cannot be written; what was there is there still, unless it was written through.
    pub fn commit(mut self, content: &[u8]) -> io::Result<()> {
        self.write_all(content)?;
        self.finish()
    }

    /// Puts what was written into its place.
    ///
    /// # Errors
    /// As [`Draft::commit`].
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        if let Some((beside, target)) = &self.beside {
            fs::rename(beside, target)?;
        }
        self.beside = None;
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.file.write(content)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some((beside, _)) = &self.beside {
            fs::remove_file(beside).ok();
        }
    }
}

/// A new file beside `path`, under a name that nobody has and nobody can put a link at beforehand.
fn unused(path: &Path) -> io::Result<(File, PathBuf)> {
    loop {
        let mut name = path.file_name().map(OsString::from).unwrap_or_default();
        name.push(format!(".{:016x}.tmp", fastrand::u64(..)));
        let beside = path.with_file_name(name);
        match writing(&beside).create_new(true).open(&beside) {
            Ok(file) => return Ok((file, beside)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(why(&beside, error)),
        }
    }
}

/// A store is never replaced by something else, whatever was meant by that: it is all there is of a customer's books here.
fn expect_no_database(path: &Path) -> io::Result<()> {
    const HEADS: [&[u8]; 3] = [b"SQLite format 3\0", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"];
    let mut head = [0; 16];
    let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let read = if is_file { File::open(path).and_then(|mut file| file.read(&mut head)).unwrap_or_default() } else { 0 };
    let is_one = HEADS.iter().any(|magic| head[..read].starts_with(magic));
    if is_one { Err(io::Error::other("it is a database")) } else { Ok(()) }
}

/// For writing, to the owner alone when it is made, and not over a link that was put there meanwhile.
fn writing(path: &Path) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
        if !is_open_already(path) {
            options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        }
    }
    #[cfg(not(unix))]
    {
        _ = path;
    }
    options
}

/// The system's own names for what is open already. They are links that lead nowhere else.
#[cfg(unix)]
fn is_open_already(path: &Path) -> bool {
    let names = ["/dev/stdin", "/dev/stdout", "/dev/stderr"].map(Path::new);
    names.contains(&path) || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd")
}

/// What `path` leads to by links of this user's own and the system's.
#[cfg(unix)]
fn meant(path: &Path) -> io::Result<PathBuf> {
    use std::os::unix::fs::MetadataExt as _;
    let mut meant = path.to_owned();
    for _ in 0..LINKS {
        let there = match fs::symlink_metadata(&meant) {
            Ok(there) if there.is_symlink() && !is_open_already(&meant) => there,
            _ => return Ok(meant),
        };
        if ![0, rustix::process::geteuid().as_raw()].contains(&there.uid()) {
            return Err(io::Error::other(ANOTHERS));
        }
        let target = fs::read_link(&meant)?;
        meant = meant.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(io::Error::other("it is a link to a link without an end"))
}

#[cfg(not(unix))]
fn meant(path: &Path) -> io::Result<PathBuf> {
    Ok(path.to_owned())
}

const ANOTHERS: &str = "it is a link of another user's, which is not followed; name the file itself";

/// Why a file cannot be made, where the system does not say what is missing.
fn why(path: &Path, error: io::Error) -> io::Error {
    if fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink()) {
        return io::Error::new(error.kind(), "it is a link; name the file itself");
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if error.kind() == io::ErrorKind::NotFound && !folder.exists() => {
            io::Error::new(error.kind(), format!("there is no folder {}", folder.display()))
        }
        _ => error,
    }
}

fn is_disk(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::FileTypeExt::is_block_device(&metadata.file_type());
    #[cfg(not(unix))]
    {
        _ = metadata;
        false
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn files_and_folders_are_the_owners_alone_and_an_old_file_keeps_what_it_had() {
        let folder = tempfile::tempdir().unwrap();
        let (file, deep) = (folder.path().join("f"), folder.path().join("a/b"));
        create(&file).unwrap().write_all(b"long").unwrap();
        assert_eq!(mode(&file), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        create(&file).unwrap().write_all(b"x").unwrap();
        assert_eq!((mode(&file), fs::read(&file).unwrap()), (0o644, b"x".to_vec()));
        assert!(is_open_to_others(&file.metadata().unwrap()));
        create_folder(&deep).unwrap();
        assert_eq!((mode(&deep), mode(&folder.path().join("a"))), (0o700, 0o700));
        assert!(create_missing(&deep.join("new")).unwrap() && !create_missing(&deep.join("new")).unwrap());
        assert_eq!(mode(&deep.join("new")), 0o600);
        assert!(!is_open_to_others(&deep.join("new").metadata().unwrap()));
    }

    #[test]
    fn a_link_of_ones_own_stays_a_link_and_what_it_points_to_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("elsewhere")).unwrap();
        fs::write(path("elsewhere/target"), "old").unwrap();
        symlink("elsewhere/target", path("link")).unwrap();
        symlink("link", path("behind")).unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        drop(Draft::open(&path("behind")).unwrap());
        assert_eq!(fs::read_to_string(path("elsewhere/target")).unwrap(), "old");
        Draft::open(&path("behind")).unwrap().commit(b"new").unwrap();
        assert_eq!(fs::read_to_string(path("elsewhere/target")).unwrap(), "new");
        create(&path("link")).unwrap().write_all(b"x").unwrap();
        assert_eq!(fs::read_to_string(path("elsewhere/target")).unwrap(), "x");
        Draft::open(&path("dangling")).unwrap().commit(b"made").unwrap();
        assert_eq!((fs::read_to_string(path("nowhere")).unwrap(), mode(&path("nowhere"))), ("made".into(), 0o600));
        assert!(["link", "behind", "dangling"].iter().all(|name| path(name).is_symlink()));
        symlink("/dev/null", path("null")).unwrap();
        Draft::open(&path("null")).unwrap().commit(b"gone").unwrap();
        assert!(path("null").is_symlink() && !Path::new("/dev/null").metadata().unwrap().is_file());
        symlink("round", path("round")).unwrap();
        assert!(Draft::open(&path("round")).is_err() && create(&path("round")).is_err());
    }

    #[test]
    fn a_link_of_another_user_is_refused_and_what_it_points_to_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "precious").unwrap();
        symlink(&target, &link).unwrap();
        // Only root can make such a link to try it with.
        if std::os::unix::fs::lchown(&link, Some(65_534), None).is_err() {
            return;
        }
        symlink("link", folder.path().join("own")).unwrap();
        for path in [&link, &folder.path().join("own")] {
            for error in [create(path).unwrap_err(), append(path).unwrap_err(), Draft::open(path).unwrap_err()] {
                assert_eq!(error.to_string(), ANOTHERS);
            }
        }
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
    }

    #[test]
    fn a_store_is_not_made_where_a_link_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let dangling = folder.path().join("dangling");
        symlink(folder.path().join("nowhere"), &dangling).unwrap();
        let error = create_missing(&dangling).unwrap_err();
        assert!(error.to_string().contains("it is a link"), "{error}");
        assert!(!folder.path().join("nowhere").exists());
    }

    #[test]
    fn a_draft_takes_no_file_away_whatever_the_name_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let beside = folder.path().join("a.har.tmp");
        fs::write(&beside, "the operator's own").unwrap();
        Draft::open(&folder.path().join("a.har")).unwrap().commit(b"new").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("a.har")).unwrap(), "new");
        assert_eq!(fs::read_to_string(&beside).unwrap(), "the operator's own");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_draft_replaces_whole_or_not_at_all_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.har");
        fs::write(&path, "old").unwrap();
        drop(Draft::open(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        let draft = Draft::open(&path).unwrap();
        assert_eq!(draft.path(), path);
        draft.commit(b"new").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("new", 0o600));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(Draft::open(&folder.path().join("missing/a.har")).is_err() && Draft::open(folder.path()).is_err());
    }

    #[test]
    fn what_is_appended_stands_behind_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.md");
        for _ in 0..2 {
            append(&path).unwrap().write_all(b"step\n").unwrap();
        }
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("step\nstep\n", 0o600));
    }

    #[test]
    fn a_database_is_replaced_by_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("books.db");
        for head in [&b"SQLite format 3\0 and more"[..], b"\x37\x7f\x06\x82 and more"] {
            fs::write(&path, head).unwrap();
            assert!(create(&path).is_err() && Draft::open(&path).is_err());
            assert_eq!(fs::read(&path).unwrap(), head);
        }
    }

    #[test]
    fn a_device_is_written_through_and_not_replaced() {
        let null = Path::new("/dev/null");
        Draft::open(null).unwrap().commit(b"gone").unwrap();
        assert!(!fs::symlink_metadata(null).unwrap().is_file());
    }
}
