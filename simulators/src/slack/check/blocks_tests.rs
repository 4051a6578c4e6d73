//! Each limit of blocks at its edge.

use serde_json::{Value, json};

use super::complaints;

fn text(kind: &str, length: usize) -> Value {
    json!({ "type": kind, "text": "x".repeat(length) })
}

fn section(length: usize) -> Value {
    json!({ "type": "section", "text": text("mrkdwn", length) })
}

fn button(id: &str, label: usize, value: usize) -> Value {
    json!({ "type": "button", "action_id": id, "text": text("plain_text", label), "value": "v".repeat(value) })
}

fn actions(elements: Vec<Value>) -> Value {
    json!({ "type": "actions", "elements": elements })
}

#[test]
fn each_limit_holds_at_its_edge_and_breaks_one_beyond() {
    let header = |length| json!({ "type": "header", "text": text("plain_text", length) });
    let buttons = |count: usize| actions((0..count).map(|index| button(&index.to_string(), 1, 1)).collect());
    let context = |count: usize| json!({ "type": "context", "elements": vec![text("mrkdwn", 1); count] });
    let fields = |count: usize, length| json!({ "type": "section", "fields": vec![text("mrkdwn", length); count] });
    let confirm = |length| {
        let mut button = button("a", 1, 1);
        button["confirm"] = json!({ "title": text("plain_text", length), "text": text("plain_text", 300),
            "confirm": text("plain_text", 30), "deny": text("plain_text", 30) });
        actions(vec![button])
    };
    let options = |count: usize| {
        let option = json!({ "text": text("plain_text", 75), "value": "v".repeat(150) });
        actions(vec![json!({ "type": "overflow", "action_id": "a", "options": vec![option; count] })])
    };
    let cases: Vec<(&str, Value, Value)> = vec![
        ("header", header(150), header(151)),
        ("empty header", header(1), header(0)),
        ("section", section(3000), section(3001)),
        ("fields", fields(10, 2000), fields(11, 2000)),
        ("field", fields(1, 2000), fields(1, 2001)),
        ("context", context(10), context(11)),
        ("empty context", context(1), context(0)),
        ("actions", buttons(25), buttons(26)),
        ("button label", actions(vec![button("a", 75, 1)]), actions(vec![button("a", 76, 1)])),
        ("button value", actions(vec![button("a", 1, 2000)]), actions(vec![button("a", 1, 2001)])),
        ("action_id", actions(vec![button(&"a".repeat(255), 1, 1)]), actions(vec![button(&"a".repeat(256), 1, 1)])),
        ("confirmation", confirm(100), confirm(101)),
        ("overflow", options(5), options(6)),
        ("section without text", section(1), json!({ "type": "section" })),
    ];
    for (name, good, bad) in cases {
        assert_eq!(complaints(&json!([good])), [""; 0], "{name}");
        let found = complaints(&json!([bad]));
        assert!(found.len() == 1 && found[0].contains("[json-pointer:/blocks/0"), "{name}: {found:?}");
    }
}

#[test]
fn a_message_has_fifty_blocks_with_ids_that_occur_once() {
    assert_eq!(complaints(&json!(vec![section(1); 50])), [""; 0]);
    assert_eq!(
        complaints(&json!(vec![section(1); 51])),
        ["no more than 50 items allowed, 51 given [json-pointer:/blocks]"]
    );
    let divider = json!({ "type": "divider", "block_id": "d" });
    assert_eq!(complaints(&json!([divider, divider])), ["block_id \"d\" occurs twice [json-pointer:/blocks/1]"]);
    let twice = json!([actions(vec![button("a", 1, 1), button("a", 1, 1)])]);
    assert_eq!(complaints(&twice), ["action_id \"a\" occurs twice [json-pointer:/blocks/0/elements/1]"]);
}

#[test]
fn unescaped_text_is_found_where_markup_is_read_and_nowhere_else() {
    let with = |kind: &str| json!([{ "type": "section", "text": { "type": kind, "text": "a < b" } }]);
    assert!(complaints(&with("mrkdwn"))[0].contains("unescaped"));
    assert_eq!(complaints(&with("plain_text")), [""; 0]);
}
