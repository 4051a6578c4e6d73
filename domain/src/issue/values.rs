//! Values of an issue's fields: what a rule says of an event as Jira takes it, and what Jira has as it is compared.

use serde_json::{Map, Value, json};

use super::template::Template;
use super::{FieldKind, FieldMapping, IssueSettings};
use crate::provider::jira::{adf, message};
use crate::time::Timestamp;

/// What is to be written for an event.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Values {
    /// Everything, for a new issue.
    pub(crate) all: Map<String, Value>,
    /// Only what names values of the event, for one that is there.
    pub(crate) changing: Map<String, Value>,
}

/// Makes the values of an event; `document` is what templates name, `item` what summary and description tell by themselves.
///
/// # Errors
/// The field that the event does not suit, in a sentence.
pub(crate) fn of(settings: &IssueSettings, document: &Value, item: &message::Item<'_>) -> Result<Values, String> {
    let mut values = Values::default();
    values.all.insert("summary".into(), message::line(item).into());
    values.all.insert("description".into(), message::description(item));
    for mapping in &settings.fields {
        let template = Template::parse(&mapping.value).map_err(|why| format!("The field {} {why}", mapping.name))?;
        let Some(value) = value(mapping, &template.fill(document))? else { continue };
        if mapping.is_from_event() {
            values.changing.insert(mapping.field.clone(), value.clone());
        }
        values.all.insert(mapping.field.clone(), value);
    }
    Ok(values)
}

/// A filled text as the field takes it; none where it is empty.
fn value(mapping: &FieldMapping, text: &str) -> Result<Option<Value>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let unfit = |what: &str| {
        let shown: String = text.chars().take(60).collect();
        Err(format!("The field {} takes {what}; this event gives it “{shown}”.", mapping.name))
    };
    Ok(Some(match mapping.kind {
        FieldKind::Line => message::one_line(text).into(),
        FieldKind::Document => adf::of_text(text),
        FieldKind::Number => match text.parse::<f64>().ok().filter(|number| number.is_finite()) {
            Some(number) => json!(number),
            None => return unfit("a number"),
        },
        FieldKind::Date => {
            let day = text.get(..10).unwrap_or(text);
            match Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z")) {
                Ok(_) => day.into(),
                Err(_) => return unfit("a day such as 2026-12-01"),
            }
        }
        FieldKind::Moment => match Timestamp::parse_rfc3339(text) {
            Ok(at) => jiras(at).into(),
            Err(_) => return unfit("a moment such as 2026-12-01T09:00:00Z"),
        },
        FieldKind::Person => json!({ "accountId": text }),
        FieldKind::People => {
            let people = once(text.split(',').map(str::trim).filter(|id| !id.is_empty()));
            json!(people.into_iter().map(|id| json!({ "accountId": id })).collect::<Vec<_>>())
        }
        FieldKind::Labels => json!(once(text.split_whitespace())),
        FieldKind::One => json!({ "id": text }),
        FieldKind::Some => {
            let ids = once(text.split(',').map(str::trim).filter(|id| !id.is_empty()));
            json!(ids.into_iter().map(|id| json!({ "id": id })).collect::<Vec<_>>())
        }
        FieldKind::Cascade => {
            let (first, second) = text.split_once('/').unwrap_or((text, ""));
            match (first.trim(), second.trim()) {
                ("", "") => return Ok(None),
                ("", _) => return unfit("a choice before the slash"),
                (first, "") => json!({ "id": first }),
                (first, second) => json!({ "id": first, "child": { "id": second } }),
            }
        }
        FieldKind::Parent => match issue_key(text) {
            Some(key) => json!({ "key": key }),
            None => return unfit("the key of an issue such as ED-12"),
        },
    }))
}

/// Each once, as Jira keeps lists.
fn once<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut list = Vec::new();
    for one in all {
        if !list.contains(&one) {
            list.push(one);
        }
    }
    list
}

/// A moment as Jira takes it: with an offset that has no colon.
fn jiras(at: Timestamp) -> String {
    at.rfc3339().replace('Z', "+0000")
}

/// A moment as Jira shows it: `2026-12-01T10:00:00.000+0100`, in the zone of whoever asks.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let (at, minutes) = text.split_at_checked(text.len().checked_sub(2)?)?;
    Timestamp::parse_rfc3339(&format!("{at}:{minutes}")).ok()
}

/// A text as the key of an issue: letters, digits and underscores from a letter on, and a number.
fn issue_key(text: &str) -> Option<String> {
    let (project, number) = text.rsplit_once('-')?;
    let is_project = project.starts_with(|c: char| c.is_ascii_alphabetic())
        && project.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_project && is_number).then(|| text.to_ascii_uppercase())
}

/// A value of Jira's, or one that is to be written there, as it is compared: ids of what is chosen, the words of rich text, moments
/// in one zone.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => moment(text).map_or_else(|| text.trim().to_owned(), jiras),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        Value::Bool(yes) => yes.to_string(),
        Value::Array(list) => {
            let mut all: Vec<String> = list.iter().map(plain).filter(|text| !text.is_empty()).collect();
            all.sort();
            all.join(", ")
        }
        Value::Object(object) if object.get("type").is_some_and(|kind| kind == "doc") => {
            let mut text = String::new();
            flatten(value, &mut text);
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        }
        // Issues are known by their keys.
        Value::Object(object) if object.contains_key("fields") => word(object, &["key"]),
        Value::Object(object) => {
            let own = word(object, &["accountId", "id", "value", "name", "key"]);
            match object.get("child").map(plain).filter(|child| !child.is_empty()) {
                Some(child) => format!("{own}/{child}"),
                None => own,
            }
        }
    }
}

