//! The signature debugger, from the outside. Every mistake it can name is made here by hand, one after the other.

mod bodies;
mod forms;
mod properties;
mod secrets;
mod texts;
mod times;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use signature::Scheme;
use signature::diagnose::{Certainty, Input, Report, Verdict, diagnose};

const NOW: i64 = 1_760_000_000;
const ID: &str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
const BODY: &str = r#"{"type":"contact.created","data":{"name":"Zoë","url":"https://a.test/?a=1&b=<2>"}}"#;
const BARE: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A message as somebody pastes it. To make a mistake, change it, or what is signed.
#[derive(Debug, Clone)]
struct Pasted {
    headers: String,
    body: String,
    secret: String,
    old_secret: Option<String>,
    id: Option<String>,
    scheme: Option<Scheme>,
    now_s: i64,
}

impl Pasted {
    fn report(&self) -> Report {
        diagnose(&Input {
            headers: &self.headers,
            body: &self.body,
            secret: &self.secret,
            old_secret: self.old_secret.as_deref(),
            id: self.id.as_deref(),
            scheme: self.scheme,
            now_s: self.now_s,
        })
    }

    fn body(self, body: &str) -> Self {
        Self { body: body.into(), ..self }
    }

    fn secret(self, secret: &str) -> Self {
        Self { secret: secret.into(), ..self }
    }
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    Hmac::<Sha256>::new_from_slice(key).expect("any length").chain_update(text).finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key of the scheme, made of [`SECRET`] as it should be.
fn key(scheme: Scheme) -> Vec<u8> {
    if scheme == Scheme::Standard { STANDARD.decode(BARE).expect("base64") } else { SECRET.as_bytes().to_vec() }
}

/// The text of the scheme, as it should be put together.
fn text(scheme: Scheme, body: &str) -> String {
    match scheme {
        Scheme::Standard | Scheme::Ed25519 => format!("{ID}.{NOW}.{body}"),
        Scheme::Plain | Scheme::Stripe => format!("{NOW}.{body}"),
        Scheme::Slack => format!("v0:{NOW}:{body}"),
        Scheme::Github => body.to_owned(),
    }
}

/// The signature as it stands in the header.
fn written(scheme: Scheme, mac: &[u8; 32]) -> String {
    match scheme {
        Scheme::Standard | Scheme::Ed25519 => format!("v1,{}", STANDARD.encode(mac)),
        Scheme::Stripe => format!("t={NOW},v1={}", hex(mac)),
        Scheme::Slack => format!("v0={}", hex(mac)),
        Scheme::Plain | Scheme::Github => format!("sha256={}", hex(mac)),
    }
}

/// A message with this value of the signature header.
fn with_header(scheme: Scheme, signature: &str) -> Pasted {
    let headers = match scheme {
        Scheme::Standard | Scheme::Ed25519 => {
            format!("webhook-id: {ID}\nwebhook-timestamp: {NOW}\nwebhook-signature: {signature}")
        }
        Scheme::Plain => format!("X-Webhook-Id: {ID}\nX-Webhook-Timestamp: {NOW}\nX-Webhook-Signature: {signature}"),
        Scheme::Stripe => format!("Stripe-Signature: {signature}"),
        Scheme::Github => format!("X-GitHub-Event: push\nX-Hub-Signature-256: {signature}"),
        Scheme::Slack => format!("X-Slack-Request-Timestamp: {NOW}\nX-Slack-Signature: {signature}"),
    };
    let (body, secret) = (BODY.to_owned(), SECRET.to_owned());
    Pasted { headers, body, secret, old_secret: None, id: None, scheme: None, now_s: NOW + 5 }
}

/// A message signed with this key over this text.
fn signed(scheme: Scheme, key: &[u8], text: &str) -> Pasted {
    with_header(scheme, &written(scheme, &mac(key, text)))
}

/// A message as it should be.
fn good(scheme: Scheme) -> Pasted {
    signed(scheme, &key(scheme), &text(scheme, BODY))
}

fn codes(report: &Report, certainty: Certainty) -> Vec<&'static str> {
    report.findings.iter().filter(|finding| finding.certainty == certainty).map(|finding| finding.code).collect()
}

