//! Whether Entra ID or Graph would understand a request: the parameters of its operations, where a card has its place
//! in a message, the card itself, and the published description.
//!
//! All but the last are known here, so they hold without it. The description comes last, and only speaks of what the
//! others found nothing wrong with.

use jiff::Timestamp;
use serde_json::Value;

use super::graph::{Asked, Body, Operation, membership, place};
use super::oauth::token;
use crate::card;
use crate::html::escape;
use crate::specs::{SpecError, Specs};

/// The description of the operations.
pub(crate) const PUBLISHED: &str = "microsoft-graph/graph-teams.openapi.json";
/// What may be selected: the fields that the description has for what is asked.
const SELECTABLE: [(&str, &str); 3] = [("getMe", "user"), ("getTeam", "team"), ("listChannels", "channel")];
/// Changes that can be subscribed to.
const CHANGES: [&str; 3] = ["created", "updated", "deleted"];

/// What is wrong with a request.
pub(crate) fn request(operation: &Operation, asked: &Asked, specs: &Specs) -> Vec<String> {
    let mut found = parameters(operation, asked, specs);
    match operation.body {
        Body::None => {}
        Body::Form => found.extend(token::complaints(&asked.body)),
        Body::Message => found.extend(message(&asked.body, specs)),
        Body::Subscription => found.extend(subscription(&asked.body)),
        Body::Expiry => found.extend(expiry(&asked.body)),
    }
    if found.is_empty() && operation.is_described {
        found.extend(published(operation, asked, specs));
    }
    found
}

fn parameters(operation: &Operation, asked: &Asked, specs: &Specs) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in &asked.query {
        if !operation.query.contains(&name.as_str()) {
            found.push(format!("{name:?} is no parameter of {}", operation.name));
        } else if name == "$filter" && membership(value).is_none() {
            found.push(format!("$filter: {value:?} is not of the form membershipType eq 'private'"));
        } else if name == "$select" {
            found.extend(selection(operation, value, specs));
        }
    }
    found
}

/// Names that are no fields of what is asked.
fn selection(operation: &Operation, value: &str, specs: &Specs) -> Vec<String> {
    let schema = SELECTABLE.iter().find(|(name, _)| *name == operation.name).map_or("", |(_, schema)| *schema);
    let document = match specs.read(PUBLISHED) {
        Ok(Some(document)) => document,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![error.to_string()],
    };
    let fields = &document["components"]["schemas"][schema]["properties"];
    let unknown = value.split(',').map(str::trim).filter(|name| fields.get(name).is_none());
    unknown.map(|name| format!("$select: {name:?} is no field of a {schema}")).collect()
}

