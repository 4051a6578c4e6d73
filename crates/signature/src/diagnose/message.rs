//! The message as it was pasted: which scheme, which id, which time, which signatures.

use std::borrow::Cow;

use super::Input;
use super::given::{self, Given};
use super::headers::Headers;
use super::json;
use super::mistakes::Slip;
use super::mistakes::{signature as wrong, text};
use crate::Scheme;
use crate::vendors::stripe_parts;

const IDS: [&str; 3] = ["webhook-id", "svix-id", "x-webhook-id"];
const TIMESTAMPS: [&str; 4] =
    ["webhook-timestamp", "svix-timestamp", "x-webhook-timestamp", "x-slack-request-timestamp"];
const STANDARD: [&str; 2] = ["webhook-signature", "svix-signature"];
const GITHUB: [&str; 2] = ["x-hub-signature-256", "x-hub-signature"];

/// What there is to verify.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) scheme: Scheme,
    pub(super) id: Option<String>,
    pub(super) timestamp: Option<String>,
    /// Signatures that may be of this scheme's version.
    pub(super) given: Vec<Given>,
    /// All signatures, as they stand in the header.
    pub(super) received: Vec<String>,
    /// Other ids and timestamps that are about.
    pub(super) other_ids: Vec<String>,
    pub(super) other_timestamps: Vec<String>,
    /// What the headers alone give away.
    pub(super) slips: Vec<Slip>,
}

impl Message {
    /// Reads the headers. `None` if nothing says what the scheme is.
    pub(super) fn read(input: &Input<'_>) -> Option<Self> {
        let headers = Headers::read(input.headers);
        let scheme = input.scheme.or_else(|| detect(&headers, input.secret))?;
        let values = signatures(scheme, &headers);
        let received: Vec<String> =
            values.iter().flat_map(|value| given::words(scheme, value)).map(str::to_owned).collect();
        let given = received.iter().filter_map(|word| given::read(scheme, word)).collect();

        let mut ids = ids(input, &headers, scheme);
        let mut timestamps = timestamps(&headers, scheme, values.first().copied());
        let mut message = Self {
            scheme,
            id: ids.remove(0),
            timestamp: timestamps.remove(0),
            given,
            received,
            other_ids: Vec::new(),
            other_timestamps: Vec::new(),
            slips: Vec::new(),
        };
        message.other_ids = others(ids, message.id.as_deref());
        message.other_timestamps = others(timestamps, message.timestamp.as_deref());
        message.slips = message.missing(&headers);
        message.slips.extend(differing(&headers));
        Some(message)
    }

    /// Whether the scheme signs an id.
    pub(super) fn signs_id(&self) -> bool {
        matches!(self.scheme, Scheme::Standard | Scheme::Ed25519)
    }

    /// Whether the scheme signs a timestamp.
    pub(super) fn signs_timestamp(&self) -> bool {
        self.scheme != Scheme::Github
    }

    fn missing(&self, headers: &Headers) -> Vec<Slip> {
        let mut slips = Vec::new();
        let svix = self.signs_id() && headers.first(&["webhook-signature"]).is_none();
        let svix = svix && headers.first(&["svix-signature"]).is_some();
        let named = |name: &'static str, alias: &'static str| if svix { alias } else { name };
        if self.signs_id() && self.id.is_none() {
            slips.push(wrong::HEADER_MISSING.with(named("webhook-id", "svix-id")));
        }
        if self.signs_timestamp() && self.timestamp.is_none() {
            let name = self.scheme.timestamp_header().map(|name| named(name, "svix-timestamp"));
            slips.push(wrong::HEADER_MISSING.with(name.unwrap_or("stripe-signature with t=")));
        }
        if self.received.is_empty() {
            slips.push(wrong::HEADER_MISSING.with(self.scheme.signature_header()));
        } else if self.given.is_empty() {
            slips.push(wrong::OTHER_VERSION.with(given::prefix(self.scheme)));
        }
        slips
    }
}

