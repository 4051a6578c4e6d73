//! How paths are written and what they reach.

use serde_json::json;

use super::super::path::Path;
use super::{filter, with};

#[test]
fn a_path_reaches_what_it_names() {
    let document = with(json!({
        "items": [{"sku": "a", "tags": ["x", "y"]}, {"sku": "b", "tags": ["z"]}, 7],
        "a.b": {"c": 1}, "0": "zero", "*": "star", "it's \"so\"": 2, "": 3, "007": 4, "größe": 5, "x-y_z$": 6,
        "empty": [],
    }));
    for path in [
        "data",
        "data.items.0.sku",
        "data.items[1].sku",
        "data.items[1][\"sku\"]",
        "data.items.*.sku",
        "data.items[*].tags.*",
        "data.items.2",
        "data[\"a.b\"].c",
        "data['a.b'].c",
        "data.\"a.b\".c",
        "\"data\".items",
        " data.items ",
        "data.0",
        "data[\"0\"]",
        "data[\"*\"]",
        "data[\"it's \\\"so\\\"\"]",
        "data[\"\"]",
        "data.007",
        "data.größe",
        "data.x-y_z$",
        "data.[\"items\"].[0]",
    ] {
        assert!(filter(json!({"path": path, "exists": true})).matches(&document), "{path}");
    }
    for path in [
        "data.items.3",
        "data.items.sku",
        "data.items[\"0\"]",
        "data.items.00",
        "data.items.99999999999999999999",
        "data.empty.*",
        "data.*",
        "data.a.b",
        "data.Items",
        "data.items.0.sku.x",
        "data.items.2.*",
        "channels.0",
    ] {
        assert!(filter(json!({"path": path, "exists": false})).matches(&document), "{path}");
    }
}

#[test]
fn one_element_is_enough_for_a_star_and_none_for_a_negation() {
    let document = with(json!({"items": [{"sku": "a"}, {"sku": "b"}, {"other": 1}]}));
    for (operator, value, expected) in [
        ("equals", json!("b"), true),
        ("equals", json!("c"), false),
        ("not_equals", json!("b"), false),
        ("not_equals", json!("c"), true),
        ("not_in", json!(["b", "c"]), false),
        ("exists", json!(true), true),
        ("exists", json!(false), false),
    ] {
        let filter = filter(json!({"path": "data.items.*.sku", operator: value}));
        assert_eq!(filter.matches(&document), expected, "{operator} {value}");
    }
}

#[test]
fn the_shortest_form_is_written() {
    for (typed, written) in [
        ("data.items[0].sku", "data.items.0.sku"),
        ("data['items'][*]", "data.items.*"),
        ("data.\"a.b\"", "data[\"a.b\"]"),
        ("data['it\\'s \"so\" \\\\']", "data[\"it's \\\"so\\\" \\\\\"]"),
        ("data[\"0\"]", "data[\"0\"]"),
        ("data[\"*\"].*", "data[\"*\"].*"),
        ("data[\"\"]", "data[\"\"]"),
        ("data.007", "data.007"),
        (" channels ", "channels"),
    ] {
        let path = Path::parse(typed).expect("a path");
        assert_eq!(path.to_string(), written);
        assert_eq!(Path::parse(written), Ok(path), "{written}");
    }
}

#[test]
fn a_bad_path_says_what_to_do() {
    for (path, says) in [
        ("", "empty part"),
        ("amount", "start with `data.`"),
        ("*", "start with `data.`"),
        ("Data.x", "start with `data.`"),
        ("[\"data\"]", "empty part"),
        ("data.", "empty part"),
        ("data..x", "empty part"),
        (".data", "empty part"),
        ("data.first name", "must be quoted"),
        ("data.a*", "must be quoted"),
        ("data.a]", "must be quoted"),
        ("data.\"a", "not closed"),
        ("data.\"a\\", "not closed"),
        ("data[\"a", "in brackets"),
        ("data[\"a\"", "in brackets"),
        ("data[0", "in brackets"),
        ("data[a]", "in brackets"),
        ("data[]", "in brackets"),
        ("data[-1]", "in brackets"),
        ("data[0]x", "a dot after each part"),
        ("event_type.x", "goes on after `event_type`"),
        ("ordering_key[0]", "goes on after `ordering_key`"),
        (&format!("data{}", ".a".repeat(32)), "more than 32 parts"),
    ] {
        let message = Path::parse(path).expect_err(path);
        assert!(message.contains(says), "{path}: {message}");
    }
    assert!(Path::parse(&format!("data{}", ".a".repeat(31))).is_ok());
}
