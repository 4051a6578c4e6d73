//! Texts with places for values of an event: `Invoice {{data.number}} failed`.

use serde_json::Value;

use crate::filter::Place;

/// A text that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Value(Place),
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (path, after) = after
                .split_once("}}")
                .ok_or_else(|| "has `{{` without `}}`; write it like {{data.number}}.".to_owned())?;
            let place = Place::parse(path).map_err(|why| format!("names `{}`, which {why}", path.trim()))?;
            parts.push(Part::Value(place));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The text for an event's document; what it does not have is nothing.
    pub(crate) fn fill(&self, document: &Value) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Value(place) => place.first(document).map(words).unwrap_or_default(),
            })
            .collect()
    }
}

/// A value as people write it: texts without quotes.
pub(crate) fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_filled_and_what_is_missing_is_nothing() {
        let document =
            json!({ "event_type": "invoice.failed", "data": { "number": "7", "sum": 12.5, "x": { "y": null } } });
        let fill = |text: &str| Template::parse(text).map(|template| template.fill(&document));
        assert_eq!(
            fill("Invoice {{data.number}}: {{ data.sum }} {{event_type}}"),
            Ok("Invoice 7: 12.5 invoice.failed".into())
        );
        assert_eq!(fill("{{data.none}}{{data.x.y}}|"), Ok("|".into()));
        assert_eq!(fill("no places }} {"), Ok("no places }} {".into()));
    }

    #[test]
    fn a_place_that_cannot_be_is_named() {
        assert!(Template::parse("{{data.a").expect_err("open").contains("without"));
        assert!(Template::parse("{{amount}}").expect_err("no root").contains("`amount`"));
    }
}