/// Which scheme the headers speak of. The recommended one counts if several are there.
fn detect(headers: &Headers, secret: &str) -> Option<Scheme> {
    let has = |names: &[&str]| headers.first(names).is_some();
    let secret = secret.trim().trim_matches(['"', '\'']);
    let asymmetric = secret.starts_with("whpk_") || secret.starts_with("whsk_");
    let of_standard = |value: &str| {
        let versions = |version| value.split_ascii_whitespace().any(|word| word.starts_with(version));
        if asymmetric || versions("v1a,") && !versions("v1,") { Scheme::Ed25519 } else { Scheme::Standard }
    };
    if let Some(value) = headers.first(&STANDARD) {
        return Some(of_standard(value));
    }
    let known: [(&[&str], Scheme); 8] = [
        (&["stripe-signature"], Scheme::Stripe),
        (&GITHUB, Scheme::Github),
        (&["x-slack-signature"], Scheme::Slack),
        (&["x-webhook-signature"], Scheme::Plain),
        (&["webhook-id", "webhook-timestamp", "svix-id", "svix-timestamp"], of_standard("")),
        (&["x-slack-request-timestamp"], Scheme::Slack),
        (&["x-github-event", "x-github-delivery"], Scheme::Github),
        (&["x-webhook-timestamp", "x-webhook-id"], Scheme::Plain),
    ];
    known.into_iter().find(|(names, _)| has(names)).map(|(_, scheme)| scheme)
}

/// The values of the header that carries the signature.
fn signatures(scheme: Scheme, headers: &Headers) -> Vec<&str> {
    let names: &[&str] = match scheme {
        Scheme::Standard | Scheme::Ed25519 => &STANDARD,
        Scheme::Github => &GITHUB,
        _ => &[scheme.signature_header()],
    };
    let first = names.iter().find(|name| headers.first(&[name]).is_some());
    first.map(|name| headers.all(name).collect()).unwrap_or_default()
}

/// The id of the message, or none, and then those it could be mixed up with.
fn ids(input: &Input<'_>, headers: &Headers, scheme: Scheme) -> Vec<Option<String>> {
    let given = input.id.map(str::trim).filter(|id| !id.is_empty());
    let main = match scheme {
        Scheme::Standard | Scheme::Ed25519 => headers.first(&IDS[..2]),
        _ => headers.first(&IDS),
    };
    let mut ids = vec![main.or(given).map(str::to_owned)];
    ids.extend(IDS.iter().flat_map(|name| headers.all(name)).map(|id| Some(id.to_owned())));
    ids.push(given.map(str::to_owned));
    let body = json::read(input.body);
    let entries = body.as_ref().map(json::Json::entries).unwrap_or_default();
    for name in ["id", "webhook_id", "event_id", "message_id"] {
        let value = entries.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        if let Some(json::Json::Text(raw)) = value {
            ids.push(json::unescape(raw));
        }
    }
    ids
}

/// The timestamp of the message, or none, and then those it could be mixed up with.
fn timestamps(headers: &Headers, scheme: Scheme, signature: Option<&str>) -> Vec<Option<String>> {
    let of_stripe = signature.filter(|_| scheme == Scheme::Stripe).map(|value| stripe_parts(value).0);
    let main = match scheme {
        Scheme::Standard | Scheme::Ed25519 => headers.first(&TIMESTAMPS[..2]),
        Scheme::Plain => headers.first(&["x-webhook-timestamp", "webhook-timestamp"]),
        Scheme::Slack => headers.first(&["x-slack-request-timestamp"]),
        Scheme::Stripe => of_stripe.filter(|timestamp| !timestamp.is_empty()),
        Scheme::Github => headers.first(&TIMESTAMPS),
    };
    let mut found = vec![main.map(|timestamp| timestamp.trim().to_owned())];
    found.extend(TIMESTAMPS.iter().flat_map(|name| headers.all(name)).map(|timestamp| Some(timestamp.to_owned())));
    found
}

fn others(found: Vec<Option<String>>, main: Option<&str>) -> Vec<String> {
    let mut others: Vec<String> = Vec::new();
    for value in found.into_iter().flatten() {
        if Some(value.as_str()) != main && !others.contains(&value) {
            others.push(value);
        }
    }
    others
}

/// Headers that carry the same thing under two names, and differ.
fn differing(headers: &Headers) -> Vec<Slip> {
    let pairs =
        [("webhook-id", "x-webhook-id"), ("webhook-timestamp", "x-webhook-timestamp"), ("webhook-id", "svix-id")];
    let differ = |(one, other): &(&str, &str)| match (headers.first(&[one]), headers.first(&[other])) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    let twice = IDS.iter().chain(&TIMESTAMPS).filter(|name| headers.all(name).nth(1).is_some());
    let mut slips: Vec<_> =
        pairs.iter().filter(|pair| differ(pair)).map(|(one, other)| format!("{one} and {other}")).collect();
    slips.extend(twice.map(|name| format!("the values of {name}, which is there twice")));
    slips.into_iter().map(|detail| text::HEADERS_DIFFER.with(Cow::Owned(detail))).collect()
}
