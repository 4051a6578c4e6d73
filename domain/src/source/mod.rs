//! Sources: addresses of ours that providers post webhooks to, what is verified with what, and what came.
//!
//! ```text
//! POST /in/{provider}/{token}   receive: bound the size, verify the raw bytes, store, answer
//!            |                  inbound_requests: every request, also those refused
//!            v
//! worker/receiver -> process    read the events, drop what came already, note what came late, write events of the hub:
//!            |                  once, in the transaction that ends the request
//!            v
//! worker/dispatcher             their deliveries
//! ```
//!
//! What a provider sends and how it signs is the business of `crates/inbound`, which is pure. What its events are called here is
//! kept as the organization's own event types ([`types`], decision 16). Secrets and the token of the address are sealed; a request
//! is kept without them.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub mod both;
#[cfg(feature = "server")]
pub mod channels;
#[cfg(feature = "server")]
pub mod export;
mod field;
#[cfg(feature = "server")]
pub mod fields;
#[cfg(feature = "server")]
pub mod history;
#[cfg(feature = "server")]
pub mod log;
#[cfg(feature = "server")]
pub mod mail;
#[cfg(feature = "server")]
pub mod presets;
#[cfg(feature = "server")]
pub(crate) mod process;
#[cfg(feature = "server")]
pub mod receive;
mod request;
#[cfg(feature = "server")]
pub mod requests;
#[cfg(feature = "server")]
pub mod secrets;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(all(test, feature = "server"))]
pub(crate) mod tests;
#[cfg(feature = "server")]
mod types;

pub use field::{EventField, FieldReport, FieldStanding};
pub use request::{
    EmailFact, InboundFigures, InboundOutcome, InboundRequest, InboundRequestSummary, InboundState, InboundVerdict,
    LogColumn, LogEntry, LogEntryFacets, OutcomeKind, RejectedCount, RequestFacets, origin,
};

use serde::{Deserialize, Serialize};

use crate::id::SourceId;
use crate::provider::catalogue::Category;
use crate::text_enum;
use crate::time::Timestamp;

/// The longest name, in characters.
pub const MAX_NAME: usize = 100;
/// Channels that may be chosen for one source.
pub const MAX_CHANNELS: usize = 500;
/// The longest name of an account, in characters.
pub const MAX_ACCOUNT: usize = 200;
/// Sources of one organization at most.
pub const MAX_SOURCES: usize = 200;
/// The largest body that is taken, in bytes.
pub const MAX_BODY: usize = 10 * 1024 * 1024;
/// The largest headers that are kept, names and values together, in bytes.
pub const MAX_HEADERS: usize = 64 * 1024;
/// How long an older secret or address is taken after it was changed, in hours, unless told otherwise.
pub const OVERLAP_HOURS: i64 = 24;
/// The longest such overlap, in hours: 30 days.
pub const MAX_OVERLAP_HOURS: i64 = 720;

text_enum! {
    /// Whether a source takes requests.
    pub enum SourceStatus {
        /// It does.
        Active = "active",
        /// It refuses them all.
        Disabled = "disabled",
    }
}

/// An address that a provider posts to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// The preset it was made by: `stripe`.
    pub provider: String,
    /// What people call the provider.
    pub provider_name: String,
    /// What people call the source.
    pub name: String,
    /// Whether it takes requests.
    pub status: SourceStatus,
    /// The address to give to the provider. Who knows it can post there, but not sign.
    pub url: String,
    /// Until when the address before this one is taken, too.
    pub previous_url_until: Option<Timestamp>,
    /// An e-mail address of its own, where the installation takes e-mail by this provider for everybody: what is sent there comes to
    /// the source. Behind a `+` before the `@` anything may stand.
    pub mail_address: Option<String>,
    /// The account at the provider whose requests alone are taken: a workspace, an organization, a site. Any where none is set; a
    /// request that names no account is taken.
    pub account: Option<String>,
    /// The channels whose messages alone are told (Slack); all that the app is in where none is chosen.
    pub channels: Vec<SourceChannel>,
    /// How requests are verified.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub scheme: serde_json::Value,
    /// The secrets that requests are verified with, newest first; none until one is entered.
    pub secrets: Vec<SourceSecret>,
    /// A token that the provider has posted to be pasted back there; shown to those who may change sources, until the first
    /// request is verified with it.
    pub verification_token: Option<String>,
    /// When the last request came, whatever became of it.
    pub last_received_at: Option<Timestamp>,
    /// When the last one came that was verified; none while the source waits for its first event.
    pub last_verified_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A source in a list: without its address and what it is verified with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SourceSummary {
    /// Its id.
    pub id: SourceId,
    /// The preset it was made by: `stripe`.
    pub provider: String,
    /// What people call the provider.
    pub provider_name: String,
    /// What people call the source.
    pub name: String,
    /// Whether it takes requests.
    pub status: SourceStatus,
    /// Whether there is a secret to verify requests with.
    pub has_secret: bool,
    /// When the last request came, whatever became of it.
    pub last_received_at: Option<Timestamp>,
    /// When the last one came that was verified; none while the source waits for its first event.
    pub last_verified_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A channel of Slack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceChannel {
    /// Its id there: `C2147483705`.
    pub id: String,
    /// What it was called when it was chosen.
    pub name: String,
}

/// A secret of a source, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SourceSecret {
    /// Its last four characters; empty for one that is too short to show any.
    pub hint: String,
    /// When it was entered or made.
    pub created_at: Timestamp,
    /// When it ends, for one that was replaced.
    pub expires_at: Option<Timestamp>,
}

