//! Messages, and the addresses by which more may be posted.

use serde_json::Value;

/// A message in a channel.
#[derive(Debug, Clone)]
pub struct Message {
    /// The workspace.
    pub team: String,
    /// The channel.
    pub channel: String,
    /// The channel's name when it was posted.
    pub channel_name: String,
    /// With the channel, its id.
    pub ts: String,
    /// The message that it answers in a thread.
    pub thread_ts: Option<String>,
    /// Who wrote it: the bot's user, or a person.
    pub user: String,
    /// Whether the app wrote it.
    pub by_app: bool,
    /// The text, as it was sent.
    pub text: String,
    /// The blocks, as Slack keeps them: with a `block_id` each.
    pub blocks: Vec<Value>,
    /// The attachments.
    pub attachments: Vec<Value>,
    /// The metadata.
    pub metadata: Option<Value>,
    /// Only this person sees it.
    pub only_for: Option<String>,
    /// How often it was changed.
    pub edits: u32,
    /// Whether it was deleted.
    pub is_deleted: bool,
}

/// An address by which messages may be posted without a token.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    pub(crate) team: String,
    pub(crate) channel: String,
    pub(crate) user: String,
    /// The message with the pressed button.
    pub(crate) message: Option<String>,
    /// How many posts are left; an incoming webhook has no such number.
    pub(crate) left: Option<u32>,
    pub(crate) expires_at_ms: Option<i64>,
}
