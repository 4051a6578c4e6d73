//! Requests at every kind of source, with its usual schemes: each is judged, nothing is verified without a secret or after its body was
//! changed, and what is shown of the signed text never holds the secret.
#![no_main]

use inbound::{InboundRequest, Preset, Provider, Scheme, Source, verify};

libfuzzer_sys::fuzz_target!(|input: (u8, &str, Vec<(String, String)>, &[u8], i64)| {
    let (which, secret, headers, body, now_ms) = input;
    let provider = Provider::ALL[usize::from(which) % Provider::ALL.len()];
    let request = InboundRequest { method: "POST", url: "https://hub.example/in/x?a=%3A", headers: &headers, body };
    for scheme in Preset::of(provider).schemes {
        let judge = |secrets: &[&str], request: &InboundRequest<'_>| {
            verify(&Source { provider, scheme, secrets, account: None }, request, now_ms)
        };
        assert!(!judge(&[], &request).is_verified() && !judge(&[" "], &request).is_verified());
        let found = judge(&[secret], &request);
        if let Some(shown) = &found.base_string {
            let long = secret.trim().len() >= 16 && !shown.text.is_empty();
            let sent = headers.iter().any(|(_, value)| value.contains(secret.trim()));
            let in_body = body.windows(secret.trim().len().max(1)).any(|part| part == secret.trim().as_bytes());
            assert!(!long || sent || in_body || !shown.text.contains(secret.trim()), "the secret is shown");
        }
        // A token, a password and Jira's token say nothing of the body.
        let signs = !matches!(scheme, Scheme::Bearer { .. } | Scheme::Basic | Scheme::Jira | Scheme::Pylon { .. });
        if found.is_verified() && signs {
            let changed = [body, b" "].concat();
            assert!(!judge(&[secret], &InboundRequest { body: &changed, ..request }).is_verified());
        }
    }
});
