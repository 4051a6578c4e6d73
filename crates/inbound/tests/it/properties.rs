//! Whatever the bytes are, nothing panics, and nothing is taken for verified that nobody signed.

use inbound::{HmacScheme, Layout, Place, Preset, Provider, Scheme, Template, challenge, read};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::signing::{NOW, Sent, secret};

/// Words that mean something to one of the readers.
fn key() -> impl Strategy<Value = String> {
    let pointers = Provider::ALL.into_iter().flat_map(|provider| {
        let layout = Layout::of(provider);
        let fields = layout.mappings.iter().flat_map(|mapping| mapping.fields.iter().copied().flatten());
        let places = layout.id.iter().chain(layout.kind).filter_map(|place| match place {
            Place::Field(pointers) => Some(*pointers),
            Place::Header(_) => None,
        });
        fields.chain(layout.common).map(|field| field.from).chain(places).flatten().copied().collect::<Vec<_>>()
    });
    let mut words: Vec<String> = pointers.flat_map(|pointer| pointer.split('/').skip(1)).map(str::to_owned).collect();
    let more = "items From To Cc Address Name Headers Parts ContentRef Attachments ContentLength Recipients \
        ReplyTo FromFull authorizations previous_attributes subtype bot_id challenge verification_token";
    words.extend(more.split(' ').map(str::to_owned));
    words.sort();
    words.dedup();
    prop_oneof![4 => proptest::sample::select(words), 1 => "\\PC{0,8}"]
}

fn text() -> impl Strategy<Value = String> {
    let kinds: Vec<String> = Provider::ALL
        .into_iter()
        .flat_map(|p| Layout::of(p).mappings.iter().map(|m| m.provider_type.to_owned()))
        .collect();
    prop_oneof![
        proptest::sample::select(kinds),
        "[0-9.]{0,20}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z",
        "(<[a-z@]{0,5}>? ?,?){0,4}",
        "\\PC{0,20}",
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key(), inner), 0..8).prop_map(|pairs| Value::Object(Map::from_iter(pairs))),
        ]
    })
}

fn any_headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = "content-type authorization stripe-signature svix-id svix-timestamp svix-signature webhook-id \
        webhook-timestamp webhook-signature x-slack-signature x-slack-request-timestamp \
        x-hub-signature-256 x-hub-signature linear-signature x-hubspot-signature-v3 \
        x-hubspot-request-timestamp x-hubspot-signature x-notion-signature pylon-webhook-signature \
        pylon-webhook-timestamp x-webhook-signature x-webhook-timestamp \
        x-twilio-email-event-webhook-signature x-twilio-email-event-webhook-timestamp x-github-event";
    let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
    let value = prop_oneof![
        "(application/json|multipart/form-data; ?boundary=\"?b\"?|application/x-www-form-urlencoded)",
        "(Bearer|Basic|HMAC) [a-zA-Z0-9+/=._-]{0,40}",
        "(t=1760000000,)?(v1=|v1,|v0=|sha256=|hs256=)?[a-f0-9]{0,64}",
        "1760000000(000)?",
        "\\PC{0,20}",
    ];
    vec((proptest::sample::select(names), value), 0..12)
}

fn any_provider() -> impl Strategy<Value = Provider> {
    proptest::sample::select(Provider::ALL.to_vec())
}

/// Forms and messages, now and then whole ones.
fn any_form() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"--b\r\n".to_vec()),
        Just(b"\r\n--b\r\n".to_vec()),
        Just(b"--b--".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        Just(b"Content-Disposition: form-data; name=\"email\"\r\n".to_vec()),
        Just(b"Content-Disposition: form-data; name=\"from\"; filename=\"".to_vec()),
        Just(b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n".to_vec()),
        Just(b"From: \"a\" <a@x>, b@\r\nSubject: =?utf-8?q?=C3?=\r\nReferences: <a@x\r\n".to_vec()),
        vec(any::<u8>(), 0..30),
    ];
    vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_bytes_can_be_read(provider in any_provider(), body in vec(any::<u8>(), 0..300), headers in any_headers()) {
        let sent = Sent { provider, url: crate::signing::URL, headers, body };
        let _ = (read(provider, &sent.request()), challenge(provider, &sent.request()));
    }

    #[test]
    fn any_json_can_be_read(provider in any_provider(), body in any_json(), headers in any_headers()) {
        let sent = Sent { provider, url: crate::signing::URL, headers, body: body.to_string().into_bytes() };
        let _ = (read(provider, &sent.request()), challenge(provider, &sent.request()));
        let sent = Sent::json(provider, &body);
        prop_assert_eq!(read(provider, &sent.request()).is_ok(), provider != Provider::Sendgrid);
    }

    #[test]
    fn any_form_can_be_read(body in any_form()) {
        let sent = Sent::new(Provider::Sendgrid, "multipart/form-data; boundary=b", body);
        let _ = read(Provider::Sendgrid, &sent.request());
    }

    #[test]
    fn nothing_is_verified_that_nobody_signed(
        provider in any_provider(),
        body in vec(any::<u8>(), 0..100),
        headers in any_headers(),
        now_s in prop_oneof![Just(NOW), any::<i64>().prop_map(|now| now / 1000)],
    ) {
        let sent = Sent { provider, url: crate::signing::URL, headers, body };
        for scheme in Preset::of(provider).schemes {
            prop_assert!(!sent.verified_by(scheme, &[&secret(provider, 1)], now_s).is_verified());
        }
    }

    #[test]
    fn any_template_can_be_tried(template in "(\\{(body|timestamp|url|url:decoded|method|header:x|[a-z:]{0,4})\\}|\\PC{0,3}){0,6}", url in "(%[0-9a-fA-F]{0,2}|\\PC){0,10}") {
        let parsed = Template::parse(&template).is_ok();
        let scheme = HmacScheme { template: template.into(), timestamp: None, ..inbound::scheme::PLAIN };
        let sent = Sent::new(Provider::Hmac, "application/json", "{}").with("x-webhook-signature", "sha256=00");
        let mut request = sent.request();
        request.url = &url;
        let source = inbound::Source { provider: Provider::Hmac, scheme: &Scheme::Hmac(scheme), secrets: &["a"], account: None };
        let verification = inbound::verify(&source, &request, NOW * 1000);
        prop_assert_eq!(verification.base_string.is_some(), parsed);
    }

    #[test]
    fn any_time_can_be_read(text in text(), number in any::<f64>()) {
        if let Some(millis) = inbound::time::read_text(&text) {
            let _ = inbound::time::write(millis);
        }
        let _ = inbound::time::read(&Value::from(number));
    }
}
