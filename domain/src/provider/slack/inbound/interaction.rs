//! Interactivity: presses of buttons, and what else people do with an app.

use serde_json::Value;

use super::{Tenant, Unreadable, first, flag, text};
use crate::provider::slack::action::Action;

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interaction {
    /// Pressed buttons on a message.
    Pressed(Pressed),
    /// Something that is of no use to us.
    Other(String),
}

/// Buttons that somebody pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    /// The app that it is for.
    pub app_id: String,
    /// Whose it is.
    pub tenant: Tenant,
    /// Who pressed them.
    pub user_id: String,
    /// The channel of the message.
    pub channel_id: Option<String>,
    /// The message's id within the channel.
    pub message_ts: Option<String>,
    /// What is wanted; buttons that are not ours are left out.
    pub actions: Vec<Action>,
    /// Where a late answer goes, for half an hour.
    pub response_url: Option<String>,
}

/// Reads an interaction; the body is a form with the JSON in one field.
///
/// # Errors
/// There is no such field, it is no JSON, or it lacks what every interaction has.
pub fn interaction(body: &[u8]) -> Result<Interaction, Unreadable> {
    let payload = form_urlencoded::parse(body).find(|(key, _)| key == "payload").map(|(_, value)| value);
    let payload = payload.ok_or(Unreadable("there is no `payload`"))?;
    let payload: Value = serde_json::from_str(&payload).map_err(|_| Unreadable("the payload is no JSON"))?;
    match text(&payload, "/type").ok_or(Unreadable("there is no `type`"))?.as_str() {
        "block_actions" => pressed(&payload).map(Interaction::Pressed),
        other => Ok(Interaction::Other(other.to_owned())),
    }
}

fn pressed(payload: &Value) -> Result<Pressed, Unreadable> {
    let list = payload.pointer("/actions").and_then(Value::as_array).into_iter().flatten();
    let action = |action: &Value| {
        let value = action.get("value").and_then(Value::as_str);
        Action::read(action.get("action_id")?.as_str()?, value)
    };
    Ok(Pressed {
        app_id: text(payload, "/api_app_id").ok_or(Unreadable("there is no `api_app_id`"))?,
        tenant: Tenant {
            enterprise_id: first(payload, &["/enterprise/id", "/team/enterprise_id"]),
            team_id: first(payload, &["/team/id", "/user/team_id"]),
            org_wide: flag(payload, "/is_enterprise_install"),
        },
        user_id: text(payload, "/user/id").ok_or(Unreadable("there is no `user`"))?,
        channel_id: first(payload, &["/channel/id", "/container/channel_id"]),
        message_ts: first(payload, &["/message/ts", "/container/message_ts"]),
        actions: list.filter_map(action).take(25).collect(),
        response_url: text(payload, "/response_url"),
    })
}
