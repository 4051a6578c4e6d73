//! Requests of Slack, read after their signature was verified on the raw body: what happened in a workspace ([`events()`]),
//! `/patchbay` ([`command()`]) and presses of buttons ([`interaction()`]). Pure, and nothing here falls over whatever the bytes
//! are; what is of no use to us is told apart from what cannot be read, since Slack wants a 200 for the former.

mod command;
mod events;
mod interaction;
#[cfg(test)]
mod tests;

pub use command::{Command, Order, command};
pub use events::{Envelope, Happening, Inbound, events};
pub use interaction::{Interaction, Pressed, interaction};

use serde_json::Value;

/// Whose request it is. An install is looked for by organization and workspace first, then by organization alone where it is
/// for all of its workspaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tenant {
    /// The organization's id: `E…`.
    pub enterprise_id: Option<String>,
    /// The workspace's id: `T…`.
    pub team_id: Option<String>,
    /// Whether Slack says that the install is for the whole organization.
    pub org_wide: bool,
}

/// Why a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a request of Slack: {0}")]
pub struct Unreadable(pub(super) &'static str);

/// A text that is not empty; ids and names of Slack are short.
fn text(value: &Value, pointer: &str) -> Option<String> {
    let text = value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())?;
    Some(text.chars().take(500).collect())
}

/// The first of these that is there.
fn first(value: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| text(value, pointer))
}

/// Slack sends flags as booleans in JSON and as words in forms.
fn flag(value: &Value, pointer: &str) -> bool {
    match value.pointer(pointer) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(word)) => word == "true",
        _ => false,
    }
}
