//! Rules: which events are told in which channel, how, and when.
//!
//! A rule names event types and may ask more of an event by a condition ([`Matcher`]); it says who is mentioned and how much
//! is told; and it says when ([`schedule`]): each event at once, or what came together in one digest, and not within quiet
//! hours. When something is due follows from the rule and the moment alone, so that any node comes to the same answer and
//! nothing has to be remembered: all events of a rule with the same due time are one message.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub mod count;
mod estimate;
mod matcher;
mod mention;
#[cfg(feature = "server")]
pub mod schedule;
mod time_of_day;

pub use estimate::{DAYS, Estimate};
pub use matcher::Matcher;
pub use mention::Mention;
pub use time_of_day::TimeOfDay;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::channel::ChannelState;
use crate::endpoint::present;
use crate::id::{ChannelId, ConnectionId, EndpointId};
use crate::issue::IssueSettings;
use crate::time::Timestamp;
use crate::{Detail, Error, Result, text_enum};

text_enum! {
    /// How much a message tells.
    pub enum Format {
        /// One line for each event.
        Compact = "compact",
        /// A heading, the fields that matter, and buttons.
        Full = "full",
    }
}

/// What of a rule becomes one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum Batching {
    /// A message for each event, at once.
    #[default]
    Off,
    /// What comes within five minutes; sent at :00, :05, :10 and so on.
    FiveMinutes,
    /// What comes within an hour; sent on the hour.
    Hour,
    /// What comes within a day.
    Daily {
        /// When it is sent, in the rule's time zone: `09:00`.
        at: TimeOfDay,
    },
}

/// When nothing is sent; what comes meanwhile is told together when they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From when, in the rule's time zone: `22:00`.
    pub from: TimeOfDay,
    /// Until when, itself no longer quiet: `07:00`; before `from` for the next morning.
    pub to: TimeOfDay,
}

impl QuietHours {
    /// Whether a time of day is quiet.
    #[must_use]
    pub fn cover(&self, time: TimeOfDay) -> bool {
        if self.from <= self.to { self.from <= time && time < self.to } else { time >= self.from || time < self.to }
    }
}

/// A rule. It is kept as an endpoint whose deliveries go to a channel, so that it has all that endpoints have; its id is an
/// endpoint's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Rule {
    /// Its id.
    pub id: EndpointId,
    /// The connection that it sends through.
    pub connection_id: ConnectionId,
    /// Where it tells.
    pub channel_id: ChannelId,
    /// The channel's id at the provider.
    pub provider_channel_id: String,
    /// What the channel is called.
    pub channel_name: String,
    /// Whether messages can go there.
    pub channel_state: ChannelState,
    /// Patterns: `*`, `invoice.*` or full names.
    pub event_types: Vec<String>,
    /// Only events that match, in the language of endpoints' filters.
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub condition: Option<Value>,
    /// Who is called.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub mention: Option<Mention>,
    /// How much is told.
    pub format: Format,
    /// What becomes one message.
    pub batching: Batching,
    /// When nothing is sent.
    pub quiet_hours: Option<QuietHours>,
    /// The zone of its times, by its name in the time zone database: `Europe/Amsterdam`.
    pub time_zone: String,
    /// What an event makes of an issue, where the channel is a project of a tracker.
    pub issue: Option<IssueSettings>,
    /// Whether it tells anything.
    pub enabled: bool,
    /// Why the hub switched it off, if it did.
    pub disabled_reason: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What is asked for when a rule is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// Where it tells.
    pub channel_id: ChannelId,
    /// Patterns: `*`, `invoice.*` or full names.
    pub event_types: Vec<String>,
    /// Only events that match: `{"path":"data.amount","gt":1000}`, groups with `all`, `any`, `not`.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub condition: Option<Value>,
    /// `here`, `channel`, `user:U…` or `group:S…`.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub mention: Option<Mention>,
    /// `compact` or `full` (default).
    #[serde(default = "full")]
    pub format: Format,
    /// `{"mode":"off"}` (default), `five_minutes`, `hour`, or `{"mode":"daily","at":"09:00"}`.
    #[serde(default)]
    pub batching: Batching,
    /// `{"from":"22:00","to":"07:00"}`.
    #[serde(default)]
    pub quiet_hours: Option<QuietHours>,
    /// `Europe/Amsterdam` and its like; `UTC` when absent.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// What an event makes of an issue: needed where the channel is a project of a tracker, and nowhere else.
    #[serde(default)]
    pub issue: Option<IssueSettings>,
    /// Whether it tells anything; yes when absent.
    #[serde(default = "yes")]
    pub enabled: bool,
}

