//! What is merely shared: tokens, and user names with passwords.

use base64::Engine as _;

use super::hmac::BASE64;
use super::{Cause, Checked};
use crate::request::InboundRequest;

/// A token in a header. Without a prefix of its own, `Bearer` before it is forgiven.
pub(super) fn token(header: &str, prefix: &str, secrets: &[&str], request: &InboundRequest<'_>) -> Checked {
    let Some(value) = request.header(header) else { return Cause::MissingSignature.into() };
    let given = match (prefix.trim(), value.split_once(' ')) {
        ("", Some((word, rest))) if word.eq_ignore_ascii_case("bearer") => rest,
        ("", _) => value,
        (prefix, Some((word, rest))) if word.eq_ignore_ascii_case(prefix) => rest,
        _ => return Cause::MalformedSignature.into(),
    };
    compare(secrets, given.trim().as_bytes())
}

/// `Authorization: Basic` (RFC 7617).
pub(super) fn basic(secrets: &[&str], request: &InboundRequest<'_>) -> Checked {
    let Some(value) = request.header("authorization") else { return Cause::MissingSignature.into() };
    let encoded = value.split_once(' ').filter(|(word, _)| word.eq_ignore_ascii_case("basic"));
    match encoded.and_then(|(_, encoded)| BASE64.decode(encoded.trim()).ok()) {
        Some(given) => compare(secrets, &given),
        None => Cause::MalformedSignature.into(),
    }
}

/// All of them are compared, so that the time does not tell which one it was.
fn compare(secrets: &[&str], given: &[u8]) -> Checked {
    let same = secrets.iter().fold(false, |same, secret| same | signature::same(secret.as_bytes(), given));
    Checked { result: if same { Ok(()) } else { Err(Cause::WrongCredentials) }, base_string: None }
}
