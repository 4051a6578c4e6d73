//! How much a rule would have told: a guard against a channel that nobody reads any more.

use serde::{Deserialize, Serialize};

/// How far back is counted, in days.
pub const DAYS: i64 = 7;

/// What a rule would have told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Estimate {
    /// Events that match.
    pub events: i64,
    /// Messages that they would have been.
    pub messages: i64,
    /// Whether there were more events than are looked at: then both are at least so many.
    pub is_partial: bool,
}

impl Estimate {
    /// `The last 7 days this rule would have sent 143 messages.`
    #[must_use]
    pub fn sentence(&self) -> String {
        let (events, messages) = (self.events, self.messages);
        let messages = if messages == 1 { "1 message".into() } else { format!("{messages} messages") };
        let least = if self.is_partial { "at least " } else { "" };
        let of = if events == self.messages { String::new() } else { format!(", of {least}{events} events") };
        format!("The last {DAYS} days this rule would have sent {least}{messages}{of}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_counts_messages_and_events() {
        let sentence = |events, messages| Estimate { events, messages, is_partial: false }.sentence();
        assert_eq!(sentence(143, 143), "The last 7 days this rule would have sent 143 messages.");
        assert_eq!(sentence(143, 1), "The last 7 days this rule would have sent 1 message, of 143 events.");
        assert_eq!(sentence(0, 0), "The last 7 days this rule would have sent 0 messages.");
        let partial = Estimate { events: 143, messages: 9, is_partial: true }.sentence();
        assert_eq!(partial, "The last 7 days this rule would have sent at least 9 messages, of at least 143 events.");
    }
}
