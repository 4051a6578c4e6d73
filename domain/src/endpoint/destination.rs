//! Where an endpoint's deliveries go that are messages to people: a channel of a connection, in place of a URL. Such an endpoint is
//! what people know as a rule ([`crate::rule`]).

use serde::{Deserialize, Serialize};

use super::{Controls, DeliveryForm};
use crate::connection::Provider;
use crate::id::{ChannelId, ConnectionId};
use crate::issue::IssueSettings;
use crate::rule::{Batching, Format, Mention, QuietHours};

/// Events in one digest at most; what is more goes into the next.
const DIGEST_EVENTS: i64 = 500;
/// How long the first event of a digest waits for those that are due with it, in seconds.
const DIGEST_WAIT_S: i64 = 1;

/// A channel that deliveries go to as messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Destination {
    /// The third party.
    #[serde(default = "slack")]
    pub provider: Provider,
    /// The connection.
    pub connection_id: ConnectionId,
    /// The channel.
    pub channel_id: ChannelId,
    /// The channel's id at the provider: `C061EG9R6`.
    pub provider_channel_id: String,
    /// What the channel was called when it was chosen.
    pub channel_name: String,
    /// How much is told.
    pub format: Format,
    /// Who is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub mention: Option<Mention>,
    /// What becomes one message.
    #[serde(default)]
    pub batching: Batching,
    /// When nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// The zone of its times.
    pub time_zone: String,
    /// What an event makes of an issue, where the channel is a project of a tracker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueSettings>,
}

/// What destinations without a provider are of: they were stored when there was no other.
const fn slack() -> Provider {
    Provider::Slack
}

impl Destination {
    /// The form in which its deliveries go: together where they wait for a time, one by one where not.
    #[must_use]
    pub const fn form(&self) -> DeliveryForm {
        match (self.batching, self.quiet_hours) {
            (Batching::Off, None) => DeliveryForm::Push,
            _ => DeliveryForm::Batch { max_events: DIGEST_EVENTS, max_wait_s: DIGEST_WAIT_S },
        }
    }
}

impl Controls {
    /// The controls of an endpoint whose deliveries go to a channel.
    #[must_use]
    pub fn to(self, destination: Destination) -> Self {
        Self { delivery: destination.form(), destination: Some(destination), ..self }
    }
}
