//! The master key in a file that only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::master_key::{MasterKey, ParseKeyError};

/// Far more than a key needs; keeps a wrong path from being read into memory.
const LONGEST: u64 = 4096;

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

impl MasterKey {
    /// Reads the key from `path`, or makes one there if there is no such file.
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

    /// Reads the key from `path`, which must exist.
    ///
    /// # Errors
    /// Fails if the file cannot be read, is open to others, or holds no key.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        let path = path.as_ref();
        let failed = |source| KeyFileError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::TooOpen { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::with_capacity(128));
        file.take(LONGEST).read_to_string(&mut text).map_err(failed)?;
        Self::parse(&text).map_err(|source| KeyFileError::Parse { path: path.to_owned(), source })
    }
}

/// Writes a new key beside `path`, then links it into place; a file that is there already wins.
fn create(path: &Path) -> io::Result<()> {
    let key = MasterKey::generate().map_err(io::Error::other)?;
    let mut draft_name = path.as_os_str().to_owned();
    draft_name.push(format!(".new-{}", key.id()));
    let draft = PathBuf::from(draft_name);

    let linked = write_synced(&draft, &key).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => removed?,
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn write_synced(path: &Path, key: &MasterKey) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key.to_text().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
