//! Sealing with the current key, opening with whichever key a box names.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::master_key::{KeyId, MasterKey};

const VERSION: u8 = 1;
const KEY_ID: std::ops::Range<usize> = 1..9;
const NONCE: std::ops::Range<usize> = 9..HEAD;
const HEAD: usize = 9 + NONCE_LEN;
const TAG: usize = 16;

/// The keys of this installation, the current one first. Clones share the keys.
#[derive(Clone)]
pub struct Keyring {
    keys: Arc<[Entry]>,
}

struct Entry {
    id: KeyId,
    key: LessSafeKey,
}

/// Why a box does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The bytes are too few, or of a version this program does not know.
    #[error("the stored bytes are not a sealed secret")]
    NotSealed,
    /// It was sealed with a key that is not in the keyring.
    #[error("the secret was sealed with key {0}, which is not among the configured keys; add that key as an older one")]
    UnknownKey(KeyId),
    /// The bytes were changed, or the box belongs to another place.
    #[error("the sealed secret was changed, or moved here from another place")]
    Tampered,
}

impl Keyring {
    /// Takes the key that seals, and older keys that may still open.
    #[must_use]
    pub fn new(current: MasterKey, older: Vec<MasterKey>) -> Self {
        let keys = std::iter::once(current).chain(older);
        Self { keys: keys.map(|key| Entry::new(&key)).collect() }
    }

    /// Seals `plain` for one place. `nonce` must be fresh randomness; `place` (`org|table|row`) must
    /// be given again to open.
    #[must_use]
    pub fn seal(&self, nonce: [u8; NONCE_LEN], place: &str, plain: &[u8]) -> Vec<u8> {
        let Entry { id, key } = &self.keys[0];
        // Reserved in full: the plain text must not be left behind by growing.
        let mut sealed = Vec::with_capacity(HEAD + plain.len() + TAG);
        sealed.push(VERSION);
        sealed.extend_from_slice(&id.0);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let aad = bind(&sealed[..KEY_ID.end], place);
        let tag = key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut sealed[HEAD..])
            .expect("a secret is far below the 64 GiB that can be sealed");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens a box in the place it was sealed for. What comes out is wiped when dropped.
    ///
    /// # Errors
    /// Tells an unknown key from tampering, since only the first can be repaired.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let id = key_id_of(sealed).ok_or(OpenError::NotSealed)?;
        let entry = self.keys.iter().find(|entry| entry.id == id).ok_or(OpenError::UnknownKey(id))?;
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&sealed[NONCE]);
        let aad = bind(&sealed[..KEY_ID.end], place);
        let mut plain = Zeroizing::new(sealed[HEAD..].to_vec());
        let length = entry
            .key
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut plain)
            .map_err(|_| OpenError::Tampered)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// Whether a box should be sealed anew, because its key is not the current one.
    #[must_use]
    pub fn needs_reseal(&self, sealed: &[u8]) -> bool {
        key_id_of(sealed) != Some(self.current_id())
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn current_id(&self) -> KeyId {
        self.keys[0].id
    }
}

/// The id of the key a box was sealed with; `None` if the bytes are no box.
#[must_use]
pub fn key_id_of(sealed: &[u8]) -> Option<KeyId> {
    if sealed.len() < HEAD + TAG || sealed[0] != VERSION {
        return None;
    }
    sealed[KEY_ID].try_into().ok().map(KeyId)
}

/// What is authenticated beside the secret: version and key id, then the place.
fn bind(head: &[u8], place: &str) -> Vec<u8> {
    [head, place.as_bytes()].concat()
}

impl Entry {
    fn new(key: &MasterKey) -> Self {
        let unbound =
            UnboundKey::new(&AES_256_GCM_SIV, key.bytes()).expect("a master key has the 32 bytes AES-256 needs");
        Self { id: key.id(), key: LessSafeKey::new(unbound) }
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.keys.iter().map(|entry| entry.id);
        f.write_str("Keyring")?;
        f.debug_list().entries(ids).finish()
    }
}
