//! The asymmetric scheme of Standard Webhooks: Ed25519, `v1a,<base64>` over `{id}.{timestamp}.{body}`.
//!
//! The sender keeps a [`SigningKey`] (`whsk_…`), the receiver gets its [`PublicKey`] (`whpk_…`), so that a receiver
//! that leaks what it knows lets nobody sign.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::ed25519::signature::MultipartSigner as _;
use ed25519_dalek::{Signature, VerifyingKey};
use zeroize::Zeroizing;

use crate::secret::LENIENT;
use crate::verify::{VerifyError, fresh};

pub(crate) const SECRET_PREFIX: &str = "whsk_";
pub(crate) const PUBLIC_PREFIX: &str = "whpk_";

/// The private half of a key pair. Wiped from memory when dropped; `Debug` shows only the hint.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// The half that a receiver gets. It is no secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Why a text is not the key that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseKeyError {
    /// There is nothing, or nothing after the prefix.
    #[error("the key is empty; expected its prefix followed by base64")]
    Empty,
    /// It begins like a shared secret, or like the other half of a pair.
    #[error("this begins with {found:?}; expected a key that begins with {expected:?}")]
    OtherKind {
        /// What it begins with.
        found: &'static str,
        /// What it should begin with.
        expected: &'static str,
    },
    /// What follows the prefix is not base64.
    #[error("what follows the prefix is not base64 (letters, digits, \"+\", \"/\", with \"=\" only at the end)")]
    NotBase64,
    /// It holds the wrong number of bytes.
    #[error("the key holds {0} bytes; expected 32 (or 64 for a signing key with its public half)")]
    Length(usize),
    /// Both halves are given, and the second does not belong to the first.
    #[error("the public half inside the signing key does not belong to it")]
    HalvesDiffer,
    /// The bytes are no point of the curve, or one that proves nothing.
    #[error("these 32 bytes are not a usable Ed25519 public key")]
    NotAKey,
}

impl SigningKey {
    /// Makes a key of 32 random bytes; the caller brings the randomness.
    #[must_use]
    pub fn generate(seed: [u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(&Zeroizing::new(seed)))
    }

    /// Reads `whsk_<base64>`, or the bare base64, of the 32-byte seed, or of 64 bytes: seed and public key.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, ParseKeyError> {
        let bytes = Zeroizing::new(decode(text, SECRET_PREFIX)?);
        let seed = Zeroizing::new(*bytes.first_chunk::<32>().ok_or(ParseKeyError::Length(bytes.len()))?);
        let key = Self(ed25519_dalek::SigningKey::from_bytes(&seed));
        match &bytes[32..] {
            [] => Ok(key),
            public if public == key.0.verifying_key().as_bytes() => Ok(key),
            public if public.len() == 32 => Err(ParseKeyError::HalvesDiffer),
            _ => Err(ParseKeyError::Length(bytes.len())),
        }
    }

    /// The key as it is kept: `whsk_` and the base64 of the seed.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(SECRET_PREFIX.len() + 44));
        text.push_str(SECRET_PREFIX);
        STANDARD.encode_string(self.0.as_bytes(), &mut text);
        text
    }

    /// What the receiver gets.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// What the receiver gets, as text: `whpk_` and base64.
    #[must_use]
    pub fn public_text(&self) -> String {
        self.public().text()
    }

    /// The last four characters of the public text before its padding: tells two keys apart and gives nothing away.
    #[must_use]
    pub fn hint(&self) -> String {
        let text = self.public_text();
        let bare = text.trim_end_matches('=');
        bare[bare.len() - 4..].to_owned()
    }
}

impl PublicKey {
    /// Reads `whpk_<base64>`, or the bare base64, of 32 bytes.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, ParseKeyError> {
        let bytes = decode(text, PUBLIC_PREFIX)?;
        let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| ParseKeyError::Length(bytes.len()))?;
        match VerifyingKey::from_bytes(&bytes) {
            Ok(key) if !key.is_weak() => Ok(Self(key)),
            _ => Err(ParseKeyError::NotAKey),
        }
    }

    /// `whpk_` and base64.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{PUBLIC_PREFIX}{}", STANDARD.encode(self.0.as_bytes()))
    }

    /// Whether this key's other half signed the text.
    pub(crate) fn signed(&self, text: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(text, &Signature::from_bytes(signature)).is_ok()
    }
}

/// Signs by the asymmetric scheme: `v1a,<base64>`, one word of the `webhook-signature` header.
#[must_use]
pub fn sign_ed25519(key: &SigningKey, id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let timestamp = timestamp_s.to_string();
    let signature = key.0.multipart_sign(&[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
    let mut word = String::with_capacity(4 + 88);
    word.push_str("v1a,");
    STANDARD.encode_string(signature.to_bytes(), &mut word);
    word
}

/// Verifies a message signed by the asymmetric scheme; one matching signature of one key suffices.
///
/// Pass an empty text for a header that is absent. `now_s` is the receiver's clock, in Unix seconds.
///
/// # Errors
/// Names the first mistake: missing parts, then the timestamp, then the signature.
pub fn verify_ed25519(
    keys: &[PublicKey],
    id: &str,
    timestamp: &str,
    header: &str,
    body: &[u8],
    now_s: i64,
) -> Result<(), VerifyError> {
    if keys.is_empty() {
        return Err(VerifyError::NoSecret);
    }
    if id.is_empty() {
        return Err(VerifyError::MissingId);
    }
    let timestamp_s = fresh(timestamp, now_s)?;
    let mut given = header.split_ascii_whitespace().peekable();
    given.peek().ok_or(VerifyError::MissingSignature)?;

    let mut text = format!("{id}.{timestamp_s}.").into_bytes();
    text.extend_from_slice(body);
    let mut error = VerifyError::UnknownVersion;
    for encoded in given.filter_map(|word| word.strip_prefix("v1a,")) {
        match STANDARD.decode(encoded).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok()) {
            Some(signature) if keys.iter().any(|key| key.signed(&text, &signature)) => return Ok(()),
            Some(_) => error = VerifyError::Mismatch,
            None if error == VerifyError::UnknownVersion => error = VerifyError::Malformed,
            None => {}
        }
    }
    Err(error)
}

/// The bytes behind the prefix; a bare base64 text is taken for the kind that was asked for.
fn decode(text: &str, prefix: &'static str) -> Result<Vec<u8>, ParseKeyError> {
    let text = text.trim();
    let others = [crate::secret::PREFIX, SECRET_PREFIX, PUBLIC_PREFIX];
    if let Some(found) = others.into_iter().find(|other| *other != prefix && text.starts_with(other)) {
        return Err(ParseKeyError::OtherKind { found, expected: prefix });
    }
    match text.strip_prefix(prefix).unwrap_or(text) {
        "" => Err(ParseKeyError::Empty),
        encoded => LENIENT.decode(encoded).map_err(|_| ParseKeyError::NotBase64),
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(…{})", self.hint())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.text())
    }
}
