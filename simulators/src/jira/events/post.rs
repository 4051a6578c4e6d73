//! One request to the app, and how often it is tried.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderName, HeaderValue, header};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::jira::Shared;
use crate::jira::options::App;
use crate::jira::state::State;
use crate::journal::Sent;
use crate::loopback::{self, Answer, PostError};

const IDENTIFIER: HeaderName = HeaderName::from_static("x-atlassian-webhook-identifier");
const RETRY: HeaderName = HeaderName::from_static("x-atlassian-webhook-retry");
const FLOW: HeaderName = HeaderName::from_static("x-atlassian-webhook-flow");
const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");
/// How long a token of a webhook is good.
const TOKEN_LIFE_S: i64 = 180;

/// By what the app knows that a request is Jira's.
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    /// A token in `Authorization`, signed with the app's client secret: it says nothing of the body.
    Token {
        /// The app's client id.
        issuer: String,
        /// What it is signed with.
        secret: String,
        /// How old it is.
        age_s: i64,
    },
    /// `X-Hub-Signature` over the body, with the secret of a webhook that an administrator made.
    Body {
        /// What it is signed with.
        secret: String,
    },
    /// None.
    Missing,
}

impl Proof {
    /// That of dynamic webhooks.
    pub(crate) fn of_app(app: &App) -> Self {
        Self::Token { issuer: app.client_id.clone(), secret: app.client_secret.clone(), age_s: 0 }
    }

    fn header(&self, now_s: i64, body: &[u8]) -> Option<(HeaderName, String)> {
        match self {
            Self::Token { issuer, secret, age_s } => {
                let issued = now_s - age_s;
                let claims = json!({ "iss": issuer, "iat": issued, "exp": issued + TOKEN_LIFE_S });
                Some((header::AUTHORIZATION, format!("Bearer {}", token(secret, &claims))))
            }
            Self::Body { secret } => {
                let hex: String = mac(secret.as_bytes(), body).iter().map(|byte| format!("{byte:02x}")).collect();
                Some((SIGNATURE, format!("sha256={hex}")))
            }
            Self::Missing => None,
        }
    }
}

/// A JSON web token, signed by HS256.
fn token(secret: &str, claims: &Value) -> String {
    let head = json!({ "alg": "HS256", "typ": "JWT" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&head), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(mac(secret.as_bytes(), signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn mac(secret: &[u8], of: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(of);
    mac.finalize().into_bytes().to_vec()
}

/// A request that Jira sends to the app.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// The event.
    pub(crate) what: String,
    pub(crate) url: String,
    pub(crate) body: Bytes,
    pub(crate) proof: Proof,
    /// The same over all retries.
    pub(crate) identifier: String,
    pub(crate) retry: u16,
}

impl Post {
    pub(crate) fn new(state: &mut State, url: &str, body: &Value, proof: Proof) -> Self {
        let what = body["webhookEvent"].as_str().unwrap_or_default().to_owned();
        let identifier = state.ids.secret();
        Self { what, url: url.to_owned(), body: body.to_string().into(), proof, identifier, retry: 0 }
    }

    fn headers(&self, now_s: i64) -> Vec<(HeaderName, HeaderValue)> {
        let visible = |text: String| HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("invalid"));
        let mut headers = vec![
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8")),
            (header::USER_AGENT, HeaderValue::from_static("Atlassian Webhook HTTP Client")),
            (IDENTIFIER, visible(self.identifier.clone())),
            (FLOW, HeaderValue::from_static("Primary")),
        ];
        headers.extend(self.proof.header(now_s, &self.body).map(|(name, value)| (name, visible(value))));
        if self.retry > 0 {
            headers.push((RETRY, self.retry.into()));
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

/// Sends a webhook as Jira does: five times more at most, after failures that may pass.
pub(crate) async fn deliver(shared: &Shared, post: &Post) -> Vec<Result<Answer, PostError>> {
    let mut post = post.clone();
    let mut outcomes = vec![post.send(shared).await];
    let delays = shared.with(|state| state.retry_delays);
    for (number, delay) in (1..).zip(delays) {
        let may_pass = match outcomes.last() {
            Some(Ok(answer)) => matches!(answer.status, 408 | 409 | 425 | 429 | 500..),
            _ => true,
        };
        if !may_pass {
            break;
        }
        tokio::time::sleep(delay).await;
        post.retry = number;
        outcomes.push(post.send(shared).await);
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{Proof, mac};
    use crate::Specs;

    #[test]
    fn a_token_is_signed_as_in_the_example_of_rfc_7515() {
        // Appendix A.1: its key, and the two parts that are signed there.
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let head = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
        let claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = URL_SAFE_NO_PAD.decode(key).unwrap();
        let signature = URL_SAFE_NO_PAD.encode(mac(&key, format!("{head}.{claims}").as_bytes()));
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn the_signature_of_an_administrators_webhook_is_the_published_one() {
        let specs = Specs::from_environment();
        let Some(vectors) = specs.read("signature-vectors.json").unwrap() else {
            eprintln!("skipped: {}", specs.skipped().unwrap_or_default());
            return;
        };
        let example = &vectors["schemes"]["jira_admin_webhook_secret"];
        let text = |name: &str| example[name].as_str().unwrap();
        let proof = Proof::Body { secret: text("secret").to_owned() };
        assert_eq!(proof.header(0, text("body").as_bytes()).unwrap().1, text("signature"));
    }
}
