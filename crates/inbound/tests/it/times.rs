//! Old and future times, several secrets, names of headers in any case, and changed bytes, for all who sign.

use inbound::scheme::{HmacScheme, LINEAR, PLAIN, TimestampPlace, TimestampRule, Unit};
use inbound::{Cause, Provider, Scheme, Verdict};
use serde_json::json;

use crate::signing::{NOW, Sent, sample, secret, word};

/// Those who sign a time, and how old it may be.
const TIMED: [(Provider, i64); 8] = [
    (Provider::Stripe, 300),
    (Provider::Clerk, 300),
    (Provider::Resend, 300),
    (Provider::Slack, 300),
    (Provider::Hubspot, 300),
    (Provider::Pylon, 300),
    (Provider::Hmac, 300),
    (Provider::Linear, 60),
];

/// Those who sign the body.
const SIGNING: [Provider; 12] = [
    Provider::Stripe,
    Provider::Clerk,
    Provider::Resend,
    Provider::Standard,
    Provider::Slack,
    Provider::Pylon,
    Provider::Github,
    Provider::Linear,
    Provider::Jira,
    Provider::Hubspot,
    Provider::Notion,
    Provider::Sendgrid,
];

#[test]
fn a_time_is_taken_up_to_its_tolerance_either_way_and_the_skew_is_told() {
    for (provider, tolerance_s) in TIMED {
        let secret = secret(provider, 1);
        let sent = sample(provider).signed(&secret, NOW);
        for skew_s in [0, tolerance_s, -tolerance_s] {
            assert_eq!(sent.word(&[&secret], NOW + skew_s), "verified", "{provider} {skew_s}");
        }
        for skew_s in [tolerance_s + 1, -tolerance_s - 1, 86_400] {
            let verdict = sent.verified(&[&secret], NOW + skew_s).verdict;
            assert_eq!(verdict, Verdict::Rejected(Cause::StaleTimestamp { skew_s, tolerance_s }), "{provider}");
        }
    }
    let cause = Cause::StaleTimestamp { skew_s: 400, tolerance_s: 300 };
    assert!(cause.to_string().contains("by 400 s"));
    assert_eq!(
        json!(Verdict::Rejected(cause)),
        json!({ "verdict": "rejected", "cause": "stale_timestamp", "skew_s": 400, "tolerance_s": 300 })
    );
}

#[test]
fn without_a_signed_time_a_request_stays_good() {
    for provider in [Provider::Github, Provider::Notion, Provider::Jira, Provider::Sendgrid] {
        let secret = secret(provider, 1);
        let sent = sample(provider).signed(&secret, NOW);
        assert_eq!(sent.word(&[&secret], NOW + 1_000_000), "verified", "{provider}");
    }
    let secret = secret(Provider::Sendgrid, 1);
    let sent = sample(Provider::Sendgrid).signed(&secret, NOW);
    let strict = sent.verified_by(&Scheme::Sendgrid { tolerance_s: Some(300) }, &[&secret], NOW + 301);
    assert_eq!(word(&strict), "stale_timestamp");
}

#[test]
fn every_live_secret_will_do_and_no_other() {
    for provider in SIGNING.into_iter().chain([Provider::Brevo, Provider::Postmark, Provider::Bearer]) {
        let [new, old, other] = [1, 2, 3].map(|n| secret(provider, n));
        let stranger = if matches!(provider, Provider::Brevo | Provider::Postmark | Provider::Bearer | Provider::Pylon)
        {
            ["wrong_credentials", "bad_signature"]
        } else {
            ["bad_signature"; 2]
        };
        for signer in [&new, &old] {
            let sent = sample(provider).signed(signer, NOW);
            assert_eq!(sent.word(&[&new, &old], NOW), "verified", "{provider}");
            assert_eq!(sent.word(&["", &old, " ", &new], NOW), "verified", "{provider}");
            assert!(stranger.contains(&sent.word(&[&other], NOW)), "{provider}");
            for none in [&[][..], &[" "]] {
                assert_eq!(sent.word(none, NOW), "no_secret", "{provider}");
            }
        }
    }
}

#[test]
fn names_of_headers_may_be_in_any_case() {
    for provider in Provider::ALL {
        let secret = secret(provider, 1);
        let sent = sample(provider).signed(&secret, NOW);
        for change in [str::to_uppercase, str::to_lowercase] {
            let mut sent = sent.clone();
            sent.headers.iter_mut().for_each(|(name, _)| *name = change(name));
            assert_eq!(sent.word(&[&secret], NOW), "verified", "{provider}: {sent:?}");
        }
    }
}

#[test]
fn one_changed_byte_anywhere_is_refused() {
    for provider in SIGNING {
        let secret = secret(provider, 1);
        let sent = sample(provider).signed(&secret, NOW);
        for at in 0..sent.body.len() {
            let mut changed = sent.clone();
            changed.body[at] ^= 1;
            assert_eq!(changed.word(&[&secret], NOW), "bad_signature", "{provider}, byte {at}");
        }
    }
}

