//! Sealing with the current key, opening with whichever key a box names.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::key::{Key, KeyId, OpenError, key_id_of};

/// The master keys of an installation, the current one first. Clones share the keys.
#[derive(Clone)]
pub struct Keyring {
    keys: Arc<[Key]>,
}

impl Keyring {
    /// Takes the key that seals, and older keys that may still open.
    #[must_use]
    pub fn new(current: Key, older: Vec<Key>) -> Self {
        Self { keys: std::iter::once(current).chain(older).collect() }
    }

    /// The same, with more keys that may still open.
    #[must_use]
    pub fn with_older(&self, older: &[Key]) -> Self {
        Self { keys: self.keys.iter().chain(older).cloned().collect() }
    }

    /// Seals `plain` for one place by the current key, as [`Key::seal`].
    #[must_use]
    pub fn seal(&self, nonce: [u8; 12], place: &str, plain: &[u8]) -> Vec<u8> {
        self.current().seal(nonce, place, plain)
    }

    /// Opens a box in the place it was sealed for. What comes out is wiped when dropped.
    ///
    /// # Errors
    /// Tells an unknown key from tampering, since only the first can be repaired.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let id = key_id_of(sealed).ok_or(OpenError::NotSealed)?;
        self.find(id).ok_or(OpenError::UnknownKey(id))?.open(place, sealed)
    }

    /// Whether a box should be sealed anew, because its key is not the current one.
    #[must_use]
    pub fn needs_reseal(&self, sealed: &[u8]) -> bool {
        key_id_of(sealed) != Some(self.current().id())
    }

    /// The key that seals.
    #[must_use]
    pub fn current(&self) -> &Key {
        &self.keys[0]
    }

    /// The key of this id.
    #[must_use]
    pub fn find(&self, id: KeyId) -> Option<&Key> {
        self.keys.iter().find(|key| key.id() == id)
    }
}

/// They have the same keys in the same order.
impl PartialEq for Keyring {
    fn eq(&self, other: &Self) -> bool {
        self.keys.iter().map(Key::id).eq(other.keys.iter().map(Key::id))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")?;
        f.debug_list().entries(self.keys.iter().map(Key::id)).finish()
    }
}
