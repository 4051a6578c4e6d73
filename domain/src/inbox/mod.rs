//! The throw-away inbox: a receiver URL of the hub itself that records what arrives, so that a
//! newcomer sees a signed delivery before writing a server. One per organization.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub(crate) mod store;

use serde::{Deserialize, Serialize};

use crate::id::{InboxId, InboxRequestId};
use crate::time::Timestamp;

/// Requests that an inbox keeps; older ones are dropped.
pub const KEPT: i64 = 100;
/// Requests of an inbox that are shown at once.
pub const SHOWN: i64 = 50;
/// The largest body that an inbox takes, in bytes. Larger than an event's, since deliveries have an envelope.
pub const MAX_BODY: usize = 260 * 1024;
/// The largest headers that an inbox takes, names and values together, in bytes.
pub const MAX_HEADERS: usize = 32 * 1024;

/// An organization's inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Inbox {
    /// Its id.
    pub id: InboxId,
    /// The URL to deliver to: `{base}/inbox/{token}`.
    pub url: String,
    /// What arrived, newest first.
    pub requests: Vec<InboxRequest>,
}

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InboxRequest {
    /// Its id.
    pub id: InboxRequestId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// Its method.
    pub method: String,
    /// Its headers, in order.
    pub headers: Vec<(String, String)>,
    /// Its body as text (invalid UTF-8 replaced).
    pub body: String,
    /// Whether the signature is that of the organization's endpoint which points here; none when none does.
    pub verified: Option<bool>,
}
