//! The signature debugger: given a message as a person pastes it, says whether its signature holds, and if not, why.
//!
//! Everything here is pure and runs in a browser: the secret need not leave it. [`diagnose`] reads the headers
//! (`headers`, `message`, `given`), then tries every way in which people get signatures wrong (`key`, `layout`,
//! `body`, combined by `search`). A variation that matches is proof, so its finding is [`Certainty::Certain`]; where
//! none matches, `suspect` says what is likely. The words are in `mistakes`.
//!
//! It judges as the verifying functions of this crate do: [`Verdict::Valid`] means that they accept the message. Only
//! blanks and quotes around the secret, which they may forgive, count as a mistake here: other programs do not.

mod body;
mod given;
mod headers;
mod json;
mod key;
mod layout;
mod message;
mod mistakes;
mod rewrite;
mod search;
mod suspect;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::key::Key;
use self::layout::by_the_rules;
use self::message::Message;
use self::mistakes::{Slip, signature};
use self::search::{Space, search, search_times};
use crate::ed25519::SigningKey;
use crate::sign::push_hex;
use crate::verify::{VerifyError, fresh};
use crate::{Scheme, sign_ed25519};

/// A message as it was pasted.
#[derive(Clone, Copy, Default)]
pub struct Input<'a> {
    /// The request's headers: lines of `name: value`, curl's `-H` options, or JSON.
    pub headers: &'a str,
    /// The body as received.
    pub body: &'a str,
    /// The signing secret, or the public key.
    pub secret: &'a str,
    /// The secret before the last rotation, if there is one.
    pub old_secret: Option<&'a str>,
    /// The message's id, where the headers do not carry it.
    pub id: Option<&'a str>,
    /// The scheme, where it should not be guessed from the headers.
    pub scheme: Option<Scheme>,
    /// The receiver's clock, in Unix seconds.
    pub now_s: i64,
}

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How the message is signed; `None` if nothing says so.
    pub scheme: Option<Scheme>,
    /// Whether the signature holds.
    pub verdict: Verdict,
    /// The exact text that must be signed. What is missing stands in it as `<name>`.
    pub base_string: String,
    /// The right signatures, of the secret and then of the old one, as they stand in the header. Empty where they
    /// cannot be made: without a secret, or with only a public key.
    pub expected: Vec<String>,
    /// The signatures that came with the message.
    pub received: Vec<String>,
    /// What is wrong, the certain before the likely.
    pub findings: Vec<Finding>,
}

/// Whether a signature holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A receiver must accept the message.
    Valid,
    /// The signature is right, but the time is not: a receiver must refuse the message.
    ValidBut(VerifyError),
    /// The signature is not right.
    Invalid,
}

/// One mistake, in plain sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name for programs; it does not change.
    pub code: &'static str,
    /// How sure it is.
    pub certainty: Certainty,
    /// What is wrong, in a few words.
    pub title: String,
    /// How that is known, and what usually is behind it.
    pub explanation: String,
    /// What to do.
    pub fix: String,
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It was tried, and made the signature match; or the input itself shows it.
    Certain,
    /// It often is the reason.
    Likely,
}

/// A value to try, and the mistakes it would prove.
#[derive(Debug)]
struct Variant<T> {
    value: T,
    slips: Vec<Slip>,
}

impl<T> Variant<T> {
    fn right(value: T) -> Self {
        Self { value, slips: Vec::new() }
    }

    fn wrong(value: T, slips: impl IntoIterator<Item = Slip>) -> Self {
        Self { value, slips: slips.into_iter().collect() }
    }
}

/// Checks a pasted message and names the mistake.
#[must_use]
pub fn diagnose(input: &Input<'_>) -> Report {
    let Some(message) = Message::read(input) else { return unknown() };
    let keys = key::variants(message.scheme, input.secret, input.old_secret);
    let layouts = layout::variants(&message);
    let bodies = body::variants(input.body);
    let space = Space { keys: &keys, layouts: &layouts, bodies: &bodies, given: &message.given };
    let proof = search(&space).or_else(|| search_times(&message, &keys, input.body));
    let (verdict, findings) = judge(&message, input, proof);
    Report {
        scheme: Some(message.scheme),
        verdict,
        base_string: base_string(&message, input.body),
        expected: expected(&message, input),
        received: message.received,
        findings,
    }
}