/// The mistakes are named, all of them, as certain, and no others.
#[track_caller]
fn assert_named(pasted: &Pasted, mistakes: &[&str]) {
    let report = pasted.report();
    assert_eq!(codes(&report, Certainty::Certain), mistakes, "{pasted:#?}\n{report:#?}");
    assert_eq!(report.verdict, Verdict::Invalid, "{pasted:#?}\n{report:#?}");
    assert_words(&report);
}

/// The mistake is the first that is suspected; nothing is certain.
#[track_caller]
fn assert_suspected(pasted: &Pasted, mistake: &str) {
    let report = pasted.report();
    assert_eq!(codes(&report, Certainty::Certain), [""; 0], "{pasted:#?}\n{report:#?}");
    assert_eq!(codes(&report, Certainty::Likely).first(), Some(&mistake), "{pasted:#?}\n{report:#?}");
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_words(&report);
}

/// The words are whole sentences, with every gap filled.
#[track_caller]
fn assert_words(report: &Report) {
    for finding in &report.findings {
        for words in [&finding.title, &finding.explanation, &finding.fix] {
            assert!(!words.contains("{}") && words.starts_with(|c: char| !c.is_lowercase()), "{words:?}");
        }
        assert!(finding.explanation.ends_with('.') && finding.fix.ends_with('.'), "{finding:?}");
    }
    assert!(report.findings.is_sorted_by_key(|finding| finding.certainty));
}

const SHARED: [Scheme; 5] = [Scheme::Standard, Scheme::Plain, Scheme::Stripe, Scheme::Github, Scheme::Slack];

#[test]
fn a_message_as_it_should_be_is_valid_in_every_scheme() {
    for scheme in SHARED {
        let report = good(scheme).report();
        assert_eq!((report.scheme, report.verdict), (Some(scheme), Verdict::Valid), "{report:#?}");
        assert_eq!(report.findings, []);
        assert_eq!(report.base_string, text(scheme, BODY));
        let all = written(scheme, &mac(&key(scheme), &text(scheme, BODY)));
        let expected = all.rsplit_once(',').filter(|_| scheme == Scheme::Stripe).map_or(all.as_str(), |(_, last)| last);
        assert_eq!((report.expected, report.received), (vec![expected.to_owned()], vec![expected.to_owned()]));
    }
}

#[test]
fn both_secrets_have_an_expected_signature() {
    let other = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let report = Pasted { old_secret: Some(other.into()), ..good(Scheme::Standard) }.report();
    assert_eq!(report.verdict, Verdict::Valid);
    let old = mac(&STANDARD.decode(&other[6..]).unwrap(), &text(Scheme::Standard, BODY));
    assert_eq!(report.expected.len(), 2);
    assert_eq!(report.expected[1], written(Scheme::Standard, &old));
}

#[test]
fn the_scheme_can_be_chosen() {
    let both = format!("{}\n{}", good(Scheme::Standard).headers, good(Scheme::Plain).headers);
    let pasted = Pasted { headers: both, ..good(Scheme::Plain) };
    assert_eq!(pasted.report().scheme, Some(Scheme::Standard));
    let report = Pasted { scheme: Some(Scheme::Plain), ..pasted }.report();
    assert_eq!((report.scheme, report.verdict), (Some(Scheme::Plain), Verdict::Valid));
}

#[test]
fn headers_without_a_signature_are_said_to_have_none() {
    let report = Pasted { headers: "content-type: application/json".into(), ..good(Scheme::Standard) }.report();
    assert_eq!((report.scheme, report.verdict), (None, Verdict::Invalid));
    assert_eq!(codes(&report, Certainty::Certain), ["signature_header_unknown"]);
}
