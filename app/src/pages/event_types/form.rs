//! The form of an own event type, the curl line that posts one, and which endpoints want it.

use domain::Detail;
use domain::endpoint::{Endpoint, Subscription};
use domain::event_type::NewEventType;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calls::{TypeLine, Wanting};

/// The form as it is posted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypeForm {
    /// The type to change; empty for a new one.
    pub existing: String,
    /// Its name.
    pub name: String,
    /// When it happens.
    pub description: String,
    /// A realistic `data` as JSON; empty for none.
    pub sample: String,
    /// JSON Schema of `data`; empty for none.
    pub schema: String,
}

impl TypeForm {
    /// What the organization says of the type.
    ///
    /// # Errors
    /// The fields that are not JSON, with line and column.
    pub fn new_event_type(&self) -> domain::Result<NewEventType> {
        let mut details = Vec::new();
        let sample = parse("sample", &self.sample, &mut details);
        let schema = parse("schema", &self.schema, &mut details);
        if !details.is_empty() {
            return Err(domain::Error::invalid_fields(details));
        }
        let name = if self.existing.is_empty() { self.name.trim() } else { &self.existing };
        Ok(NewEventType { name: name.to_owned(), description: self.description.trim().to_owned(), schema, sample })
    }
}

fn parse(field: &str, text: &str, details: &mut Vec<Detail>) -> Option<Value> {
    if text.trim().is_empty() {
        return None;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => Some(value),
        Ok(_) => {
            details.push(Detail { field: field.into(), message: "must be a JSON object: { … }.".into() });
            None
        }
        Err(error) => {
            let message = format!("is not JSON: line {}, column {}.", error.line(), error.column());
            details.push(Detail { field: field.into(), message });
            None
        }
    }
}

/// Text made safe for the inside of an element whose content is set as HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// JSON for people.
#[must_use]
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The command that posts an event of a type, for a shell.
#[must_use]
pub fn curl(events_url: &str, event_type: &str, sample: &Value) -> String {
    let data = pretty(sample).replace('\n', "\n  ").replace('\'', r"'\''");
    format!(
        "curl {events_url} \\\n  -H \"Authorization: Bearer $PATCHBAY_API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\n  \"event_type\": \"{event_type}\",\n  \"data\": {data}\n}}'"
    )
}

/// The endpoints that want a type, with the pattern by which they do.
#[must_use]
pub fn wanting(event_type: &str, endpoints: impl Iterator<Item = Endpoint>) -> Vec<Wanting> {
    let want = |endpoint: Endpoint| {
        let pattern = Subscription::parse(&endpoint.event_types).ok()?.matching(event_type)?;
        Some(Wanting { id: endpoint.id.to_string(), name: endpoint.name, pattern })
    };
    endpoints.filter_map(want).collect()
}

/// The lines that contain what is searched for, grouped by resource.
#[must_use]
pub fn grouped(types: &[TypeLine], search: &str) -> Vec<(String, Vec<TypeLine>)> {
    let search = search.trim().to_lowercase();
    let mut groups: Vec<(String, Vec<TypeLine>)> = Vec::new();
    for line in
        types.iter().filter(|line| line.name.contains(&search) || line.description.to_lowercase().contains(&search))
    {
        let resource = line.name.split('.').next().unwrap_or_default();
        match groups.iter_mut().find(|(name, _)| name == resource) {
            Some((_, lines)) => lines.push(line.clone()),
            None => groups.push((resource.to_owned(), vec![line.clone()])),
        }
    }
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_cannot_be_read_is_named_by_field_line_and_column() {
        let form = TypeForm {
            name: "a.b".into(),
            sample: "{\n  \"a\": }".into(),
            schema: "[1]".into(),
            ..TypeForm::default()
        };
        let details = form.new_event_type().expect_err("wrong").problem().details;
        assert_eq!(
            (details[0].field.as_str(), details[0].message.as_str()),
            ("sample", "is not JSON: line 2, column 8.")
        );
        assert_eq!(details[1].field, "schema");
    }

    #[test]
    fn empty_json_fields_are_left_out_and_the_name_of_an_existing_type_stays() {
        let form = TypeForm {
            existing: "order.created".into(),
            name: "x.y".into(),
            schema: " ".into(),
            ..TypeForm::default()
        };
        let new = form.new_event_type().expect("a good form");
        assert_eq!((new.name.as_str(), new.schema, new.sample), ("order.created", None, None));
    }

    #[test]
    fn the_curl_line_survives_quotes_in_the_sample() {
        let line = curl("http://h/api/v1/events", "a.b", &serde_json::json!({"note": "it's"}));
        assert!(
            line.starts_with("curl http://h/api/v1/events")
                && line.contains(r"it'\''s")
                && line.contains("\"event_type\": \"a.b\""),
            "{line}"
        );
    }

    #[test]
    fn lines_are_searched_in_name_and_description() {
        let line = |name: &str, description: &str| TypeLine {
            name: name.into(),
            description: description.into(),
            standard: true,
        };
        let types = [
            line("user.joined", "Somebody came."),
            line("invoice.paid", "Money came."),
            line("invoice.failed", "No money."),
        ];
        let names = |search: &str| {
            grouped(&types, search).into_iter().map(|(resource, lines)| (resource, lines.len())).collect::<Vec<_>>()
        };
        assert_eq!(names(""), [("invoice".to_owned(), 2), ("user".to_owned(), 1)]);
        assert_eq!(names("CAME"), [("invoice".to_owned(), 1), ("user".to_owned(), 1)]);
        assert_eq!(names("invoice.f"), [("invoice".to_owned(), 1)]);
    }
}