/// Turns what the search proved, and what can be seen, into a verdict and findings.
fn judge(message: &Message, input: &Input<'_>, proof: Option<Vec<Slip>>) -> (Verdict, Vec<Finding>) {
    let certain = |slip: &Slip| slip.finding(Certainty::Certain);
    let likely = |slip: &Slip| slip.finding(Certainty::Likely);
    match proof {
        Some(slips) if slips.is_empty() => of_right_signature(message, input.now_s),
        Some(slips) => (Verdict::Invalid, slips.iter().chain(&message.slips).map(certain).collect()),
        None => {
            let secret = suspect::of_secret(message.scheme, input.secret);
            let mut findings: Vec<_> = message.slips.iter().chain(&secret).map(certain).collect();
            let complete = findings.is_empty();
            let guesses = suspect::of_mismatch(message, input);
            // Where something is missing, there is no need to guess at what else may be wrong.
            findings.extend(guesses.iter().filter(|_| complete).map(likely));
            (Verdict::Invalid, findings)
        }
    }
}

/// The signature is right; the time may still be wrong.
fn of_right_signature(message: &Message, now_s: i64) -> (Verdict, Vec<Finding>) {
    let timestamp = message.timestamp.as_deref().filter(|_| message.signs_timestamp());
    let error = timestamp.and_then(|timestamp| fresh(timestamp, now_s).err());
    let Some((error, timestamp)) = error.zip(timestamp) else { return (Verdict::Valid, Vec::new()) };
    let slips = suspect::of_time(timestamp, error, now_s);
    (Verdict::ValidBut(error), slips.iter().map(|(slip, certainty)| slip.finding(*certainty)).collect())
}

/// No scheme was recognised.
fn unknown() -> Report {
    Report {
        scheme: None,
        verdict: Verdict::Invalid,
        base_string: String::new(),
        expected: Vec::new(),
        received: Vec::new(),
        findings: vec![signature::NO_SIGNATURE.slip().finding(Certainty::Certain)],
    }
}

fn base_string(message: &Message, body: &str) -> String {
    let id = message.id.as_deref().unwrap_or("<id>");
    let timestamp = message.timestamp.as_deref().unwrap_or("<timestamp>");
    let around = by_the_rules(message.scheme, id, timestamp);
    format!("{}{body}{}", around.before, around.after)
}

/// The right signatures, if all parts are there.
fn expected(message: &Message, input: &Input<'_>) -> Vec<String> {
    let timestamp = message.timestamp.as_deref().or((!message.signs_timestamp()).then_some(""));
    let id = message.id.as_deref().or((!message.signs_id()).then_some(""));
    let (Some(timestamp), Some(id)) = (timestamp, id) else { return Vec::new() };
    let secrets = [Some(input.secret), input.old_secret].into_iter().flatten().map(|text| key::cleaned(text).0);
    if message.scheme == Scheme::Ed25519 {
        let keys = secrets.filter_map(|text| SigningKey::parse(text).ok().filter(|_| text.starts_with("whsk_")));
        let seconds: Option<i64> = timestamp.parse().ok();
        return keys.filter_map(|key| Some(sign_ed25519(&key, id, seconds?, input.body.as_bytes()))).collect();
    }
    let around = by_the_rules(message.scheme, id, timestamp);
    let text: [Cow<'_, str>; 3] = [around.before.into(), input.body.into(), around.after.into()];
    let text = [&*text[0], &*text[1], &*text[2]];
    let keys = secrets.filter_map(|text| key::right(message.scheme, text));
    let written = keys.filter_map(|key| match key {
        Key::Shared(key) => Some(written(message.scheme, &key.sign(&text))),
        Key::Public(_) => None,
    });
    written.collect()
}

/// A signature as it stands in the header.
fn written(scheme: Scheme, mac: &[u8; 32]) -> String {
    let mut text = given::prefix(scheme).to_owned();
    match scheme {
        Scheme::Standard | Scheme::Ed25519 => STANDARD.encode_string(mac, &mut text),
        _ => push_hex(&mut text, mac),
    }
    text
}
