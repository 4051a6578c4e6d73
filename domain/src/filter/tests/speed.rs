//! How long a match takes: `cargo test -p domain --features server --release filter::tests::speed -- --ignored --nocapture`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::document;
use super::{filter, with};

/// The fastest of some rounds, for one call.
fn best(calls: u32, mut call: impl FnMut()) -> Duration {
    let mut round = || {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        start.elapsed() / calls
    };
    (0..20).map(|_| round()).min().expect("some rounds")
}

/// A payload of one kilobyte.
fn payload() -> String {
    let items: Vec<_> = (0..7)
        .map(|n| json!({"sku": format!("sku_{n:04}"), "name": format!("A thing with the number {n}"), "quantity": n + 1, "price": 19.99 + f64::from(n), "currency": "eur"}))
        .collect();
    json!({
        "id": "ord_0192f0c1", "amount": 12_995, "currency": "eur", "created_at": "2026-11-22T14:02:11Z", "items": items,
        "customer": {"id": "cus_77", "email": "vip@example.com", "tier": "gold", "country": "DE", "name": "Ada Lovelace"},
        "shipping": {"street": "Long Street 1", "city": "Springfield", "zip": "01234", "method": "express"},
    })
    .to_string()
}

#[test]
#[ignore = "a measurement, of use in release mode only"]
fn a_match_of_five_conditions_takes_less_than_two_microseconds() {
    let data = payload();
    let five = filter(json!({"all": [
        {"path": "data.amount", "gt": 1000},
        {"path": "data.currency", "in": ["usd", "eur"]},
        {"any": [{"path": "data.customer.tier", "equals": "silver"}, {"path": "data.customer.email", "prefix": "vip@"}]},
        {"path": "data.items.*.sku", "equals": "sku_0005"},
    ]}));
    let read = document("order.created", &data, None, None).expect("a document");
    assert!(five.matches(&read));
    let matching = best(20_000, || assert!(black_box(&five).matches(black_box(&read))));
    let reading = best(2_000, || drop(black_box(document("order.created", black_box(&data), None, None))));
    println!("{} bytes: match {} ns, document {} ns", data.len(), matching.as_nanos(), reading.as_nanos());
    assert!(matching < Duration::from_micros(2), "{matching:?}");
}

#[test]
#[ignore = "a measurement, of use in release mode only"]
fn the_worst_filter_on_the_largest_payload_takes_less_than_half_a_second() {
    let large = with(json!(vec![1; 128 * 1024]));
    let star = |operator: &str, value| json!({"path": "data.*", operator: value});
    let conditions: Vec<_> =
        (0..63).map(|_| star("equals", json!(2))).chain([star("in", json!(vec![2; 100]))]).collect();
    let worst = filter(json!({"any": conditions}));
    let matching = best(1, || assert!(!black_box(&worst).matches(black_box(&large))));
    println!("64 conditions with `*` on 256 KiB: {} ms", matching.as_millis());
    assert!(matching < Duration::from_millis(500), "{matching:?}");
}
