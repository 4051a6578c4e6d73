//! The ways to put id, timestamp and body together, the right one and the wrong ones.

use super::Variant;
use super::message::Message;
use super::mistakes::{Slip, text as wrong};
use crate::Scheme;

/// What stands before and after the body in the signed text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Around {
    pub(super) before: String,
    pub(super) after: String,
}

impl Around {
    fn before(before: String) -> Self {
        Self { before, after: String::new() }
    }
}

/// What stands around the body by the rules of the scheme.
pub(super) fn by_the_rules(scheme: Scheme, id: &str, timestamp: &str) -> Around {
    Around::before(match scheme {
        Scheme::Standard | Scheme::Ed25519 => format!("{id}.{timestamp}."),
        Scheme::Plain | Scheme::Stripe => format!("{timestamp}."),
        Scheme::Slack => format!("v0:{timestamp}:"),
        Scheme::Github => String::new(),
    })
}

/// All texts to try, the right one first, if its parts are there.
pub(super) fn variants(message: &Message) -> Vec<Variant<Around>> {
    let scheme = message.scheme;
    let id = message.id.as_deref();
    let timestamp = message.timestamp.as_deref();
    let mut found: Vec<Variant<Around>> = Vec::new();
    let mut add = |around: Around, slips: Vec<Slip>| {
        if !found.iter().any(|known| known.value == around) {
            found.push(Variant::wrong(around, slips));
        }
    };
    let complete = (id.is_some() || !message.signs_id()) && (timestamp.is_some() || !message.signs_timestamp());
    if complete {
        add(by_the_rules(scheme, id.unwrap_or_default(), timestamp.unwrap_or_default()), Vec::new());
    }
    for (around, slips) in mixed_up(message) {
        add(around, slips);
    }
    for (around, slips) in left_out(message, id, timestamp) {
        add(around, slips);
    }
    for (around, text) in other_ways(id, timestamp) {
        add(around, vec![wrong::LAYOUT.with(text)]);
    }
    found
}

/// The right text with the parts of another message.
fn mixed_up(message: &Message) -> Vec<(Around, Vec<Slip>)> {
    let mut found = Vec::new();
    let ids = |slip: bool| message.other_ids.iter().filter(move |_| slip).cloned();
    let own_id = message.id.clone().unwrap_or_default();
    let own_timestamp = message.timestamp.clone().unwrap_or_default();
    let mut timestamps: Vec<_> = message
        .other_timestamps
        .iter()
        .map(|other| (other.clone(), wrong::OTHER_TIMESTAMP.with(other.clone())))
        .collect();
    if let Some(seconds) = in_seconds(&own_timestamp) {
        timestamps.push((seconds.clone(), wrong::SECONDS.with(seconds)));
    }
    for id in ids(message.signs_id()) {
        found.push((by_the_rules(message.scheme, &id, &own_timestamp), vec![wrong::OTHER_ID.with(id.clone())]));
    }
    if message.signs_timestamp() {
        for (timestamp, slip) in timestamps {
            found.push((by_the_rules(message.scheme, &own_id, &timestamp), vec![slip.clone()]));
            for id in ids(message.signs_id()) {
                let slips = vec![wrong::OTHER_ID.with(id.clone()), slip.clone()];
                found.push((by_the_rules(message.scheme, &id, &timestamp), slips));
            }
        }
    }
    found
}

/// A timestamp in seconds, if this one is in milliseconds.
pub(super) fn in_seconds(timestamp: &str) -> Option<String> {
    let number: u64 = timestamp.parse().ok()?;
    (number >= 100_000_000_000).then(|| (number / 1000).to_string())
}

/// Texts with a part too few or too many.
fn left_out(message: &Message, id: Option<&str>, timestamp: Option<&str>) -> Vec<(Around, Vec<Slip>)> {
    let id_left_out = || message.signs_id().then(|| wrong::ID_NOT_SIGNED.slip());
    let id_put_in = || (!message.signs_id()).then(|| wrong::ID_SIGNED.slip());
    let timestamp_left_out = || message.signs_timestamp().then(|| wrong::TIMESTAMP_NOT_SIGNED.slip());
    let timestamp_put_in = || (!message.signs_timestamp()).then(|| wrong::TIMESTAMP_SIGNED.slip());
    let mut found = Vec::new();
    if let Some(timestamp) = timestamp {
        let slips = if message.scheme == Scheme::Slack {
            vec![wrong::LAYOUT.with("timestamp.body")]
        } else {
            id_left_out().into_iter().chain(timestamp_put_in()).collect()
        };
        found.push((Around::before(format!("{timestamp}.")), slips));
    }
    if let Some(id) = id {
        let slips = id_put_in().into_iter().chain(timestamp_left_out()).collect();
        found.push((Around::before(format!("{id}.")), slips));
    }
    if let (Some(id), Some(timestamp)) = (id, timestamp) {
        let slips = id_put_in().into_iter().chain(timestamp_put_in()).collect();
        found.push((Around::before(format!("{id}.{timestamp}.")), slips));
    }
    let slips = id_left_out().into_iter().chain(timestamp_left_out()).collect();
    found.push((Around::before(String::new()), slips));
    if message.scheme == Scheme::Slack {
        found.push((Around::before("v0:".into()), vec![wrong::TIMESTAMP_NOT_SIGNED.slip()]));
    }
    found
}

/// Texts with other separators or in another order, and how to call them.
fn other_ways(id: Option<&str>, timestamp: Option<&str>) -> Vec<(Around, &'static str)> {
    let mut found = Vec::new();
    if let (Some(id), Some(timestamp)) = (id, timestamp) {
        found.push((Around::before(format!("{timestamp}.{id}.")), "timestamp.id.body: the order differs"));
        found.push((Around::before(format!("{id}{timestamp}")), "idtimestampbody, without anything in between"));
        found.push((Around::before(format!("{id}:{timestamp}:")), "id:timestamp:body, with colons"));
        found
            .push((Around::before(format!("v1.{id}.{timestamp}.")), "v1.id.timestamp.body, with the version in front"));
    }
    if let Some(timestamp) = timestamp {
        found.push((Around::before(timestamp.to_owned()), "timestampbody, without anything in between"));
        found.push((Around::before(format!("{timestamp}:")), "timestamp:body, with a colon"));
        found.push((Around::before(format!("v0:{timestamp}:")), "v0:timestamp:body, as Slack does it"));
        found.push((Around::before(format!("v1:{timestamp}:")), "v1:timestamp:body"));
        let after = |separator| Around { before: String::new(), after: format!("{separator}{timestamp}") };
        found.push((after("."), "body.timestamp: the order differs"));
        found.push((after(""), "bodytimestamp: the order differs, and nothing is in between"));
    }
    found
}
