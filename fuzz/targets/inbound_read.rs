//! Bodies of every kind of source: reading them ends, is the same each time, and what becomes an event is an object that fits its
//! provider. E-mail of four providers and its HTML are among them.
#![no_main]

use inbound::{InboundRequest, Outcome, Provider, accounts, challenge, read};

/// Content types of what providers post.
const TYPES: [&str; 4] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=\"b c\"",
];

libfuzzer_sys::fuzz_target!(|input: (u8, u8, Vec<(String, String)>, &[u8])| {
    let (which, kind, mut headers, body) = input;
    let provider = Provider::ALL[usize::from(which) % Provider::ALL.len()];
    headers.push(("content-type".to_owned(), TYPES[usize::from(kind) % TYPES.len()].to_owned()));
    let request = InboundRequest { method: "POST", url: "https://hub.example/in/x", headers: &headers, body };
    let _tried = challenge(provider, &request);
    let _accounts = accounts(provider, &request);
    let Ok(items) = read(provider, &request) else { return };
    assert_eq!(read(provider, &request).expect("it was read before"), items);
    for item in items {
        if let Outcome::Mapped(event) = item.outcome {
            assert!(event.data.is_object() && !event.event_type.is_empty(), "{event:?}");
            assert_eq!(event.data["provider"], provider.key());
            if let Some(html) = event.data["html"].as_str().filter(|_| provider.is_email()) {
                let html = html.to_ascii_lowercase();
                assert!(!html.contains("<script") && !html.contains("<iframe"), "{html}");
            }
        }
    }
});
