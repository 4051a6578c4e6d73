//! The Events API.

use serde_json::Value;

use super::{Tenant, Unreadable, first, flag, text};
use crate::time::Timestamp;

/// A request to the events address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// Slack tries the address: answer with this text.
    UrlVerification {
        /// What to answer.
        challenge: String,
    },
    /// Something happened in a workspace.
    Event(Envelope),
    /// Slack holds events back, because there were too many.
    RateLimited(Tenant),
    /// A type that is of no use to us.
    Other(String),
}

/// What happened, where and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The event's id, the same when Slack tries again: `Ev…`.
    pub id: String,
    /// The app that it is for.
    pub app_id: String,
    /// Whose it is.
    pub tenant: Tenant,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub happening: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The app was removed from the workspace. `TokensRevoked` may come before, after or not at all.
    AppUninstalled,
    /// Tokens were given up: those of these users, of people and of the app.
    TokensRevoked {
        /// People's ids.
        people: Vec<String>,
        /// Ids of the app's users.
        bots: Vec<String>,
    },
    /// There is a new channel.
    ChannelCreated {
        /// Its id.
        channel: String,
        /// Its name.
        name: String,
    },
    /// A channel has another name.
    ChannelRenamed {
        /// Its id.
        channel: String,
        /// Its new name.
        name: String,
    },
    /// A channel was archived.
    ChannelArchived {
        /// Its id.
        channel: String,
    },
    /// A channel is back.
    ChannelUnarchived {
        /// Its id.
        channel: String,
    },
    /// A channel was deleted.
    ChannelDeleted {
        /// Its id.
        channel: String,
    },
    /// Somebody, perhaps the app, joined a channel.
    Joined {
        /// The channel's id.
        channel: String,
        /// The user's id.
        user: String,
    },
    /// Somebody, perhaps the app, left a channel.
    Left {
        /// The channel's id.
        channel: String,
        /// The user's id.
        user: String,
    },
    /// Something that is of no use to us.
    Other(String),
}

/// Reads a request to the events address.
///
/// # Errors
/// It is no JSON, or lacks what every such request has.
pub fn events(body: &[u8]) -> Result<Inbound, Unreadable> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Unreadable("the body is no JSON"))?;
    match text(&body, "/type").ok_or(Unreadable("there is no `type`"))?.as_str() {
        "url_verification" => {
            let challenge = text(&body, "/challenge").ok_or(Unreadable("there is no `challenge`"))?;
            Ok(Inbound::UrlVerification { challenge })
        }
        "event_callback" => envelope(&body).map(Inbound::Event),
        "app_rate_limited" => Ok(Inbound::RateLimited(tenant(&body))),
        other => Ok(Inbound::Other(other.to_owned())),
    }
}

fn envelope(body: &Value) -> Result<Envelope, Unreadable> {
    let seconds = body.pointer("/event_time").and_then(Value::as_i64).unwrap_or_default();
    Ok(Envelope {
        id: text(body, "/event_id").ok_or(Unreadable("there is no `event_id`"))?,
        app_id: text(body, "/api_app_id").ok_or(Unreadable("there is no `api_app_id`"))?,
        tenant: tenant(body),
        at: Timestamp(seconds.saturating_mul(1000)),
        happening: happening(body).ok_or(Unreadable("the event lacks its type, or what its type has"))?,
    })
}

/// The authorization says whose install the event is for; the outer ids may be those of another workspace that shares the
/// channel.
fn tenant(body: &Value) -> Tenant {
    Tenant {
        enterprise_id: first(body, &["/authorizations/0/enterprise_id", "/context_enterprise_id", "/enterprise_id"]),
        team_id: first(body, &["/authorizations/0/team_id", "/context_team_id", "/team_id"]),
        org_wide: flag(body, "/authorizations/0/is_enterprise_install"),
    }
}

fn happening(body: &Value) -> Option<Happening> {
    let kind = text(body, "/event/type")?;
    let channel = || first(body, &["/event/channel/id", "/event/channel"]);
    let name = || first(body, &["/event/channel/name_normalized", "/event/channel/name"]);
    let user = || first(body, &["/event/user/id", "/event/user"]);
    let ids = |pointer: &str| {
        let list = body.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).take(1000).map(str::to_owned).collect()
    };
    Some(match kind.as_str() {
        "app_uninstalled" => Happening::AppUninstalled,
        "tokens_revoked" => {
            Happening::TokensRevoked { people: ids("/event/tokens/oauth"), bots: ids("/event/tokens/bot") }
        }
        "channel_created" => Happening::ChannelCreated { channel: channel()?, name: name()? },
        "channel_rename" | "group_rename" => Happening::ChannelRenamed { channel: channel()?, name: name()? },
        "channel_archive" | "group_archive" => Happening::ChannelArchived { channel: channel()? },
        "channel_unarchive" | "group_unarchive" => Happening::ChannelUnarchived { channel: channel()? },
        "channel_deleted" | "group_deleted" => Happening::ChannelDeleted { channel: channel()? },
        "member_joined_channel" => Happening::Joined { channel: channel()?, user: user()? },
        "member_left_channel" => Happening::Left { channel: channel()?, user: user()? },
        other => Happening::Other(other.to_owned()),
    })
}
