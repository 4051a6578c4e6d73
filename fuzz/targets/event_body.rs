//! The body of `POST /api/v1/events`: reading it never fails but with an error, what is kept of it is what was sent, and
//! the search for secrets ends.
#![no_main]

use domain::event::{NewEvent, secrets};

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let Ok(event) = serde_json::from_slice::<NewEvent>(body) else { return };
    let data = event.data.get();
    let sent = std::str::from_utf8(body).expect("JSON is UTF-8");
    assert!(sent.contains(data), "the payload is not kept byte for byte");
    if let Ok(Some((path, _))) = secrets::find(data) {
        assert!(!path.is_empty());
    }
});
