//! Tokens, users with passwords, Jira's two kinds and Pylon's two.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use inbound::scheme::Text;
use inbound::{Cause, Provider, Scheme, Verdict};
use serde_json::json;
use signature::{TextKey, sign_jwt};

use crate::signing::{NOW, Sent, sample, secret, word};

#[test]
fn a_token_may_stand_in_a_header_of_its_own() {
    let own = Scheme::Bearer { header: Text::Borrowed("X-Hub-Token"), prefix: Text::Borrowed("") };
    let sent = sample(Provider::Brevo);
    for value in ["t0ken", "Bearer t0ken", " t0ken "] {
        assert_eq!(
            word(&sent.clone().with("x-hub-token", value).verified_by(&own, &["t0ken"], NOW)),
            "verified",
            "{value}"
        );
    }
    for (value, cause) in [("t0ken2", "wrong_credentials"), ("T0ken", "wrong_credentials"), ("", "missing_signature")] {
        assert_eq!(word(&sent.clone().with("x-hub-token", value).verified_by(&own, &["t0ken"], NOW)), cause, "{value}");
    }
    let usual = |value: &str| sent.clone().with("Authorization", value).word(&["t0ken"], NOW);
    assert_eq!(usual("bearer t0ken"), "verified");
    assert_eq!(usual("t0ken"), "malformed_signature");
    assert_eq!(usual("Basic t0ken"), "malformed_signature");
    assert_eq!(usual("Bearer "), "malformed_signature");
    // What is shared is never shown.
    assert_eq!(sent.with("Authorization", "Bearer t0ken").verified(&["t0ken"], NOW).base_string, None);
}

#[test]
fn user_and_password_are_compared_whole() {
    let sent = |value: &str| sample(Provider::Postmark).with("Authorization", value).word(&["user:pass:word"], NOW);
    let encoded = |text: &str| format!("Basic {}", STANDARD.encode(text));
    assert_eq!(sent(&encoded("user:pass:word")), "verified");
    assert_eq!(sent(&encoded("user:pass")), "wrong_credentials");
    assert_eq!(sent(&encoded("")), "malformed_signature");
    assert_eq!(sent("Basic !"), "malformed_signature");
    assert_eq!(sent("Bearer user:pass:word"), "malformed_signature");
}

#[test]
fn jira_signs_the_body_or_sends_a_token() {
    let secret = secret(Provider::Jira, 1);
    let token = |claims| format!("Bearer {}", sign_jwt(&TextKey::new(&secret), &claims));
    let sent = sample(Provider::Jira).with("Authorization", &token(json!({ "iss": "app", "exp": NOW + 180 })));
    assert_eq!(sent.word(&["other", &secret], NOW), "verified");
    assert_eq!(sent.verified(&[&secret], NOW + 300).verdict, Verdict::Rejected(Cause::ExpiredToken { ago_s: 120 }));
    assert_eq!(sent.word(&["other"], NOW), "bad_signature");
    let endless = sample(Provider::Jira).with("Authorization", &token(json!({ "iss": "app" })));
    assert_eq!(endless.word(&[&secret], NOW), "malformed_signature");
    // A signature over the body counts before a token that says nothing of it.
    let both = sent.signed(&secret, NOW).with("X-Hub-Signature", &format!("sha256={}", "0".repeat(64)));
    assert_eq!(both.word(&[&secret], NOW), "bad_signature");
    assert_eq!(sample(Provider::Jira).word(&[&secret], NOW), "missing_signature");
}

#[test]
fn pylon_sends_a_secret_or_signs_with_it() {
    let secret = secret(Provider::Pylon, 1);
    let by_header = sample(Provider::Pylon).with("Authorization", &format!("Bearer {secret}"));
    assert_eq!(by_header.word(&[&secret], NOW), "verified");
    assert_eq!(by_header.word(&["other"], NOW), "wrong_credentials");
    let signed = sample(Provider::Pylon).signed(&secret, NOW);
    assert_eq!(signed.word(&[&secret], NOW), "verified");
    let bare = signed.headers.iter().find(|(name, _)| name == "Pylon-Webhook-Signature").unwrap().1.clone();
    let bare = signed.clone().with("pylon-webhook-signature", bare.strip_prefix("hs256=").unwrap());
    assert_eq!(bare.word(&[&secret], NOW), "verified");
    // A signature by a secret that nobody gave us does no harm where the header holds.
    let foreign = sample(Provider::Pylon).signed("theirs", NOW);
    assert_eq!(foreign.word(&[&secret], NOW), "bad_signature");
    assert_eq!(foreign.with("Authorization", &secret).word(&[&secret], NOW), "verified");
    assert_eq!(sample(Provider::Pylon).word(&[&secret], NOW), "missing_signature");
    let own = Scheme::Pylon { header: "X-Secret".into() };
    assert_eq!(word(&sample(Provider::Pylon).with("x-secret", &secret).verified_by(&own, &[&secret], NOW)), "verified");
}

#[test]
fn hubspots_first_version_is_taken_only_where_it_is_allowed() {
    let secret = secret(Provider::Hubspot, 1);
    let sent = sample(Provider::Hubspot);
    let digest = signature::hex(&signature::sha256(&[secret.as_bytes(), &sent.body]));
    let sent = sent.with("X-HubSpot-Signature", &digest).with("X-HubSpot-Signature-Version", "v1");
    let allowed = Scheme::Hubspot { allow_v1: true };
    assert_eq!(sent.word(&[&secret], NOW), "missing_signature");
    let verification = sent.verified_by(&allowed, &["other", &secret], NOW);
    assert_eq!(word(&verification), "verified");
    assert!(verification.base_string.unwrap().text.starts_with("{secret}{"));
    assert_eq!(word(&sent.verified_by(&allowed, &["other"], NOW)), "bad_signature");
    let second = sent.clone().with("X-HubSpot-Signature-Version", "v2");
    assert_eq!(word(&second.verified_by(&allowed, &[&secret], NOW)), "malformed_signature");
    // The third version counts where it is there.
    let third = sent.with("X-HubSpot-Signature-v3", "AAAA").with("X-HubSpot-Request-Timestamp", "1760000000000");
    assert_eq!(word(&third.verified_by(&allowed, &[&secret], NOW)), "malformed_signature");
}

#[test]
fn a_public_key_of_standard_webhooks_verifies_as_well() {
    let key = signature::SigningKey::generate([7; 32]);
    let body = json!({ "type": "x" });
    let sent = Sent::json(Provider::Standard, &body);
    let header = signature::sign_ed25519(&key, "msg_1", NOW, &sent.body);
    let sent =
        sent.with("webhook-id", "msg_1").with("webhook-timestamp", &NOW.to_string()).with("webhook-signature", &header);
    let (public, shared) = (key.public_text(), secret(Provider::Standard, 1));
    assert_eq!(sent.word(&[&public], NOW), "verified");
    assert_eq!(sent.word(&[&shared, &public], NOW), "verified");
    assert_eq!(sent.word(&[&shared], NOW), "malformed_signature");
    assert_eq!(sent.word(&["no secret of this kind"], NOW), "bad_secret");
    assert_eq!(sent.with("webhook-id", "").word(&[&public], NOW), "missing_id");
}
