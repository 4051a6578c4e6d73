//! The sentences that say why an event does not match.

use serde_json::{Value, json};

use super::super::Mismatch;
use super::{example, filter, with};

fn sentence(condition: Value, data: &Value) -> String {
    let explanation = filter(condition.clone()).explain(&with(data.clone()));
    assert!(!explanation.matches, "{condition}");
    assert_eq!(explanation.mismatches.len(), 1, "{condition}");
    explanation.mismatches[0].message.clone()
}

#[test]
fn every_condition_that_fails_gets_a_sentence() {
    let data = json!({
        "amount": 12, "currency": "gbp", "tier": "silver", "at": "2026-11-22T12:00:00Z", "none": null,
        "tags": ["a", "b"], "items": [{"sku": "a"}, {"sku": "b"}], "customer": {"id": 1}, "many": [1, 2, 3, 4, 5, 6, 7],
    });
    for (path, operator, value, expected) in [
        ("amount", "gt", json!(1000), "data.amount is 12, not greater than 1000"),
        ("amount", "gte", json!(12.5), "data.amount is 12, not at least 12.5"),
        ("amount", "lt", json!(12), "data.amount is 12, not less than 12"),
        ("amount", "lte", json!("3"), "data.amount is 12, not at most \"3\""),
        ("tier", "gt", json!(3), "data.tier is \"silver\", which cannot be compared with 3"),
        (
            "at",
            "gt",
            json!("2027-01-01T00:00:00Z"),
            "data.at is \"2026-11-22T12:00:00Z\", not greater than \"2027-01-01T00:00:00Z\"",
        ),
        ("tier", "equals", json!("gold"), "data.tier is \"silver\", not \"gold\""),
        ("tier", "not_equals", json!("silver"), "data.tier is \"silver\", but must not be"),
        ("currency", "in", json!(["eur", "usd"]), "data.currency is \"gbp\", not one of \"eur\" or \"usd\""),
        (
            "currency",
            "not_in",
            json!(["gbp", "chf"]),
            "data.currency is \"gbp\", but must not be one of \"gbp\" or \"chf\"",
        ),
        ("tier", "prefix", json!("go"), "data.tier is \"silver\", which does not start with \"go\""),
        ("amount", "suffix", json!("2"), "data.amount is 12, which does not end with \"2\""),
        ("tags", "contains", json!("c"), "data.tags is a list of 2, which does not contain \"c\""),
        ("customer", "equals", json!("c"), "data.customer is an object, not \"c\""),
        ("none", "equals", json!(0), "data.none is null, not 0"),
        ("customer.tier", "exists", json!(true), "data.customer.tier is missing"),
        ("customer.tier", "equals", json!("gold"), "data.customer.tier is missing"),
        ("none", "exists", json!(false), "data.none is null, but must be missing"),
        ("items.*.sku", "equals", json!("c"), "data.items.*.sku is \"a\" or \"b\", not \"c\""),
        ("items.*.sku", "not_equals", json!("b"), "data.items.*.sku is \"b\", but must not be"),
        ("many.*", "gt", json!(9), "data.many.* is 1, 2, 3, 4, 5 or 2 more, not greater than 9"),
    ] {
        let condition = json!({"path": format!("data.{path}"), operator: value});
        assert_eq!(sentence(condition, &data), expected);
    }
}

#[test]
fn what_a_not_excludes_is_said() {
    let data = json!({"test": true, "amount": 12, "tier": "vip gold"});
    for (path, operator, value, expected) in [
        ("test", "exists", json!(true), "data.test is true, which `not` excludes"),
        ("gone", "exists", json!(false), "data.gone is missing, which `not` excludes"),
        ("gone", "not_equals", json!(1), "data.gone is missing, which `not` excludes"),
        ("test", "equals", json!(true), "data.test is true, which `not` excludes"),
        ("test", "not_equals", json!(false), "data.test is true, not false, which `not` excludes"),
        ("amount", "gt", json!(3), "data.amount is 12, greater than 3, which `not` excludes"),
        ("amount", "in", json!([11, 12]), "data.amount is 12, one of 11 or 12, which `not` excludes"),
        ("tier", "prefix", json!("vip"), "data.tier is \"vip gold\", which starts with \"vip\", which `not` excludes"),
    ] {
        let condition = json!({"path": format!("data.{path}"), operator: value});
        assert_eq!(sentence(json!({"not": condition}), &data), expected);
        assert!(filter(json!({"not": {"not": condition}})).matches(&with(data.clone())));
    }
}

#[test]
fn only_what_stands_in_the_way_is_listed_with_its_place() {
    let data = json!({"amount": 2000, "currency": "eur", "customer": {"tier": "silver"}, "test": 1});
    let explanation = filter(example()).explain(&with(data));
    let at = |at: &str, message: &str| Mismatch { at: at.into(), message: message.into() };
    assert!(!explanation.matches);
    assert_eq!(
        explanation.mismatches,
        [
            at("filter.all[2].any[0]", "data.customer.tier is \"silver\", not \"gold\""),
            at("filter.all[2].any[1]", "data.customer.email is missing"),
            at("filter.all[3].not", "data.test is 1, which `not` excludes"),
        ]
    );
    let good = json!({"amount": 2000, "currency": "eur", "customer": {"email": "vip@a.test"}});
    let explanation = filter(example()).explain(&with(good));
    assert!(explanation.matches && explanation.mismatches.is_empty());
}

#[test]
fn long_texts_are_cut() {
    let sentence = sentence(json!({"path": "data.x", "equals": "y"}), &json!({"x": "é".repeat(500)}));
    assert_eq!(sentence, format!("data.x is \"{}…\", not \"y\"", "é".repeat(60)));
}
