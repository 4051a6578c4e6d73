//! Nodes: the processes of one installation, which share its database.
//!
//! On SQLite there is one. On PostgreSQL there may be any number, started and stopped at will: the table of deliveries with
//! its leases says who does what, and nothing is lost when a node is. What a node tells the others (see `signal`) only
//! makes them quicker: that something is due, that an endpoint changed, what the open pages should show. Where there is Redis,
//! what a node stores and does not send itself is offered to one of the others (see `offer`).

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub(crate) mod offer;
#[cfg(feature = "server")]
pub(crate) mod redis;
#[cfg(feature = "server")]
pub(crate) mod signal;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(feature = "server")]
pub(crate) mod stream;

#[cfg(feature = "server")]
pub use redis::{Redis, RedisError};
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How often a node says that it is there, in milliseconds.
pub const BEAT_MS: i64 = 5_000;
/// A node that has not been seen for this long, in milliseconds, is not counted any more.
pub const GONE_MS: i64 = 15_000;
/// A node that has not been seen for this long, in milliseconds, is forgotten.
pub const FORGOTTEN_MS: i64 = 3_600_000;

crate::text_enum! {
    /// What a node does.
    pub enum NodeRole {
        /// Everything.
        All = "all",
        /// Serves the API and the pages; delivers nothing.
        Api = "api",
        /// Delivers; serves only `/healthz`, `/readyz`, `/metrics` and the inbox.
        Worker = "worker",
    }
}

impl NodeRole {
    /// Whether it delivers.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self, Self::All | Self::Worker)
    }

    /// Whether it serves the API and the pages.
    #[must_use]
    pub const fn serves(self) -> bool {
        matches!(self, Self::All | Self::Api)
    }
}

/// A node that was seen lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct Node {
    /// A name that differs from start to start.
    pub id: String,
    /// What it does.
    pub role: NodeRole,
    /// The address it listens at, as it knows it.
    pub address: String,
    /// Its version.
    pub version: String,
    /// When it started.
    pub started_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
}

/// How far a group of nodes is with what is offered to it by Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The group: `webhooks`, `rules` or `connectors`.
    pub group: &'static str,
    /// Entries of its stream that nobody has read; none where Redis cannot say.
    pub lag: Option<usize>,
    /// Entries that were read and are not done.
    pub pending: usize,
}

impl Node {
    /// Whether it is gone: it has not said for a while that it is there, nor that it ends.
    #[must_use]
    pub const fn is_gone(&self, now: Timestamp) -> bool {
        now.since(self.last_seen_at) > GONE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_gone_when_it_has_missed_three_beats() {
        let node = Node {
            id: "n1".into(),
            role: NodeRole::Worker,
            address: "10.0.0.5:3000".into(),
            version: "0.1.0".into(),
            started_at: Timestamp(0),
            last_seen_at: Timestamp(60_000),
        };
        // The clocks of two nodes may disagree a little.
        for (now, gone) in [(59_000, false), (60_000 + 3 * BEAT_MS, false), (60_001 + 3 * BEAT_MS, true)] {
            assert_eq!(node.is_gone(Timestamp(now)), gone, "{now}");
        }
    }
}