/// The first of an object's texts that is there.
fn word(object: &Map<String, Value>, keys: &[&str]) -> String {
    keys.iter().find_map(|key| object.get(*key)?.as_str()).unwrap_or("").to_owned()
}

/// What people call a value of Jira's.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(object) => {
            let name = ["displayName", "name", "value"].iter().find_map(|key| object.get(*key)?.as_str());
            let name = name.map_or_else(|| plain(value), str::to_owned);
            match object.get("child").map(shown) {
                Some(child) => format!("{name} / {child}"),
                None => name,
            }
        }
        other => plain(other),
    }
}

fn flatten(node: &Value, text: &mut String) {
    if let Some(words) = node["text"].as_str() {
        text.push_str(words);
    }
    for child in node["content"].as_array().into_iter().flatten() {
        flatten(child, text);
    }
    if matches!(node["type"].as_str(), Some("paragraph" | "heading" | "listItem" | "hardBreak")) {
        text.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind, text: &str) -> Result<Option<Value>, String> {
        let mapping = FieldMapping { field: "f".into(), name: "Field".into(), kind, value: String::new() };
        value(&mapping, text)
    }

    #[test]
    fn texts_become_what_the_field_takes() {
        assert_eq!(field(FieldKind::Line, " a\nb "), Ok(Some("a b".into())));
        assert_eq!(field(FieldKind::Number, "12.50"), Ok(Some(json!(12.5))));
        assert_eq!(field(FieldKind::Date, "2026-12-01T09:00:00Z"), Ok(Some("2026-12-01".into())));
        assert_eq!(field(FieldKind::Moment, "2026-12-01T09:00:00Z"), Ok(Some("2026-12-01T09:00:00.000+0000".into())));
        assert_eq!(field(FieldKind::Labels, "a  b a"), Ok(Some(json!(["a", "b"]))));
        assert_eq!(field(FieldKind::One, "3"), Ok(Some(json!({ "id": "3" }))));
        assert_eq!(field(FieldKind::Some, "3, 4,3"), Ok(Some(json!([{ "id": "3" }, { "id": "4" }]))));
        assert_eq!(field(FieldKind::Person, "5b"), Ok(Some(json!({ "accountId": "5b" }))));
        let people = json!([{ "accountId": "5b" }, { "accountId": "5c" }]);
        assert_eq!(field(FieldKind::People, "5b, 5c,,5b"), Ok(Some(people)));
        assert_eq!(field(FieldKind::Cascade, "3/4"), Ok(Some(json!({ "id": "3", "child": { "id": "4" } }))));
        for text in ["3", "3/", " 3 / "] {
            assert_eq!(field(FieldKind::Cascade, text), Ok(Some(json!({ "id": "3" }))), "{text}");
        }
        assert_eq!(field(FieldKind::Cascade, " / "), Ok(None));
        assert_eq!(field(FieldKind::Parent, " ed_2-12 "), Ok(Some(json!({ "key": "ED_2-12" }))));
        assert_eq!(field(FieldKind::Line, "  "), Ok(None));
        for (kind, text) in [
            (FieldKind::Number, "many"),
            (FieldKind::Number, "inf"),
            (FieldKind::Date, "2026-13-01"),
            (FieldKind::Moment, "soon"),
            (FieldKind::Cascade, "/4"),
            (FieldKind::Parent, "10001"),
            (FieldKind::Parent, "2-1"),
            (FieldKind::Parent, "ED-"),
        ] {
            assert!(field(kind, text).expect_err(text).starts_with("The field Field takes"), "{text}");
        }
    }

    #[test]
    fn what_was_written_and_what_jira_has_compare_equal() {
        assert_eq!(plain(&json!({ "id": "3" })), plain(&json!({ "id": "3", "name": "High", "self": "x" })));
        assert_eq!(
            plain(&json!([{ "id": "4" }, { "id": "3" }])),
            plain(&json!([{ "id": "3", "value": "a" }, { "id": "4" }]))
        );
        assert_eq!(plain(&json!(12)), plain(&json!(12.0)));
        let parent = json!({ "id": "10001", "key": "ED-1", "fields": { "summary": "x" } });
        assert_eq!(plain(&parent), plain(&json!({ "key": "ED-1" })));
        let branch = json!({ "id": "3", "value": "Europe", "child": { "id": "4", "value": "Berlin" } });
        assert_eq!(plain(&branch), plain(&json!({ "id": "3", "child": { "id": "4" } })));
        assert_eq!((shown(&branch).as_str(), shown(&parent).as_str()), ("Europe / Berlin", "ED-1"));
        let moment = |text: &str| plain(&text.into());
        assert_eq!(moment("2026-12-01T10:00:00.000+0100"), moment("2026-12-01T09:00:00.000+0000"));
        assert_eq!(moment("2026-12-01T04:30:00.000-0430"), moment("2026-12-01T09:00:00.000+0000"));
        assert_eq!((moment("about -0100"), moment("é")), ("about -0100".to_owned(), "é".to_owned()));
        assert_eq!(plain(&adf::of_text("one\n\ntwo")), "one two");
        assert_eq!(plain(&Value::Null), "");
        assert_eq!(shown(&json!({ "id": "3", "name": "In Progress" })), "In Progress");
        assert_eq!(shown(&json!({ "accountId": "5", "displayName": "Mia" })), "Mia");
    }
}
