//! Issues at a tracker that events made, kept in step from both sides.
//!
//! A rule of a connection to Jira leads to a project and says in [`IssueSettings`] what an event makes there: which type of issue,
//! its fields, and what later events about the same thing do. Which thing an event is about is its *subject*: the value at a path.
//! The issue of a subject is a [`LinkedIssue`]; every step of keeping it in step, from either side, is a [`SyncEntry`] of it.
//!
//! To Jira: `deliver` carries an attempt out, with `values` for the fields. From Jira: `receive` takes a webhook and stores it
//! before it answers, `heed` reads the issue and tells of what is new, once; `hook` keeps the webhooks registered.
//!
//! Who wins where both sides changed the same field is the rule's [`Conflict`]; loops end because a change that is known already is
//! none, and because events that came from a connection are not sent back through it.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub(crate) mod deliver;
#[cfg(feature = "server")]
pub(crate) mod heed;
#[cfg(feature = "server")]
pub(crate) mod hook;
mod mapping;
#[cfg(feature = "server")]
pub mod receive;
#[cfg(feature = "server")]
pub(crate) mod state;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(feature = "server")]
pub(crate) mod template;
#[cfg(all(test, feature = "server"))]
mod tests;
#[cfg(feature = "server")]
pub(crate) mod values;

pub use mapping::{
    Conflict, FieldKind, FieldMapping, IssueSettings, MAX_FIELDS, MAX_STATUSES, MAX_VALUE, StatusMapping,
};

use serde::{Deserialize, Serialize};

use crate::id::{ConnectionId, DeliveryId, EndpointId, EventId, LinkedIssueId, SyncEntryId};
use crate::text_enum;
use crate::time::Timestamp;

/// An issue that a rule made for a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LinkedIssue {
    /// Its id here.
    pub id: LinkedIssueId,
    /// The connection that it is reached through.
    pub connection_id: ConnectionId,
    /// The rule that made it.
    pub rule_id: EndpointId,
    /// What it is about: the value at the rule's subject path, or the id of the one event.
    pub subject: String,
    /// Its key: `ED-12`. Absent while it is being made.
    pub key: Option<String>,
    /// Its page at the tracker.
    pub url: Option<String>,
    /// Its summary, as last seen.
    pub summary: String,
    /// The name of its status, as last seen.
    pub status: Option<String>,
    /// `new`, `indeterminate` or `done`.
    pub status_category: Option<String>,
    /// Whether it was deleted at the tracker.
    pub is_deleted: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When either side last changed it.
    pub updated_at: Timestamp,
}

text_enum! {
    /// Which way a step of a sync log went.
    pub enum Direction {
        /// From an event to the issue.
        ToIssue = "to_issue",
        /// From the issue to an event.
        FromIssue = "from_issue",
    }
}

text_enum! {
    /// What a step of a sync log did.
    pub enum SyncAction {
        /// The issue was made.
        Created = "created",
        /// It was there already: an answer had been lost.
        Found = "found",
        /// Fields were written, or somebody changed them at the tracker.
        Updated = "updated",
        /// A comment was written.
        Commented = "commented",
        /// It was moved to another status.
        Moved = "moved",
        /// It was to be moved, and there is no way from where it is, or the tracker refused that.
        NotMoved = "not_moved",
        /// Both sides changed the same field.
        Conflict = "conflict",
        /// The tracker told of what was written from here: nothing is told on.
        Echo = "echo",
        /// It was deleted at the tracker.
        Deleted = "deleted",
        /// Something did not work.
        Failed = "failed",
    }
}

/// A step of keeping an issue in step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct SyncEntry {
    /// Its id.
    pub id: SyncEntryId,
    /// When.
    pub at: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// What was done.
    pub action: SyncAction,
    /// It in a sentence.
    pub detail: String,
    /// The delivery that did it, for a step to the issue.
    pub delivery_id: Option<DeliveryId>,
    /// The event that came of it, for a step from the issue.
    pub event_id: Option<EventId>,
}

/// A linked issue with its sync log, newest step first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LinkedIssueLog {
    /// The issue.
    pub issue: LinkedIssue,
    /// Its steps, the last 200.
    pub entries: Vec<SyncEntry>,
}

/// Something of which one is chosen, by its id at the tracker: an issue type, a status, a value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Choice {
    /// Its id there.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// A field that an issue of a type can be made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct IssueField {
    /// Its id at the tracker: `summary`, `customfield_10020`.
    pub field: String,
    /// What it is called.
    pub name: String,
    /// Whether it must be filled.
    pub is_required: bool,
    /// What it holds; absent for a kind that cannot be filled from here.
    pub kind: Option<FieldKind>,
    /// What may be chosen, where the tracker lists it.
    pub choices: Vec<Choice>,
}

/// What a project asks of an issue of one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct IssueScreen {
    /// Its fields, the required ones first.
    pub fields: Vec<IssueField>,
    /// The statuses that it can have.
    pub statuses: Vec<Choice>,
}
