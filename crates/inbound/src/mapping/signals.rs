//! What people say and ask: messages in Slack's channels as signals, and the issues of a support desk.
//!
//! Slack: <https://docs.slack.dev/apis/events-api>. Pylon: bodies are templates that customers write; ours is in its
//! preset.

use serde_json::Value;

use super::{Field, Layout, Mapping, Place, StateRule, same, take_all, time};
use crate::read::Passed;

pub(super) static SLACK: Layout = Layout {
    list: None,
    id: &[Place::Field(&["/event_id"])],
    kind: &[Place::Field(&["/event/type", "/type"])],
    // Only commands, which are forms, have no type.
    kind_otherwise: Some("slash_command"),
    occurred_at: &["/event/ts", "/event/event_ts", "/event_time"],
    common: &[
        same("team_id", &["/team_id", "/team/id"]),
        same("enterprise_id", &["/enterprise_id", "/context_enterprise_id"]),
    ],
    mappings: &[
        Mapping::new("message", "signal.received", &[MESSAGE], None).keyed(MESSAGE_KEY),
        Mapping::new("app_uninstalled", "app.uninstalled", &[APP], None),
        Mapping::new("tokens_revoked", "app.tokens_revoked", &[APP, &[same("users", &["/event/tokens"])]], None),
    ],
    passed: slack_passed,
};

/// The same message may come under two event ids; a message is one by workspace, channel and time.
const MESSAGE_KEY: &[Place] =
    &[Place::Field(&["/team_id"]), Place::Field(&["/event/channel"]), Place::Field(&["/event/ts"])];

const MESSAGE: &[Field] = &[
    same("channel_id", &["/event/channel"]),
    same("channel_type", &["/event/channel_type"]),
    same("user_id", &["/event/user"]),
    same("text", &["/event/text"]),
    same("ts", &["/event/ts"]),
    // A message that is no reply is the beginning of its own thread.
    same("thread_ts", &["/event/thread_ts", "/event/ts"]),
    same("parent_user_id", &["/event/parent_user_id"]),
    same("blocks", &["/event/blocks"]),
    same("files", &["/event/files"]),
    same("is_shared_channel", &["/is_ext_shared_channel"]),
];

const APP: &[Field] = &[same("app_id", &["/api_app_id"])];

/// Bots, the app's own messages, and messages that tell of other messages are not what somebody said.
fn slack_passed(event: &Value) -> Option<Passed> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    if text("/type") == Some("url_verification") {
        return Some(Passed::CHALLENGE);
    }
    if text("/event/type") != Some("message") {
        return None;
    }
    let authorizations = event.pointer("/authorizations").and_then(Value::as_array).into_iter().flatten();
    let ours = |authorization: &Value| {
        authorization["is_bot"] == true
            && authorization["user_id"].as_str().is_some_and(|id| text("/event/user") == Some(id))
    };
    let by_us = text("/event/app_id").is_some_and(|id| text("/api_app_id") == Some(id));
    if by_us || authorizations.into_iter().any(ours) {
        Some(Passed::OWN)
    } else if text("/event/bot_id").is_some() || text("/event/subtype") == Some("bot_message") {
        Some(Passed::BOT)
    } else {
        text("/event/subtype").map(|_| Passed::SUBTYPE)
    }
}

pub(super) static PYLON: Layout = Layout {
    list: None,
    // No delivery id is promised. These three say of one change that it is one.
    id: &[
        Place::Field(&["/issue_id", "/issue/id", "/id"]),
        Place::Field(&["/event", "/type"]),
        Place::Field(&["/updated_at", "/sent_at"]),
    ],
    kind: &[Place::Field(&["/event", "/type"])],
    // A template without a type says that something about the issue is new.
    kind_otherwise: Some("untyped"),
    occurred_at: &["/updated_at", "/sent_at"],
    common: &[],
    mappings: &[
        issue("issue.created", "issue.created"),
        issue("issue.updated", "issue.updated"),
        issue("issue.closed", "issue.closed"),
        issue("untyped", "issue.updated"),
    ],
    passed: unresolved,
};

const fn issue(name: &'static str, hub_type: &'static str) -> Mapping {
    Mapping::new(
        name,
        hub_type,
        &[ISSUE],
        Some(StateRule::new("issue", &["/issue_id", "/issue/id", "/id"], &["/updated_at", "/sent_at"])),
    )
}

/// Whatever else a template sends is not to be trusted: the issue is to be fetched.
const ISSUE: &[Field] = &[
    same("issue_id", &["/issue_id", "/issue/id", "/id"]),
    same("number", &["/number", "/issue/number"]),
    same("title", &["/title", "/issue/title"]),
    same("status", &["/state", "/issue/state"]),
    same("account_id", &["/account_id", "/issue/account/id"]),
    same("message_id", &["/message_id"]),
    time("sent_at", &["/sent_at", "/updated_at"]),
];

/// A template whose variables were not filled in.
fn unresolved(event: &Value) -> Option<Passed> {
    let id =
        ["/issue_id", "/issue/id", "/id"].iter().find_map(|pointer| event.pointer(pointer).and_then(Value::as_str));
    if id.is_some_and(|id| id.contains("{{")) { Some(Passed::UNRESOLVED) } else { take_all(event) }
}
