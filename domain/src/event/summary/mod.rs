//! An event in words, for the channels that tell people of it: how grave it is, a title, one sentence and the fields that
//! matter. Knows no provider: whoever sends it to Slack or elsewhere turns [`Span`]s into that service's markup and escapes
//! what stands in them. Pure; nothing here fails, whatever the data is.
//!
//! Each standard type has a layout of its own (`entity`, `user`, `subscription`, `invoice`, `operations`); an organization's
//! own types and data of another shape than the schemas promise are told by `generic`. Titles are made of our own words and
//! of lower-case names only, never of free text, so that they may stand where nothing can be escaped.

mod data;
mod entity;
mod generic;
mod invoice;
mod issue;
mod operations;
mod subscription;
#[cfg(test)]
mod tests;
mod user;
mod value;

use serde_json::Value;

use crate::id::DeliveryId;
use crate::text_enum;
use crate::time::Timestamp;

use data::Data;

/// Fields of one summary at most; the others are counted.
pub const MAX_FIELDS: usize = 10;
/// The longest single text in a summary, in characters.
pub const MAX_VALUE: usize = 300;
/// The longest label of a field, in characters.
pub const MAX_LABEL: usize = 60;

text_enum! {
    /// How grave an event is, least first.
    pub enum Severity {
        /// Something happened.
        Info = "info",
        /// Something went well, or is well again.
        Success = "success",
        /// Something needs a look.
        Warning = "warning",
        /// Something is broken until somebody acts.
        Critical = "critical",
    }
}

impl Severity {
    /// The word that stands beside the mark: meaning is never carried by a colour alone.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "Info",
            Self::Success => "Success",
            Self::Warning => "Warning",
            Self::Critical => "Critical",
        }
    }

    /// The mark, an emoji.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Info => "🔵",
            Self::Success => "✅",
            Self::Warning => "⚠️",
            Self::Critical => "🔴",
        }
    }
}

/// A part of a sentence or of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words as they are.
    Text(String),
    /// A name that stands out.
    Strong(String),
    /// An id, a code, a path: to be copied.
    Code(String),
    /// A moment, shown in the reader's own time zone where the service can do that.
    Time(Timestamp),
}

/// Spans, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(pub Vec<Span>);

impl Words {
    /// Only these words.
    pub(crate) fn plain(text: impl AsRef<str>) -> Self {
        Self::default().text(text)
    }

    pub(crate) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.0.push(Span::Text(value::cut(text.as_ref(), MAX_VALUE)));
        self
    }

    pub(crate) fn strong(mut self, text: impl AsRef<str>) -> Self {
        self.0.push(Span::Strong(value::cut(text.as_ref(), MAX_VALUE)));
        self
    }

    pub(crate) fn code(mut self, text: impl AsRef<str>) -> Self {
        self.0.push(Span::Code(value::cut(text.as_ref(), MAX_VALUE)));
        self
    }

    pub(crate) fn time(mut self, at: Timestamp) -> Self {
        self.0.push(Span::Time(at));
        self
    }

    pub(crate) fn then(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The words without any markup; moments as RFC 3339.
    #[must_use]
    pub fn bare(&self) -> String {
        let bare = |span: &Span| match span {
            Span::Text(text) | Span::Strong(text) | Span::Code(text) => text.clone(),
            Span::Time(at) => at.rfc3339(),
        };
        self.0.iter().map(bare).collect()
    }
}

/// A field with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is called.
    pub label: String,
    /// What it holds.
    pub value: Words,
}

/// An event in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How grave it is.
    pub severity: Severity,
    /// What happened, in two or three words of ours: `Endpoint disabled`.
    pub title: String,
    /// What happened, in a sentence with names.
    pub lead: Words,
    /// What else matters, most important first, [`MAX_FIELDS`] at most.
    pub fields: Vec<Field>,
    /// Fields that did not fit.
    pub more: usize,
    /// The delivery that can be replayed to mend what the event tells of.
    pub replay: Option<DeliveryId>,
}

impl Summary {
    /// Of no weight yet: that goes by the type.
    fn new(title: impl Into<String>, lead: Words) -> Self {
        Self { severity: Severity::Info, title: title.into(), lead, fields: Vec::new(), more: 0, replay: None }
    }

    /// Adds a field, if there is anything to say.
    fn field(mut self, label: impl AsRef<str>, value: Option<Words>) -> Self {
        let Some(value) = value else { return self };
        if self.fields.len() < MAX_FIELDS {
            self.fields.push(Field { label: value::cut(label.as_ref(), MAX_LABEL), value });
        } else {
            self.more += 1;
        }
        self
    }

    fn with_fields(self, fields: impl IntoIterator<Item = (String, Words)>) -> Self {
        fields.into_iter().fold(self, |summary, (label, value)| summary.field(label, Some(value)))
    }
}

/// An event in words.
#[must_use]
pub fn summarise(event_type: &str, data: &Value) -> Summary {
    let d = Data(data);
    let summary = match event_type {
        "entity.created" => entity::created(d),
        "entity.updated" => entity::updated(d),
        "entity.deleted" => entity::deleted(d),
        "user.invited" => user::invited(d),
        "user.joined" => user::joined(d),
        "user.removed" => user::removed(d),
        "subscription.created" => subscription::created(d),
        "subscription.updated" => subscription::updated(d),
        "subscription.cancelled" => subscription::cancelled(d),
        "invoice.paid" => invoice::paid(d),
        "invoice.failed" => invoice::failed(d),
        "jira.issue.created" => issue::created(d),
        "jira.issue.updated" => issue::updated(d),
        "jira.issue.commented" => issue::commented(d),
        "jira.issue.deleted" => issue::deleted(d),
        "endpoint.failing" => operations::failing(d),
        "endpoint.disabled" => operations::disabled(d),
        "endpoint.recovered" => operations::recovered(d),
        "delivery.exhausted" => operations::exhausted(d),
        "delivery.recovered" => operations::replayed(d),
        "health.degraded" => operations::degraded(d, "Health degraded"),
        "health.recovered" => operations::healthy(d, "Health recovered"),
        "installation.degraded" => operations::degraded(d, "Installation degraded"),
        "installation.recovered" => operations::healthy(d, "Installation recovered"),
        own => generic::any(own, d),
    };
    Summary { severity: severity(event_type), ..summary }
}

/// How grave events of a type are.
#[must_use]
pub fn severity(event_type: &str) -> Severity {
    match event_type {
        "invoice.paid"
        | "endpoint.recovered"
        | "delivery.recovered"
        | "health.recovered"
        | "installation.recovered" => Severity::Success,
        "subscription.cancelled"
        | "invoice.failed"
        | "endpoint.failing"
        | "delivery.exhausted"
        | "health.degraded"
        | "installation.degraded" => Severity::Warning,
        "endpoint.disabled" => Severity::Critical,
        _ => Severity::Info,
    }
}

/// A type's name as a title: `order.line_item.added` is `Order line item added`.
#[must_use]
pub fn title(event_type: &str) -> String {
    let words = event_type.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect::<String>();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "Event".into() } else { value::capital(&words).chars().take(100).collect() }
}
