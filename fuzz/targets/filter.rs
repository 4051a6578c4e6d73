//! An endpoint's filter: what is accepted is written as it is read, and answers for any payload.
#![no_main]

use domain::filter::Filter;

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    let (filter, payload) = input;
    let Ok(filter) = Filter::parse(filter) else { return };
    let text = serde_json::to_string(&filter).expect("a filter is JSON");
    assert_eq!(Filter::parse(&text).expect("what was written is read"), filter);
    if let Ok(payload) = serde_json::from_str(payload) {
        let answer = filter.matches(&payload);
        assert_eq!(filter.matches(&payload), answer);
    }
});
