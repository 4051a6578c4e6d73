//! The forms of three vendors, for receivers that verify one of them already.
//!
//! All are HMAC-SHA256 in hex, keyed with the text of the secret. They differ in what is signed:
//!
//! - **Stripe** signs `{timestamp}.{body}` and puts both into one header: `t=…,v1=…`, one `v1` per live secret;
//! - **GitHub** signs the body alone: `sha256=…`. Nothing protects against replay;
//! - **Slack** signs `v0:{timestamp}:{body}`: `v0=…`, with the timestamp in a header of its own.

use std::fmt::Write as _;

use subtle::ConstantTimeEq as _;

use crate::sign::{body_mac, push_hex, slack_mac, timed_mac};
use crate::text_key::TextKey;
use crate::verify::{VerifyError, fresh, unhex};

/// Signs as Stripe does, once per key in the order given: the value of `Stripe-Signature`.
#[must_use]
pub fn sign_stripe(keys: &[&TextKey], timestamp_s: i64, body: &[u8]) -> String {
    let mut header = String::with_capacity(24 + keys.len() * 68);
    write!(header, "t={timestamp_s}").expect("a String takes all");
    for key in keys {
        header.push_str(",v1=");
        push_hex(&mut header, &timed_mac(key, timestamp_s, &[body]));
    }
    header
}

/// Signs as GitHub does: the value of `X-Hub-Signature-256`.
#[must_use]
pub fn sign_github(key: &TextKey, body: &[u8]) -> String {
    prefixed("sha256=", &body_mac(key, body))
}

/// Signs as Slack does: the value of `X-Slack-Signature`. `X-Slack-Request-Timestamp` carries the timestamp.
#[must_use]
pub fn sign_slack(key: &TextKey, timestamp_s: i64, body: &[u8]) -> String {
    prefixed("v0=", &slack_mac(key, timestamp_s, body))
}

/// Verifies `Stripe-Signature`; one matching `v1` of one key suffices, and other versions are ignored.
///
/// # Errors
/// Names the first mistake: missing parts, then the timestamp, then the signature.
pub fn verify_stripe(keys: &[&TextKey], header: &str, body: &[u8], now_s: i64) -> Result<(), VerifyError> {
    let header = present(keys, header)?;
    let (timestamp, signatures) = stripe_parts(header);
    let timestamp_s = fresh(timestamp, now_s)?;
    let expected: Vec<_> = keys.iter().map(|key| timed_mac(key, timestamp_s, &[body])).collect();
    any_matches(&expected, signatures.into_iter())
}

/// Verifies `X-Hub-Signature-256`; one matching key suffices. The form has no timestamp: see to replays elsewhere.
///
/// # Errors
/// Names the first mistake: missing parts, then the signature.
pub fn verify_github(keys: &[&TextKey], header: &str, body: &[u8]) -> Result<(), VerifyError> {
    let header = present(keys, header)?;
    let expected: Vec<_> = keys.iter().map(|key| body_mac(key, body)).collect();
    any_matches(&expected, header.strip_prefix("sha256=").into_iter())
}

/// Verifies `X-Slack-Signature` with `X-Slack-Request-Timestamp`; one matching key suffices.
///
/// # Errors
/// Names the first mistake: missing parts, then the timestamp, then the signature.
pub fn verify_slack(
    keys: &[&TextKey],
    timestamp: &str,
    header: &str,
    body: &[u8],
    now_s: i64,
) -> Result<(), VerifyError> {
    let header = present(keys, header)?;
    let timestamp_s = fresh(timestamp, now_s)?;
    let expected: Vec<_> = keys.iter().map(|key| slack_mac(key, timestamp_s, body)).collect();
    any_matches(&expected, header.strip_prefix("v0=").into_iter())
}

/// The timestamp and the `v1` signatures of a `Stripe-Signature`.
pub(crate) fn stripe_parts(header: &str) -> (&str, Vec<&str>) {
    let mut timestamp = "";
    let mut signatures = Vec::new();
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" if timestamp.is_empty() => timestamp = value,
            "v1" => signatures.push(value),
            _ => {}
        }
    }
    (timestamp, signatures)
}

fn prefixed(prefix: &str, mac: &[u8; 32]) -> String {
    let mut header = String::with_capacity(prefix.len() + 64);
    header.push_str(prefix);
    push_hex(&mut header, mac);
    header
}

fn present<'a>(keys: &[&TextKey], header: &'a str) -> Result<&'a str, VerifyError> {
    let header = header.trim();
    match (keys.is_empty(), header.is_empty()) {
        (true, _) => Err(VerifyError::NoSecret),
        (_, true) => Err(VerifyError::MissingSignature),
        _ => Ok(header),
    }
}

fn any_matches<'a>(expected: &[[u8; 32]], given: impl Iterator<Item = &'a str>) -> Result<(), VerifyError> {
    let mut error = VerifyError::UnknownVersion;
    for hex in given {
        match unhex(hex) {
            Some(bytes) if expected.iter().any(|mac| mac.ct_eq(&bytes).into()) => return Ok(()),
            Some(_) => error = VerifyError::Mismatch,
            None if error == VerifyError::UnknownVersion => error = VerifyError::Malformed,
            None => {}
        }
    }
    Err(error)
}
