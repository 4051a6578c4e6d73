//! Checking signatures, and naming the mistake when one does not hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;

use crate::secret::Secret;
use crate::sign::{standard_mac, timed_mac};

/// How far, in seconds, a message's timestamp may lie from the receiver's clock, either way.
pub const TOLERANCE_S: i64 = 300;

/// What is wrong with a signed message. Each says what its receiver (or sender) should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No secret was given to verify with.
    #[error("there is no secret to verify with")]
    NoSecret,
    /// The message id is missing.
    #[error("the message id (webhook-id) is missing")]
    MissingId,
    /// The timestamp is missing.
    #[error("the timestamp is missing")]
    MissingTimestamp,
    /// The timestamp is not a whole number of seconds.
    #[error("the timestamp is not a number of seconds since 1970")]
    BadTimestamp,
    /// The timestamp lies too far in the past: a replayed message, or a wrong clock.
    #[error(
        "the timestamp is {0} s in the past; at most 300 s are accepted (is a clock wrong, or is this an old message?)"
    )]
    TooOld(i64),
    /// The timestamp lies too far in the future: a wrong clock.
    #[error("the timestamp is {0} s in the future; at most 300 s are accepted (is a clock wrong?)")]
    TooNew(i64),
    /// The signature header is missing or empty.
    #[error("the signature is missing")]
    MissingSignature,
    /// There are signatures, but none of a known version.
    #[error(
        "the header holds no signature of the version expected (\"v1,…\" of Standard Webhooks, \"v1a,…\" of Ed25519, \"v1=…\" of Stripe, \"v0=…\" of Slack, \"sha256=…\" otherwise)"
    )]
    UnknownVersion,
    /// A signature of the known version is not readable.
    #[error(
        "the signature is not readable: it is cut, or not in the encoding of its scheme (base64 of 32 bytes for v1, of 64 for v1a; hex of 32 bytes otherwise)"
    )]
    Malformed,
    /// The signature belongs to another secret or another message.
    #[error("the signature does not match: the secret differs, or the id, timestamp or body was changed on the way")]
    Mismatch,
}

/// Verifies a Standard Webhooks message; one matching signature of one secret suffices.
///
/// Pass an empty text for a header that is absent. `now_s` is the receiver's clock, in Unix seconds.
///
/// # Errors
/// Names the first mistake: missing parts, then the timestamp, then the signature.
pub fn verify_standard(
    secrets: &[Secret],
    id: &str,
    timestamp: &str,
    header: &str,
    body: &[u8],
    now_s: i64,
) -> Result<(), VerifyError> {
    if secrets.is_empty() {
        return Err(VerifyError::NoSecret);
    }
    if id.is_empty() {
        return Err(VerifyError::MissingId);
    }
    let timestamp_s = fresh(timestamp, now_s)?;
    let mut given = header.split_ascii_whitespace().peekable();
    given.peek().ok_or(VerifyError::MissingSignature)?;

    let expected: Vec<_> = secrets.iter().map(|secret| standard_mac(secret, id, timestamp_s, &[body])).collect();
    let mut error = VerifyError::UnknownVersion;
    for encoded in given.filter_map(|signature| signature.strip_prefix("v1,")) {
        match STANDARD.decode(encoded) {
            Ok(bytes) if bytes.len() == 32 => {
                if expected.iter().any(|mac| mac[..].ct_eq(&bytes).into()) {
                    return Ok(());
                }
                error = VerifyError::Mismatch;
            }
            _ if error == VerifyError::UnknownVersion => error = VerifyError::Malformed,
            _ => {}
        }
    }
    Err(error)
}

/// Verifies a message signed by the plain scheme; one matching secret suffices.
///
/// # Errors
/// Names the first mistake: missing parts, then the timestamp, then the signature.
pub fn verify_plain(
    secrets: &[Secret],
    timestamp: &str,
    header: &str,
    body: &[u8],
    now_s: i64,
) -> Result<(), VerifyError> {
    if secrets.is_empty() {
        return Err(VerifyError::NoSecret);
    }
    let timestamp_s = fresh(timestamp, now_s)?;
    let header = header.trim();
    if header.is_empty() {
        return Err(VerifyError::MissingSignature);
    }
    let hex = header.strip_prefix("sha256=").ok_or(VerifyError::UnknownVersion)?;
    let given = unhex(hex).ok_or(VerifyError::Malformed)?;
    let matches = |secret: &Secret| timed_mac(secret.text_key(), timestamp_s, &[body]).ct_eq(&given).into();
    if secrets.iter().any(matches) { Ok(()) } else { Err(VerifyError::Mismatch) }
}

/// Reads the timestamp and holds it against the clock; exactly the tolerance is still accepted.
pub(crate) fn fresh(timestamp: &str, now_s: i64) -> Result<i64, VerifyError> {
    let timestamp = timestamp.trim();
    if timestamp.is_empty() {
        return Err(VerifyError::MissingTimestamp);
    }
    // Only the one way of writing a number is signed: no plus sign, no leading zeros.
    let seconds: i64 = timestamp.parse().map_err(|_| VerifyError::BadTimestamp)?;
    if seconds.to_string() != timestamp {
        return Err(VerifyError::BadTimestamp);
    }
    let age = now_s.saturating_sub(seconds);
    if age > TOLERANCE_S {
        Err(VerifyError::TooOld(age))
    } else if age < -TOLERANCE_S {
        Err(VerifyError::TooNew(age.saturating_neg()))
    } else {
        Ok(seconds)
    }
}

/// Reads 32 bytes of hex.
pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    crate::keyed::unhex(text)?.try_into().ok()
}
