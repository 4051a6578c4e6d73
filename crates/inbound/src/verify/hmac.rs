//! HMACs of a form told by data.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::{Cause, Checked};
use crate::request::InboundRequest;
use crate::scheme::{Encoding, HmacScheme, KeyForm, TimestampPlace, TimestampRule, Unit};
use crate::template::Template;

/// Signatures in one header that are looked at.
const MOST_SIGNATURES: usize = 16;

/// Base64 with and without padding.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Holds a request against a scheme.
pub(super) fn check(scheme: &HmacScheme, secrets: &[&str], request: &InboundRequest<'_>, now_ms: i64) -> Checked {
    let Ok(template) = Template::parse(&scheme.template) else { return Cause::BadScheme.into() };
    let keys: Vec<Vec<u8>> = secrets.iter().filter_map(|secret| key(scheme.key, secret)).collect();
    if keys.is_empty() {
        return Cause::BadSecret.into();
    }
    let Some(header) = request.header(&scheme.header) else { return Cause::MissingSignature.into() };
    let timestamp = match scheme.timestamp.as_ref().map(|rule| &rule.place) {
        Some(TimestampPlace::Header(name)) => match request.header(name) {
            Some(timestamp) => timestamp,
            None => return Cause::MissingTimestamp.into(),
        },
        _ => "",
    };
    let (parts, base_string) = template.fill(request, timestamp);
    let parts: Vec<&[u8]> = parts.iter().map(AsRef::as_ref).collect();
    let result = early(scheme, timestamp, now_ms)
        .and_then(|()| holds(scheme, &keys, header, &parts))
        .and_then(|()| late(scheme, request, now_ms));
    Checked { result, base_string: Some(base_string) }
}

/// Judges a time that stands in a header.
fn early(scheme: &HmacScheme, timestamp: &str, now_ms: i64) -> Result<(), Cause> {
    match &scheme.timestamp {
        Some(rule @ TimestampRule { place: TimestampPlace::Header(_), .. }) => {
            fresh(rule, timestamp.parse().map_err(|_| Cause::BadTimestamp)?, now_ms)
        }
        _ => Ok(()),
    }
}

/// Judges a time that stands in the body, which is verified by now.
fn late(scheme: &HmacScheme, request: &InboundRequest<'_>, now_ms: i64) -> Result<(), Cause> {
    let Some(rule @ TimestampRule { place: TimestampPlace::Body(pointer), .. }) = &scheme.timestamp else {
        return Ok(());
    };
    let body: Value = serde_json::from_slice(request.body).map_err(|_| Cause::BadJson)?;
    let time = match body.pointer(pointer) {
        None | Some(Value::Null) => return Err(Cause::MissingTimestamp),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_i64(),
    };
    fresh(rule, time.ok_or(Cause::BadTimestamp)?, now_ms)
}

/// Holds a time against the clock, in whole seconds as providers do; exactly the tolerance is still accepted.
fn fresh(rule: &TimestampRule, time: i64, now_ms: i64) -> Result<(), Cause> {
    let time_s = match rule.unit {
        Unit::Seconds => time,
        Unit::Millis => time.div_euclid(1000),
    };
    within(now_ms.div_euclid(1000), time_s, rule.tolerance_s)
}

/// Whether a time lies near the clock; both in seconds.
pub(super) fn within(now_s: i64, time_s: i64, tolerance_s: i64) -> Result<(), Cause> {
    let skew_s = now_s.saturating_sub(time_s);
    let far = skew_s > tolerance_s || skew_s < tolerance_s.saturating_neg();
    if far { Err(Cause::StaleTimestamp { skew_s, tolerance_s }) } else { Ok(()) }
}

fn holds(scheme: &HmacScheme, keys: &[Vec<u8>], header: &str, parts: &[&[u8]]) -> Result<(), Cause> {
    let macs: Vec<_> = keys.iter().map(|key| signature::hmac(scheme.algorithm, key, parts)).collect();
    let mut cause = Cause::MalformedSignature;
    for given in header.split(',').take(MOST_SIGNATURES).filter_map(|given| bare(scheme, given.trim())) {
        let Some(bytes) = decode(scheme.encoding, given).filter(|bytes| bytes.len() == macs[0].len()) else { continue };
        if macs.iter().any(|mac| signature::same(mac, &bytes)) {
            return Ok(());
        }
        cause = Cause::BadSignature;
    }
    Err(cause)
}

/// The signature without what stands before it. Pylon's form may do without.
fn bare<'a>(scheme: &HmacScheme, given: &'a str) -> Option<&'a str> {
    if scheme.header == crate::scheme::PYLON.header {
        return Some(given.strip_prefix("hs256=").unwrap_or(given));
    }
    given.strip_prefix(scheme.prefix.as_ref())
}

fn decode(encoding: Encoding, text: &str) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Hex => signature::unhex(text),
        Encoding::Base64 => BASE64.decode(text).ok(),
    }
}

fn key(form: KeyForm, secret: &str) -> Option<Vec<u8>> {
    let bytes = match form {
        KeyForm::Text => return Some(secret.as_bytes().to_vec()),
        KeyForm::Base64 => BASE64.decode(secret).ok(),
        KeyForm::Hex => signature::unhex(secret),
    };
    bytes.filter(|bytes| !bytes.is_empty())
}
