//! What is read: one event of a provider, and what it becomes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::provider::Provider;

/// One event of a provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The provider's id of it, the same when the provider tries again. Without one, requests are told apart by their
    /// content.
    pub provider_id: Option<String>,
    /// The provider's name of its type, as it was sent. None where there is none.
    pub provider_type: Option<String>,
    /// When it happened, by the provider's clock, in Unix milliseconds.
    pub occurred_at_ms: Option<i64>,
    /// Whether it is a provider's own test, which always carries the same id: never a duplicate.
    pub is_test: bool,
    /// What it becomes.
    pub outcome: Outcome,
}

/// What an event becomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// An event of the hub.
    Mapped(HubEvent),
    /// Nothing: its type is not known. It is kept and shown.
    Unknown,
    /// Nothing: it is passed over. It is kept and shown with the reason.
    Passed {
        /// A word for programs and figures: `own_message`.
        code: String,
        /// A sentence for people.
        reason: String,
    },
    /// Nothing: it lacks what its type always has.
    Incomplete {
        /// Where something was looked for: a JSON pointer.
        missing: String,
    },
}

/// An event of the hub, before it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HubEvent {
    /// Its type: `invoice.paid`.
    pub event_type: String,
    /// Its data, an object; `provider` in it says where it comes from.
    pub data: Value,
    /// When it happened, in Unix milliseconds; none where the provider does not say.
    pub occurred_at_ms: Option<i64>,
    /// What makes it the same event when it comes again, beginning with the provider: `stripe:evt_…`. None where
    /// nothing of the provider does.
    pub idempotency_key: Option<String>,
    /// Whose state it carries, if it does.
    pub state: Option<State>,
}

/// Whose state an event carries, and which of two is the later. Providers do not keep an order: an event whose version
/// is lower than one that was seen is late news. Equal versions are not: some providers count in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Kind and id: `subscription:sub_1`. It is unique within a source.
    pub subject: String,
    /// A time in Unix milliseconds that grows with each change.
    pub version: i64,
    /// Whether nothing comes after it: the subject was deleted. It counts whatever its version is, since a deletion is
    /// often told with a coarser time.
    pub ends: bool,
}

/// Why an event is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// A word for programs and figures.
    pub code: &'static str,
    /// A sentence for people.
    pub reason: &'static str,
}

impl Passed {
    /// The request only tries the address.
    pub const CHALLENGE: Self =
        Self { code: "challenge", reason: "The request only tries the address, and is answered with its challenge." };
    /// Our own app said it.
    pub const OWN: Self = Self { code: "own_message", reason: "Our own app posted this message." };
    /// A bot said it.
    pub const BOT: Self = Self { code: "bot_message", reason: "A bot or an incoming webhook posted this message." };
    /// It tells of another message.
    pub const SUBTYPE: Self = Self {
        code: "message_subtype",
        reason: "The message has a subtype: it is an edit, a deletion or a notice of Slack, and nothing new that was \
                 said.",
    };
    /// It carries no object.
    pub const THIN: Self = Self {
        code: "thin_event",
        reason: "The event is of the newer kind that carries no object; subscribe to snapshot events.",
    };
    /// A template was not filled in.
    pub const UNRESOLVED: Self = Self {
        code: "unresolved_template",
        reason: "The body still holds a variable, {{…}}: the template of the trigger names one that does not exist.",
    };
}

impl From<Passed> for Outcome {
    fn from(passed: Passed) -> Self {
        Self::Passed { code: passed.code.to_owned(), reason: passed.reason.to_owned() }
    }
}

/// An idempotency key: the provider, then what makes the event the same.
pub(crate) fn key(provider: Provider, id: &str) -> String {
    format!("{}:{id}", provider.key())
}
