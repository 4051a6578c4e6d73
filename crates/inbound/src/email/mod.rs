//! E-mail that a provider received for us: four ways of posting it, one message model.
//!
//! All of it comes from a stranger. Ids and addresses in it are his to choose, so a message is told apart by what the
//! *provider* says of it, and routed by the envelope (`recipients`), not by `to`. HTML is sanitised or left out.
//! Attachments are not taken along: an event names them and says where their content is.

mod address;
mod form;
mod headers;
mod html;
mod json;
mod sendgrid;

pub use address::Address;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::mapping::MAIL_FIELDS;
use crate::provider::Provider;
use crate::read::{HubEvent, Item, Outcome, ReadError, fill, idempotency_key};
use crate::request::InboundRequest;
use crate::time;
use headers::Headers;

/// Of a text or of HTML, so many bytes are kept.
const MAX_TEXT: usize = 256 * 1024;
/// Addresses, references and attachments that are kept of each kind.
const MOST: usize = 200;

/// A received message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Email {
    /// Who wrote it, by the message's own word.
    pub from: Option<Address>,
    /// To whom, by the message's own word.
    pub to: Vec<Address>,
    /// To whom besides.
    pub cc: Vec<Address>,
    /// Where answers are wanted, if elsewhere.
    pub reply_to: Vec<Address>,
    /// Where it was really sent: the envelope. Route by these.
    pub recipients: Vec<String>,
    /// What stands behind the `+` of the address, where the provider takes it out (Postmark).
    pub mailbox_hash: Option<String>,
    /// Its subject; empty for none.
    pub subject: String,
    /// Its text.
    pub text: Option<String>,
    /// Its text without what it answers to, where the provider tells (Brevo, Postmark).
    pub reply_text: Option<String>,
    /// Its HTML, sanitised: without scripts, styles, forms and pictures from elsewhere. None without the feature
    /// `html`.
    pub html: Option<String>,
    /// Whether text or HTML is only the beginning.
    pub is_cut: bool,
    /// What is attached.
    pub attachments: Vec<Attachment>,
    /// Its Message-ID, with angle brackets. The sender chose it.
    pub message_id: Option<String>,
    /// The Message-ID that it answers.
    pub in_reply_to: Option<String>,
    /// The Message-IDs of its thread, the first message first.
    pub references: Vec<String>,
    /// What its thread has in common: the first reference, what it answers, or else its own id. An address of ours that
    /// names a thread is better, and the subject is no sign at all.
    pub thread_key: Option<String>,
    /// When it was written, by the sender's clock, in Unix milliseconds.
    pub sent_at_ms: Option<i64>,
    /// How much it looks like spam; above 5 it is.
    pub spam_score: Option<f64>,
    /// Whether a program wrote it: an answer to it could go round in circles.
    pub is_automatic: bool,
}

/// Something attached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its file name, by the sender's word: not to be used as a path.
    pub name: Option<String>,
    /// Its media type, by the sender's word.
    pub content_type: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Its id within the HTML (`cid:`), without angle brackets.
    pub content_id: Option<String>,
    /// Where its content is: Brevo's token for fetching it, a JSON pointer to base64 in the request's body, the name of
    /// a part of the form, or its number within the message (`attachment 1`).
    pub found_at: String,
}

/// What a parser hands over: the parts that need more than a place, the plain fields, and the headers.
#[derive(Default)]
struct Draft {
    email: Email,
    fields: Map<String, Value>,
    headers: Headers,
    provider_id: Option<String>,
    is_test: bool,
}

/// Reads the messages of a request.
pub(crate) fn read(provider: Provider, request: &InboundRequest<'_>) -> Result<Vec<Item>, ReadError> {
    if provider == Provider::Sendgrid {
        return Ok(vec![sendgrid::read(request).ok_or(ReadError::BadForm)?.item(provider)]);
    }
    let body: Value = serde_json::from_slice(request.body).map_err(|_| ReadError::BadJson)?;
    let drafts = match provider {
        Provider::Brevo => json::brevo(&body),
        Provider::Mailjet => vec![json::mailjet(&body)],
        _ => vec![json::postmark(&body)],
    };
    Ok(drafts.into_iter().map(|draft| draft.item(provider)).collect())
}

impl Draft {
    /// Takes the plain fields of a body.
    fn with_fields(mut self, body: &Value) -> Self {
        MAIL_FIELDS.iter().for_each(|field| fill(&mut self.fields, field, body));
        self
    }

    fn text(&self, name: &str) -> Option<String> {
        self.fields.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// The message, put together.
    fn finish(&mut self) {
        let mut cut = false;
        let mut short = |text: Option<String>| text.map(|text| shorten(text, &mut cut));
        let (text, reply_text) = (short(self.text("text")), short(self.text("reply_text")));
        let html = short(self.text("html").as_deref().and_then(html::sanitise));
        let sent_at_ms = self.headers.first("date").and_then(time::read_text);
        let sent_at_ms = sent_at_ms.or_else(|| self.fields.get("sent_at").and_then(time::read));
        let spam_score = self.fields.get("spam_score").and_then(|score| match score {
            Value::String(text) => text.trim().parse().ok().filter(|score: &f64| score.is_finite()),
            score => score.as_f64(),
        });
        let (subject, mailbox_hash) = (self.text("subject").unwrap_or_default(), self.text("mailbox_hash"));
        let email = &mut self.email;
        email.subject = shorten(subject, &mut false);
        (email.text, email.reply_text, email.html, email.is_cut) = (text, reply_text, html, cut);
        (email.sent_at_ms, email.spam_score, email.mailbox_hash) = (sent_at_ms, spam_score, mailbox_hash);
        email.message_id = email.message_id.take().or_else(|| self.headers.ids("message-id").into_iter().next());
        email.in_reply_to = email.in_reply_to.take().or_else(|| self.headers.ids("in-reply-to").into_iter().next());
        email.references = self.headers.ids("references");
        let thread = email.references.first().or(email.in_reply_to.as_ref()).or(email.message_id.as_ref());
        email.thread_key = thread.cloned();
        email.is_automatic = self.headers.is_automatic();
        email.attachments.truncate(MOST);
        email.recipients.truncate(MOST);
    }

    fn item(mut self, provider: Provider) -> Item {
        self.finish();
        let mut data = json!(self.email);
        if let Value::Object(object) = &mut data {
            object.insert("provider".to_owned(), json!(provider.key()));
        }
        let key = self.provider_id.as_deref().filter(|_| !self.is_test).map(|id| idempotency_key(provider, id));
        let occurred_at_ms = self.email.sent_at_ms;
        let event = HubEvent {
            event_type: "email.received".to_owned(),
            data,
            occurred_at_ms,
            idempotency_key: key,
            state: None,
        };
        Item {
            provider_id: self.provider_id,
            provider_type: Some("inbound".to_owned()),
            occurred_at_ms,
            is_test: self.is_test,
            outcome: Outcome::Mapped(event),
        }
    }
}

/// The beginning of a text, at a boundary of characters.
fn shorten(mut text: String, cut: &mut bool) -> String {
    if text.len() > MAX_TEXT {
        text.truncate(text.floor_char_boundary(MAX_TEXT));
        *cut = true;
    }
    text
}
