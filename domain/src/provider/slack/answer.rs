//! Answers of the Web API: what was asked for, or why not. Slack says most errors with HTTP 200 and `"ok": false`.

use serde_json::Value;

use super::error::SlackError;
use crate::channel::ChannelState;
use crate::provider::Meaning;

/// The longest wait that is believed, in seconds.
const LONGEST_WAIT_S: i64 = 24 * 3600;

/// Why a call did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Slack answered {status} {error}")]
pub struct Failure {
    /// The status of the answer.
    pub status: u16,
    /// The error in it, or the one that comes closest.
    pub error: SlackError,
    /// The permission that is missing.
    pub needed: Option<String>,
    /// How long Slack asks to wait, in seconds.
    pub retry_after_s: Option<i64>,
}

impl Failure {
    /// What it means.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        self.error.meaning(self.needed.as_deref(), self.retry_after_s)
    }
}

/// Reads an answer: its status, its `Retry-After` and its body.
///
/// # Errors
/// The [`Failure`], whatever the answer is: an overloaded Slack answers with pages for people, too.
pub fn read(status: u16, retry_after: Option<&str>, body: &[u8]) -> Result<Value, Failure> {
    let body: Option<Value> = serde_json::from_slice(body).ok();
    let text = |key: &str| body.as_ref().and_then(|body| body.get(key)).and_then(Value::as_str);
    let ok = body.as_ref().is_some_and(|body| body.get("ok") == Some(&Value::Bool(true)));
    let error = match (status, text("error")) {
        (429, _) => SlackError::Ratelimited,
        (200..=299, None) if ok => return Ok(body.unwrap_or_default()),
        (_, Some(code)) => SlackError::of(code),
        (503, None) => SlackError::ServiceUnavailable,
        // Nobody can tell what has been done by the time of such an answer, or of one that cannot be read.
        (500.. | 200..=299, None) => SlackError::InternalError,
        (other, None) => SlackError::Unknown(format!("http_{other}")),
    };
    let needed = text("needed").map(|scopes| scopes.chars().take(200).collect());
    let wait = retry_after.and_then(|seconds| seconds.trim().parse::<i64>().ok());
    Err(Failure { status, error, needed, retry_after_s: wait.map(|seconds| seconds.clamp(0, LONGEST_WAIT_S)) })
}

/// A message that was posted: together its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The channel's id.
    pub channel: String,
    /// When, which is also its id within the channel: `1503435956.000247`.
    pub ts: String,
}

/// Where a message was posted, of an answer to `chat.postMessage`.
#[must_use]
pub fn posted(answer: &Value) -> Option<Posted> {
    Some(Posted { channel: owned(answer, "channel")?, ts: owned(answer, "ts")? })
}

/// A channel as Slack lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub provider_id: String,
    /// Its name, without `#`.
    pub name: String,
    /// What it is about.
    pub topic: String,
    /// How many members it has, if Slack says so.
    pub members: Option<i64>,
    /// Whether only its members see it.
    pub private: bool,
    /// Whether the app is a member.
    pub joined: bool,
    /// Whether it is archived.
    pub archived: bool,
}

impl Listed {
    /// Whether messages can go there.
    #[must_use]
    pub const fn state(&self) -> ChannelState {
        ChannelState::of_listing(self.archived, self.private, self.joined)
    }
}

/// The channels of an answer to `conversations.list`, and where the list goes on. A page may be empty and yet not the last.
#[must_use]
pub fn channels(answer: &Value) -> (Vec<Listed>, Option<String>) {
    let list = answer.get("channels").and_then(Value::as_array).into_iter().flatten().filter_map(channel).collect();
    let cursor = answer.pointer("/response_metadata/next_cursor").and_then(Value::as_str);
    (list, cursor.filter(|cursor| !cursor.is_empty()).map(str::to_owned))
}

/// One channel: of a list, or the `channel` of an answer to `conversations.info` and `conversations.join`.
#[must_use]
pub fn channel(value: &Value) -> Option<Listed> {
    let flag = |key: &str| value.get(key).and_then(Value::as_bool).unwrap_or(false);
    Some(Listed {
        provider_id: owned(value, "id")?,
        name: owned(value, "name")?,
        topic: value.pointer("/topic/value").and_then(Value::as_str).unwrap_or_default().to_owned(),
        members: value.get("num_members").and_then(Value::as_i64),
        private: flag("is_private"),
        joined: flag("is_member"),
        archived: flag("is_archived"),
    })
}

/// Who installed what where, of an answer to `oauth.v2.access`; without the tokens, which others take from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// The app.
    pub app_id: String,
    /// The workspace's id and name; none where a whole organization was installed.
    pub team: Option<(String, String)>,
    /// The organization's id and name, where the workspace belongs to one.
    pub enterprise: Option<(String, String)>,
    /// Whether it is for all workspaces of the organization.
    pub org_wide: bool,
    /// The app's user.
    pub bot_user_id: String,
    /// The permissions that were granted.
    pub scopes: Vec<String>,
    /// The person who consented.
    pub installer: Option<String>,
}

impl Install {
    /// What the connection is called.
    #[must_use]
    pub fn label(&self) -> &str {
        let named = if self.org_wide { &self.enterprise } else { &self.team };
        named.as_ref().map_or("Slack", |(_, name)| name)
    }
}

/// Reads an [`Install`].
#[must_use]
pub fn install(answer: &Value) -> Option<Install> {
    let named = |key: &str| {
        let value = answer.get(key)?;
        Some((owned(value, "id")?, owned(value, "name").unwrap_or_default()))
    };
    Some(Install {
        app_id: owned(answer, "app_id")?,
        team: named("team"),
        enterprise: named("enterprise"),
        org_wide: answer.get("is_enterprise_install").and_then(Value::as_bool).unwrap_or(false),
        bot_user_id: owned(answer, "bot_user_id")?,
        scopes: super::facts::granted(answer.get("scope").and_then(Value::as_str).unwrap_or_default()),
        installer: answer.pointer("/authed_user/id").and_then(Value::as_str).map(str::to_owned),
    })
}

/// A text that is not empty.
fn owned(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
