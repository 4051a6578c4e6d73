//! Master keys in a file that only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::key::{Key, ParseKeyError};
use crate::keyring::Keyring;

/// More than eighty keys need, in bytes; keeps a wrong path from being read into memory.
const LONGEST: usize = 4096;

/// Why the key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error("cannot read the key file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file does not exist and cannot be created.
    #[error("cannot create the key file {}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others than its owner can read or change the file.
    #[error("the key file {} has mode {mode:03o}, so others can read or change it; run `chmod 600` on it", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file does not hold a key.
    #[error("the key file {} does not hold a key", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong with its text.
        source: ParseKeyError,
    },
}

impl Keyring {
    /// Reads the keys from `path`, or makes one there if there is no such file.
    ///
    /// A new file has mode 0600, appears complete or not at all, and is on disk before this returns:
    /// what is sealed with the key could never be opened again if the file were lost. Of two
    /// processes that start at once, both get the same key.
    ///
    /// # Errors
    /// Fails if the file cannot be read or created, is open to others, or holds no key.
    pub fn load_or_create(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        let path = path.as_ref();
        match Self::load(path) {
            Err(KeyFileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                create(path).map_err(|source| KeyFileError::Create { path: path.to_owned(), source })?;
                Self::load(path)
            }
            other => other,
        }
    }

    /// Reads the keys from `path`, which must exist: one to a line, the current one first. Empty lines and those that
    /// begin with `#` say nothing.
    ///
    /// # Errors
    /// Fails if the file cannot be read, is open to others, or a line holds no key.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        let path = path.as_ref();
        let text = read(path)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Result<Vec<_>, _> = lines.map(Key::parse).collect();
        let mut keys = keys.map_err(|source| KeyFileError::Parse { path: path.to_owned(), source })?.into_iter();
        let current = keys.next();
        let current =
            current.ok_or_else(|| KeyFileError::Parse { path: path.to_owned(), source: ParseKeyError::Empty })?;
        Ok(Self::new(current, keys.collect()))
    }

    /// Puts a new key before those that the file holds; they remain as older ones. The file is replaced as a whole.
    ///
    /// # Errors
    /// Fails if the file cannot be read as by [`Keyring::load`], or not be replaced.
    pub fn rotate_file(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        let path = path.as_ref();
        Self::load(path)?;
        let older = read(path)?;
        replace(path, &older).map_err(|source| KeyFileError::Create { path: path.to_owned(), source })?;
        Self::load(path)
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let failed = |source| KeyFileError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::TooOpen { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::with_capacity(LONGEST));
    file.take(LONGEST as u64).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Writes a new key beside `path`, then links it into place; a file that is there already wins.
fn create(path: &Path) -> io::Result<()> {
    let key = Key::generate().map_err(io::Error::other)?;
    let draft = draft_of(path, &key);
    let linked = write_synced(&draft, &key, "").and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => removed?,
    }
    sync_folder(path)
}

/// Writes a new key and the older lines beside `path`, then moves that there.
fn replace(path: &Path, older: &str) -> io::Result<()> {
    let key = Key::generate().map_err(io::Error::other)?;
    let draft = draft_of(path, &key);
    write_synced(&draft, &key, older)?;
    fs::rename(&draft, path)?;
    sync_folder(path)
}

fn draft_of(path: &Path, key: &Key) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".new-{}", key.id()));
    PathBuf::from(name)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn write_synced(path: &Path, key: &Key, older: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key.to_text().as_bytes())?;
    file.write_all(b"\n")?;
    file.write_all(older.as_bytes())?;
    file.sync_all()
}
