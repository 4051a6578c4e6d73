//! Slack's published schemas, for tests.

use jsonschema::Validator;
use serde_json::Value;

use super::error::SlackError;
use crate::testing::published;

/// A schema of `slack/schemas`.
pub(super) struct Schema(Validator);

impl Schema {
    /// The schema with this name; `None`, and a word about it, where the folder is not there.
    pub(super) fn of(name: &str) -> Option<Self> {
        let schema = published(&format!("slack/schemas/{name}.json"))?;
        Some(Self(jsonschema::validator_for(&schema).expect("published schemas are schemas")))
    }

    /// Holds a value to the schema.
    pub(super) fn check(&self, value: &Value) {
        let wrong: Vec<String> = self.0.iter_errors(value).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?} in {value}");
    }
}

#[test]
fn a_schema_refuses_what_slack_would_not_understand() {
    let Some(post) = Schema::of("req_chat_postMessage") else { return };
    for wrong in [
        serde_json::json!({"channel": "C1"}),
        serde_json::json!({"channel": "C1", "text": "a", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "a"}}]}),
        serde_json::json!({"channel": "C1", "text": "a", "unknown": 1}),
    ] {
        assert!(!post.0.is_valid(&wrong), "{wrong}");
    }
}

/// Methods that we call.
const METHODS: [&str; 13] = [
    "/auth.test",
    "/auth.revoke",
    "/apps.uninstall",
    "/oauth.v2.access",
    "/conversations.list",
    "/conversations.info",
    "/conversations.join",
    "/chat.postMessage",
    "/chat.update",
    "/chat.delete",
    "/users.info",
    "/users.lookupByEmail",
    "/team.info",
];

/// The words of all `error` enums below a value.
fn errors<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            let words = map.get("error").and_then(|error| error.get("enum")).and_then(Value::as_array);
            found.extend(words.into_iter().flatten().filter_map(Value::as_str));
            map.values().for_each(|value| errors(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| errors(value, found)),
        _ => {}
    }
}

#[test]
fn every_error_that_slack_lists_for_our_methods_is_known() {
    let Some(api) = published("slack/slack_web_openapi_v2.trimmed.json") else { return };
    let mut seen = 0;
    for method in METHODS {
        let operations = api["paths"].get(method).unwrap_or_else(|| panic!("{method} is listed"));
        let mut words = Vec::new();
        errors(operations, &mut words);
        for word in words {
            assert!(!matches!(SlackError::of(word), SlackError::Unknown(_)), "{method}: {word}");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}
