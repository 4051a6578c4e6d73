//! Schemes that are more than a row of data.

use signature::{EcdsaKey, PublicKey, Secret, TextKey, VerifyError};

use super::hmac::{self, within};
use super::{Cause, Checked};
use crate::base_string::BaseString;
use crate::request::InboundRequest;
use crate::scheme::{HUBSPOT_V3, JIRA_ADMIN};

/// The header families of Standard Webhooks: id, timestamp, signature.
const FAMILIES: [[&str; 3]; 2] =
    [["svix-id", "svix-timestamp", "svix-signature"], ["webhook-id", "webhook-timestamp", "webhook-signature"]];

/// `t=…,v1=…`.
pub(super) fn stripe(secrets: &[&str], request: &InboundRequest<'_>, now_s: i64) -> Checked {
    let Some(header) = request.header("stripe-signature") else { return Cause::MissingSignature.into() };
    let keys: Vec<TextKey> = secrets.iter().map(|secret| TextKey::new(secret)).collect();
    let keys: Vec<&TextKey> = keys.iter().collect();
    let result = signature::verify_stripe(&keys, header, request.body, now_s).map_err(Cause::from);
    let timestamp = header.split(',').find_map(|part| part.trim().strip_prefix("t=")).unwrap_or_default();
    Checked { result, base_string: Some(BaseString::of(&[timestamp.as_bytes(), b".", request.body])) }
}

/// Standard Webhooks, by the shared secrets and the public keys among the live ones.
pub(super) fn standard(secrets: &[&str], request: &InboundRequest<'_>, now_s: i64) -> Checked {
    let shared: Vec<Secret> = secrets.iter().filter_map(|secret| Secret::parse(secret).ok()).collect();
    let public: Vec<PublicKey> = secrets
        .iter()
        .filter(|text| text.starts_with("whpk_"))
        .filter_map(|text| PublicKey::parse(text).ok())
        .collect();
    if shared.is_empty() && public.is_empty() {
        return Cause::BadSecret.into();
    }
    let family = FAMILIES.iter().find(|[_, _, signature]| request.header(signature).is_some());
    let Some([id, timestamp, signature]) = family else { return Cause::MissingSignature.into() };
    let [id, timestamp, signature] = [id, timestamp, signature].map(|name| request.header(name).unwrap_or_default());
    let by_secret = || signature::verify_standard(&shared, id, timestamp, signature, request.body, now_s);
    let by_key = || signature::verify_ed25519(&public, id, timestamp, signature, request.body, now_s);
    let result = match (shared.is_empty(), public.is_empty()) {
        (false, true) => by_secret(),
        (true, _) => by_key(),
        (false, false) => by_key().or_else(|_| by_secret()),
    };
    let base_string = BaseString::of(&[id.as_bytes(), b".", timestamp.as_bytes(), b".", request.body]);
    Checked { result: result.map_err(Cause::from), base_string: Some(base_string) }
}

/// A signature over the body where there is one, or else a token that says nothing of it.
pub(super) fn jira(secrets: &[&str], request: &InboundRequest<'_>, now_ms: i64) -> Checked {
    if request.header(&JIRA_ADMIN.header).is_some() {
        return hmac::check(&JIRA_ADMIN, secrets, request, now_ms);
    }
    let Some(value) = request.header("authorization") else { return Cause::MissingSignature.into() };
    let token = value
        .split_once(' ')
        .filter(|(word, _)| word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("jwt"));
    let Some((_, token)) = token else { return Cause::MalformedSignature.into() };
    let keys: Vec<TextKey> = secrets.iter().map(|secret| TextKey::new(secret)).collect();
    let keys: Vec<&TextKey> = keys.iter().collect();
    let result = signature::verify_jwt(&keys, token, now_ms.div_euclid(1000));
    let signed = token.trim().rsplit_once('.').map_or("", |(signed, _)| signed);
    Checked { result: result.map(drop).map_err(Cause::from), base_string: Some(BaseString::of(&[signed.as_bytes()])) }
}

/// Version 3; version 1 only where it is allowed and the third is absent.
pub(super) fn hubspot(allow_v1: bool, secrets: &[&str], request: &InboundRequest<'_>, now_ms: i64) -> Checked {
    if !allow_v1 || request.header(&HUBSPOT_V3.header).is_some() {
        return hmac::check(&HUBSPOT_V3, secrets, request, now_ms);
    }
    if request.header("x-hubspot-signature-version").is_some_and(|version| version != "v1") {
        return Cause::MalformedSignature.into();
    }
    let Some(header) = request.header("x-hubspot-signature") else { return Cause::MissingSignature.into() };
    let digest = |secret: &&str| signature::sha256(&[secret.as_bytes(), request.body]);
    let result = match signature::unhex(header).filter(|given| given.len() == 32) {
        Some(given) if secrets.iter().any(|secret| signature::same(&digest(secret), &given)) => Ok(()),
        Some(_) => Err(Cause::BadSignature),
        None => Err(Cause::MalformedSignature),
    };
    Checked { result, base_string: Some(BaseString::after_secret(secrets[0].len(), request.body)) }
}

/// ECDSA over the timestamp and the body, exactly as they came.
pub(super) fn sendgrid(
    tolerance_s: Option<i64>,
    secrets: &[&str],
    request: &InboundRequest<'_>,
    now_s: i64,
) -> Checked {
    let keys: Vec<EcdsaKey> = secrets.iter().filter_map(|secret| EcdsaKey::parse(secret).ok()).collect();
    if keys.is_empty() {
        return Cause::BadSecret.into();
    }
    let Some(signature) = request.header("x-twilio-email-event-webhook-signature") else {
        return Cause::MissingSignature.into();
    };
    let Some(timestamp) = request.header("x-twilio-email-event-webhook-timestamp") else {
        return Cause::MissingTimestamp.into();
    };
    let parts = [timestamp.as_bytes(), request.body];
    let fresh = tolerance_s
        .map_or(Ok(()), |tolerance_s| within(now_s, timestamp.parse().map_err(|_| Cause::BadTimestamp)?, tolerance_s));
    let holds = || signature::verify_ecdsa(&keys, signature, &parts).map_err(|error: VerifyError| error.into());
    Checked { result: fresh.and_then(|()| holds()), base_string: Some(BaseString::of(&parts)) }
}
