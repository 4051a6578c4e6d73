//! The sender's side: requests as a provider would send and sign them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use inbound::{InboundRequest, Preset, Provider, Scheme, Source, Verdict, Verification, verify};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use signature::{Algorithm, Secret, TextKey};

use crate::specs::example;

/// When requests are signed, in Unix seconds: the time in the examples.
pub const NOW: i64 = 1_760_000_000;
/// Where they are posted to, with an escape that HubSpot undoes.
pub const URL: &str = "https://hub.example.com/in/src_1?a=b%3Ac%20d";

/// A request that owns its parts.
#[derive(Clone, Debug)]
pub struct Sent {
    pub provider: Provider,
    pub url: &'static str,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Sent {
    /// A request of a provider, not yet signed.
    pub fn new(provider: Provider, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { provider, url: URL, headers, body: body.into() }
    }

    /// A request with JSON.
    pub fn json(provider: Provider, body: &Value) -> Self {
        Self::new(provider, "application/json", body.to_string())
    }

    /// A published example, with its headers but for those that sign.
    pub fn example(provider: Provider, file: &str) -> Option<Self> {
        let file = example(file)?;
        let headers = file["headers"].as_object().into_iter().flatten();
        let headers = headers.map(|(name, value)| (name.clone(), value.as_str().expect("a header").to_owned()));
        let headers = headers.filter(|(name, value)| !value.contains("COMPUTE") && name != "Authorization").collect();
        let body = file["body"].as_str().map_or_else(|| file["body"].to_string(), str::to_owned).into_bytes();
        Some(Self { provider, url: URL, headers, body })
    }

    /// Puts a header, in the place of one of that name.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Posts it to another address.
    pub fn at(self, url: &'static str) -> Self {
        Self { url, ..self }
    }

    /// Signs it as its provider does, at this time.
    pub fn signed(self, secret: &str, at_s: i64) -> Self {
        let (body, key, at) = (self.body.clone(), TextKey::new(secret), at_s.to_string());
        let hex = |parts: &[&[u8]]| signature::hex(&signature::hmac(Algorithm::Sha256, secret.as_bytes(), parts));
        match self.provider {
            Provider::Stripe => self.with("Stripe-Signature", &signature::sign_stripe(&[&key], at_s, &body)),
            Provider::Clerk | Provider::Resend | Provider::Standard => {
                let id = "msg_EXAMPLE00000000000000000001";
                let header = signature::sign_standard(&[Secret::parse(secret).expect("a secret")], id, at_s, &body);
                self.with("svix-id", id).with("svix-timestamp", &at).with("svix-signature", &header)
            }
            Provider::Slack => self
                .with("X-Slack-Request-Timestamp", &at)
                .with("X-Slack-Signature", &signature::sign_slack(&key, at_s, &body)),
            Provider::Github => self.with("X-Hub-Signature-256", &signature::sign_github(&key, &body)),
            Provider::Linear => self.with("Linear-Signature", &hex(&[&body])),
            Provider::Jira => self.with("X-Hub-Signature", &format!("sha256={}", hex(&[&body]))),
            Provider::Notion => self.with("X-Notion-Signature", &format!("sha256={}", hex(&[&body]))),
            Provider::Hubspot => {
                let at = format!("{at}000");
                let url = self.url.replace("%3A", ":");
                let parts: [&[u8]; 4] = [b"POST", url.as_bytes(), &body, at.as_bytes()];
                let mac = signature::hmac(Algorithm::Sha256, secret.as_bytes(), &parts);
                self.with("X-HubSpot-Request-Timestamp", &at).with("X-HubSpot-Signature-v3", &STANDARD.encode(mac))
            }
            Provider::Pylon => {
                let header = format!("hs256={}", hex(&[at.as_bytes(), b".", &body]));
                self.with("Pylon-Webhook-Timestamp", &at).with("Pylon-Webhook-Signature", &header)
            }
            Provider::Hmac => {
                let header = format!("sha256={}", hex(&[at.as_bytes(), b".", &body]));
                self.with("X-Webhook-Timestamp", &at).with("X-Webhook-Signature", &header)
            }
            Provider::Sendgrid => {
                let seed = secret.bytes().fold(1_u8, u8::wrapping_add);
                let signature: Signature = ecdsa(seed).0.sign(&[at.as_bytes(), &body].concat());
                self.with("X-Twilio-Email-Event-Webhook-Timestamp", &at)
                    .with("X-Twilio-Email-Event-Webhook-Signature", &STANDARD.encode(signature.to_der().as_bytes()))
            }
            Provider::Bearer | Provider::Brevo => self.with("Authorization", &format!("Bearer {secret}")),
            Provider::Basic | Provider::Mailjet | Provider::Postmark => {
                self.with("Authorization", &format!("Basic {}", STANDARD.encode(secret)))
            }
        }
    }

