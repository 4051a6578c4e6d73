//! A key that is used as it is written, character by character.

use std::fmt;

use hmac::{Hmac, KeyInit as _};
use sha2::Sha256;

/// HMAC-SHA256, with the key already hashed in.
pub(crate) type Mac = Hmac<Sha256>;

/// An HMAC key made of the bytes of a text, prefix and all: how Stripe, GitHub, Slack and the plain scheme use a
/// secret. Prepared once; wiped from memory when dropped.
#[derive(Clone)]
pub struct TextKey(Mac);

impl TextKey {
    /// Prepares the key. Every text is one, but an empty text protects nothing.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(keyed(text.as_bytes()))
    }

    /// The HMAC, ready to take the message.
    pub(crate) fn mac(&self) -> Mac {
        self.0.clone()
    }
}

impl fmt::Debug for TextKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextKey(…)")
    }
}

/// The HMAC keyed with these bytes.
pub(crate) fn keyed(key: &[u8]) -> Mac {
    Mac::new_from_slice(key).expect("HMAC takes a key of any length")
}
