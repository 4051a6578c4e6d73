//! One signed request, and how often it is tried.

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;
use sha2::Sha256;

use crate::journal::Sent;
use crate::loopback::{self, Answer, PostError};
use crate::slack::Shared;
use crate::slack::state::State;

const TIMESTAMP: HeaderName = HeaderName::from_static("x-slack-request-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");
const RETRY_NUM: HeaderName = HeaderName::from_static("x-slack-retry-num");
const RETRY_REASON: HeaderName = HeaderName::from_static("x-slack-retry-reason");

/// A request that Slack sends to the app.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// What it is, in a word.
    pub(crate) what: String,
    pub(crate) url: String,
    pub(crate) body: Bytes,
    is_form: bool,
    pub(crate) secret: String,
    /// How old the timestamp is that it claims.
    pub(crate) age_s: i64,
    pub(crate) retry: Option<(u8, String)>,
}

impl Post {
    /// An event, or the question whether the address is right: JSON.
    pub(crate) fn event(state: &State, url: &str, body: &Value) -> Self {
        let what = body["event"]["type"].as_str().or_else(|| body["type"].as_str()).unwrap_or_default();
        Self::new(state, what, url, body.to_string().into(), false)
    }

    /// A slash command or a pressed button: a form.
    pub(crate) fn form(state: &State, what: &str, url: &str, fields: &[(&str, String)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::new(state, what, url, body.into(), true)
    }

    fn new(state: &State, what: &str, url: &str, body: Bytes, is_form: bool) -> Self {
        let secret = state.app.signing_secret.clone();
        Self { what: what.to_owned(), url: url.to_owned(), body, is_form, secret, age_s: 0, retry: None }
    }

    fn headers(&self, now_s: i64) -> Vec<(HeaderName, HeaderValue)> {
        let timestamp = now_s - self.age_s;
        let signature = HeaderValue::from_str(&signature(&self.secret, timestamp, &self.body)).expect("hex is visible");
        let kind = if self.is_form { "application/x-www-form-urlencoded" } else { "application/json" };
        let mut headers = vec![
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::USER_AGENT, HeaderValue::from_static("Slackbot 1.0 (+https://api.slack.com/robots)")),
            (TIMESTAMP, timestamp.into()),
            (SIGNATURE, signature),
        ];
        if let Some((number, reason)) = &self.retry {
            headers.push((RETRY_NUM, u16::from(*number).into()));
            headers.push((
                RETRY_REASON,
                HeaderValue::from_str(reason).unwrap_or(HeaderValue::from_static("unknown_error")),
            ));
        }
        headers
    }

    /// Sends it once, and remembers that.
    pub(crate) async fn send(&self, shared: &Shared) -> Result<Answer, PostError> {
        let (now_ms, now_s, patience) = shared.with(|state| (state.now_ms(), state.clock.now_s(), state.patience));
        let outcome = loopback::post(&self.url, self.headers(now_s), self.body.clone(), patience).await;
        let sent = Sent {
            at_ms: now_ms,
            what: self.what.clone(),
            url: self.url.clone(),
            outcome: outcome.as_ref().map(|answer| answer.status).map_err(ToString::to_string),
            answer: outcome.as_ref().map(|answer| answer.body.chars().take(500).collect()).unwrap_or_default(),
        };
        shared.change(|state| state.journal.sent.push(sent));
        outcome
    }
}

/// Sends an event as Slack does: again after a failure, three times at most, unless the answer says not to.
pub(crate) async fn deliver(shared: &Shared, post: &Post) -> Vec<Result<Answer, PostError>> {
    let mut post = post.clone();
    let mut outcomes = vec![post.send(shared).await];
    let delays = shared.with(|state| state.retry_delays);
    for (number, delay) in (1_u8..).zip(delays) {
        let reason = match outcomes.last() {
            Some(Ok(answer)) if answer.is_success() || no_retry(answer) => break,
            Some(Ok(_)) => "http_error",
            Some(Err(PostError::TimedOut { .. })) => "http_timeout",
            _ => "connection_failed",
        };
        tokio::time::sleep(delay).await;
        post.retry = Some((number, reason.to_owned()));
        outcomes.push(post.send(shared).await);
    }
    outcomes
}

fn no_retry(answer: &Answer) -> bool {
    answer.headers.get("x-slack-no-retry").is_some_and(|value| value == "1")
}

/// `v0=` and the HMAC-SHA256 of `v0:{timestamp}:{body}` in hex.
fn signature(secret: &str, timestamp_s: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("v0:{timestamp_s}:").as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().iter().fold("v0=".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::signature;
    use crate::Specs;

    #[test]
    fn the_signature_is_the_one_of_the_worked_example_in_slacks_documentation() {
        let specs = Specs::from_environment();
        let Some(vectors) = specs.read("signature-vectors.json").unwrap() else {
            eprintln!("skipped: {}", specs.skipped().unwrap_or_default());
            return;
        };
        let example = &vectors["schemes"]["slack"];
        let text = |name: &str| example[name].as_str().unwrap();
        let timestamp = text("timestamp").parse().unwrap();
        assert_eq!(signature(text("secret"), timestamp, text("body").as_bytes()), text("signature"));
    }

    #[test]
    fn the_signature_is_the_one_that_the_hub_checks() {
        let key = signature::TextKey::new("a secret");
        assert_eq!(signature("a secret", 1_795_356_131, b"body"), signature::sign_slack(&key, 1_795_356_131, b"body"));
    }
}
