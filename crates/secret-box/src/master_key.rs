//! The key that seals: its bytes, its text, its id.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use zeroize::Zeroizing;

const LEN: usize = 32;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A 256-bit key that seals secrets. Wiped from memory when dropped; `Debug` shows only its id.
#[derive(Clone)]
pub struct MasterKey {
    bytes: Zeroizing<[u8; LEN]>,
}

/// Names a key without revealing it: the first eight bytes of a SHA-256 of the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub(crate) [u8; 8]);

/// Why a text is not a master key.
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

impl MasterKey {
    /// Takes 32 bytes, which must be random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; LEN]) -> Self {
        Self { bytes: Zeroizing::new(bytes) }
    }

    /// Makes a key from the operating system's randomness.
    ///
    /// # Errors
    /// Fails when the operating system gives no randomness.
    pub fn generate() -> Result<Self, Unspecified> {
        let mut bytes = Zeroizing::new([0; LEN]);
        aws_lc_rs::rand::fill(&mut bytes[..])?;
        Ok(Self { bytes })
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
        let bytes = decoded.as_slice().try_into().map_err(|_| ParseKeyError::WrongLength(decoded.len()))?;
        Ok(Self::from_bytes(bytes))
    }

    /// The key as base64, to be written to a file or handed to an operator.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(general_purpose::STANDARD.encode(&self.bytes[..]))
    }

    /// The name of this key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let mut context = Context::new(&SHA256);
        context.update(b"secret-box key id 1\0");
        context.update(&self.bytes[..]);
        let hash = context.finish();
        let mut id = [0; 8];
        id.copy_from_slice(&hash.as_ref()[..8]);
        KeyId(id)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..]
    }
}

/// Decodes an even number of characters, all known to be hex digits.
fn unhex(digits: &str) -> Vec<u8> {
    let value = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0) as u8;
    let (pairs, _) = digits.as_bytes().as_chunks::<2>();
    pairs.iter().map(|[high, low]| value(high) << 4 | value(low)).collect()
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey(id {})", self.id())
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
        let key = MasterKey::from_bytes([0xfb; 32]);
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
            assert_eq!(MasterKey::parse(text).unwrap().id(), key.id(), "{text:?}");
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
            let found = MasterKey::parse(text).unwrap_err();
            assert_eq!(found, error, "{text:?}");
            assert!(text.trim().len() < 9 || !found.to_string().contains(text));
        }
    }

    #[test]
    fn ids_differ_by_key_and_debug_shows_only_the_id() {
        let (one, two) = (MasterKey::from_bytes([1; 32]), MasterKey::from_bytes([2; 32]));
        assert_ne!(one.id(), two.id());
        assert_eq!(format!("{one:?}"), format!("MasterKey(id {})", one.id()));
        assert_eq!(one.id().to_string().len(), 16);
        assert_ne!(MasterKey::generate().unwrap().id(), MasterKey::generate().unwrap().id());
    }
}
