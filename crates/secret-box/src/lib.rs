//! Secrets sealed for storage, bound to the place they are kept in, with key rotation.
//!
//! A [`Key`] seals and opens by itself. A [`Keyring`] holds one current key and any number of older ones. It seals with the
//! current key and opens with whichever key a box names, so a key is replaced by putting the new
//! one first, re-sealing what [`Keyring::needs_reseal`] points out, and dropping the old one.
//!
//! A box is laid out as
//!
//! ```text
//! version (1) | key id (8) | nonce (12) | ciphertext | tag (16)
//! ```
//!
//! and encrypted with AES-256-GCM-SIV: a nonce that repeats by accident reveals at most that two
//! equal secrets in the same place are equal. The caller names the place (`org|table|row`) as associated data; a
//! box moved to another row does not open there.
//!
//! What does not live here: where boxes are stored, and when they are re-sealed.

mod key;
mod key_file;
mod keyring;

pub use key::{Key, KeyId, OpenError, ParseKeyError, key_id_of};
pub use key_file::KeyFileError;
pub use keyring::Keyring;
pub use zeroize::Zeroizing;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
