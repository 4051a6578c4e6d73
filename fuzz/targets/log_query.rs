//! What is typed into the search of the delivery log, its address, and the cursor in its links.
#![no_main]

use domain::delivery::address;
use domain::delivery::query::{LogQuery, words};
use domain::id::DeliveryId;
use domain::{PageQuery, Timestamp};

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    let (q, cursor) = input;
    let query = LogQuery { q: Some(q.to_owned()), ..LogQuery::default() };
    let _read = query.filter(Timestamp(1_795_356_131_000));
    assert!(words(q).all(|word| !word.is_empty()));
    let written = address::search(&address::read(q));
    assert_eq!(address::search(&address::read(&written)), written);
    let page = PageQuery { cursor: Some(cursor.to_owned()), limit: None };
    let _read = page.cursor();
    if let Ok(id) = cursor.parse::<DeliveryId>() {
        assert_eq!(id.to_string(), cursor);
    }
});
