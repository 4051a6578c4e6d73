//! Reading an event's data without trusting its shape.

use serde_json::Value;

use super::Words;
use super::value::{self, spans};

/// The data of an event, or a part of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Data<'a>(pub(super) &'a Value);

impl<'a> Data<'a> {
    /// The value at a dotted path of keys.
    pub(super) fn at(self, path: &str) -> Option<&'a Value> {
        path.split('.').try_fold(self.0, |value, key| value.get(key)).filter(|value| !value.is_null())
    }

    /// A part of it; null where it is missing.
    pub(super) fn part(self, path: &str) -> Self {
        Data(self.at(path).unwrap_or(&Value::Null))
    }

    /// A text that says something.
    pub(super) fn text(self, path: &str) -> Option<&'a str> {
        self.at(path)?.as_str().filter(|text| !text.trim().is_empty())
    }

    /// A whole number.
    pub(super) fn number(self, path: &str) -> Option<i64> {
        self.at(path)?.as_i64()
    }

    /// Whatever is there, as a field shows it.
    pub(super) fn show(self, path: &str) -> Option<Words> {
        let key = path.rsplit('.').next().unwrap_or(path);
        self.at(path).map(|value| spans(key, value))
    }

    /// A text behind words, added by `put`; nothing where the text is missing.
    pub(super) fn after(self, before: &str, path: &str, put: impl FnOnce(Words, &'a str) -> Words) -> Words {
        self.text(path).map_or_else(Words::default, |text| put(Words::plain(before), text))
    }

    /// A word of the schema, its `_` as blanks.
    pub(super) fn word(self, path: &str) -> Option<Words> {
        self.text(path).map(|word| Words::plain(word.replace('_', " ")))
    }

    /// `" by Dana Whitfield"`, for whoever did it.
    pub(super) fn by(self, path: &str) -> Words {
        let actor = self.part(path);
        match (actor.text("name"), actor.text("type"), actor.text("id")) {
            (Some(name), ..) => Words::plain(" by ").strong(name),
            (None, Some("system"), _) => Words::plain(" by the system"),
            (None, Some("api_key"), Some(id)) => Words::plain(" by the API key ").code(id),
            (None, _, Some(id)) => Words::plain(" by ").code(id),
            _ => Words::default(),
        }
    }

    /// An amount in the smallest unit of the currency beside it: `655.00 EUR`.
    pub(super) fn money(self, amount: &str, currency: &str) -> Option<String> {
        let amount = self.number(amount)?;
        Some(value::money(amount, self.text(currency).unwrap_or_default()))
    }

    /// `changes` of an update: the field's name, what it was and what it is.
    pub(super) fn changes(self) -> Vec<(String, Words)> {
        let shown = |key: &str, value: Option<&Value>| match value {
            None | Some(Value::Null) => Words::plain("nothing"),
            Some(value) => spans(key, value),
        };
        let one = |(path, change): (&String, &Value)| {
            let key = path.rsplit('.').next().unwrap_or(path);
            let words = shown(key, change.get("from")).text(" → ").then(shown(key, change.get("to")));
            (value::label(path), words)
        };
        self.at("changes").and_then(Value::as_object).into_iter().flatten().map(one).collect()
    }
}
