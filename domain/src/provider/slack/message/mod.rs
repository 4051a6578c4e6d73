//! Messages: events in Slack's Block Kit, with a text for notifications and screen readers, and buttons.
//!
//! [`one()`] tells of an event, [`digest()`] of several at once. What they say comes from [`crate::event::summary`]; here it is
//! put into blocks. Whatever the data is, a message keeps Slack's limits: texts are cut, and where all together is too much,
//! fields go first and whole events after them, and the message says how many. Slack knows no idempotency key: the delivery's
//! id travels in the metadata, where people do not see it and a later look can find it.

mod digest;
mod one;

pub use digest::digest;
pub use one::one;

use serde_json::{Value, json};

use super::action::Action;
use super::text::{escape, fit, mention, moment, person};
use crate::event::summary::{Severity, Words};
use crate::rule::{Format, Mention};
use crate::time::Timestamp;

/// The longest text beside blocks: Slack cuts at 4,000.
const MAX_TEXT: usize = 3900;
/// The longest sentence of an event.
const MAX_LEAD: usize = 900;

/// Something that was done by a button.
#[derive(Debug, Clone)]
pub struct Done {
    /// What.
    pub action: Action,
    /// By whom: the person's id at Slack.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How to tell it.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'a> {
    /// The organization that it is about.
    pub org: &'a str,
    /// How much is told.
    pub format: Format,
    /// Who is called.
    pub mention: Option<&'a Mention>,
    /// Whether somebody only wants to see how it looks: nothing happened, and no button acts.
    pub test: bool,
    /// The name of the channel that it was meant for, where it goes to the default channel instead.
    pub instead_of: Option<&'a str>,
    /// What was done by the buttons so far.
    pub done: &'a [Done],
}

impl<'a> Manner<'a> {
    /// The plain way.
    #[must_use]
    pub const fn new(org: &'a str, format: Format) -> Self {
        Self { org, format, mention: None, test: false, instead_of: None, done: &[] }
    }

    /// What stands before the first sentence.
    fn call(&self) -> String {
        self.mention.map(|who| format!("{} ", mention(who))).unwrap_or_default()
    }

    /// Remarks below the message: that it is a test, that it was meant for elsewhere, what was done.
    fn remarks(&self) -> Vec<String> {
        let test = self.test.then(|| "*Test*: nothing happened.".to_owned());
        let moved = self.instead_of.map(|name| {
            format!("Meant for #{}, which takes no messages at the moment.", fit(name.trim_start_matches('#'), 100))
        });
        let done =
            self.done.iter().map(|done| format!("{} {} {}", done.action.done(), person(&done.by), moment(done.at)));
        test.into_iter().chain(moved).chain(done.take(4)).collect()
    }

    /// The organization's name, escaped.
    fn org(&self) -> String {
        fit(self.org, 100)
    }
}

/// A message, but for where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// What notifications and screen readers say.
    pub text: String,
    /// What is seen.
    pub blocks: Vec<Value>,
    /// What programs see.
    pub metadata: Value,
}

impl Message {
    /// The arguments of `chat.postMessage`.
    #[must_use]
    pub fn post(&self, channel: &str) -> Value {
        json!({
            "channel": channel, "text": self.text, "blocks": self.blocks, "metadata": self.metadata,
            "unfurl_links": false, "unfurl_media": false,
        })
    }

    /// The arguments of `chat.update`, for the message that was posted then.
    #[must_use]
    pub fn update(&self, channel: &str, ts: &str) -> Value {
        json!({ "channel": channel, "ts": ts, "text": self.text, "blocks": self.blocks, "metadata": self.metadata })
    }
}

/// `🔴 Critical · Endpoint disabled`.
fn heading(severity: Severity, title: &str) -> String {
    format!("{} {} · {title}", severity.mark(), severity.word())
}

/// What notifications say: the call, the words, where to look.
fn fallback(manner: &Manner<'_>, heading: &str, lead: &str, url: &str) -> String {
    let test = if manner.test { "Test: " } else { "" };
    let (heading, lead, org) = (fit(heading, 200), fit(lead, 2000), manner.org());
    let url = super::text::web_url(url).map(|url| format!(" {}", escape(url))).unwrap_or_default();
    let text = format!("{}{test}{heading}: {lead} ({org})", manner.call());
    if super::text::length(&text) + super::text::length(&url) <= MAX_TEXT { text + &url } else { text }
}

/// The sentence of an event in markup.
fn lead(words: &Words) -> String {
    super::text::mrkdwn(words, MAX_LEAD)
}

#[cfg(test)]
mod tests;
