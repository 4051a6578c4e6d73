//! The vendors' forms from the outside: their published examples, rotation, every mistake, and the headers of all
//! schemes.

mod specs;

use std::collections::HashMap;

use serde::Deserialize;
use signature::{
    Keys, Scheme, Secret, SigningKey, TextKey, UnknownScheme, VerifyError, sign, sign_ed25519, sign_github, sign_plain,
    sign_slack, sign_standard, sign_stripe, verify_github, verify_slack, verify_stripe,
};

const NOW: i64 = 1_760_000_000;
const ID: &str = "msg_1";
const BODY: &[u8] = br#"{"type":"contact.created"}"#;

#[derive(Deserialize)]
struct Examples {
    schemes: HashMap<String, serde_json::Value>,
}

/// Secret, timestamp (0 where there is none), body and signature of a vendor's example.
fn example(vendor: &str) -> Option<(TextKey, i64, String, String)> {
    let Examples { schemes } = specs::read("signature-vectors.json")?;
    let example = &schemes[vendor];
    let text = |field: &str| example[field].as_str().expect(field).to_owned();
    let timestamp = example["timestamp"].as_str().map_or(0, |seconds| seconds.parse().expect("seconds"));
    Some((TextKey::new(&text("secret")), timestamp, text("body"), text("signature")))
}

#[test]
fn the_published_example_of_github_holds() {
    let Some((key, _, body, signature)) = example("github") else { return };
    assert_eq!(sign_github(&key, body.as_bytes()), signature);
    assert_eq!(verify_github(&[&key], &signature, body.as_bytes()), Ok(()));
}

#[test]
fn the_published_example_of_slack_holds() {
    let Some((key, timestamp, body, signature)) = example("slack") else { return };
    assert_eq!(sign_slack(&key, timestamp, body.as_bytes()), signature);
    let at = timestamp.to_string();
    assert_eq!(verify_slack(&[&key], &at, &signature, body.as_bytes(), timestamp + 300), Ok(()));
    assert_eq!(verify_slack(&[&key], &at, &signature, body.as_bytes(), timestamp + 301), Err(VerifyError::TooOld(301)));
}

#[test]
fn the_example_of_stripe_holds() {
    let Some((key, timestamp, body, signature)) = example("stripe") else { return };
    assert_eq!(sign_stripe(&[&key], timestamp, body.as_bytes()), signature);
    assert_eq!(verify_stripe(&[&key], &signature, body.as_bytes(), timestamp), Ok(()));
}

#[test]
fn stripe_carries_one_signature_per_secret_and_ignores_other_versions() {
    let (new, old, other) = (TextKey::new("new"), TextKey::new("old"), TextKey::new("other"));
    let header = sign_stripe(&[&new, &old], NOW, BODY);
    assert_eq!(header.matches(",v1=").count(), 2);
    for header in [header.clone(), header.replace(',', ", "), format!("{header},v0=00,v1=short")] {
        assert_eq!(verify_stripe(&[&old], &header, BODY, NOW), Ok(()), "{header}");
        assert_eq!(verify_stripe(&[&other, &new], &header, BODY, NOW), Ok(()), "{header}");
        assert_eq!(verify_stripe(&[&other], &header, BODY, NOW), Err(VerifyError::Mismatch), "{header}");
    }
}

#[test]
fn the_mistakes_are_named() {
    let key = TextKey::new("secret");
    let keys = [&key];
    let stripe = sign_stripe(&keys, NOW, BODY);
    for (header, error) in [
        ("", VerifyError::MissingSignature),
        ("v1=00", VerifyError::MissingTimestamp),
        ("t=soon,v1=00", VerifyError::BadTimestamp),
        ("t=1759999699,v1=00", VerifyError::TooOld(301)),
        ("t=1760000000", VerifyError::UnknownVersion),
        ("t=1760000000,v1=00", VerifyError::Malformed),
        (&stripe.replace("1760000000", "1760000001"), VerifyError::Mismatch),
    ] {
        assert_eq!(verify_stripe(&keys, header, BODY, NOW), Err(error), "{header}");
    }
    let github = sign_github(&key, BODY);
    for (header, error) in [
        ("", VerifyError::MissingSignature),
        (&github.replace("sha256", "sha1"), VerifyError::UnknownVersion),
        ("sha256=00", VerifyError::Malformed),
        (&sign_github(&key, b"{}"), VerifyError::Mismatch),
    ] {
        assert_eq!(verify_github(&keys, header, BODY), Err(error), "{header}");
    }
    let slack = sign_slack(&key, NOW, BODY);
    for (timestamp, header, error) in [
        ("", slack.as_str(), VerifyError::MissingTimestamp),
        ("1760000000", "", VerifyError::MissingSignature),
        ("1760000000", "v1=00", VerifyError::UnknownVersion),
        ("1760000001", &slack, VerifyError::Mismatch),
    ] {
        assert_eq!(verify_slack(&keys, timestamp, header, BODY, NOW), Err(error), "{header}");
    }
    assert_eq!(verify_stripe(&[], &stripe, BODY, NOW), Err(VerifyError::NoSecret));
    assert_eq!(verify_github(&[], &github, BODY), Err(VerifyError::NoSecret));
    assert_eq!(verify_slack(&[], "1760000000", &slack, BODY, NOW), Err(VerifyError::NoSecret));
}

#[test]
fn a_scheme_reads_back_from_its_name() {
    for scheme in Scheme::ALL {
        assert_eq!(scheme.to_string().parse(), Ok(scheme));
    }
    assert_eq!("hmac".parse::<Scheme>(), Err(UnknownScheme));
}

#[test]
fn every_scheme_sends_its_headers() {
    let (new, old) = (Secret::generate([2; 32]), Secret::generate([1; 32]));
    let (key, older) = (SigningKey::generate([4; 32]), SigningKey::generate([3; 32]));
    let keys = Keys { secrets: &[&new, &old], ed25519: &[&key, &older] };
    let pair = |one: String, other: String| format!("{one} {other}");
    let stripe = sign_stripe(&[new.text_key(), old.text_key()], NOW, BODY);
    let time = || NOW.to_string();
    let id = || ID.to_owned();
    let standard = sign_standard(&[new.clone(), old.clone()], ID, NOW, BODY);
    let ed25519 = pair(sign_ed25519(&key, ID, NOW, BODY), sign_ed25519(&older, ID, NOW, BODY));
    for (scheme, headers) in [
        (Scheme::Standard, vec![("webhook-id", id()), ("webhook-timestamp", time()), ("webhook-signature", standard)]),
        (Scheme::Ed25519, vec![("webhook-id", id()), ("webhook-timestamp", time()), ("webhook-signature", ed25519)]),
        (
            Scheme::Plain,
            vec![
                ("x-webhook-id", id()),
                ("x-webhook-timestamp", time()),
                ("x-webhook-signature", sign_plain(&new, NOW, BODY)),
            ],
        ),
        (Scheme::Stripe, vec![("stripe-signature", stripe)]),
        (Scheme::Github, vec![("x-hub-signature-256", sign_github(new.text_key(), BODY))]),
        (
            Scheme::Slack,
            vec![("x-slack-request-timestamp", time()), ("x-slack-signature", sign_slack(new.text_key(), NOW, BODY))],
        ),
    ] {
        assert_eq!(sign(scheme, &keys, ID, NOW, BODY), headers, "{scheme}");
        assert_eq!(sign(scheme, &Keys::default(), ID, NOW, BODY), [], "{scheme}");
    }
}
