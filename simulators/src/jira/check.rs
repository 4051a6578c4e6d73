//! Whether Jira would understand a request: the parameters of its operations, the kinds of its fields, rich text, and the
//! published description.
//!
//! All but the last are known here, so they hold without it. The description comes last, and only speaks of what the
//! others found nothing wrong with.

use serde_json::Value;

use super::api::{Asked, Body, Kind, Operation};
use super::fields;
use super::oauth::token;
use crate::specs::Specs;

/// The published description of the REST API.
pub(crate) const PUBLISHED: &str = "jira/jira-cloud-platform-v3.trimmed.json";

/// Something that Jira would not understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// The field that it is about.
    pub(crate) field: Option<String>,
    /// What and where.
    pub(crate) what: String,
}

fn complaint(what: String) -> Complaint {
    Complaint { field: None, what }
}

/// What is wrong with a request.
pub(crate) fn request(operation: &Operation, asked: &Asked, specs: &Specs) -> Vec<Complaint> {
    let mut found: Vec<Complaint> = parameters(operation, asked).into_iter().map(complaint).collect();
    match operation.body {
        Body::None | Body::Any => {}
        Body::Token => found.extend(token::complaints(&asked.body).into_iter().map(complaint)),
        Body::Fields(known) => found.extend(body(operation, known, &asked.body)),
    }
    if found.is_empty() && operation.is_of_site {
        found.extend(published(operation, asked, specs).into_iter().map(complaint));
    }
    found
}

fn parameters(operation: &Operation, asked: &Asked) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in &asked.query {
        match operation.query.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind) {
            None => found.push(format!("{name:?} is no parameter of {}", operation.name)),
            Some(Kind::Flag) if !["true", "false"].contains(&value.as_str()) => {
                found.push(format!("{name} should be true or false, not {value:?}"));
            }
            Some(Kind::Number) if value.parse::<u32>().is_err() => {
                found.push(format!("{name} should be a whole number, not {value:?}"));
            }
            Some(_) => {}
        }
    }
    found
}

fn body(operation: &Operation, known: &[&str], body: &Value) -> Vec<Complaint> {
    let Some(object) = body.as_object() else { return vec![complaint("the body is no JSON object".to_owned())] };
    let unknown = object.keys().filter(|name| !known.contains(&name.as_str()));
    let mut found: Vec<Complaint> =
        unknown.map(|name| complaint(format!("{name:?} is no field of {}", operation.name))).collect();
    match operation.name {
        "createIssue" | "editIssue" | "doTransition" => found.extend(issue(body)),
        "addComment" => {
            let wrong = comment(&body["body"]);
            found.extend(wrong.map(|what| Complaint { field: Some("comment".to_owned()), what }));
        }
        "createOrUpdateRemoteIssueLink" => found.extend(link(&body["object"])),
        _ => {}
    }
    if operation.name == "doTransition" && !body["transition"]["id"].is_string() {
        found.push(complaint("Missing 'transition' identifier".to_owned()));
    }
    found
}

/// The shapes of the fields that are known everywhere.
fn issue(body: &Value) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (name, value) in body["fields"].as_object().into_iter().flatten() {
        let wrong = fields::find(name).and_then(|field| fields::shape(field, value).err());
        found.extend(wrong.map(|what| Complaint { field: Some(name.clone()), what }));
        if !body["update"][name].is_null() {
            let what = "Field is both in 'fields' and in 'update'".to_owned();
            found.push(Complaint { field: Some(name.clone()), what });
        }
    }
    for change in body["update"]["comment"].as_array().into_iter().flatten() {
        let wrong = comment(&change["add"]["body"]);
        found.extend(wrong.map(|what| Complaint { field: Some("comment".to_owned()), what }));
    }
    found
}

fn comment(body: &Value) -> Option<String> {
    match body {
        Value::Null => Some("Comment body can not be empty!".to_owned()),
        _ => fields::find("description").and_then(|rich| fields::shape(rich, body).err()),
    }
}

fn link(object: &Value) -> Vec<Complaint> {
    let missing = ["title", "url"].into_iter().filter(|name| !object[*name].is_string());
    let missing = missing.map(|name| (name.to_owned(), format!("'{name}' is required.")));
    let names = object.as_object().into_iter().flat_map(serde_json::Map::keys);
    let unknown = names.filter(|name| !["url", "title", "summary", "icon", "status"].contains(&name.as_str()));
    let unknown = unknown.map(|name| (name.clone(), format!("{name:?} is no field of a link")));
    missing.chain(unknown).map(|(field, what)| Complaint { field: Some(field), what }).collect()
}

/// What the published description says of the parameters and the body.
fn published(operation: &Operation, asked: &Asked, specs: &Specs) -> Vec<String> {
    let here = format!("/paths/{}/{}", operation.path.replace('/', "~1"), operation.verb.to_ascii_lowercase());
    let mut found = Vec::new();
    for (name, text) in &asked.query {
        let kind = operation.query.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
        let value = match kind {
            Some(Kind::Flag) => text.parse().map(Value::Bool).ok(),
            Some(Kind::Number) => text.parse().map(|number: u32| number.into()).ok(),
            // The items of a list are looked at by the operation.
            Some(Kind::List) | None => continue,
            Some(Kind::Text) => Some(text.as_str().into()),
        };
        let at = specs.position(PUBLISHED, &format!("{here}/parameters"), "name", name);
        let pointer = at.map(|at| at.map(|at| format!("{here}/parameters/{at}/schema")));
        found.extend(against(specs, pointer, &value.unwrap_or_default(), name));
    }
    if let Body::Fields(_) = operation.body {
        let pointer = Ok(Some(format!("{here}/requestBody/content/application~1json/schema")));
        found.extend(against(specs, pointer, &asked.body, "body"));
    }
    found
}

fn against(
    specs: &Specs,
    pointer: Result<Option<String>, crate::specs::SpecError>,
    value: &Value,
    what: &str,
) -> Vec<String> {
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
