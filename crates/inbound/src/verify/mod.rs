//! Verifying an inbound request: over the raw bytes, against every live secret, by a clock that is handed in.
//!
//! The order is always: is there a secret; is there a signature, and a time; is the time fresh; does the signature
//! hold. A time that stands in the body is judged only after the signature, since nobody vouches for it before. Then
//! the content type, whether JSON is JSON, and last whether the account is the one that is set: nothing of a body is
//! read that is not verified.
//!
//! Signatures, tokens and passwords are compared in constant time.

mod cause;
mod hmac;
mod shared;
mod vendors;

pub use cause::Cause;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::account;
use crate::base_string::BaseString;
use crate::preset::Preset;
use crate::provider::Provider;
use crate::request::InboundRequest;
use crate::scheme::{PYLON, Scheme};

/// What a request is verified against.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Who posts there: its preset says which content types are taken.
    pub provider: Provider,
    /// How its requests are signed.
    pub scheme: &'a Scheme,
    /// The live secrets, the newest first; one that holds suffices. Blanks around them are
    /// left out.
    pub secrets: &'a [&'a str],
    /// The account at the provider whose requests alone are taken; any where none is set.
    pub account: Option<&'a str>,
}

/// Whether a request is the provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is.
    Verified,
    /// It is not, or nobody can tell.
    Rejected(Cause),
}

/// A verdict, and what a page shows of how it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// The verdict.
    pub verdict: Verdict,
    /// What was signed, as far as it may be shown; none where nothing is (tokens, passwords) or no signature was found.
    pub base_string: Option<BaseString>,
}

/// Verifies a request. `now_ms` is our clock, in Unix milliseconds.
#[must_use]
pub fn verify(source: &Source<'_>, request: &InboundRequest<'_>, now_ms: i64) -> Verification {
    let checked = by_scheme(source, request, now_ms);
    let preset = Preset::of(source.provider);
    let result = checked.result.and_then(|()| readable(preset, request)).and_then(|()| known(source, request));
    let verdict = match result {
        Ok(()) => Verdict::Verified,
        Err(cause) => Verdict::Rejected(cause),
    };
    Verification { verdict, base_string: checked.base_string }
}

impl Verification {
    /// Whether the request is the provider's.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.verdict == Verdict::Verified
    }
}

/// What a scheme says.
struct Checked {
    result: Result<(), Cause>,
    base_string: Option<BaseString>,
}

impl From<Cause> for Checked {
    fn from(cause: Cause) -> Self {
        Self { result: Err(cause), base_string: None }
    }
}

fn by_scheme(source: &Source<'_>, request: &InboundRequest<'_>, now_ms: i64) -> Checked {
    let secrets: Vec<&str> =
        source.secrets.iter().map(|secret| secret.trim()).filter(|secret| !secret.is_empty()).collect();
    if secrets.is_empty() {
        return Cause::NoSecret.into();
    }
    let now_s = now_ms.div_euclid(1000);
    match source.scheme {
        Scheme::Stripe => vendors::stripe(&secrets, request, now_s),
        Scheme::Standard => vendors::standard(&secrets, request, now_s),
        Scheme::Hmac(scheme) => hmac::check(scheme, &secrets, request, now_ms),
        Scheme::Pylon { header } => pylon(header, &secrets, request, now_ms),
        Scheme::Jira => vendors::jira(&secrets, request, now_ms),
        Scheme::Hubspot { allow_v1 } => vendors::hubspot(*allow_v1, &secrets, request, now_ms),
        Scheme::Basic => shared::basic(&secrets, request),
        Scheme::Bearer { header, prefix } => shared::token(header, prefix, &secrets, request),
        Scheme::Sendgrid { tolerance_s } => vendors::sendgrid(*tolerance_s, &secrets, request, now_s),
    }
}

/// The secret in its header, or else a signature; where neither holds, the signature's fault is told if there is one.
fn pylon(header: &str, secrets: &[&str], request: &InboundRequest<'_>, now_ms: i64) -> Checked {
    let by_token = shared::token(header, "", secrets, request);
    if by_token.result.is_ok() || request.header(&PYLON.header).is_none() {
        return by_token;
    }
    hmac::check(&PYLON, secrets, request, now_ms)
}

/// Whether the request is of the account that is set.
fn known(source: &Source<'_>, request: &InboundRequest<'_>) -> Result<(), Cause> {
    let is_known = source.account.is_none_or(|account| account::may_be_of(account, source.provider, request));
    if is_known { Ok(()) } else { Err(Cause::UnknownAccount) }
}

/// Whether the body is of a kind that can be read. A request without a content type is taken for the provider's usual
/// one.
fn readable(preset: &Preset, request: &InboundRequest<'_>) -> Result<(), Cause> {
    let types = preset.content_types;
    let given = request.media_type();
    let given = given.as_deref().or(types.first().copied()).unwrap_or_default();
    if !types.is_empty() && !types.contains(&given) {
        return Err(Cause::WrongContentType);
    }
    if given == "application/json" || given.ends_with("+json") {
        serde_json::from_slice::<IgnoredAny>(request.body).map_err(|_| Cause::BadJson)?;
    }
    Ok(())
}
