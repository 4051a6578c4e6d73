//! Every operator against values that pass and that do not.

use serde_json::{Value, json};

use super::super::{Filter, document};
use super::{example, filter, holds, with};

/// Operator, its value, values that hold, values that do not.
fn table(cases: Vec<(&str, Value, Value, Value)>) {
    for (operator, value, good, bad) in cases {
        for actual in good.as_array().expect("a list") {
            assert!(holds(actual, operator, &value), "{actual} {operator} {value}");
        }
        for actual in bad.as_array().expect("a list") {
            assert!(!holds(actual, operator, &value), "not: {actual} {operator} {value}");
        }
    }
}

#[test]
fn the_example_matches_what_it_says() {
    let filter = filter(example());
    let good = json!({"amount": 1200, "currency": "eur", "customer": {"tier": "gold"}});
    assert!(filter.matches(&with(good.clone())));
    for (key, value) in [
        ("amount", json!(1000)),
        ("currency", json!("gbp")),
        ("customer", json!({"email": "bob@example.com"})),
        ("test", json!(null)),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        assert!(!filter.matches(&with(bad)), "{key}");
    }
}

#[test]
fn equality_goes_by_type_and_numbers_by_their_value() {
    let equals = vec![
        ("equals", json!("a"), json!(["a"]), json!(["A", "ab", "", null, ["a"], {"a": "a"}])),
        ("equals", json!(1), json!([1, 1.0]), json!([2, "1", true, 1.5, null])),
        ("equals", json!(1.5), json!([1.5, 15e-1]), json!([1, 2, "1.5"])),
        ("equals", json!(0), json!([0, -0.0]), json!([1e-300, -1e-300, false, null, ""])),
        ("equals", json!(true), json!([true]), json!([false, "true", 1])),
        ("equals", json!(null), json!([null]), json!([false, 0, "", "null"])),
        ("in", json!(["a", 1, null]), json!(["a", 1, 1.0, null]), json!(["b", 2, true, "1", ["a"]])),
    ];
    let opposites = [("equals", "not_equals"), ("in", "not_in")];
    for (operator, opposite) in opposites {
        let cases = equals.iter().filter(|case| case.0 == operator);
        table(cases.map(|(_, value, good, bad)| (opposite, value.clone(), bad.clone(), good.clone())).collect());
    }
    table(equals);
}

