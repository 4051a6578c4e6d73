//! Every published signature holds, and none after a byte of it, of the body or of the secret was changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use inbound::scheme::{Encoding, HmacScheme, JIRA_ADMIN, KeyForm};
use inbound::{Algorithm, InboundRequest, Preset, Provider, Scheme, Source, Verification, verify};
use serde_json::Value;

use crate::signing::word;
use crate::specs::spec;

/// The vectors of `signature-vectors.json`, each with its provider and scheme. Exact Online signs in the body, for
/// which there is no source yet.
fn schemes() -> Vec<(&'static str, Provider, Scheme)> {
    let usual = |provider| (provider, Preset::of(provider).scheme().clone());
    let teams = HmacScheme {
        header: "authorization".into(),
        prefix: "HMAC ".into(),
        algorithm: Algorithm::Sha256,
        encoding: Encoding::Base64,
        key: KeyForm::Base64,
        template: "{body}".into(),
        timestamp: None,
    };
    let named = |name, (provider, scheme)| (name, provider, scheme);
    vec![
        named("slack", usual(Provider::Slack)),
        named("stripe", usual(Provider::Stripe)),
        named("github", usual(Provider::Github)),
        named("linear", usual(Provider::Linear)),
        named("hubspot_v3", usual(Provider::Hubspot)),
        ("hubspot_v1", Provider::Hubspot, Scheme::Hubspot { allow_v1: true }),
        named("jira_admin_webhook_secret", usual(Provider::Jira)),
        ("jira_admin_webhook_secret", Provider::Hmac, Scheme::Hmac(JIRA_ADMIN)),
        named("notion", usual(Provider::Notion)),
        ("teams_outgoing_webhook", Provider::Hmac, Scheme::Hmac(teams)),
        named("getpylon_com_solar", usual(Provider::Pylon)),
    ]
}

/// A vector as a request.
struct Vector {
    secret: String,
    headers: Vec<(String, String)>,
    body: String,
    url: String,
    now_ms: i64,
}

impl Vector {
    fn of(vector: &Value) -> Self {
        let text = |key: &str| vector[key].as_str().map(str::to_owned);
        let mut headers = vec![(text("header").expect("told"), text("signature").expect("told"))];
        headers.extend(text("timestamp_header").map(|name| (name, text("timestamp").expect("told"))));
        headers.extend(
            text("version_header")
                .and_then(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()))),
        );
        let body = text("body").expect("told");
        let json = serde_json::from_str::<Value>(&body).is_ok();
        let content_type = if json { "application/json" } else { "application/x-www-form-urlencoded" };
        headers.push(("content-type".to_owned(), content_type.to_owned()));
        let now: i64 = text("timestamp").map_or(1_760_000_000, |time| time.parse().expect("told"));
        Self {
            secret: text("secret").or_else(|| text("secret_base64")).expect("told"),
            headers,
            body,
            url: text("url").unwrap_or_default(),
            now_ms: if now > 100_000_000_000 { now } else { now * 1000 },
        }
    }

    fn verify(&self, provider: Provider, scheme: &Scheme) -> Verification {
        let request =
            InboundRequest { method: "POST", url: &self.url, headers: &self.headers, body: self.body.as_bytes() };
        verify(&Source { provider, scheme, secrets: &[&self.secret], account: None }, &request, self.now_ms)
    }
}

#[test]
fn every_published_signature_holds() {
    let Some(file) = spec("signature-vectors.json") else { return };
    for (name, provider, scheme) in schemes() {
        let vector = Vector::of(&file["schemes"][name]);
        let verification = vector.verify(provider, &scheme);
        assert_eq!(word(&verification), "verified", "{name}");
        let shown = verification.base_string.expect(name);
        assert!(shown.text.contains(&vector.body) && !shown.text.contains(&vector.secret), "{name}: {shown:?}");
    }
    let names = file["schemes"].as_object().unwrap().keys();
    let untold: Vec<_> = names.filter(|name| !schemes().iter().any(|(known, ..)| known == name)).collect();
    assert_eq!(untold, ["exact_online"]);
}

#[test]
fn a_changed_body_secret_or_signature_is_refused() {
    let Some(file) = spec("signature-vectors.json") else { return };
    for (name, provider, scheme) in schemes() {
        let refused = |change: &dyn Fn(&mut Vector)| {
            let mut vector = Vector::of(&file["schemes"][name]);
            change(&mut vector);
            word(&vector.verify(provider, &scheme))
        };
        let length = Vector::of(&file["schemes"][name]).body.len();
        for at in [0, length / 2, length - 1] {
            let other = |body: &str| if body.as_bytes()[at] == b'~' { "!" } else { "~" };
            let changed = refused(&|vector| vector.body.replace_range(at..=at, other(&vector.body)));
            assert_eq!(changed, "bad_signature", "{name}, byte {at}");
        }
        assert_eq!(refused(&|vector| vector.body.push(' ')), "bad_signature", "{name}");
        let other_secret = |vector: &mut Vector| match STANDARD.decode(&vector.secret) {
            Ok(key) => vector.secret = STANDARD.encode([&key[..], b"x"].concat()),
            Err(_) => vector.secret.push('x'),
        };
        assert_eq!(refused(&other_secret), "bad_signature", "{name}");
        assert_eq!(refused(&|vector| vector.secret.clear()), "no_secret", "{name}");
        let missing = refused(&|vector| vector.headers.remove(0).0.clear());
        assert_eq!(missing, "missing_signature", "{name}");
        let cut = refused(&|vector| {
            let signature = &mut vector.headers[0].1;
            signature.truncate(signature.len() - 9);
        });
        assert_eq!(cut, "malformed_signature", "{name}");
    }
}

#[test]
fn every_vector_of_standard_webhooks_is_judged_as_it_says_in_both_families() {
    let Some(file) = spec("standard-webhooks/test-vectors.json") else { return };
    for vector in file["symmetric"].as_array().unwrap() {
        let text = |key: &str| vector[key].as_str().unwrap_or_default();
        let secret = format!("{}{}", text("secret_prefix"), text("secret_base64"));
        for family in ["webhook", "Svix"] {
            let header = |name: &str, value: &str| (format!("{family}-{name}"), value.to_owned());
            let headers = [
                header("id", text("id")),
                header("timestamp", &vector["timestamp"].to_string()),
                header("signature", text("signature_header")),
            ];
            let request = InboundRequest { method: "POST", url: "", headers: &headers, body: text("body").as_bytes() };
            let source =
                Source { provider: Provider::Clerk, scheme: &Scheme::Standard, secrets: &[&secret], account: None };
            let verification = verify(&source, &request, vector["verify_at"].as_i64().unwrap() * 1000);
            assert_eq!(verification.is_verified(), vector["valid"] == true, "{}: {verification:?}", text("name"));
        }
    }
}
