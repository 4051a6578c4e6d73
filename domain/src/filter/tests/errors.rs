//! What is refused, where, and with which words.

use serde_json::{Value, json};

use super::super::{Filter, MAX_JSON};
use super::{example, filter};
use crate::{Detail, Error};

fn details(value: &Value) -> Vec<Detail> {
    Filter::from_value(value).expect_err(&value.to_string()).problem().details
}

fn condition() -> Value {
    json!({"path": "data.x", "exists": true})
}

fn nested(depth: usize) -> Value {
    (0..depth)
        .fold(condition(), |inner, level| if level % 2 == 0 { json!({"not": inner}) } else { json!({"all": [inner]}) })
}

#[test]
fn each_bad_part_is_named_with_what_to_do() {
    let x = "data.x";
    for (value, field, says) in [
        (json!(1), "filter", "must be an object"),
        (json!([]), "filter", "must be an object"),
        (json!({}), "filter", "needs `all`, `any` or `not`"),
        (json!({"all": []}), "filter.all", "at least one"),
        (json!({"any": {"path": x, "gt": 1}}), "filter.any", "must be a list"),
        (json!({"not": [condition()]}), "filter.not", "must be an object"),
        (json!({"all": [condition()], "any": [condition()]}), "filter", "other keys beside `all`"),
        (json!({"not": condition(), "path": x}), "filter", "other keys beside `not`"),
        (json!({"all": [condition(), {"any": [{"gt": 1}]}]}), "filter.all[1].any[0]", "a `path`"),
        (json!({"path": 1, "gt": 1}), "filter.path", "must be a text"),
        (json!({"path": "x", "gt": 1}), "filter.path", "start with `data.`"),
        (json!({"path": x}), "filter", "needs an operator beside `path`: equals,"),
        (json!({"path": x, "gt": 1, "lt": 3}), "filter", "several operators"),
        (json!({"path": x, "eq": 1}), "filter.eq", "is no operator; use equals, not_equals,"),
        (json!({"path": x, "equals": []}), "filter.equals", "use a longer path"),
        (json!({"path": x, "not_equals": {}}), "filter.not_equals", "use a longer path"),
        (json!({"all": [condition(), {"path": x, "gt": "much"}]}), "filter.all[1].gt", "must be a number"),
        (json!({"path": x, "gte": true}), "filter.gte", "must be a number"),
        (json!({"path": x, "lt": null}), "filter.lt", "must be a number"),
        (json!({"path": x, "lte": "2026-02-30T00:00:00Z"}), "filter.lte", "must be a number"),
        (json!({"path": x, "in": "a"}), "filter.in", "list of 1 to 100"),
        (json!({"path": x, "in": []}), "filter.in", "list of 1 to 100"),
        (json!({"path": x, "not_in": vec![0; 101]}), "filter.not_in", "list of 1 to 100"),
        (json!({"path": x, "not_in": [0, []]}), "filter.not_in[1]", "must be a text, a number"),
        (json!({"path": x, "prefix": 1}), "filter.prefix", "a text that is not empty"),
        (json!({"path": x, "suffix": ""}), "filter.suffix", "a text that is not empty"),
        (json!({"path": x, "contains": ""}), "filter.contains", "must not be empty"),
        (json!({"path": x, "contains": [1]}), "filter.contains", "must be a text, a number"),
        (json!({"not": {"path": x, "exists": "yes"}}), "filter.not.exists", "true or false"),
    ] {
        let details = details(&value);
        assert_eq!(details.len(), 1, "{value}: {details:?}");
        assert_eq!(details[0].field, field, "{value}");
        assert!(details[0].message.contains(says), "{value}: {}", details[0].message);
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once_up_to_twenty() {
    let two = json!({"all": [{"path": "x", "gt": "y"}, condition(), {"any": 3}]});
    let fields: Vec<_> = details(&two).into_iter().map(|detail| detail.field).collect();
    assert_eq!(fields, ["filter.all[0].path", "filter.all[0].gt", "filter.all[2].any"]);
    assert_eq!(details(&json!({"all": vec![3; 1000]})).len(), 20);
}

#[test]
fn text_that_is_no_json_is_an_error_of_the_field() {
    for text in ["", "{", "nonsense", "{\"path\":\"data.x\",\"gt\":1e999}", "{} {}"] {
        let error = Filter::parse(text).expect_err(text);
        assert!(matches!(error, Error::Invalid(_)), "{text}");
        assert_eq!(error.problem().details[0].field, "filter");
    }
}

#[test]
fn the_limits_hold_to_the_last() {
    assert_eq!(serde_json::to_value(filter(nested(8))).expect("writable"), nested(8));
    let message = &details(&nested(9))[0].message;
    assert!(message.contains("deeper than 8 groups"), "{message}");
    assert_eq!(details(&nested(500)).len(), 1);

    filter(json!({"all": vec![condition(); 64]}));
    let many = details(&json!({"any": [{"all": vec![condition(); 40]}, {"all": vec![condition(); 40]}]}));
    assert_eq!((many.len(), many[0].field.as_str()), (1, "filter"));
    assert!(many[0].message.contains("more than 64 conditions"));

    filter(json!({"all": [{"path": "data.x", "in": vec![1; 100]}, {"path": "data.y", "in": vec![1; 100]}]}));
    filter(json!({"any": [{"path": "data.*", "in": vec![1; 60]}, {"path": "data.*", "not_in": vec![1; 40]}]}));
    let spread = json!({"all": [{"path": "data.*", "in": vec![1; 60]}, {"path": "data.*", "not_in": vec![1; 60]}]});
    assert_eq!(details(&spread)[0].field, "filter.all[1].not_in");
}

#[test]
fn long_text_is_refused_before_and_after_it_is_read() {
    let of = |length: usize| format!(r#"{{"path":"data.x","equals":"{}"}}"#, "a".repeat(length - 29));
    assert_eq!(Filter::parse(&of(MAX_JSON)).expect("just fits").to_json().len(), MAX_JSON);
    let refused = |text: &str| Filter::parse(text).expect_err("too long").problem().message.contains("8 KiB");
    assert!(refused(&of(MAX_JSON + 1)));
    assert!(refused(&format!("{}{}", example(), " ".repeat(MAX_JSON))));
    // A short way to write a long number: what is kept would be too long.
    let long = format!(
        r#"{{"all":[{}]}}"#,
        vec![r#"{"path":"data","in":[1E15]}"#.replace("1E15", &vec!["1E15"; 90].join(",")); 17].join(",")
    );
    assert!(long.len() < MAX_JSON && refused(&long));
}

#[test]
fn a_number_that_would_change_by_being_stored_is_refused() {
    // The reader of JSON rounds the last digit of some long numbers otherwise than the writer.
    let kept = |number: f64| {
        Filter::from_value(&json!({"path": "data.x", "equals": number}))
            .map(|filter| Filter::parse(&filter.to_json()).expect("reads back") == filter)
    };
    for number in [0.1, 1e15, 900_855_707_609_509_441.0, 0.123_456_789_012_345_67, 1e300, -1e-300, 5e-324] {
        assert!(matches!(kept(number), Ok(true) | Err(_)), "{number}");
    }
    assert!(matches!(kept(123_456_789.012_345), Ok(true)) && matches!(kept(-0.25), Ok(true)));
}

#[test]
fn it_is_json_inside_other_json() {
    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Holder {
        filter: Option<Filter>,
    }
    let text = format!(r#"{{"filter":{}}}"#, example());
    let holder: Holder = serde_json::from_str(&text).expect("a filter inside");
    assert_eq!(serde_json::to_value(&holder).expect("writable"), json!({"filter": example()}));
    assert_eq!(serde_json::from_str::<Holder>(r#"{"filter":null}"#).expect("none"), Holder { filter: None });
    let error = serde_json::from_str::<Holder>(r#"{"filter":{"path":"data.x","gt":[]}}"#).expect_err("a bad value");
    assert!(error.to_string().contains("`filter.gt`: must be a number"), "{error}");
}
