//! Blocks of Slack's Block Kit, each within Slack's limits whatever is put into it.

use serde_json::{Value, json};

use super::text::{NOTHING, fit, mrkdwn};
use crate::event::summary::Field;

/// Blocks of a message.
pub(super) const MAX_BLOCKS: usize = 50;
/// Bytes of all blocks of a message, as JSON. Slack answers `msg_blocks_too_long` a little above 13,000 and says no number.
pub(super) const MAX_BYTES: usize = 12_000;
/// The text of a header.
pub(super) const MAX_HEADER: usize = 150;
/// Fields of a section.
pub(super) const MAX_FIELDS: usize = 10;
/// The text of a field.
pub(super) const MAX_FIELD: usize = 2000;
/// The text on a button.
pub(super) const MAX_BUTTON: usize = 75;
/// Elements of a line of context.
pub(super) const MAX_CONTEXT: usize = 10;
/// Buttons in a row.
pub(super) const MAX_ACTIONS: usize = 25;

/// Plain text of our own words.
pub(super) fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": fit(text, MAX_BUTTON), "emoji": true })
}

/// Text in markup; `verbatim`, so that Slack makes no links and mentions of what only looks like some.
fn markup(text: String) -> Value {
    let text = if text.trim().is_empty() { NOTHING.to_owned() } else { text };
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}

/// A heading of our own words.
pub(super) fn header(text: &str) -> Value {
    json!({ "type": "header", "text": { "type": "plain_text", "text": fit(text, MAX_HEADER), "emoji": true } })
}

/// A paragraph that is markup already and within the limit of a section.
pub(super) fn section(text: String) -> Value {
    json!({ "type": "section", "text": markup(text) })
}

/// Fields in two columns; nothing without any.
pub(super) fn fields(fields: &[Field]) -> Option<Value> {
    let one = |field: &Field| {
        let label = fit(&field.label.replace(['*', '\n'], " "), 100);
        let label = if label.trim().is_empty() { "(no name)" } else { label.trim() };
        let value = mrkdwn(&field.value, MAX_FIELD - 110);
        let value = if value.trim().is_empty() { NOTHING } else { value.as_str() };
        markup(format!("*{label}*\n{value}"))
    };
    let list: Vec<Value> = fields.iter().take(MAX_FIELDS).map(one).collect();
    (!list.is_empty()).then(|| json!({ "type": "section", "fields": list }))
}

/// A small grey line of texts in markup.
pub(super) fn context(texts: Vec<String>) -> Option<Value> {
    let list: Vec<Value> =
        texts.into_iter().filter(|text| !text.trim().is_empty()).take(MAX_CONTEXT).map(markup).collect();
    (!list.is_empty()).then(|| json!({ "type": "context", "elements": list }))
}

/// A row of buttons.
pub(super) fn actions(buttons: Vec<Value>) -> Option<Value> {
    let list: Vec<Value> = buttons.into_iter().take(MAX_ACTIONS).collect();
    (!list.is_empty()).then(|| json!({ "type": "actions", "elements": list }))
}

/// A line across.
pub(super) fn divider() -> Value {
    json!({ "type": "divider" })
}

/// Whether Slack takes so many and so long blocks.
pub(super) fn fit_in_message(blocks: &[Value]) -> bool {
    let bytes = |block: &Value| block.to_string().len() + 1;
    blocks.len() <= MAX_BLOCKS && blocks.iter().map(bytes).sum::<usize>() < MAX_BYTES
}
