//! Event types: the standard catalogue and an organization's own.

#[cfg(feature = "server")]
pub mod actions;
pub mod catalogue;
#[cfg(feature = "server")]
pub(crate) mod standard;
#[cfg(feature = "server")]
pub(crate) mod store;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::{Detail, Error, Result};

/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 1000;
/// The largest sample, in bytes.
pub const MAX_SAMPLE: usize = 32 * 1024;
/// The largest schema, in bytes.
pub const MAX_SCHEMA: usize = 64 * 1024;
/// Types of its own that an organization may have.
pub const MAX_OWN: usize = 500;

/// An event type with what developers need to know of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EventType {
    /// Its name: `invoice.paid`.
    pub name: String,
    /// When it happens, in a sentence.
    pub description: String,
    /// JSON Schema of `data`, if one is known.
    pub schema: Option<serde_json::Value>,
    /// A realistic `data`.
    pub sample: serde_json::Value,
    /// Whether it is of the standard catalogue (and so cannot be changed).
    pub standard: bool,
    /// When the organization added it.
    pub created_at: Option<Timestamp>,
}

/// What an organization says of a type of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewEventType {
    /// `{resource}.{action}`, lower case.
    pub name: String,
    /// When it happens, in a sentence.
    #[serde(default)]
    pub description: String,
    /// JSON Schema of `data`.
    #[serde(default)]
    pub schema: Option<serde_json::Value>,
    /// A realistic `data`.
    #[serde(default)]
    pub sample: Option<serde_json::Value>,
}

/// A change of a type of an organization's own: what is absent stays. Names do not change: endpoints and
/// programs hold them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EventTypeChange {
    /// When it happens, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of `data`; `null` removes it.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub schema: Option<Option<serde_json::Value>>,
    /// A realistic `data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub sample: Option<serde_json::Value>,
}

/// Everything anew, as a form sends it.
impl From<NewEventType> for EventTypeChange {
    fn from(new: NewEventType) -> Self {
        Self { description: Some(new.description), schema: Some(new.schema), sample: new.sample }
    }
}

/// Tells an absent field from `null`.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<serde_json::Value>>, D::Error> {
    Option::<serde_json::Value>::deserialize(deserializer).map(Some)
}

/// Checks a name: lower-case segments of letters, digits and `_`, joined by dots, two at least.
///
/// # Errors
/// Says what a good name looks like.
pub fn check_name(name: &str) -> Result<()> {
    let segment = |s: &str| {
        s.starts_with(|c: char| c.is_ascii_lowercase())
            && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if name.len() <= 100 && name.split('.').count() >= 2 && name.split('.').all(segment) {
        return Ok(());
    }
    Err(Error::invalid(
        "event_type",
        "must look like `resource.action`: lower-case letters, digits and `_`, joined by dots, for example `order.created`.",
    ))
}

/// Checks what an organization says of a type, but for its name.
#[must_use]
pub fn check(description: &str, schema: Option<&serde_json::Value>, sample: &serde_json::Value) -> Vec<Detail> {
    let mut details = Vec::new();
    let mut wrong = |field: &str, message: String| details.push(Detail { field: field.into(), message });
    if description.chars().count() > MAX_DESCRIPTION {
        wrong("description", format!("must have at most {MAX_DESCRIPTION} characters."));
    }
    for (field, value, max) in [("schema", schema, MAX_SCHEMA), ("sample", Some(sample), MAX_SAMPLE)] {
        let Some(value) = value else { continue };
        if !value.is_object() {
            wrong(field, "must be a JSON object.".into());
        }
        if value.to_string().len() > max {
            wrong(field, format!("must have at most {} KiB.", max / 1024));
        }
    }
    match crate::event::secrets::find(&sample.to_string()) {
        Ok(None) => {}
        Ok(Some((path, what))) => {
            wrong(
                &path.replacen("data", "sample", 1),
                format!("looks like {what}; samples are sent to receivers, so leave it out."),
            );
        }
        Err(deep) => wrong("sample", format!("{deep}.")),
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_lower_case_segments_joined_by_dots() {
        for good in ["order.created", "order.line_item.added", "a1.b2"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in [
            "order",
            "Order.created",
            "order.",
            ".created",
            "order..created",
            "1order.x",
            "order.créé",
            "order created.x",
            "",
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        assert!(check_name(&format!("a.{}", "b".repeat(99))).is_err());
    }

    #[test]
    fn a_sample_must_be_a_small_object_without_secrets() {
        let fields = |schema: Option<serde_json::Value>, sample: serde_json::Value| {
            check("", schema.as_ref(), &sample).into_iter().map(|d| d.field).collect::<Vec<_>>()
        };
        let text = |n: usize| serde_json::json!({ "text": "x ".repeat(n / 2) });
        assert!(fields(Some(text(60_000)), text(30_000)).is_empty());
        assert_eq!(fields(Some(text(70_000)), text(40_000)), ["schema", "sample"]);
        assert_eq!(fields(Some("text".into()), 7.into()), ["schema", "sample"]);
        assert_eq!(fields(None, serde_json::json!({"login": {"password": "hunter2"}})), ["sample.login.password"]);
        assert_eq!(check(&"x".repeat(1001), None, &text(2))[0].field, "description");
    }

    #[test]
    fn a_change_tells_absent_from_null() {
        let read = |text| serde_json::from_str::<EventTypeChange>(text).expect("good");
        assert_eq!(read("{}").schema, None);
        assert_eq!(read(r#"{"schema":null}"#).schema, Some(None));
        assert!(serde_json::from_str::<EventTypeChange>(r#"{"name":"other.name"}"#).is_err());
    }
}