/// A source with a secret that was made for it, shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SourceWithSecret {
    /// The source.
    #[serde(flatten)]
    pub source: Source,
    /// The secret that was made here and has to be given to the provider; absent where it was entered, or is yet to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A source about to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// Who posts there: the key of a preset, as `stripe`.
    pub provider: String,
    /// What people call it; the provider's name when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// The secret that the provider signs with. Made for you when absent, where that is for us to do.
    #[serde(default)]
    pub secret: Option<String>,
    /// The account at the provider whose requests alone are taken; any when absent.
    #[serde(default)]
    pub account: Option<String>,
    /// How requests are verified, if not as is usual for the provider.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub scheme: Option<serde_json::Value>,
}

/// A change of a source: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SourceChange {
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it takes requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<SourceStatus>,
    /// The account at the provider whose requests alone are taken; empty for any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The channels whose messages alone are told (Slack); an empty list for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<SourceChannel>>,
    /// How requests are verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub scheme: Option<serde_json::Value>,
}

/// How the address of a source is to be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TokenRotation {
    /// How long the older address is taken, in hours: 0 to 720, 24 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_hours: Option<i64>,
}

/// How the secret of a source is to be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SecretRotation {
    /// The new secret, as the provider shows it. Made for you when absent, where that is for us to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// How long the one before it verifies, too, in hours: 0 to 720, 24 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_hours: Option<i64>,
}

/// What a person has to know to set a source up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SourcePreset {
    /// Its key: `stripe`.
    pub provider: String,
    /// The provider's name for people.
    pub name: String,
    /// The path of its picture, where there is one.
    pub logo: Option<String>,
    /// What it is for.
    pub category: Category,
    /// What comes from there, in a sentence.
    pub about: String,
    /// How its requests are verified, in a sentence.
    pub verification: String,
    /// How they can be verified: the usual scheme first.
    #[cfg_attr(feature = "server", schema(value_type = Vec<Object>))]
    pub schemes: Vec<serde_json::Value>,
    /// What the secret is called there.
    pub secret_name: String,
    /// What it looks like.
    pub secret_looks_like: String,
    /// Whether a secret can be made here; else it is copied from the provider.
    pub makes_secret: bool,
    /// Whether the provider posts it to the address; it is taken while the source waits for one.
    pub posts_secret: bool,
    /// How the secret is changed without losing a request.
    pub rotation: String,
    /// What an account is called there and what it looks like, where requests name one: `Workspace`, `T061EG9R6`.
    pub account: Option<(String, String)>,
    /// What to do there, step by step. `{url}` stands for the address of the source.
    pub setup: Vec<String>,
    /// The provider's types of event, and what each becomes here.
    pub events: Vec<PresetEvent>,
    /// When the provider tries again.
    pub retries: String,
    /// How it tries the address, if it does.
    pub challenge: Option<String>,
    /// What makes a request the same as an earlier one.
    pub duplicates: String,
}

/// A type of event of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PresetEvent {
    /// The provider's name for it; `*` for any that is not named otherwise.
    pub provider_type: String,
    /// The event type it becomes here; none for one that is kept and shown only.
    pub event_type: Option<String>,
}

/// How long something older is taken after a change, in milliseconds.
///
/// # Errors
/// Outside 0 to 720 hours.
pub fn overlap_ms(hours: Option<i64>) -> crate::Result<i64> {
    match hours.unwrap_or(OVERLAP_HOURS) {
        hours @ 0..=MAX_OVERLAP_HOURS => Ok(hours * 3_600_000),
        _ => Err(crate::Error::invalid("overlap_hours", format!("must be between 0 and {MAX_OVERLAP_HOURS}."))),
    }
}
