//! What can be told by looking, when no variation matches or when the signature is right and the time is not.

use base64::Engine as _;

use super::json;
use super::key::cleaned;
use super::layout::in_seconds;
use super::message::Message;
use super::mistakes::{Mistake, Slip, body, secret, signature, time};
use super::{Certainty, Input};
use crate::Scheme;
use crate::ed25519::{PUBLIC_PREFIX, ParseKeyError, PublicKey, SECRET_PREFIX, SigningKey};
use crate::secret::{LENIENT, LONGEST, PREFIX, SHORTEST};
use crate::verify::{VerifyError, fresh};

/// What is certainly wrong with the secret itself.
pub(super) fn of_secret(scheme: Scheme, pasted: &str) -> Option<Slip> {
    let secret = cleaned(pasted).0;
    let asymmetric = secret.starts_with(SECRET_PREFIX) || secret.starts_with(PUBLIC_PREFIX);
    match scheme {
        _ if secret.is_empty() => Some(secret::MISSING.slip()),
        Scheme::Ed25519 if secret.starts_with(PREFIX) => Some(
            secret::OTHER_KIND.with("the signature was made with a key pair, and this is a shared secret (whsec_)"),
        ),
        Scheme::Ed25519 => unusable(secret).map(|error| secret::NOT_A_KEY.with(error.to_string())),
        _ if asymmetric => Some(
            secret::OTHER_KIND
                .with("the signature was made with a shared secret, and this belongs to a key pair (whpk_ or whsk_)"),
        ),
        Scheme::Standard if LENIENT.decode(secret.strip_prefix(PREFIX).unwrap_or(secret)).is_err() => {
            Some(secret::NOT_BASE64.slip())
        }
        _ => None,
    }
}

fn unusable(secret: &str) -> Option<ParseKeyError> {
    if secret.starts_with(SECRET_PREFIX) { SigningKey::parse(secret).err() } else { PublicKey::parse(secret).err() }
}

/// What is wrong with a timestamp that a right signature covers.
pub(super) fn of_time(timestamp: &str, error: VerifyError, now_s: i64) -> Vec<(Slip, Certainty)> {
    if let (VerifyError::TooNew(_), Some(seconds)) = (error, in_seconds(timestamp)) {
        let mut slips = vec![(time::MILLISECONDS.with(timestamp.to_owned()), Certainty::Certain)];
        // Read as milliseconds, it may still be the wrong time.
        if let Err(error) = fresh(&seconds, now_s) {
            slips.extend(of_time(&seconds, error, now_s));
        }
        return slips;
    }
    let (mistake, seconds): (&Mistake, i64) = match error {
        VerifyError::TooOld(age) => (&time::TOO_OLD, age),
        VerifyError::TooNew(age) => (&time::TOO_NEW, age),
        _ => return vec![(time::NOT_A_NUMBER.with(timestamp.to_owned()), Certainty::Certain)],
    };
    let mut slips = vec![(mistake.with(span(seconds)), Certainty::Certain)];
    let hours = seconds.saturating_add(60) / 3600;
    if (1..=14).contains(&hours) && (seconds - hours * 3600).abs() <= 60 {
        let hours = if hours == 1 { "an hour".to_owned() } else { format!("{hours} hours") };
        slips.push((time::TIME_ZONE.with(hours), Certainty::Likely));
    }
    slips
}

/// A length of time in words, to the unit that matters.
fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..7200 => (seconds / 60, "minutes"),
        7200..172_800 => (seconds / 3600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit} ({seconds} s)")
}

/// What is likely when nothing that was tried matches, the likeliest first.
pub(super) fn of_mismatch(message: &Message, input: &Input<'_>) -> Vec<Slip> {
    let mut slips = Vec::new();
    if message.given.iter().all(|given| given.bytes.is_none()) {
        slips.extend(message.given.iter().map(|given| signature::UNREADABLE.with(given.text.clone())));
    }
    let body = input.body.trim();
    if body.is_empty() {
        slips.push(body::EMPTY.slip());
    } else if body.starts_with(['{', '[']) && json::read(body).is_none() {
        slips.push(body::CUT.slip());
    }
    slips.extend(odd_length(message.scheme, input.secret));
    slips.extend(message.given.iter().find_map(|given| other_hash(message.scheme, given.bytes.as_ref()?.len())));
    if json::read(body).is_some_and(|value| value.looks_sorted()) {
        slips.push(body::KEYS_LOOK_SORTED.slip());
    }
    if let Some(timestamp) = message.timestamp.as_deref().filter(|timestamp| timestamp.parse::<i64>().is_err()) {
        slips.push(time::NOT_A_NUMBER.with(timestamp.to_owned()));
    }
    slips.push(secret::OTHER.slip());
    slips.push(body::CHANGED.slip());
    slips
}

/// The hash that makes signatures of this length, if it is not the right one.
fn other_hash(scheme: Scheme, length: usize) -> Option<Slip> {
    match length {
        20 => Some(signature::SHA1.slip()),
        64 if scheme != Scheme::Ed25519 => Some(signature::SHA512.slip()),
        _ => None,
    }
}

fn odd_length(scheme: Scheme, pasted: &str) -> Option<Slip> {
    let secret = cleaned(pasted).0;
    let prefixed = secret.starts_with(PREFIX);
    // Only a secret of our own form has a length to speak of.
    if !(scheme == Scheme::Standard || scheme == Scheme::Plain && prefixed) {
        return None;
    }
    let key = LENIENT.decode(secret.strip_prefix(PREFIX).unwrap_or(secret)).ok()?;
    (!(SHORTEST..=LONGEST).contains(&key.len())).then(|| secret::ODD_LENGTH.with(key.len().to_string()))
}