    /// The request, as it is handed to the crate.
    pub fn request(&self) -> InboundRequest<'_> {
        InboundRequest { method: "POST", url: self.url, headers: &self.headers, body: &self.body }
    }

    /// The verdict by the usual scheme of its provider.
    pub fn verified(&self, secrets: &[&str], now_s: i64) -> Verification {
        self.verified_by(Preset::of(self.provider).scheme(), secrets, now_s)
    }

    /// The verdict by a scheme.
    pub fn verified_by(&self, scheme: &Scheme, secrets: &[&str], now_s: i64) -> Verification {
        let given: Vec<String> = secrets.iter().map(|secret| known_as(self.provider, secret)).collect();
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let source = Source { provider: self.provider, scheme, secrets: &given, account: None };
        verify(&source, &self.request(), now_s * 1000)
    }

    /// The verdict's word: `verified` or a cause.
    pub fn word(&self, secrets: &[&str], now_s: i64) -> &'static str {
        word(&self.verified(secrets, now_s))
    }
}

/// A verdict in a word.
pub fn word(verification: &Verification) -> &'static str {
    match verification.verdict {
        Verdict::Verified => "verified",
        Verdict::Rejected(cause) => cause.code(),
    }
}

/// A secret of the form that the provider's is; `n` tells several apart.
pub fn secret(provider: Provider, n: u8) -> String {
    match provider {
        Provider::Clerk | Provider::Resend | Provider::Standard => Secret::generate([n; 32]).text().to_owned(),
        Provider::Basic | Provider::Mailjet | Provider::Postmark => format!("user:password {n}"),
        _ => format!("EXAMPLE-secret-{n}"),
    }
}

/// What we hold of a secret: of SendGrid's the public half.
pub fn known_as(provider: Provider, secret: &str) -> String {
    if provider != Provider::Sendgrid || secret.contains(':') || secret.trim().is_empty() {
        return secret.to_owned();
    }
    ecdsa(secret.bytes().fold(1_u8, u8::wrapping_add)).1
}

/// A key pair, the public half as SendGrid shows it.
fn ecdsa(seed: u8) -> (SigningKey, String) {
    let key = SigningKey::from_bytes(&[seed.max(1); 32].into()).expect("a key");
    let prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
    let mut der = signature::unhex(prefix).expect("hex");
    der.extend_from_slice(key.verifying_key().to_sec1_point(false).as_bytes());
    (key, STANDARD.encode(der))
}

/// A small body that every JSON provider takes.
pub fn sample(provider: Provider) -> Sent {
    if provider == Provider::Sendgrid {
        let body = "--b\r\nContent-Disposition: form-data; name=\"subject\"\r\n\r\nHello\r\n--b--\r\n";
        return Sent::new(provider, "multipart/form-data; boundary=b", body);
    }
    Sent::json(provider, &json!({ "type": "x", "webhookTimestamp": NOW * 1000 }))
}
