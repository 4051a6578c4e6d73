//! Whether Slack would understand a request: the parameters of its methods, the limits it states, its published schemas.
//!
//! The first two are known here, so they hold without the schemas. The schemas come last, and only speak of what the others
//! found nothing wrong with: their sentences are the longer ones.

mod blocks;
mod text;

use serde_json::{Value, json};

use super::api::{Arguments, Kind, Method};
use crate::specs::Specs;

/// Something that Slack would not understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// Slack's code for it.
    pub(crate) code: &'static str,
    /// What and where.
    pub(crate) what: String,
}

impl Complaint {
    pub(crate) fn arguments(what: String) -> Self {
        Self { code: "invalid_arguments", what }
    }
}

/// What is wrong with a request to a method.
pub(crate) fn request(method: &Method, arguments: &Arguments, specs: &Specs) -> Vec<Complaint> {
    let mut found = parameters(method, arguments);
    let is_message = ["chat.postMessage", "chat.update"].contains(&method.name);
    if is_message && found.is_empty() {
        found = message(&Value::Object(arguments.values.clone()), specs);
    }
    if let Some(schema) = method.schema.filter(|_| found.is_empty()) {
        found = against(specs, schema, &Value::Object(arguments.values.clone()), "invalid_arguments");
    }
    found
}

/// What is wrong with a message, whichever way it comes: text, blocks, attachments, metadata.
pub(crate) fn message(message: &Value, specs: &Specs) -> Vec<Complaint> {
    let mut found = text::message(message);
    if let Some(list) = message.get("blocks") {
        let limits = blocks::complaints(list);
        let complaint = |what| Complaint { code: "invalid_blocks", what };
        match limits.is_empty() {
            true => found.extend(against(specs, "blockkit", &json!({ "blocks": list }), "invalid_blocks")),
            false => found.extend(limits.into_iter().map(complaint)),
        }
    }
    if let Some(list) = message.get("attachments") {
        match list.as_array().map_or(0, Vec::len) {
            0..=100 => {
                let whole = json!({ "blocks": [], "attachments": list });
                found.extend(against(specs, "blockkit", &whole, "invalid_attachments"));
            }
            many => {
                found.push(Complaint { code: "too_many_attachments", what: format!("{many} attachments, 100 at most") })
            }
        }
    }
    found
}

fn parameters(method: &Method, arguments: &Arguments) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (name, value) in &arguments.values {
        let Some(parameter) = method.parameter(name) else {
            found.push(Complaint::arguments(format!("{name:?} is no parameter of {}", method.name)));
            continue;
        };
        let fits = match parameter.kind {
            Kind::Text => value.is_string(),
            Kind::Flag => value.is_boolean(),
            Kind::Number => value.is_i64() || value.is_u64(),
            Kind::Json => value.is_array() || value.is_object(),
        };
        if !fits {
            let code = if name == "blocks" { "invalid_blocks" } else { "invalid_arguments" };
            let what = format!("{name} should be {}, not {value}", kind_in_words(parameter.kind));
            found.push(Complaint { code, what });
        }
    }
    for parameter in method.parameters.iter().filter(|parameter| parameter.is_required) {
        if arguments.text(parameter.name).is_none() {
            found.push(Complaint::arguments(format!("missing required field: {}", parameter.name)));
        }
    }
    found
}

const fn kind_in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Flag => "true or false",
        Kind::Number => "a whole number",
        Kind::Json => "a list or an object",
    }
}

/// What a published schema says.
fn against(specs: &Specs, schema: &str, value: &Value, code: &'static str) -> Vec<Complaint> {
    let path = format!("slack/schemas/{schema}.json");
    let sentences = match specs.schema(&path) {
        Ok(None) => Vec::new(),
        Ok(Some(schema)) => schema.complaints(value),
        Err(error) => vec![error.to_string()],
    };
    sentences.into_iter().map(|what| Complaint { code, what: format!("{what} ({schema}.json)") }).collect()
}
