//! What is told to open pages the moment it happens.

use serde::{Deserialize, Serialize};

use crate::delivery::DeliverySummary;
use crate::inbox::InboxRequest;

/// Something that changed in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Notice {
    /// A delivery was made or changed: its row as it is now.
    Delivery(Box<DeliverySummary>),
    /// A request arrived at the inbox.
    Inbox(Box<InboxRequest>),
    /// An endpoint changed (its id).
    Endpoint(String),
    /// A connection changed.
    Connection,
    /// A source changed, or something came to one, or was handled.
    Source,
}

/// A notice with its place in the stream. `id` goes into the SSE `id:` field and back as `Last-Event-ID`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// `{process}-{number}`.
    pub id: String,
    /// What changed.
    pub notice: Notice,
}
