//! Issues and comments as answers and webhooks show them.

use serde_json::{Map, Value, json};

use super::request::Asked;
use crate::jira::adf;
use crate::jira::fields::{self, FIELDS};
use crate::jira::state::{Comment, Issue, Site, State, moment};
use crate::jira::workflow;

/// Every field of an issue. `version` 3 is the API's, 2 that of webhooks.
pub(crate) fn all_fields(state: &State, site: &Site, issue: &Issue, version: u8) -> Map<String, Value> {
    let api = site.api(version);
    let mut shown = Map::new();
    for field in &FIELDS {
        let kept = match field.id {
            "project" => json!(issue.project),
            "issuetype" => json!(issue.issue_type),
            "labels" => issue.fields.get("labels").filter(|labels| !labels.is_null()).cloned().unwrap_or(json!([])),
            id => issue.fields.get(id).cloned().unwrap_or_default(),
        };
        if field.id != "parent" || !kept.is_null() {
            shown.insert(field.id.to_owned(), fields::show(state, site, field, &kept, version));
        }
    }
    let person = |id: &str| state.person(id).map(|person| person.show(&api)).unwrap_or_default();
    let system = [
        ("status", workflow::status(&issue.status).show(&api)),
        ("creator", person(&issue.creator)),
        ("created", moment(issue.created_ms).into()),
        ("updated", moment(issue.updated_ms).into()),
        ("statuscategorychangedate", moment(issue.moved_ms).into()),
    ];
    shown.extend(system.map(|(name, value)| (name.to_owned(), value)));
    shown
}

/// An issue as an answer shows it. Without a wish it has all fields; `*all` has the comments too.
pub(super) fn issue(state: &State, site: &Site, issue: &Issue, wanted: &[String]) -> Value {
    let mut fields = all_fields(state, site, issue, 3);
    let is_all = wanted.iter().any(|name| name == "*all");
    if is_all || wanted.iter().any(|name| name == "comment") {
        let list: Vec<Value> = issue.comments.iter().map(|one| comment(state, site, issue, one, 3)).collect();
        let page = json!({ "comments": list, "startAt": 0, "maxResults": list.len(), "total": list.len() });
        fields.insert("comment".to_owned(), page);
    }
    let has_names = wanted.iter().any(|name| !name.starts_with(['*', '-']));
    if has_names && !is_all && !wanted.iter().any(|name| name == "*navigable") {
        fields.retain(|name, _| wanted.iter().any(|wanted| wanted == name));
    }
    fields.retain(|name, _| !wanted.iter().any(|wanted| wanted.strip_prefix('-') == Some(name)));
    json!({ "id": issue.id, "key": issue.key, "self": format!("{}/issue/{}", site.api(3), issue.id), "fields": fields })
}

/// The same with the properties that a request names.
pub(super) fn with_properties(mut shown: Value, issue: &Issue, asked: &Asked) -> Value {
    let wanted = asked.list("properties");
    if !wanted.is_empty() {
        let found = issue.properties.iter().filter(|(key, _)| wanted.contains(key) || wanted[0] == "*all");
        shown["properties"] = found.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>().into();
    }
    shown
}

/// A comment; `version` 2 has lines of text.
pub(crate) fn comment(state: &State, site: &Site, issue: &Issue, comment: &Comment, version: u8) -> Value {
    let api = site.api(version);
    let author = state.person(&comment.author).map(|person| person.show(&api)).unwrap_or_default();
    json!({
        "self": format!("{api}/issue/{}/comment/{}", issue.id, comment.id),
        "id": comment.id,
        "author": author,
        "body": if version == 2 { adf::text(&comment.body).into() } else { comment.body.clone() },
        "updateAuthor": author,
        "created": moment(comment.created_ms),
        "updated": moment(comment.updated_ms),
        "jsdPublic": true,
    })
}
