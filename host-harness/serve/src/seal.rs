//! Configs with their secrets, as they are kept: sealed with AES-256-GCM for the connector that they belong to, so that who
//! reads the store, or puts one config in the place of another, gets nothing.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};
use store::StoreError;

/// What is sealed begins with this, the mark of its key and the nonce.
const VERSION: u8 = 1;
/// Bytes of a key's mark: tells which of several keys it is, and nothing of it.
const MARK: usize = 4;
/// The largest file of keys that is read.
const LARGEST: u64 = 64 << 10;
/// Bytes of a key.
const KEY: usize = 32;

/// Why something cannot be sealed, or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There is no key, and none can be made.
    #[error(
        "cannot read or make the key {}: {source}; configs are sealed with it: put it back. Where it is lost, write 64 hexadecimal \
         digits of chance into that file, and give each config anew, with its secrets",
        path.display()
    )]
    File {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What stands there is no key.
    #[error("{0} is no key: it holds lines of 64 hexadecimal digits, the key in use first")]
    NoKey(String),
    /// It was sealed with another key, or is damaged.
    #[error(
        "a config in the store was sealed with another key, or is damaged; put the key back that it was sealed with, or write \
         the config anew"
    )]
    OtherKey,
    /// The system has no random bytes, or the text is too long.
    #[error("nothing can be sealed: the system gives no random bytes")]
    Random,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The keys: the first seals, each of them opens.
pub struct Keys(Vec<Key>);

struct Key {
    mark: [u8; MARK],
    aead: LessSafeKey,
}

impl Keys {
    /// The keys in a text, a line of 64 hexadecimal digits each.
    ///
    /// # Errors
    /// [`SealError::NoKey`]; `from` is what the text is called in it.
    pub fn parse(text: &str, from: &str) -> Result<Self, SealError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Option<Vec<Key>> = lines.map(|line| Key::of(&bytes(line)?)).collect();
        keys.filter(|keys| !keys.is_empty()).map(Self).ok_or_else(|| SealError::NoKey(from.to_owned()))
    }

    /// The keys in a file.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn read(path: &Path) -> Result<Self, SealError> {
        let failed = |source| SealError::File { path: path.to_owned(), source };
        let mut text = String::new();
        fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_string(&mut text)).map_err(failed)?;
        Self::parse(&text, &path.display().to_string())
    }

    /// The keys in a file, which is made with a new one where there is none, for its owner alone.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn read_or_make(path: &Path) -> Result<Self, SealError> {
        let failed = |source| SealError::File { path: path.to_owned(), source };
        if !path.exists() {
            let text = new_key()?;
            let mut file = private_file::create(path).map_err(failed)?;
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        Self::read(path)
    }

    /// Seals a config for the connector of this UUID.
    ///
    /// # Errors
    /// [`SealError::Random`].
    pub fn seal(&self, uuid: &str, config: &str) -> Result<Vec<u8>, SealError> {
        let key = self.0.first().ok_or(SealError::Random)?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError::Random)?;
        let mut sealed = config.as_bytes().to_vec();
        key.aead
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(uuid), &mut sealed)
            .map_err(|_| SealError::Random)?;
        Ok([&[VERSION][..], &key.mark, &nonce, &sealed].concat())
    }

    /// Opens what was sealed for the connector of this UUID.
    ///
    /// # Errors
    /// [`SealError::OtherKey`].
    pub fn open(&self, uuid: &str, sealed: &[u8]) -> Result<String, SealError> {
        self.opened(uuid, sealed).ok_or(SealError::OtherKey)
    }

    fn opened(&self, uuid: &str, sealed: &[u8]) -> Option<String> {
        let rest = sealed.strip_prefix(&[VERSION])?;
        let (mark, rest) = rest.split_at_checked(MARK)?;
        let (nonce, rest) = rest.split_at_checked(NONCE_LEN)?;
        let key = self.0.iter().find(|key| key.mark == mark)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = rest.to_vec();
        let opened = key.aead.open_in_place(nonce, Aad::from(uuid), &mut bytes).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

impl Key {
    fn of(bytes: &[u8; KEY]) -> Option<Self> {
        let digest = Sha256::digest(bytes);
        let mark = digest.first_chunk::<MARK>().copied()?;
        Some(Self { mark, aead: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).ok()?) })
    }
}

