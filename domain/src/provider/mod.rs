//! Providers: the services behind connections, a folder each. A folder holds what is known of one third party and nothing of
//! ours but types: its addresses and permissions, what its errors mean, how its requests are read and its messages written.
//! All of it is pure; connections, workers and doors do the calling and the storing.

pub mod catalogue;
pub mod jira;
pub mod slack;
pub mod teams;
#[cfg(feature = "server")]
pub mod telling;

use serde::{Deserialize, Serialize};

use crate::channel::ChannelState;
use crate::text_enum;

text_enum! {
    /// What a permission lets us do.
    pub enum Access {
        /// Only look.
        Read = "read",
        /// Change something, or speak.
        Write = "write",
    }
}

/// A permission that a provider grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// Its name at the provider: `chat:write`.
    pub name: &'static str,
    /// What it is for, in a plain sentence.
    pub sentence: &'static str,
    /// Whether it lets us look or change.
    pub access: Access,
    /// Whether the connection is of use without it.
    pub optional: bool,
}

/// What an answer of a provider says of the connection. Not every answer says anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// The credentials are good.
    Healthy,
    /// The credentials are worth nothing any more: somebody has to connect anew.
    NeedsReconnect,
    /// Too many calls; it will pass.
    RateLimited,
    /// The credentials are good, but a permission is missing.
    MissingScope {
        /// Its name, if the provider told it.
        needed: Option<String>,
    },
}

/// What comes after a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "next", rename_all = "snake_case")]
pub enum Next {
    /// Try again, not before so many seconds where the provider named them, else by the schedule.
    Retry {
        /// What the provider asked to wait.
        after_s: Option<i64>,
    },
    /// Renew the token, then try again at once. Where it cannot be renewed, the connection needs to be made anew.
    Renew,
    /// Send it to the connection's default channel instead.
    Fallback,
    /// Do not try again: it would fail the same way.
    GiveUp,
}

/// What helps, as a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Help {
    /// Connect anew.
    Reconnect,
    /// Consent to a permission more.
    Reauthorise,
    /// Choose another channel.
    ChooseChannel,
    /// Invite the app to the channel.
    Invite,
    /// Try again by hand.
    TryAgain,
    /// Look at the app's settings at the provider.
    CheckApp,
    /// Choose another site.
    ChooseSite,
    /// Look at which fields are filled with what.
    CheckMapping,
    /// Ask for a permission there.
    AskAdministrator,
    /// Tell whoever runs Patchbay.
    Report,
}

impl Help {
    /// What stands on the button.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reconnect => "Reconnect",
            Self::Reauthorise => "Re-authorise for 1 new permission",
            Self::ChooseChannel => "Choose another channel",
            Self::Invite => "Copy /invite command",
            Self::TryAgain => "Try again",
            Self::CheckApp => "Check the app's settings",
            Self::ChooseSite => "Choose another site",
            Self::CheckMapping => "Check the fields",
            Self::AskAdministrator => "Ask an administrator",
            Self::Report => "Report this",
        }
    }
}

/// What an error means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// What it says of the connection, if anything.
    pub connection: Option<Standing>,
    /// What it says of the channel, if anything.
    pub channel: Option<ChannelState>,
    /// What comes next for what was to be sent.
    pub next: Next,
    /// What happened and what to do, in a sentence or two.
    pub sentence: &'static str,
    /// The button that helps.
    pub help: Help,
    /// Whether it may have happened all the same, so that trying again may do it twice where nothing is looked for before.
    pub perhaps_done: bool,
}
