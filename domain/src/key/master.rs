//! The master key: in memory, from a setting or a file, or in Vault. It wraps and unwraps data keys.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock};

use secret_box::{Key, Keyring, OpenError, ParseKeyError, Zeroizing};

use super::owner;
use super::store::Row;
use super::transit::{self, Transit, TransitError};
use crate::Hub;

/// Where the master key is. Where it is in Vault, those at hand are older ones, which only open.
pub struct Master {
    at_hand: RwLock<Option<Keyring>>,
    file: Option<KeyFile>,
    vault: Option<Transit>,
}

/// A file that is read again and again.
struct KeyFile {
    path: PathBuf,
    /// Keys that other settings name; they only open.
    older: Vec<Key>,
    /// What was last wrong with it, which the log has been told.
    told: Mutex<Option<String>>,
}

/// Why a data key cannot be wrapped or unwrapped.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Vault did not do it.
    #[error(transparent)]
    Vault(#[from] TransitError),
    /// Its box does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What came out is no key.
    #[error(transparent)]
    Parse(#[from] ParseKeyError),
    /// It is another key than its row says.
    #[error("the row of key {0} holds another key")]
    OtherKey(String),
    /// Vault has wrapped it, and no Vault is set.
    #[error("Vault has wrapped the data key, but PATCHBAY_VAULT_ADDR is not set")]
    NoVault,
    /// The master key is nowhere.
    #[error("there is no master key")]
    NoMaster,
}

/// A wrapped key, and what wrapped it: the id of a master key, or a version of Vault's.
pub(super) struct Wrapped {
    pub(super) bytes: Vec<u8>,
    pub(super) by: String,
}

impl Master {
    /// Keys that stay as they are while the program runs.
    #[must_use]
    pub const fn fixed(keys: Keyring) -> Self {
        Self { at_hand: RwLock::new(Some(keys)), file: None, vault: None }
    }

    /// Keys that were read from a file, which is read again; older ones beside it still open.
    #[must_use]
    pub fn in_file(path: PathBuf, keys: &Keyring, older: Vec<Key>) -> Self {
        let at_hand = RwLock::new(Some(keys.with_older(&older)));
        Self { at_hand, file: Some(KeyFile { path, older, told: Mutex::default() }), vault: None }
    }

    /// A key that never leaves Vault; older ones that were at hand before still open.
    #[must_use]
    pub const fn in_vault(vault: Transit, older: Option<Keyring>) -> Self {
        Self { at_hand: RwLock::new(older), file: None, vault: Some(vault) }
    }

    pub(super) const fn vault(&self) -> Option<&Transit> {
        self.vault.as_ref()
    }

    /// The key at hand that seals, unless that is done in Vault.
    pub(super) fn current(&self) -> Option<Key> {
        if self.vault.is_some() {
            return None;
        }
        self.at_hand().map(|keys| keys.current().clone())
    }

    /// Opens what a key at hand has sealed.
    pub(super) fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        match self.at_hand() {
            Some(keys) => keys.open(place, sealed),
            None => Err(secret_box::key_id_of(sealed).map_or(OpenError::NotSealed, OpenError::UnknownKey)),
        }
    }

    fn at_hand(&self) -> Option<Keyring> {
        self.at_hand.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over what the file holds now. A file that cannot be read changes nothing, and the log is told once.
    pub(super) fn read_file(&self) {
        let Some(file) = &self.file else { return };
        let read = Keyring::load(&file.path);
        let mut told = file.told.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(keys) => {
                *told = None;
                let keys = Some(keys.with_older(&file.older));
                let mut at_hand = self.at_hand.write().unwrap_or_else(PoisonError::into_inner);
                if *at_hand != keys {
                    let id = keys.as_ref().map(|keys| keys.current().id().to_string());
                    tracing::info!(path = %file.path.display(), key = id, "the file of the master key has changed and is taken over");
                    *at_hand = keys;
                }
            }
            Err(error) => {
                let words = error.to_string();
                if told.as_ref() != Some(&words) {
                    let source = std::error::Error::source(&error);
                    tracing::error!(%error, ?source, "the file of the master key cannot be read; the keys read before go on");
                    *told = Some(words);
                }
            }
        }
    }

    /// Wraps data keys for their rows.
    ///
    /// # Errors
    /// Vault does not do it.
    pub(super) async fn wrap(&self, hub: &Hub, keys: &[(&Row, &Key)]) -> Result<Vec<Wrapped>, KeyError> {
        if let Some(vault) = &self.vault {
            let plain: Vec<&Key> = keys.iter().map(|(_, key)| *key).collect();
            return Ok(vault.encrypt(&plain).await?.into_iter().map(in_vault).collect());
        }
        let ring = self.at_hand().ok_or(KeyError::NoMaster)?;
        let by = ring.current().id().to_string();
        let wrap = |(row, key): &(&Row, &Key)| Wrapped {
            bytes: ring.seal(hub.random.bytes(), &place(row), key.bytes()),
            by: by.clone(),
        };
        Ok(keys.iter().map(wrap).collect())
    }

    /// Unwraps the data keys of rows, each as far as that can be done.
    ///
    /// # Errors
    /// Vault does not answer, or refuses all.
    pub(super) async fn unwrap(&self, rows: &[&Row]) -> Result<Vec<Result<Key, KeyError>>, KeyError> {
        let texts: Vec<&str> = rows.iter().filter_map(|row| transit::ciphertext(&row.wrapped)).collect();
        let mut from_vault = match &self.vault {
            Some(vault) if !texts.is_empty() => vault.decrypt(&texts).await?.into_iter(),
            _ => Vec::new().into_iter(),
        };
        let unwrap = |row: &&Row| {
            let key = match transit::ciphertext(&row.wrapped) {
                Some(_) => from_vault.next().ok_or(KeyError::NoVault)??,
                None => Key::from_slice(&self.open(&place(row), &row.wrapped)?)?,
            };
            if key.id().to_string() == row.key_id { Ok(key) } else { Err(KeyError::OtherKey(row.key_id.clone())) }
        };
        Ok(rows.iter().map(unwrap).collect())
    }

    /// Wraps anew what Vault has wrapped, by the newest version of its key, without showing anybody the data keys.
    ///
    /// # Errors
    /// Vault does not do it.
    pub(super) async fn rewrap(&self, rows: &[&Row]) -> Result<Vec<Wrapped>, KeyError> {
        let vault = self.vault.as_ref().ok_or(KeyError::NoVault)?;
        let texts: Vec<&str> = rows.iter().filter_map(|row| transit::ciphertext(&row.wrapped)).collect();
        Ok(vault.rewrap(&texts).await?.into_iter().map(in_vault).collect())
    }
}

fn in_vault(text: String) -> Wrapped {
    Wrapped { by: transit::version(&text).to_owned(), bytes: text.into_bytes() }
}

/// The place of a wrapped key, to which its seal is bound.
fn place(row: &Row) -> String {
    format!("{}|data_keys|{}", owner(row.org_id.as_ref()), row.key_id)
}

impl std::fmt::Debug for Master {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Master").field("at_hand", &self.at_hand()).field("vault", &self.vault).finish_non_exhaustive()
    }
}
