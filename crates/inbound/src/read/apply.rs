//! Holding an event against the tables.

use serde_json::{Map, Value, json};

use super::item::{HubEvent, Item, Outcome, State, key};
use crate::mapping::{Field, Form, Layout, Mapping, Place, StateRule};
use crate::provider::Provider;
use crate::request::InboundRequest;
use crate::time;

/// The longest id or type, in characters; a longer one is none of a provider.
const LONGEST: usize = 500;

/// An event in the request that brought it.
pub(super) struct Event<'a> {
    pub(super) provider: Provider,
    pub(super) layout: &'static Layout,
    pub(super) request: &'a InboundRequest<'a>,
    pub(super) value: &'a Value,
}

impl Event<'_> {
    /// What is read of it.
    pub(super) fn item(&self) -> Item {
        let provider_type = self.provider_type();
        let mapping = provider_type.as_deref().and_then(|kind| self.layout.mapping(kind));
        Item {
            provider_id: self.words_at(self.layout.id),
            provider_type,
            occurred_at_ms: first_time(self.value, self.layout.occurred_at),
            is_test: false,
            outcome: match ((self.layout.passed)(self.value), mapping) {
                (Some(passed), _) => passed.into(),
                (None, Some(mapping)) => self.mapped(mapping),
                (None, None) => Outcome::Unknown,
            },
        }
    }

    /// The provider's name of its type.
    pub(super) fn provider_type(&self) -> Option<String> {
        let parts: Vec<String> = self.layout.kind.iter().filter_map(|place| self.word_at(place)).collect();
        let otherwise = self.layout.kind_otherwise.map(str::to_owned);
        if parts.is_empty() { otherwise } else { Some(parts.join(".")) }
    }

    fn mapped(&self, mapping: &Mapping) -> Outcome {
        let state = match mapping.state.as_ref().map(|rule| state(rule, self.value)) {
            Some(Err(missing)) => return Outcome::Incomplete { missing: missing.to_owned() },
            Some(Ok(state)) => state,
            None => None,
        };
        let mut data = Map::from_iter([("provider".to_owned(), json!(self.provider.key()))]);
        let fields = mapping.fields.iter().copied().chain([self.layout.common]).flatten();
        fields.for_each(|field| fill(&mut data, field, self.value));
        Outcome::Mapped(HubEvent {
            event_type: mapping.hub_type.to_owned(),
            data: Value::Object(data),
            occurred_at_ms: first_time(self.value, self.layout.occurred_at),
            idempotency_key: self.words_at(mapping.key.unwrap_or(self.layout.id)).map(|id| key(self.provider, &id)),
            state,
        })
    }

    /// What is in all of these places, joined; none where one is empty.
    fn words_at(&self, places: &[Place]) -> Option<String> {
        let parts: Option<Vec<String>> = places.iter().map(|place| self.word_at(place)).collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join(":"))
    }

    fn word_at(&self, place: &Place) -> Option<String> {
        match place {
            Place::Header(names) => short(names.iter().find_map(|name| self.request.header(name))?),
            Place::Field(pointers) => pointers.iter().find_map(|pointer| word(self.value.pointer(pointer)?)),
        }
    }
}

/// The state that an event carries; none where it does not say which of two is the later.
fn state(rule: &StateRule, event: &Value) -> Result<Option<State>, &'static str> {
    let missing = rule.id.first().copied().unwrap_or_default();
    let id = rule.id.iter().find_map(|pointer| word(event.pointer(pointer)?)).ok_or(missing)?;
    let subject = format!("{}:{id}", rule.kind);
    let version = first_time(event, rule.version);
    Ok(version.map(|version| State { subject, version, ends: rule.ends }))
}

/// Puts one field into data.
pub(crate) fn fill(data: &mut Map<String, Value>, field: &Field, event: &Value) {
    let found = first(event, field.from).and_then(|value| form(field.form, value, event));
    let Some(value) = found.or_else(|| field.otherwise.map(Value::from)) else { return };
    match field.name.split_once('.') {
        None => {
            data.insert(field.name.to_owned(), value);
        }
        Some((outer, inner)) => {
            if let Value::Object(object) = data.entry(outer).or_insert_with(|| json!({})) {
                object.insert(inner.to_owned(), value);
            }
        }
    }
}

/// The first of these places that holds something.
fn first<'a>(event: &'a Value, pointers: &[&str]) -> Option<&'a Value> {
    let held = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    pointers.iter().filter_map(|pointer| event.pointer(pointer)).find(held)
}

fn first_time(event: &Value, pointers: &[&str]) -> Option<i64> {
    pointers.iter().find_map(|pointer| time::read(event.pointer(pointer)?))
}

fn form(form: Form, value: &Value, event: &Value) -> Option<Value> {
    Some(match form {
        Form::Same => value.clone(),
        Form::Upper => value.as_str()?.to_uppercase().into(),
        Form::Time => time::write(time::read(value)?)?.into(),
        Form::Words(words) => {
            let word = value.as_str()?;
            words.iter().find(|(from, _)| *from == word).map_or(word, |(_, to)| to).into()
        }
        Form::First => match value {
            Value::Array(list) => list.first()?.clone(),
            other => other.clone(),
        },
        Form::Entry { id, take } => {
            let list = value.as_array()?;
            let id = event.pointer(id);
            let entry = list.iter().find(|entry| id.is_some() && entry.get("id") == id).or(list.first())?;
            entry.get(take)?.clone()
        }
        Form::Changes(now) => {
            let now = event.pointer(now);
            let change = |(name, from): (&String, &Value)| {
                let to = now.and_then(|now| now.get(name)).unwrap_or(&Value::Null);
                (name.clone(), json!({ "from": from, "to": to }))
            };
            Value::Object(value.as_object()?.iter().map(change).collect())
        }
    })
}

/// An id or a type: a text, or a whole number.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => short(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn short(text: &str) -> Option<String> {
    (!text.is_empty() && text.chars().count() <= LONGEST).then(|| text.to_owned())
}
