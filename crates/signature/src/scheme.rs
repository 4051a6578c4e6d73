//! Which scheme a receiver wants, and the headers of each.

use std::fmt;
use std::str::FromStr;

use crate::ed25519::{SigningKey, sign_ed25519};
use crate::secret::Secret;
use crate::sign::{sign_plain, standard_header};
use crate::vendors::{sign_github, sign_slack, sign_stripe};

/// How a message is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Standard Webhooks with a shared secret, `v1`.
    Standard,
    /// `sha256=<hex>` over `{timestamp}.{body}`.
    Plain,
    /// Standard Webhooks with a key pair, `v1a`.
    Ed25519,
    /// As Stripe signs.
    Stripe,
    /// As GitHub signs.
    Github,
    /// As Slack signs.
    Slack,
}

/// A text that names no scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown scheme; expected standard, plain, ed25519, stripe, github or slack")]
pub struct UnknownScheme;

/// What an endpoint's messages are signed with, the newest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keys<'a> {
    /// The live shared secrets, for every scheme but Ed25519.
    pub secrets: &'a [&'a Secret],
    /// The live signing keys of Ed25519.
    pub ed25519: &'a [&'a SigningKey],
}

impl Scheme {
    /// All of them, the recommended one first.
    pub const ALL: [Self; 6] = [Self::Standard, Self::Ed25519, Self::Plain, Self::Stripe, Self::Github, Self::Slack];

    /// The word it is stored and sent as.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Plain => "plain",
            Self::Ed25519 => "ed25519",
            Self::Stripe => "stripe",
            Self::Github => "github",
            Self::Slack => "slack",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Standard => "Standard Webhooks",
            Self::Plain => "Plain sha256",
            Self::Ed25519 => "Standard Webhooks with Ed25519",
            Self::Stripe => "Stripe",
            Self::Github => "GitHub",
            Self::Slack => "Slack",
        }
    }

    /// The header that carries the signature, in lower case.
    #[must_use]
    pub const fn signature_header(self) -> &'static str {
        match self {
            Self::Standard | Self::Ed25519 => "webhook-signature",
            Self::Plain => "x-webhook-signature",
            Self::Stripe => "stripe-signature",
            Self::Github => "x-hub-signature-256",
            Self::Slack => "x-slack-signature",
        }
    }

    /// The header that carries the timestamp, in lower case, where there is one.
    #[must_use]
    pub const fn timestamp_header(self) -> Option<&'static str> {
        match self {
            Self::Standard | Self::Ed25519 => Some("webhook-timestamp"),
            Self::Plain => Some("x-webhook-timestamp"),
            Self::Slack => Some("x-slack-request-timestamp"),
            Self::Stripe | Self::Github => None,
        }
    }

    /// The header that carries the message's id, in lower case, where the scheme has one.
    #[must_use]
    pub const fn id_header(self) -> Option<&'static str> {
        match self {
            Self::Standard | Self::Ed25519 => Some("webhook-id"),
            Self::Plain => Some("x-webhook-id"),
            Self::Stripe | Self::Github | Self::Slack => None,
        }
    }
}

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, UnknownScheme> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == text).ok_or(UnknownScheme)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Signs a message: the headers to send, names in lower case.
///
/// Schemes that can carry several signatures get one per live key; the others use the newest. Without a key of the
/// scheme's kind nothing can be signed, and there are no headers.
#[must_use]
pub fn sign(scheme: Scheme, keys: &Keys<'_>, id: &str, timestamp_s: i64, body: &[u8]) -> Vec<(&'static str, String)> {
    let Some(signature) = signature(scheme, keys, id, timestamp_s, body) else { return Vec::new() };
    let mut headers = Vec::with_capacity(3);
    headers.extend(scheme.id_header().map(|name| (name, id.to_owned())));
    headers.extend(scheme.timestamp_header().map(|name| (name, timestamp_s.to_string())));
    headers.push((scheme.signature_header(), signature));
    headers
}

/// The value of the signature header, if there is a key.
fn signature(scheme: Scheme, keys: &Keys<'_>, id: &str, timestamp_s: i64, body: &[u8]) -> Option<String> {
    let newest = keys.secrets.first();
    match scheme {
        Scheme::Standard => newest.map(|_| standard_header(keys.secrets.iter().copied(), id, timestamp_s, &[body])),
        Scheme::Ed25519 => (!keys.ed25519.is_empty()).then(|| {
            let words: Vec<_> = keys.ed25519.iter().map(|key| sign_ed25519(key, id, timestamp_s, body)).collect();
            words.join(" ")
        }),
        Scheme::Plain => newest.map(|secret| sign_plain(secret, timestamp_s, body)),
        Scheme::Stripe => newest.map(|_| {
            let keys: Vec<_> = keys.secrets.iter().map(|secret| secret.text_key()).collect();
            sign_stripe(&keys, timestamp_s, body)
        }),
        Scheme::Github => newest.map(|secret| sign_github(secret.text_key(), body)),
        Scheme::Slack => newest.map(|secret| sign_slack(secret.text_key(), timestamp_s, body)),
    }
}
