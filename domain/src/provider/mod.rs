//! Providers: the services behind connections, a folder each. A folder holds what is known of one third party and nothing of
//! ours but types: its addresses and permissions, what its errors mean, how its requests are read and its messages written.
//! All of it is pure; connections, workers and doors do the calling and the storing.

pub mod catalogue;
pub mod slack;

use serde::{Deserialize, Serialize};

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