#[test]
fn a_signature_for_another_address_is_refused_where_the_address_is_signed() {
    let secret = secret(Provider::Hubspot, 1);
    let sent = sample(Provider::Hubspot).signed(&secret, NOW);
    let mut request = sent.request();
    request.url = "https://hub.example.com/in/src_2?a=b%3Ac%20d";
    let source = inbound::Source {
        provider: Provider::Hubspot,
        scheme: &Scheme::Hubspot { allow_v1: false },
        secrets: &[&secret],
        account: None,
    };
    assert_eq!(word(&inbound::verify(&source, &request, NOW * 1000)), "bad_signature");
}

#[test]
fn a_time_that_is_absent_or_no_number_is_told() {
    let secret = secret(Provider::Slack, 1);
    let sent = sample(Provider::Slack).signed(&secret, NOW);
    assert_eq!(sent.clone().with("x-slack-request-timestamp", "").word(&[&secret], NOW), "missing_timestamp");
    assert_eq!(sent.with("x-slack-request-timestamp", "soon").word(&[&secret], NOW), "bad_timestamp");
    let secret = self::secret(Provider::Linear, 1);
    for (time, cause) in
        [(json!(null), "missing_timestamp"), (json!("soon"), "bad_timestamp"), (json!(1.5), "bad_timestamp")]
    {
        let sent = Sent::json(Provider::Linear, &json!({ "webhookTimestamp": time })).signed(&secret, NOW);
        assert_eq!(sent.word(&[&secret], NOW), cause);
    }
    // The header is not believed, and a time that nobody signed is not even read.
    let old = Sent::json(Provider::Linear, &json!({ "webhookTimestamp": 0 }));
    assert_eq!(
        old.clone().signed(&secret, NOW).with("Linear-Timestamp", "1760000000000").word(&[&secret], NOW),
        "stale_timestamp"
    );
    assert_eq!(old.with("Linear-Signature", &"0".repeat(64)).word(&[&secret], NOW), "bad_signature");
}

#[test]
fn a_verified_body_has_to_be_of_a_type_that_is_sent() {
    let secret = secret(Provider::Stripe, 1);
    let sent = |content_type: &str, body: &str| {
        Sent::new(Provider::Stripe, content_type, body).signed(&secret, NOW).word(&[&secret], NOW)
    };
    assert_eq!(sent("Application/JSON; charset=utf-8", "{}"), "verified");
    assert_eq!(sent("", "{}"), "verified");
    assert_eq!(sent("text/plain", "{}"), "wrong_content_type");
    assert_eq!(sent("application/json", "{"), "bad_json");
    assert_eq!(sent("application/json", ""), "bad_json");
    let unsigned = Sent::new(Provider::Stripe, "text/plain", "{");
    assert_eq!(unsigned.word(&[&secret], NOW), "missing_signature");
}

#[test]
fn a_scheme_of_ones_own_is_verified() {
    let scheme = HmacScheme {
        header: "X-Sig".into(),
        prefix: "".into(),
        algorithm: inbound::Algorithm::Sha512,
        encoding: inbound::scheme::Encoding::Base64,
        key: inbound::scheme::KeyForm::Hex,
        template: "{method}|{url}|{header:X-Id}|{timestamp}|{body}".into(),
        timestamp: Some(TimestampRule {
            place: TimestampPlace::Header("X-Time".into()),
            unit: Unit::Millis,
            tolerance_s: 10,
        }),
    };
    assert_eq!(scheme.check(), Ok(()));
    let text = format!("POST|{}|7|{NOW}500|{{}}", crate::signing::URL);
    let mac = signature::hmac(inbound::Algorithm::Sha512, &[0xab, 0xcd], &[text.as_bytes()]);
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, mac);
    let sent = Sent::json(Provider::Hmac, &json!({})).with("x-id", "7").with("x-time", &format!("{NOW}500"));
    // Several signatures in one header: one that holds suffices.
    let sent = sent.with("x-sig", &format!("AAAA, {encoded}"));
    let scheme = Scheme::Hmac(scheme);
    assert_eq!(word(&sent.verified_by(&scheme, &["abcd"], NOW + 10)), "verified");
    assert_eq!(sent.verified_by(&scheme, &["abcd"], NOW).base_string.map(|shown| shown.text), Some(text));
    assert_eq!(word(&sent.verified_by(&scheme, &["abcd"], NOW + 11)), "stale_timestamp");
    assert_eq!(word(&sent.verified_by(&scheme, &["not hex"], NOW)), "bad_secret");
    assert_eq!(word(&sent.with("x-id", "8").verified_by(&scheme, &["abcd"], NOW)), "bad_signature");
    let broken = Scheme::Hmac(HmacScheme { template: "{".into(), ..PLAIN });
    assert_eq!(word(&sample(Provider::Hmac).verified_by(&broken, &["a"], NOW)), "bad_scheme");
    assert_eq!(LINEAR.check(), Ok(()));
}
