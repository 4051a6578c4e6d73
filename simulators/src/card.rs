//! Adaptive Cards as Teams renders them, by whatever way they come.

use serde_json::Value;

use crate::specs::Specs;

/// What an attachment that holds a card says it is.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.microsoft.card.adaptive";
/// Where the schema of cards lies.
const SCHEMA: &str = "adaptive-cards/adaptive-card-1.5.0.json";

/// Whether Teams renders a card of an app without a bot.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn check(card: &Value, specs: &Specs) -> Result<(), String> {
    if card["type"] != "AdaptiveCard" || !card["body"].is_array() {
        return Err("content: must be an AdaptiveCard, as an object".to_owned());
    }
    let minor = card["version"].as_str().and_then(|version| version.strip_prefix("1.")?.parse().ok());
    if minor.is_none_or(|minor: u8| minor > 5) {
        return Err(format!("version: Teams renders up to 1.5, not {}", card["version"]));
    }
    let no_bot = |action: &Value| action["type"] == "Action.OpenUrl";
    if !card["actions"].as_array().is_none_or(|actions| actions.iter().all(no_bot)) {
        return Err("actions: without a bot only Action.OpenUrl works".to_owned());
    }
    let schema = specs.schema(SCHEMA).map_err(|error| error.to_string())?;
    // What is Teams' own is not in the published schema.
    let mut plain = card.clone();
    if let Some(fields) = plain.as_object_mut() {
        fields.remove("msteams");
    }
    let complaints = schema.as_ref().map(|schema| schema.complaints(&plain)).unwrap_or_default();
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ")) }
}

/// All texts of a card, one to a line: what a person would read.
pub(crate) fn text(card: &Value) -> String {
    let mut lines = Vec::new();
    texts(card, &mut lines);
    lines.join("\n")
}

fn texts(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for name in ["text", "title", "value"] {
                lines.extend(fields.get(name).and_then(Value::as_str).map(str::to_owned));
            }
            fields.values().filter(|value| !value.is_string()).for_each(|value| texts(value, lines));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, lines)),
        _ => {}
    }
}