#[test]
fn integers_are_compared_exactly_beyond_what_floats_can() {
    let big = 9_007_199_254_740_993_u64; // 2^53 + 1
    table(vec![
        ("equals", json!(big), json!([big]), json!([big - 1, big + 1, (big - 1) as f64])),
        ("gt", json!((big - 1) as f64), json!([big]), json!([big - 1, big - 2])),
        ("lt", json!(big), json!([big - 1, (big - 1) as f64]), json!([big, big + 1, (big + 1) as f64])),
        ("equals", json!(u64::MAX), json!([u64::MAX]), json!([u64::MAX - 1, u64::MAX as f64, -1])),
        ("lt", json!(u64::MAX), json!([u64::MAX - 1, i64::MIN, -1e300]), json!([u64::MAX, u64::MAX as f64, 1e300])),
        ("gte", json!(i64::MIN), json!([i64::MIN, i64::MIN as f64, 0, u64::MAX]), json!([-1e19, -1e300])),
        ("gt", json!(-2), json!([-1.5, -1]), json!([-2, -2.5, -2.0])),
        ("lt", json!(0.5), json!([0, -1, 0.4]), json!([1, 0.5])),
    ]);
    let text = Filter::parse(r#"{"path":"data.x","equals":9007199254740993}"#).expect("a filter");
    let written = |number: &str| document("a.b", &format!(r#"{{"x":{number}}}"#), None, None).expect("a document");
    for (number, equal) in [("9007199254740993", true), ("9007199254740992", false), ("9007199254740994.0", false)] {
        assert_eq!(text.matches(&written(number)), equal, "{number}");
    }
    let one = Filter::parse(r#"{"path":"data.x","equals":10.0}"#).expect("a filter");
    for number in ["10", "10.0", "1e1", "1.0E+1", "100e-1"] {
        assert!(one.matches(&written(number)), "{number}");
    }
}

#[test]
fn decimal_numbers_as_text_are_ordered_as_numbers_and_equal_only_as_text() {
    table(vec![
        (
            "gt",
            json!(10),
            json!(["10.01", "11", "9007199254740993", "100000000000000000000000"]),
            json!(["10", "9.99"]),
        ),
        ("gt", json!("9.5"), json!([10, "10", 9.6, "9.51", "0010"]), json!([9, 9.5, "9.50", "9.5", "-10"])),
        (
            "lt",
            json!("-0.5"),
            json!([-1, "-0.51", "-100000000000000000000000", -0.6]),
            json!([0, "-0.5", "-0.49", "0"]),
        ),
        ("gte", json!("18446744073709551615.5"), json!(["18446744073709551616", 2e19]), json!([u64::MAX, "3"])),
        ("lt", json!("0"), json!(["-0.1", -1]), json!(["-0", "-0.00", "0.0", 0, -0.0])),
        (
            "lt",
            json!(u64::MAX),
            json!(["18446744073709551614", "-99999999999999999999"]),
            json!(["18446744073709551615"]),
        ),
        ("lte", json!("0"), json!(["-0", "0.00", 0, -0.0, -1]), json!(["0.01", 1, "1"])),
        ("gt", json!(1), json!(["2"]), json!(["2 ", "+2", "2e3", "2.", ".2", "0x2", "", "two", "２"])),
        ("equals", json!("1.0"), json!(["1.0"]), json!(["1", 1, 1.0])),
    ]);
}

#[test]
fn moments_are_ordered_whatever_their_offset_and_dates_among_themselves() {
    let noon = "2026-11-22T12:00:00Z";
    table(vec![
        (
            "gt",
            json!(noon),
            json!(["2026-11-22T12:00:00.0001Z", "2026-11-22T12:30:00+00:15"]),
            json!([noon, "2026-11-22T12:30:00+01:00", "2026-11-22", "later", 3, null]),
        ),
        (
            "gte",
            json!(noon),
            json!(["2026-11-22T13:00:00.000+01:00", "2026-11-22T12:00:00.5Z"]),
            json!(["2026-11-22T11:59:59.9999Z"]),
        ),
        (
            "lt",
            json!("2026-11-22T12:00:00.123456Z"),
            json!(["2026-11-22T12:00:00.1234559Z", noon]),
            json!(["2026-11-22T12:00:00.1234560Z", "2026-11-22T12:00:00.124Z"]),
        ),
        ("lte", json!("2026-11-22T12:00:00.123456Z"), json!(["2026-11-22T12:00:00.1234560Z"]), json!([])),
        (
            "lte",
            json!("2026-11-22"),
            json!(["2026-11-22", "2025-12-31"]),
            json!(["2026-11-23", noon, "2026-00-01", "2026-01-00", "2026-11-2"]),
        ),
    ]);
}

#[test]
fn texts_and_lists_are_looked_into() {
    table(vec![
        ("prefix", json!("vip@"), json!(["vip@", "vip@example.com"]), json!(["VIP@", "a vip@", "", 1, ["vip@"], null])),
        ("suffix", json!(".com"), json!([".com", "a.com"]), json!([".com ", "com", 1, [".com"]])),
        (
            "contains",
            json!("b"),
            json!(["abc", "b", ["a", "b"]]),
            json!(["", "B", [], ["abc"], [["b"]], {"b": "b"}, 1]),
        ),
        ("contains", json!(1), json!([[0, 1], [1.0]]), json!(["1", ["1"], 1, [[1]]])),
        ("contains", json!(null), json!([[null]]), json!([null, [], "null"])),
        ("exists", json!(true), json!([null, false, 0, "", [], {}]), json!([])),
        ("exists", json!(false), json!([]), json!([null, false, 0, "", [], {}])),
    ]);
}

#[test]
fn what_is_missing_holds_for_negations_only() {
    for (operator, value, expected) in [
        ("equals", json!(null), false),
        ("not_equals", json!("a"), true),
        ("gt", json!(0), false),
        ("gte", json!(0), false),
        ("lt", json!(0), false),
        ("lte", json!(0), false),
        ("in", json!([null]), false),
        ("not_in", json!(["a"]), true),
        ("prefix", json!("a"), false),
        ("suffix", json!("a"), false),
        ("contains", json!("a"), false),
        ("exists", json!(true), false),
        ("exists", json!(false), true),
    ] {
        let filter = filter(json!({"path": "data.x", operator: value}));
        for missing in [json!({}), json!({"y": 1}), json!([]), json!(null)] {
            assert_eq!(filter.matches(&with(missing.clone())), expected, "{operator} on {missing}");
        }
        assert_eq!(filter.matches(&json!(null)), expected, "{operator} on no document at all");
    }
}

#[test]
fn the_parts_of_an_event_beside_its_payload_are_matched_too() {
    let channels = ["eu".to_owned(), "vip".to_owned()];
    let event = document("order.created", r#"{"a":1}"#, Some(&channels), Some("cust_1")).expect("a document");
    for (value, expected) in [
        (json!({"path": "event_type", "prefix": "order."}), true),
        (json!({"path": "channels", "contains": "vip"}), true),
        (json!({"path": "channels.*", "in": ["us", "asia"]}), false),
        (json!({"path": "ordering_key", "equals": "cust_1"}), true),
        (json!({"path": "data", "exists": true}), true),
    ] {
        assert_eq!(filter(value.clone()).matches(&event), expected, "{value}");
    }
    let bare = document("order.created", "{}", None, None).expect("a document");
    assert!(
        !filter(json!({"any": [{"path": "channels", "exists": true}, {"path": "ordering_key", "exists": true}]}))
            .matches(&bare)
    );
}

#[test]
fn a_payload_that_cannot_be_kept_is_refused() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for bad in ["{", "", r#"{"a":1e999}"#, &deep] {
        let error = document("a.b", bad, None, None).expect_err("not a document");
        assert_eq!(error.problem().details[0].field, "data", "{bad}");
    }
}
