//! What is read of an event, place by place, and the events of a request as values: so that what came can be held against what is
//! expected.

use serde_json::{Value, json};

use crate::mapping::{Form, Layout, Place};
use crate::provider::Provider;
use crate::read::{Outcome, ReadError, read, values};
use crate::request::InboundRequest;

/// A field that an event is expected to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// What it becomes: a name in the data of the hub's event, where a dot leads into an object.
    pub field: &'static str,
    /// Where it is looked for, JSON pointers, the first that holds something counts. Of e-mail, which its parsers take apart, the places
    /// are in what they make of it.
    pub places: Vec<String>,
    /// What may be there; any kind where it is taken as it is.
    pub kinds: &'static [&'static str],
    /// Whether something stands in its place where the provider says nothing.
    pub has_otherwise: bool,
}

impl Expected {
    /// What is read of a provider's type of event; nothing of one that becomes no event here.
    #[must_use]
    pub fn of(provider: Provider, provider_type: &str) -> Vec<Self> {
        let layout = Layout::of(provider);
        let Some(mapping) = layout.mapping(provider_type) else { return Vec::new() };
        let fields = mapping.fields.iter().copied().chain([layout.common]).flatten();
        fields
            .map(|field| Self {
                field: field.name,
                places: match provider.is_email() {
                    true => vec![format!("/{}", field.name)],
                    false => field.from.iter().map(|place| (*place).to_owned()).collect(),
                },
                kinds: match field.form {
                    _ if provider.is_email() => &[],
                    Form::Same | Form::First => &[],
                    Form::Upper | Form::Words(_) => &["string"],
                    Form::Time => &["string", "integer", "number"],
                    Form::Entry { .. } => &["array"],
                    Form::Changes(_) => &["object"],
                },
                has_otherwise: field.otherwise.is_some(),
            })
            .collect()
    }
}

/// The events of a request, each with the provider's type of it, as the places of [`Expected`] lead into them.
///
/// # Errors
/// The body is not what the provider sends.
pub fn event_values(
    provider: Provider,
    request: &InboundRequest<'_>,
) -> Result<Vec<(Option<String>, Value)>, ReadError> {
    if !provider.is_email() {
        return values(provider, request);
    }
    let data = |outcome: Outcome| match outcome {
        Outcome::Mapped(event) => event.data,
        _ => json!({}),
    };
    Ok(read(provider, request)?.into_iter().map(|item| (item.provider_type, data(item.outcome))).collect())
}

/// What kind of JSON a value is, in the words of JSON Schema.
#[must_use]
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The places that are read of an event besides its fields: its id, type and time, and whose state it carries.
#[must_use]
pub fn other_places(provider: Provider, provider_type: &str) -> Vec<&'static str> {
    let layout = Layout::of(provider);
    let mapping = layout.mapping(provider_type);
    let state = mapping.and_then(|mapping| mapping.state.as_ref());
    let own = mapping.and_then(|mapping| mapping.key).unwrap_or_default();
    let in_places = layout.id.iter().chain(layout.kind).chain(own).filter_map(|place| match place {
        Place::Field(pointers) => Some(*pointers),
        Place::Header(_) => None,
    });
    let of_state = state.into_iter().flat_map(|rule| [rule.id, rule.version]);
    in_places.chain(of_state).chain([layout.occurred_at]).flatten().copied().collect()
}
