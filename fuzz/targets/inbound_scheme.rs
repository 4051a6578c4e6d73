//! A scheme as somebody tells it, and a request for it: what is kept survives being kept, and every request is judged.
#![no_main]

use inbound::{InboundRequest, Provider, Scheme, Source, Template, verify};

libfuzzer_sys::fuzz_target!(|input: (&str, &str, Vec<(String, String)>, &[u8], i64)| {
    let (text, secret, headers, body, now_ms) = input;
    let _read = Template::parse(text);
    let Ok(scheme) = serde_json::from_str::<Scheme>(text) else { return };
    let kept = serde_json::to_string(&scheme).expect("a scheme is JSON");
    assert_eq!(serde_json::from_str::<Scheme>(&kept).expect("what was kept is read"), scheme);
    if let Scheme::Hmac(hmac) = &scheme {
        let _usable = hmac.check();
    }
    let request = InboundRequest { method: "POST", url: "https://hub.example/in/x", headers: &headers, body };
    let source = Source { provider: Provider::Hmac, scheme: &scheme, secrets: &[secret], account: Some("a") };
    let _judged = verify(&source, &request, now_ms);
});
