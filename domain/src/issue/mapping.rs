//! What a rule says of the issues that it makes.

use serde::{Deserialize, Serialize};

use crate::{Detail, text_enum};

/// Fields of one rule at most.
pub const MAX_FIELDS: usize = 50;
/// Status mappings of one rule at most.
pub const MAX_STATUSES: usize = 50;
/// The longest value of a field, in characters.
pub const MAX_VALUE: usize = 10_000;

text_enum! {
    /// What a field holds, and so what its value must be.
    pub enum FieldKind {
        /// One line of text.
        Line = "line",
        /// Text of several paragraphs.
        Document = "document",
        /// A number.
        Number = "number",
        /// A day: `2026-12-01`, or the day of a moment.
        Date = "date",
        /// A moment in RFC 3339.
        Moment = "moment",
        /// A person, by account id.
        Person = "person",
        /// Some people, by account ids with commas between.
        People = "people",
        /// Words; what stands between blanks is one.
        Labels = "labels",
        /// One of the choices, by its id.
        One = "one",
        /// Some of the choices, by their ids with commas between.
        Some = "some",
        /// One of the choices and one below it, by their ids with a slash between: `10120/10130`; or the first alone.
        Cascade = "cascade",
        /// The issue that this one lies below, by its key: `ED-12`.
        Parent = "parent",
    }
}

text_enum! {
    /// Who wins where both sides changed the same field.
    pub enum Conflict {
        /// What somebody changed at the tracker stays.
        Tracker = "tracker",
        /// The event is written over it.
        Event = "event",
    }
}

impl Default for Conflict {
    /// People who work in the tracker are not overruled.
    fn default() -> Self {
        Self::Tracker
    }
}

/// What is written into a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldMapping {
    /// The field's id at the tracker: `summary`, `customfield_10020`.
    pub field: String,
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// What is written: text in which `{{data.number}}` stands for the event's value there; ids for choices. What names values
    /// of the event is written again by each later event about the same thing; what does not, once.
    pub value: String,
}

impl FieldMapping {
    /// Whether it says something else for each event.
    #[must_use]
    pub fn is_from_event(&self) -> bool {
        self.value.contains("{{")
    }
}

/// To which status an event moves the issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StatusMapping {
    /// The event's type: `invoice.paid`.
    pub event_type: String,
    /// The status's id at the tracker.
    pub status_id: String,
    /// What it is called.
    pub status_name: String,
}

/// What an event makes of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct IssueSettings {
    /// The issue type's id at the tracker.
    pub issue_type_id: String,
    /// What it is called.
    pub issue_type_name: String,
    /// Where an event says which thing it is about: `data.invoice_id`. Events about the same thing have one issue. Without it each
    /// event makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The fields to fill. Summary and description tell the event where they are not named.
    #[serde(default)]
    pub fields: Vec<FieldMapping>,
    /// Statuses by event type.
    #[serde(default)]
    pub statuses: Vec<StatusMapping>,
    /// Whether later events about the same thing are told in comments; yes when absent.
    #[serde(default = "yes")]
    pub comment: bool,
    /// `tracker` (default) or `event`.
    #[serde(default)]
    pub conflict: Conflict,
}

const fn yes() -> bool {
    true
}

impl IssueSettings {
    /// The status that an event of this type moves the issue to.
    #[must_use]
    pub fn status_for(&self, event_type: &str) -> Option<&StatusMapping> {
        self.statuses.iter().find(|mapping| mapping.event_type == event_type)
    }

    /// What is wrong with it, by field, but for paths and placeholders.
    #[must_use]
    pub fn check(&self) -> Vec<Detail> {
        let mut details = Vec::new();
        let mut wrong =
            |field: String, message: String| details.push(Detail { field: format!("issue.{field}"), message });
        if self.issue_type_id.trim().is_empty() {
            wrong("issue_type_id".into(), "is missing: choose the type of issue to make.".into());
        }
        if self.fields.len() > MAX_FIELDS {
            wrong("fields".into(), format!("has {} entries; at most {MAX_FIELDS} are possible.", self.fields.len()));
        }
        if self.statuses.len() > MAX_STATUSES {
            wrong(
                "statuses".into(),
                format!("has {} entries; at most {MAX_STATUSES} are possible.", self.statuses.len()),
            );
        }
        for (index, mapping) in self.fields.iter().enumerate() {
            let at = format!("fields[{index}]");
            if self.fields[..index].iter().any(|other| other.field == mapping.field) {
                wrong(format!("{at}.field"), "is named twice; name each field once.".into());
            }
            if mapping.field.is_empty() || mapping.field.len() > 100 {
                wrong(format!("{at}.field"), "must be a field's id: `summary`, `customfield_10020`.".into());
            }
            if ["project", "issuetype", "status"].contains(&mapping.field.as_str()) {
                wrong(format!("{at}.field"), "is set by the rule itself and cannot be mapped.".into());
            }
            if mapping.value.chars().count() > MAX_VALUE {
                wrong(format!("{at}.value"), format!("is longer than {MAX_VALUE} characters."));
            }
        }
        for (index, mapping) in self.statuses.iter().enumerate() {
            let at = format!("statuses[{index}]");
            if mapping.status_id.trim().is_empty() {
                wrong(format!("{at}.status_id"), "is missing: choose a status.".into());
            }
            if mapping.event_type.trim().is_empty() {
                wrong(format!("{at}.event_type"), "is missing: name an event type.".into());
            }
            if self.statuses[..index].iter().any(|other| other.event_type == mapping.event_type) {
                wrong(format!("{at}.event_type"), "is named twice; an event moves an issue to one status.".into());
            }
        }
        details
    }
}
