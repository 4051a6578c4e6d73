//! The form of a rule, as it is posted.

use domain::id::{ChannelId, ConnectionId, EndpointId};
use domain::rule::{Batching, Format, NewRule, QuietHours, Rule};
use domain::{Detail, Error};
use serde::{Deserialize, Serialize};

/// What is typed and chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    /// The connection that it sends through.
    pub connection: String,
    /// The rule to change; empty for a new one.
    pub existing: String,
    /// The channel.
    pub channel_id: String,
    /// What the channel is called, for the picker.
    pub channel_name: String,
    /// Patterns with commas or blanks between them.
    pub event_types: String,
    /// `full` or `compact`.
    pub format: String,
    /// `here`, `channel`, `user:U…`, `group:S…`; empty for nobody.
    pub mention: String,
    /// `off`, `five_minutes`, `hour` or `daily`.
    pub batching: String,
    /// When, for `daily`.
    pub daily_at: String,
    /// From when nothing is sent; empty for no quiet hours.
    pub quiet_from: String,
    /// Until when.
    pub quiet_to: String,
    /// The zone of these times.
    pub time_zone: String,
    /// `on`, or empty.
    pub enabled: String,
}

impl Default for RuleForm {
    fn default() -> Self {
        Self {
            connection: String::new(),
            existing: String::new(),
            channel_id: String::new(),
            channel_name: String::new(),
            event_types: String::new(),
            format: "full".into(),
            mention: String::new(),
            batching: "off".into(),
            daily_at: "09:00".into(),
            quiet_from: String::new(),
            quiet_to: String::new(),
            time_zone: "UTC".into(),
            enabled: String::new(),
        }
    }
}

impl From<Rule> for RuleForm {
    fn from(rule: Rule) -> Self {
        let time = |time: domain::rule::TimeOfDay| time.to_string();
        let (batching, daily_at) = match rule.batching {
            Batching::Off => ("off", None),
            Batching::FiveMinutes => ("five_minutes", None),
            Batching::Hour => ("hour", None),
            Batching::Daily { at } => ("daily", Some(time(at))),
        };
        Self {
            connection: rule.connection_id.to_string(),
            existing: rule.id.to_string(),
            channel_id: rule.channel_id.to_string(),
            channel_name: rule.channel_name,
            event_types: rule.event_types.join(", "),
            format: rule.format.to_string(),
            mention: rule.mention.map(|mention| mention.to_string()).unwrap_or_default(),
            batching: batching.into(),
            daily_at: daily_at.unwrap_or_else(|| "09:00".into()),
            quiet_from: rule.quiet_hours.map(|quiet| time(quiet.from)).unwrap_or_default(),
            quiet_to: rule.quiet_hours.map(|quiet| time(quiet.to)).unwrap_or_default(),
            time_zone: rule.time_zone,
            enabled: if rule.enabled { "on".into() } else { String::new() },
        }
    }
}

impl RuleForm {
    /// The connection.
    ///
    /// # Errors
    /// It is no id.
    pub fn connection_id(&self) -> domain::Result<ConnectionId> {
        self.connection.parse().map_err(|_| Error::not_found("connection"))
    }

    /// The rule to change, if there is one.
    ///
    /// # Errors
    /// It is no id.
    pub fn rule_id(&self) -> domain::Result<Option<EndpointId>> {
        match self.existing.as_str() {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| Error::not_found("rule")),
        }
    }

    /// What the rule is to be. The condition is edited elsewhere: it stays as it is.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn rule(&self, condition: Option<serde_json::Value>) -> domain::Result<NewRule> {
        let mut details = Vec::new();
        let mut wrong = |field: &str, message: String| details.push(Detail { field: field.into(), message });
        let channel_id = self.channel_id.parse::<ChannelId>().ok();
        if channel_id.is_none() {
            wrong("channel_id", "is needed. Pick the channel to send to.".into());
        }
        let mention = match self.mention.trim() {
            "" => None,
            text => text.parse().map_err(|why| wrong("mention", format!("{why}."))).ok(),
        };
        let mut time = |field: &'static str, text: &str| {
            text.trim().parse().map_err(|why: String| wrong(field, format!("{why}."))).ok()
        };
        let batching = match self.batching.as_str() {
            "five_minutes" => Batching::FiveMinutes,
            "hour" => Batching::Hour,
            "daily" => time("batching.at", &self.daily_at).map_or(Batching::Off, |at| Batching::Daily { at }),
            _ => Batching::Off,
        };
        let quiet_hours = match (self.quiet_from.trim(), self.quiet_to.trim()) {
            ("", "") => None,
            (from, to) => match (time("quiet_hours.from", from), time("quiet_hours.to", to)) {
                (Some(from), Some(to)) => Some(QuietHours { from, to }),
                _ => None,
            },
        };
        let Some(channel_id) = channel_id.filter(|_| details.is_empty()) else {
            return Err(Error::invalid_fields(details));
        };
        let patterns = self.event_types.split([',', ' ', '\n', '\r', '\t']);
        Ok(NewRule {
            channel_id,
            event_types: patterns.filter(|text| !text.is_empty()).map(str::to_owned).collect(),
            condition,
            mention,
            format: self.format.parse().unwrap_or(Format::Full),
            batching,
            quiet_hours,
            time_zone: self.time_zone.trim().to_owned(),
            issue: None,
            enabled: !self.enabled.is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_a_rule_and_its_mistakes_are_named() {
        let form = RuleForm {
            channel_id: ChannelId::new(1, [1; 10]).to_string(),
            event_types: "invoice.*, user.joined".into(),
            mention: "here".into(),
            batching: "daily".into(),
            daily_at: "08:30".into(),
            quiet_from: "22:00".into(),
            quiet_to: "07:00".into(),
            enabled: "on".into(),
            ..RuleForm::default()
        };
        let rule = form.rule(None).expect("a rule");
        assert_eq!(rule.event_types, ["invoice.*", "user.joined"]);
        assert_eq!((rule.mention.is_some(), rule.quiet_hours.is_some(), rule.enabled), (true, true, true));
        let wrong = RuleForm {
            mention: "everybody".into(),
            batching: "daily".into(),
            daily_at: "25:00".into(),
            quiet_from: "9".into(),
            ..RuleForm::default()
        };
        let details = wrong.rule(None).expect_err("mistakes").problem().details;
        let fields: Vec<&str> = details.iter().map(|detail| detail.field.as_str()).collect();
        assert_eq!(fields, ["channel_id", "mention", "batching.at", "quiet_hours.from", "quiet_hours.to"]);
    }
}
