//! Making signatures. The body may come in pieces, so that nothing is concatenated to be signed.

use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac as _;

use crate::secret::Secret;
use crate::text_key::{Mac, TextKey};

/// `v1,` and 32 bytes of base64.
const STANDARD_LEN: usize = 3 + 44;

/// Signs by Standard Webhooks, once per secret in the order given (newest first, by custom).
///
/// The result is the value of the `webhook-signature` header: `v1,<base64> v1,<base64>`.
#[must_use]
pub fn sign_standard(secrets: &[Secret], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    sign_standard_parts(secrets, id, timestamp_s, &[body])
}

/// Like [`sign_standard`], for a body in pieces.
#[must_use]
pub fn sign_standard_parts(secrets: &[Secret], id: &str, timestamp_s: i64, body: &[&[u8]]) -> String {
    standard_header(secrets.iter(), id, timestamp_s, body)
}

/// The header for these secrets, wherever they are kept.
pub(crate) fn standard_header<'a>(
    secrets: impl ExactSizeIterator<Item = &'a Secret>,
    id: &str,
    timestamp_s: i64,
    body: &[&[u8]],
) -> String {
    let mut header = String::with_capacity(secrets.len() * (STANDARD_LEN + 1));
    for secret in secrets {
        if !header.is_empty() {
            header.push(' ');
        }
        header.push_str("v1,");
        STANDARD.encode_string(standard_mac(secret, id, timestamp_s, body), &mut header);
    }
    header
}

/// Signs by the plain scheme: `sha256=<hex>` over `{timestamp}.{body}`, keyed with the secret's text.
#[must_use]
pub fn sign_plain(secret: &Secret, timestamp_s: i64, body: &[u8]) -> String {
    sign_plain_parts(secret, timestamp_s, &[body])
}

/// Like [`sign_plain`], for a body in pieces.
#[must_use]
pub fn sign_plain_parts(secret: &Secret, timestamp_s: i64, body: &[&[u8]]) -> String {
    let mut header = String::with_capacity(7 + 64);
    header.push_str("sha256=");
    push_hex(&mut header, &timed_mac(secret.text_key(), timestamp_s, body));
    header
}

/// Writes bytes as lower-case hex.
pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

/// The bytes behind one `v1` signature: `{id}.{timestamp}.{body}`.
pub(crate) fn standard_mac(secret: &Secret, id: &str, timestamp_s: i64, body: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hashing(secret.standard());
    mac.0.update(id.as_bytes());
    mac.0.update(b".");
    mac.finish(timestamp_s, body)
}

/// The bytes behind a signature of the plain scheme and of Stripe: `{timestamp}.{body}`.
pub(crate) fn timed_mac(key: &TextKey, timestamp_s: i64, body: &[&[u8]]) -> [u8; 32] {
    Hashing(key.mac()).finish(timestamp_s, body)
}

/// The bytes behind a signature of Slack: `v0:{timestamp}:{body}`.
pub(crate) fn slack_mac(key: &TextKey, timestamp_s: i64, body: &[u8]) -> [u8; 32] {
    let mut mac = Hashing(key.mac());
    write!(mac, "v0:{timestamp_s}:").expect("hashing does not fail");
    mac.0.update(body);
    mac.0.finalize().into_bytes().into()
}

/// The bytes behind a signature of GitHub: `{body}`.
pub(crate) fn body_mac(key: &TextKey, body: &[u8]) -> [u8; 32] {
    key.mac().chain_update(body).finalize().into_bytes().into()
}

/// An HMAC that can be written to, so that numbers are hashed without being allocated.
struct Hashing(Mac);

impl Hashing {
    fn finish(mut self, timestamp_s: i64, body: &[&[u8]]) -> [u8; 32] {
        write!(self, "{timestamp_s}.").expect("hashing does not fail");
        for part in body {
            self.0.update(part);
        }
        self.0.finalize().into_bytes().into()
    }
}

impl fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
