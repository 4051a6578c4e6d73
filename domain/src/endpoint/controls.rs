//! What an endpoint may set beyond URL, event types, retry and rate: kept as one JSON column, absent means default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DeliveryForm, Destination};
use crate::filter::Filter;
use crate::{Detail, text_enum};

/// Attempts under way to one endpoint at a time when nothing else is said.
pub const DEFAULT_CONCURRENCY: i64 = 32;
/// The longest transformation, in bytes.
pub const MAX_TRANSFORMATION: usize = 32 * 1024;

text_enum! {
    /// What an answer means for the delivery.
    pub enum StatusAction {
        /// Try again by the schedule.
        Retry = "retry",
        /// Do not try again: a dead letter at once.
        Fail = "fail",
        /// Do not try again, and switch the endpoint off.
        Disable = "disable",
    }
}

text_enum! {
    /// A form of signature.
    pub enum SigningScheme {
        /// `webhook-signature: v1,…` of Standard Webhooks.
        Standard = "standard",
        /// `X-Webhook-Signature: sha256=…` over `timestamp.body`.
        Plain = "plain",
        /// `webhook-signature: v1a,…`: Ed25519 of Standard Webhooks, verified with a public key.
        Ed25519 = "ed25519",
        /// `Stripe-Signature: t=…,v1=…`, for receivers that verify Stripe's form.
        Stripe = "stripe",
        /// `X-Hub-Signature-256: sha256=…`, for receivers that verify GitHub's form.
        Github = "github",
        /// `X-Slack-Signature: v0=…`, for receivers that verify Slack's form.
        Slack = "slack",
    }
}

/// The schemes when nothing else is said.
pub const DEFAULT_SCHEMES: &[SigningScheme] = &[SigningScheme::Standard, SigningScheme::Plain];

/// What is kept in `controls_json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Controls {
    /// Attempts under way at a time; none for [`DEFAULT_CONCURRENCY`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency_limit: Option<i64>,
    /// What an answer means, by code (`404`) or class (`4xx`); the code wins. `410` disables unless it says else.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub status_rules: BTreeMap<String, StatusAction>,
    /// Only events that name one of these channels; all events when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// Only events that match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// JavaScript that makes the body to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transformation: Option<String>,
    /// How requests are signed; [`DEFAULT_SCHEMES`] when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signing_schemes: Vec<SigningScheme>,
    /// In what form deliveries reach the receiver.
    #[serde(skip_serializing_if = "DeliveryForm::is_push")]
    pub delivery: DeliveryForm,
    /// The channel that deliveries go to as messages, in place of the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<Destination>,
}

impl Controls {
    /// Attempts under way at a time.
    #[must_use]
    pub fn concurrency(&self) -> i64 {
        self.concurrency_limit.unwrap_or(DEFAULT_CONCURRENCY)
    }

    /// The schemes that sign.
    #[must_use]
    pub fn schemes(&self) -> &[SigningScheme] {
        if self.signing_schemes.is_empty() { DEFAULT_SCHEMES } else { &self.signing_schemes }
    }

    /// What an answer that is not 2xx means.
    #[must_use]
    pub fn action_for(&self, code: i64) -> StatusAction {
        let class = || self.status_rules.get(&format!("{}xx", code / 100)).copied();
        let gone = || (code == 410).then_some(StatusAction::Disable);
        let own = (!self.status_rules.is_empty()).then(|| self.status_rules.get(&code.to_string()).copied()).flatten();
        own.or_else(gone)
            .or_else(|| if self.status_rules.is_empty() { None } else { class() })
            .unwrap_or(StatusAction::Retry)
    }

    /// Whether an event with these channels is wanted.
    #[must_use]
    pub fn wants_channels(&self, channels: &[String]) -> bool {
        self.channels.is_empty() || self.channels.iter().any(|name| channels.contains(name))
    }

    /// What is wrong with it.
    #[must_use]
    pub fn check(&self) -> Vec<Detail> {
        let mut details = Vec::new();
        let mut wrong = |field: String, message: &str| details.push(Detail { field, message: message.into() });
        if self.concurrency_limit.is_some_and(|limit| !(1..=256).contains(&limit)) {
            wrong("concurrency_limit".into(), "must be between 1 and 256.");
        }
        if self.status_rules.len() > 50 {
            wrong("status_rules".into(), "may hold at most 50 rules.");
        }
        for key in self.status_rules.keys() {
            let code = key.len() == 3 && key.parse::<i64>().is_ok_and(|code| (300..=599).contains(&code));
            if !code && !matches!(key.as_str(), "3xx" | "4xx" | "5xx") {
                wrong(format!("status_rules.{key}"), "must be a code from 300 to 599, or `3xx`, `4xx`, `5xx`.");
            }
        }
        let name = |text: &String| !text.is_empty() && text.len() <= 100 && !text.chars().any(char::is_control);
        if self.channels.len() > 20 || !self.channels.iter().all(name) {
            wrong("channels".into(), "must be at most 20 names of 1 to 100 printable characters.");
        }
        if self.transformation.as_ref().is_some_and(|script| script.len() > MAX_TRANSFORMATION) {
            wrong("transformation".into(), "must have at most 32 KiB.");
        }
        details.extend(self.delivery.check());
        details
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(rules: &[(&str, StatusAction)]) -> Controls {
        let status_rules = rules.iter().map(|(key, action)| ((*key).to_owned(), *action)).collect();
        Controls { status_rules, ..Controls::default() }
    }

    #[test]
    fn a_code_wins_over_its_class_and_gone_disables_unless_told_otherwise() {
        use StatusAction::{Disable, Fail, Retry};
        let plain = Controls::default();
        assert_eq!([plain.action_for(410), plain.action_for(404), plain.action_for(500)], [Disable, Retry, Retry]);
        let own = with(&[("4xx", Fail), ("429", Retry)]);
        assert_eq!(
            [own.action_for(404), own.action_for(429), own.action_for(410), own.action_for(503)],
            [Fail, Retry, Disable, Retry]
        );
        assert_eq!(with(&[("410", Fail)]).action_for(410), Fail);
    }

    #[test]
    fn wrong_controls_are_named() {
        let mut wrong = with(&[("200", StatusAction::Fail), ("6xx", StatusAction::Fail)]);
        wrong.concurrency_limit = Some(0);
        wrong.channels = vec![String::new()];
        let fields: Vec<String> = wrong.check().into_iter().map(|detail| detail.field).collect();
        assert_eq!(fields, ["concurrency_limit", "status_rules.200", "status_rules.6xx", "channels"]);
        assert!(Controls::default().check().is_empty());
    }

    #[test]
    fn nothing_set_is_an_empty_object() {
        assert_eq!(serde_json::to_string(&Controls::default()).expect("json"), "{}");
        assert_eq!(serde_json::from_str::<Controls>("{}").expect("read"), Controls::default());
    }
}
