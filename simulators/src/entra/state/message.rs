//! Messages in channels, and who wants to hear of them.

use serde_json::Value;

use crate::card;

/// A message in a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelMessage {
    /// Its id within the channel: milliseconds, as text.
    pub id: String,
    /// When it came, in Unix milliseconds.
    pub at_ms: i64,
    /// The team's id.
    pub team: String,
    /// The channel's id.
    pub channel: String,
    /// The object id of whoever wrote it.
    pub user: String,
    /// The message that it answers.
    pub reply_to: Option<String>,
    /// The line above it.
    pub subject: Option<String>,
    /// `text` or `html`.
    pub content_type: String,
    /// The text, in which cards have their place.
    pub content: String,
    /// The Adaptive Cards, read.
    pub cards: Vec<Value>,
    /// The attachments as they came.
    pub attachments: Vec<Value>,
    /// Who is mentioned, as it came.
    pub mentions: Vec<Value>,
}

impl ChannelMessage {
    /// What a person would read: all texts of the cards, one to a line, or the body where there is no card.
    #[must_use]
    pub fn text(&self) -> String {
        match self.cards.as_slice() {
            [] => self.content.clone(),
            cards => cards.iter().map(card::text).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// A subscription to the messages of a channel.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its id, a GUID.
    pub id: String,
    /// What it is about: `/teams/{id}/channels/{id}/messages`.
    pub resource: String,
    /// `created`, `updated`, `deleted`, with commas.
    pub change_type: String,
    /// Where notifications go.
    pub notification_url: String,
    /// Where news of the subscription itself goes.
    pub lifecycle_url: Option<String>,
    /// What every notification repeats.
    pub client_state: Option<String>,
    /// When it ends, in Unix milliseconds.
    pub expires_at_ms: i64,
    /// The tenant's id.
    pub tenant: String,
    /// The object id of whoever made it; none where the app itself did.
    pub user: Option<String>,
}

/// News of a subscription itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// Its token is about to expire: renew the subscription.
    ReauthorizationRequired,
    /// It is gone.
    SubscriptionRemoved,
    /// Notifications were lost.
    Missed,
}

impl Lifecycle {
    /// As Graph writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReauthorizationRequired => "reauthorizationRequired",
            Self::SubscriptionRemoved => "subscriptionRemoved",
            Self::Missed => "missed",
        }
    }
}