/// The body of a message and its attachments: each has its place in the body, and a card is one that Teams renders.
fn message(body: &Value, specs: &Specs) -> Vec<String> {
    let content = body["body"]["content"].as_str().unwrap_or_default();
    let attachments = body["attachments"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut found = Vec::new();
    if !body.is_object() {
        return vec!["the body is no JSON object".to_owned()];
    }
    if content.is_empty() {
        found.push("body/content: a message says something, if only where its attachments are".to_owned());
    }
    if !attachments.is_empty() && body["body"]["contentType"] != "html" {
        found.push("body/contentType: attachments have their places in html alone".to_owned());
    }
    for attachment in attachments {
        let id = attachment["id"].as_str().unwrap_or_default();
        if id.is_empty() || !content.contains(&format!("<attachment id=\"{id}\"></attachment>")) {
            found.push(format!("attachments: {id:?} has no place in the body"));
        }
        if attachment["contentType"] == card::CONTENT_TYPE {
            let checked = card_of(attachment).and_then(|card| card::check(&card, specs));
            found.extend(checked.err().map(|what| format!("attachments: {what}")));
        }
    }
    found.extend(mentions(body, content));
    let places = content.matches("<attachment id=").count();
    if places != attachments.len() {
        found.push(format!("body/content: {places} places for {} attachments", attachments.len()));
    }
    found
}

/// Whoever is mentioned stands in the body by their number and name, and is somebody or a conversation.
fn mentions(body: &Value, content: &str) -> Vec<String> {
    let list = body["mentions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut found = Vec::new();
    for mention in list {
        let (id, text) = (mention["id"].as_i64(), mention["mentionText"].as_str().unwrap_or_default());
        let Some(id) = id.filter(|_| !text.is_empty()) else {
            found.push("mentions: each has an id, which is a number, and a mentionText".to_owned());
            continue;
        };
        if !content.contains(&format!("<at id=\"{id}\">{}</at>", escape(text))) {
            found.push(format!("mentions: {id} ({text:?}) has no place in the body"));
        }
        let (user, place) = (&mention["mentioned"]["user"], &mention["mentioned"]["conversation"]);
        let is_named = |of: &Value| of["id"].is_string() && of["displayName"].is_string();
        if !(is_named(user) || is_named(place) && place["conversationIdentityType"].is_string()) {
            found.push(format!("mentions: {id} names neither a user nor a conversation"));
        }
    }
    let places = content.matches("<at id=").count();
    if places != list.len() {
        found.push(format!("body/content: {places} places for {} mentions", list.len()));
    }
    found
}

/// The card of an attachment, which is JSON written as a text.
///
/// # Errors
/// It is not.
pub(crate) fn card_of(attachment: &Value) -> Result<Value, String> {
    let text = attachment["content"].as_str().ok_or("content: must be the card's JSON as a string")?;
    serde_json::from_str(text).map_err(|error| format!("content: is no JSON: {error}"))
}

fn subscription(body: &Value) -> Vec<String> {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let mut found = expiry(body);
    let kinds: Vec<&str> = text("changeType").split(',').map(str::trim).collect();
    if !kinds.iter().all(|kind| CHANGES.contains(kind)) {
        found.push(format!("changeType: {:?} is none of {}", text("changeType"), CHANGES.join(", ")));
    }
    if place(text("resource")).is_none() {
        found.push("resource: only /teams/{id}/channels/{id}/messages can be subscribed to here".to_owned());
    }
    if body["includeResourceData"] == true {
        found.push("includeResourceData: takes a certificate, which is not simulated".to_owned());
    }
    found
}

fn expiry(body: &Value) -> Vec<String> {
    let given = body["expirationDateTime"].as_str();
    let is_moment = given.is_some_and(|text| text.parse::<Timestamp>().is_ok());
    if is_moment { Vec::new() } else { vec!["expirationDateTime: must be a moment with its offset".to_owned()] }
}

/// What the published description says of the parameters and the body.
fn published(operation: &Operation, asked: &Asked, specs: &Specs) -> Vec<String> {
    let path = operation.address.strip_prefix("/v1.0").unwrap_or(operation.address);
    let here = format!("/paths/{}/{}", path.replace('/', "~1"), operation.verb.to_ascii_lowercase());
    let mut found = Vec::new();
    // Where a page goes on is between Graph and itself: no description has it.
    for (name, value) in asked.query.iter().filter(|(name, _)| name != "$skiptoken") {
        let at = specs.position(PUBLISHED, &format!("{here}/parameters"), "name", name);
        let pointer = at.map(|at| at.map(|at| format!("{here}/parameters/{at}/schema")));
        found.extend(against(specs, pointer, &Value::from(value.as_str()), name));
    }
    if operation.body != Body::None {
        let pointer = Ok(Some(format!("{here}/requestBody/content/application~1json/schema")));
        found.extend(against(specs, pointer, &asked.body, "body"));
    }
    found
}

fn against(specs: &Specs, pointer: Result<Option<String>, SpecError>, value: &Value, what: &str) -> Vec<String> {
    let schema = pointer.and_then(|pointer| match pointer {
        Some(pointer) => specs.part(PUBLISHED, &pointer),
        None => Ok(None),
    });
    match schema {
        Ok(None) => Vec::new(),
        Ok(Some(schema)) => schema.complaints(value).into_iter().map(|one| format!("{what}: {one}")).collect(),
        Err(error) => vec![error.to_string()],
    }
}
