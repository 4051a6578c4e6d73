//! A key: its bytes, its text, its id, and the boxes that it seals and opens.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use zeroize::Zeroizing;

const LEN: usize = 32;
const VERSION: u8 = 1;
const KEY_ID: std::ops::Range<usize> = 1..9;
const NONCE: std::ops::Range<usize> = 9..HEAD;
const HEAD: usize = 9 + NONCE_LEN;
const TAG: usize = 16;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A 256-bit key that seals secrets, or other keys. Wiped from memory when dropped; `Debug` shows only its id.
#[derive(Clone)]
pub struct Key {
    id: KeyId,
    bytes: Zeroizing<[u8; LEN]>,
}

/// Names a key without revealing it: the first eight bytes of a SHA-256 of the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 8]);

/// Why a box does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The bytes are too few, or of a version this program does not know.
    #[error("the stored bytes are not a sealed secret")]
    NotSealed,
    /// It was sealed with a key that is not at hand.
    #[error(
        "the secret was sealed with key {0}, which is not among the known keys; if it is an older master key, add that again"
    )]
    UnknownKey(KeyId),
    /// The bytes were changed, or the box belongs to another place.
    #[error("the sealed secret was changed, or moved here from another place")]
    Tampered,
}

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseKeyError {
    /// There is no text.
    #[error(
        "the key is empty; expected 32 bytes as 44 characters of base64 or 64 of hex (`openssl rand -base64 32` makes one)"
    )]
    Empty,
    /// The text is neither base64 nor hex.
    #[error("the key is neither base64 nor hex; expected 32 bytes as 44 characters of base64 or 64 of hex")]
    NotEncoded,
    /// The text holds another number of bytes.
    #[error("the key holds {0} bytes; exactly 32 are needed (`openssl rand -base64 32` makes one)")]
    WrongLength(usize),
}

impl Key {
    /// Takes 32 bytes, which must be random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; LEN]) -> Self {
        let bytes = Zeroizing::new(bytes);
        Self { id: id_of(&bytes), bytes }
    }

    /// Takes 32 bytes as they come out of another key's box.
    ///
    /// # Errors
    /// There are more or fewer.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, ParseKeyError> {
        bytes.try_into().map(Self::from_bytes).map_err(|_| ParseKeyError::WrongLength(bytes.len()))
    }

    /// Makes a key from the operating system's randomness.
    ///
    /// # Errors
    /// Fails when the operating system gives no randomness.
    pub fn generate() -> Result<Self, Unspecified> {
        let mut bytes = Zeroizing::new([0; LEN]);
        aws_lc_rs::rand::fill(&mut bytes[..])?;
        Ok(Self { id: id_of(&bytes), bytes })
    }

    /// Reads 32 bytes written as base64 (either alphabet, padded or not) or as hex.
    ///
    /// # Errors
    /// Says what is wrong with the text, never showing it.
    pub fn parse(text: &str) -> Result<Self, ParseKeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ParseKeyError::Empty);
        }
        let decoded = if text.len() == 2 * LEN && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            unhex(text)
        } else {
            STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).map_err(|_| ParseKeyError::NotEncoded)?
        };
        let decoded = Zeroizing::new(decoded);
        Self::from_slice(&decoded)
    }

    /// The key as base64, to be written to a file or handed to an operator.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(general_purpose::STANDARD.encode(&self.bytes[..]))
    }

    /// The name of this key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key itself, to be sealed by another one.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..]
    }

    /// Seals `plain` for one place. `nonce` must be fresh randomness; `place` (`org|table|row`) must
    /// be given again to open.
    #[must_use]
    pub fn seal(&self, nonce: [u8; NONCE_LEN], place: &str, plain: &[u8]) -> Vec<u8> {
        // Reserved in full: the plain text must not be left behind by growing.
        let mut sealed = Vec::with_capacity(HEAD + plain.len() + TAG);
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.id.0);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let aad = bind(&sealed[..KEY_ID.end], place);
        let tag = self
            .cipher()
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut sealed[HEAD..])
            .expect("a secret is far below the 64 GiB that can be sealed");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens a box that this key has sealed, in the place it was sealed for. What comes out is wiped when dropped.
    ///
    /// # Errors
    /// Tells a box of another key from a damaged one.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let id = key_id_of(sealed).ok_or(OpenError::NotSealed)?;
        if id != self.id {
            return Err(OpenError::UnknownKey(id));
        }
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&sealed[NONCE]);
        let aad = bind(&sealed[..KEY_ID.end], place);
        let mut plain = Zeroizing::new(sealed[HEAD..].to_vec());
        let length = self
            .cipher()
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut plain)
            .map_err(|_| OpenError::Tampered)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    fn cipher(&self) -> LessSafeKey {
        let unbound = UnboundKey::new(&AES_256_GCM_SIV, &self.bytes[..]);
        LessSafeKey::new(unbound.expect("a key has the 32 bytes AES-256 needs"))
    }
}

impl KeyId {
    /// The eight bytes, as they stand in a box.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 8] {
        &self.0
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

fn id_of(bytes: &[u8; LEN]) -> KeyId {
    let mut context = Context::new(&SHA256);
    context.update(b"secret-box key id 1\0");
    context.update(bytes);
    let hash = context.finish();
    let mut id = [0; 8];
    id.copy_from_slice(&hash.as_ref()[..8]);
    KeyId(id)
}

/// Decodes an even number of characters, all known to be hex digits.
fn unhex(digits: &str) -> Vec<u8> {
    let value = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0) as u8;
    let (pairs, _) = digits.as_bytes().as_chunks::<2>();
    pairs.iter().map(|[high, low]| value(high) << 4 | value(low)).collect()
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(id {})", self.id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_hex_of_the_same_bytes_are_the_same_key() {
        let key = Key::from_bytes([0xfb; 32]);
        let base64 = key.to_text();
        let url_safe = base64.replace('+', "-").replace('/', "_");
        for text in [
            base64.as_str(),
            base64.trim_end_matches('='),
            &format!("  {}\n", base64.as_str()),
            &url_safe,
            &"fb".repeat(32),
            &"FB".repeat(32),
        ] {
            assert_eq!(Key::parse(text).unwrap().id(), key.id(), "{text:?}");
        }
    }

    #[test]
    fn a_wrong_key_is_told_what_is_wrong_and_not_repeated() {
        for (text, error) in [
            ("", ParseKeyError::Empty),
            (" \n", ParseKeyError::Empty),
            ("correct horse battery staple", ParseKeyError::NotEncoded),
            ("AAAA", ParseKeyError::WrongLength(3)),
            (&"ab".repeat(33), ParseKeyError::NotEncoded),
            (&"abcd".repeat(11), ParseKeyError::WrongLength(33)),
        ] {
            let found = Key::parse(text).unwrap_err();
            assert_eq!(found, error, "{text:?}");
            assert!(text.trim().len() < 9 || !found.to_string().contains(text));
        }
    }

    #[test]
    fn ids_differ_by_key_and_debug_shows_only_the_id() {
        let (one, two) = (Key::from_bytes([1; 32]), Key::from_bytes([2; 32]));
        assert_ne!(one.id(), two.id());
        assert_eq!(format!("{one:?}"), format!("Key(id {})", one.id()));
        assert_eq!(one.id().to_string().len(), 16);
        assert_ne!(Key::generate().unwrap().id(), Key::generate().unwrap().id());
    }
}
