//! Counting what a rule would have told of events that have been.

use std::collections::BTreeSet;

use super::schedule::{Due, Schedule};
use super::{Estimate, Matcher};
use crate::event::Matter;
use crate::time::Timestamp;

/// An event that has been.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// When it was accepted.
    pub at: Timestamp,
    /// Its type.
    pub event_type: &'a str,
    /// Its data as it was received.
    pub data: &'a str,
    /// The channels it named.
    pub channels: &'a [String],
    /// Its ordering key.
    pub ordering_key: Option<&'a str>,
}

/// Counts what a rule would have told of these events.
pub fn count<'a>(matcher: &Matcher, schedule: &Schedule, events: impl IntoIterator<Item = Past<'a>>) -> Estimate {
    let mut found = Estimate::default();
    let mut digests = BTreeSet::new();
    for event in events.into_iter().filter(|event| wants(matcher, event)) {
        found.events += 1;
        match schedule.due(event.at) {
            Due::Now => found.messages += 1,
            Due::At(due) => found.messages += i64::from(digests.insert(due)),
        }
    }
    found
}

/// Asks of an event what is asked of one that comes in.
fn wants(matcher: &Matcher, event: &Past<'_>) -> bool {
    matcher.wants(&Matter::new(event.event_type, event.channels, event.ordering_key, event.data))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rule::{Batching, QuietHours};

    const HOUR: i64 = 3_600_000;
    /// 2026-11-22T00:00:00Z.
    const MIDNIGHT: i64 = 1_795_305_600_000;

    fn past(hours: i64, event_type: &'static str, data: &'static str) -> Past<'static> {
        Past { at: Timestamp(MIDNIGHT + hours * HOUR), event_type, data, channels: &[], ordering_key: None }
    }

    fn counted(batching: Batching, quiet: Option<QuietHours>, condition: Option<serde_json::Value>) -> (i64, i64) {
        let matcher = Matcher::new(&["invoice.*".into()], condition.as_ref()).expect("a rule");
        let schedule = Schedule::new(batching, quiet, "UTC").expect("a zone");
        let events = [
            past(1, "invoice.paid", r#"{"amount":10}"#),
            past(2, "invoice.paid", r#"{"amount":2000}"#),
            past(2, "order.created", r#"{"amount":2000}"#),
            past(9, "invoice.failed", r#"{"amount":3000}"#),
            past(26, "invoice.failed", "no JSON"),
        ];
        let found = count(&matcher, &schedule, events);
        (found.events, found.messages)
    }

    #[test]
    fn without_batching_each_event_is_a_message() {
        assert_eq!(counted(Batching::Off, None, None), (4, 4));
        let large = json!({"path": "data.amount", "gt": 1000});
        assert_eq!(counted(Batching::Off, None, Some(large)), (2, 2));
    }

    #[test]
    fn what_is_due_together_is_one_message() {
        let at = |text: &str| text.parse().expect("a time");
        assert_eq!(counted(Batching::Daily { at: at("12:00") }, None, None), (4, 2));
        let night = QuietHours { from: at("22:00"), to: at("07:00") };
        assert_eq!(counted(Batching::Off, Some(night), None), (4, 3));
        assert_eq!(counted(Batching::FiveMinutes, Some(night), None), (4, 3));
    }
}