/// Seals all configs of a store with a new key, which takes the place of those in the file. Whenever it is interrupted, what
/// is sealed can be opened by what is in the file. Gives how many there were.
///
/// # Errors
/// [`SealError`].
pub fn rotate(store: &store::Store, path: &Path) -> Result<usize, SealError> {
    let failed = |source| SealError::File { path: path.to_owned(), source };
    let old = Keys::read_or_make(path)?;
    let before = fs::read_to_string(path).map_err(failed)?;
    let new = new_key()?;
    write(path, &format!("{new}{before}")).map_err(failed)?;
    let sealing = Keys::parse(&new, &path.display().to_string())?;
    let count = store.reseal(|uuid, sealed| sealing.seal(uuid, &old.open(uuid, sealed)?))?;
    write(path, &new).map_err(failed)?;
    Ok(count)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    private_file::Draft::open(path)?.commit(text.as_bytes())
}

fn new_key() -> Result<String, SealError> {
    let mut bytes = [0; KEY];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SealError::Random)?;
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").map_err(|_| SealError::Random)?;
    }
    text.push('\n');
    Ok(text)
}

fn bytes(hex: &str) -> Option<[u8; KEY]> {
    let mut bytes = [0; KEY];
    if hex.len() != 2 * KEY || !hex.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::time::Duration;
    use store::serving::connectors::NewConnector;

    #[test]
    fn what_is_sealed_opens_for_its_connector_and_its_key_alone() {
        let keys = Keys::parse(&new_key().unwrap(), "x").unwrap();
        let sealed = keys.seal("one", "s3cr3t").unwrap();
        assert_eq!(keys.open("one", &sealed).unwrap(), "s3cr3t");
        assert_ne!(keys.seal("one", "s3cr3t").unwrap(), sealed, "never the same twice");
        assert!(!sealed.windows(6).any(|window| window == b"s3cr3t"));
        let mut damaged = sealed.clone();
        *damaged.last_mut().unwrap() ^= 1;
        let other = Keys::parse(&new_key().unwrap(), "x").unwrap();
        assert!(keys.open("two", &sealed).is_err() && keys.open("one", &damaged).is_err());
        assert!(
            other.open("one", &sealed).is_err() && keys.open("one", &[]).is_err() && keys.open("one", &[1; 9]).is_err()
        );
    }

    #[test]
    fn another_key_takes_the_place_of_the_first_and_every_config_stays_readable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let keys = Keys::read_or_make(&path).unwrap();
        let store = store::Store::in_memory().unwrap();
        let new = NewConnector {
            granted: &store::Granted::Bundled,
            provider: "lakeside",
            install: "acme",
            period: Duration::ZERO,
            origin: None,
        };
        let seal = |uuid: &str| keys.seal(uuid, "s3cr3t");
        let added = store.add_connector(&new, chrono::Utc::now(), seal).unwrap();
        let before = fs::read_to_string(&path).unwrap();
        assert_eq!(rotate(&store, &path).unwrap(), 1);
        assert_ne!(fs::read_to_string(&path).unwrap(), before);
        let sealed = store.sealed_config(&added.uuid).unwrap().unwrap();
        assert!(keys.open(&added.uuid, &sealed).is_err());
        assert_eq!(Keys::read_or_make(&path).unwrap().open(&added.uuid, &sealed).unwrap(), "s3cr3t");
    }

    #[test]
    fn what_is_no_key_is_told_by_its_name() {
        for text in ["", "abc", &"g".repeat(64), &"é".repeat(32)] {
            assert!(matches!(Keys::parse(text, "the key"), Err(SealError::NoKey(from)) if from == "the key"), "{text}");
        }
    }
}