const fn full() -> Format {
    Format::Full
}

const fn yes() -> bool {
    true
}

fn utc() -> String {
    "UTC".into()
}

/// A change of a rule: what is absent stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RuleChange {
    /// Where it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
    /// Patterns: `*`, `invoice.*` or full names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_types: Option<Vec<String>>,
    /// Only events that match; `null` for all.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub condition: Option<Option<Value>>,
    /// `here`, `channel`, `user:U…` or `group:S…`; `null` for nobody.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub mention: Option<Option<Mention>>,
    /// `compact` or `full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// `{"mode":"off"}`, `five_minutes`, `hour`, or `{"mode":"daily","at":"09:00"}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batching: Option<Batching>,
    /// `{"from":"22:00","to":"07:00"}`; `null` for none.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<QuietHours>))]
    pub quiet_hours: Option<Option<QuietHours>>,
    /// `Europe/Amsterdam` and its like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What an event makes of an issue, all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueSettings>,
    /// Whether it tells anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

impl From<Rule> for NewRule {
    fn from(rule: Rule) -> Self {
        Self {
            channel_id: rule.channel_id,
            event_types: rule.event_types,
            condition: rule.condition,
            mention: rule.mention,
            format: rule.format,
            batching: rule.batching,
            quiet_hours: rule.quiet_hours,
            time_zone: rule.time_zone,
            issue: rule.issue,
            enabled: rule.enabled,
        }
    }
}

impl RuleChange {
    /// Puts the change over what a rule says.
    pub fn apply(self, rule: &mut Rule) {
        fn put<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        put(&mut rule.channel_id, self.channel_id);
        put(&mut rule.event_types, self.event_types);
        put(&mut rule.condition, self.condition);
        put(&mut rule.mention, self.mention);
        put(&mut rule.format, self.format);
        put(&mut rule.batching, self.batching);
        put(&mut rule.quiet_hours, self.quiet_hours);
        put(&mut rule.time_zone, self.time_zone);
        if self.issue.is_some() {
            rule.issue = self.issue;
        }
        put(&mut rule.enabled, self.enabled);
    }
}

/// What is wrong with the times of a rule; its patterns and condition are checked by [`Matcher::new`], its zone by
/// `schedule`.
#[must_use]
pub fn check_times(batching: Batching, quiet_hours: Option<QuietHours>) -> Vec<Detail> {
    let mut details = Vec::new();
    let mut wrong = |field: &str, message: &str| details.push(Detail { field: field.into(), message: message.into() });
    let Some(quiet) = quiet_hours else { return details };
    if quiet.from == quiet.to {
        wrong("quiet_hours.to", "must differ from `from`; switch the rule off to send nothing.");
    }
    if matches!(batching, Batching::Daily { at } if quiet.cover(at)) {
        wrong("batching.at", "lies within the quiet hours.");
    }
    details
}

/// An invalid field of a filter, named as part of the rule.
fn as_condition(error: Error) -> Error {
    let Error::Invalid(mut problem) = error else { return error };
    for detail in &mut problem.details {
        detail.field = detail.field.replacen("filter", "condition", 1);
    }
    Error::invalid_fields(problem.details)
}

#[cfg(test)]
mod tests;
