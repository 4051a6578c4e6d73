//! HMAC by any of three algorithms, plain digests, hex, and comparing without telling how much was right: what a form
//! of signing needs that is told by data and not by name.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use crate::sign::push_hex;

/// A hash function below an HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// SHA-1, 20 bytes: as HMAC still sound, but only for senders that know nothing newer.
    Sha1,
    /// SHA-256, 32 bytes: what nearly everybody uses.
    Sha256,
    /// SHA-512, 64 bytes.
    Sha512,
}

impl Algorithm {
    /// All of them, the usual one first.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha512, Self::Sha1];

    /// The word it is stored and shown as: `sha256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

/// The HMAC (RFC 2104) of the parts, one after the other.
#[must_use]
pub fn hmac(algorithm: Algorithm, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    macro_rules! mac {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(key).expect("HMAC takes a key of any length");
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().to_vec()
        }};
    }
    match algorithm {
        Algorithm::Sha1 => mac!(Sha1),
        Algorithm::Sha256 => mac!(Sha256),
        Algorithm::Sha512 => mac!(Sha512),
    }
}

/// The SHA-256 of the parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// Whether two texts are the same, in a time that tells neither where they differ nor how long the expected one is:
/// their digests are compared.
#[must_use]
pub fn same(expected: &[u8], given: &[u8]) -> bool {
    sha256(&[expected]).ct_eq(&sha256(&[given])).into()
}

/// Bytes as lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    push_hex(&mut text, bytes);
    text
}

/// Reads hex, in either case. `None` for anything else.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 and RFC 4231, test case 2.
    #[test]
    fn the_published_vectors_hold() {
        for (algorithm, expected) in [
            (Algorithm::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (Algorithm::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                Algorithm::Sha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            let mac = hmac(algorithm, b"Jefe", &[b"what do ya want ", b"for nothing?"]);
            assert_eq!(hex(&mac), expected, "{}", algorithm.name());
            assert_eq!(unhex(&expected.to_uppercase()), Some(mac));
        }
        assert_eq!(hex(&sha256(&[b"a", b"bc"])), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn what_is_not_hex_is_nothing() {
        assert_eq!(unhex(""), Some(Vec::new()));
        for text in ["0", "0g", "é", "00 "] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }

    #[test]
    fn texts_are_the_same_only_when_they_are() {
        assert!(same(b"token", b"token") && same(b"", b""));
        assert!(!same(b"token", b"Token") && !same(b"token", b"token ") && !same(b"token", b""));
    }
}
