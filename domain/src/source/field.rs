//! The fields of a provider's events, as they are expected and seen.

use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum! {
    /// How a field of an event stands to what is expected.
    pub enum FieldStanding {
        /// It is there, and what it should be.
        Seen = "seen",
        /// None of the events had it.
        Missing = "missing",
        /// It is there, and of another kind in one of the events at least.
        OtherKind = "other_kind",
        /// It is there, and not read.
        Unexpected = "unexpected",
    }
}

/// A field of a provider's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EventField {
    /// Where it is in the provider's event: a JSON pointer. Of e-mail, which is taken apart first, where it is in the message.
    pub place: String,
    /// What it becomes in the data of the hub's event; none for one that is not read.
    pub field: Option<String>,
    /// How it stands to what is expected.
    pub standing: FieldStanding,
    /// Whether the schema of the event type demands it.
    pub is_required: bool,
    /// Which kinds of JSON are expected; none where any is.
    pub expected: Vec<String>,
    /// How many of the events have it.
    pub seen: i64,
    /// Which kinds of JSON it had.
    pub kinds: Vec<String>,
}

/// The fields of one type of event, expected and seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FieldReport {
    /// The provider's type.
    pub provider_event_type: String,
    /// What it becomes here; none for one that is kept and shown only.
    pub event_type: Option<String>,
    /// Events that were looked at: those in the newest twenty verified requests of the type whose bodies are kept, fifty at most.
    pub events: i64,
    /// What is expected in the order of the mapping, then what is there besides, a hundred at most.
    pub fields: Vec<EventField>,
}
