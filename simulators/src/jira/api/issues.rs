//! Issues: made, read, changed, deleted.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::request::Asked;
use super::show;
use super::write::{Writing, required};
use crate::jira::acts::Draft;
use crate::jira::fields::{self, BUG};
use crate::jira::state::{Issue, Site, State};

/// The site of a request.
pub(super) fn site<'a>(state: &'a State, asked: &Asked) -> Result<&'a Site, Refusal> {
    state.site(&asked.site).ok_or_else(|| Refusal::gateway(404, "No message available"))
}

/// The issue of a request, if it is there and may be seen.
pub(super) fn issue<'a>(state: &'a State, asked: &Asked) -> Result<(&'a Site, &'a Issue), Refusal> {
    let site = site(state, asked)?;
    Ok((site, site.visible(asked.part("issueIdOrKey")).ok_or_else(Refusal::no_issue)?))
}

/// `POST /issue`.
pub(super) fn create(state: &mut State, asked: &Asked) -> Outcome {
    let site_now = site(state, asked)?;
    if !asked.body["transition"].is_null() {
        return Err(Refusal::field("transition", "a transition while creating is not simulated"));
    }
    let wanted = |name: &str, sentence: &str| {
        let field = fields::find(name).filter(|_| !asked.body["fields"][name].is_null());
        let field = field.ok_or_else(|| Refusal::field(name, sentence))?;
        let value = fields::read(state, site_now, field, &asked.body["fields"][name]);
        value.map(|value| value.as_str().unwrap_or_default().to_owned()).map_err(|what| Refusal::field(name, &what))
    };
    let project = wanted("project", "Specify a valid project ID or key")?;
    let issue_type = wanted("issuetype", "Specify an issue type")?;
    let screen: Vec<_> = fields::of_create(&issue_type).collect();
    let writing = Writing { state, site: site_now, screen: screen.clone(), issue: None };
    let values = writing.values(&asked.body)?;
    required(&screen, &values, None)?;
    let user = asked.caller()?.user.clone();
    let properties = asked.body["properties"].as_array().into_iter().flatten();
    let properties = properties.map(|one| (one["key"].as_str().unwrap_or_default().to_owned(), one["value"].clone()));
    let draft = Draft { project, issue_type, values, properties: properties.collect() };
    let made = state.make_issue(&asked.site, &user, draft);
    let (id, key) = made.ok_or_else(Refusal::no_issue)?;
    let link = format!("{}/issue/{id}", site(state, asked)?.api(3));
    Ok(Answer::made(json!({ "id": id, "key": key, "self": link })))
}

/// `GET /issue/{issueIdOrKey}`.
pub(super) fn read(state: &mut State, asked: &Asked) -> Outcome {
    let (site, issue) = issue(state, asked)?;
    let shown = show::issue(state, site, issue, &asked.list("fields"));
    Ok(Answer::ok(show::with_properties(shown, issue, asked)))
}

/// `PUT /issue/{issueIdOrKey}`.
pub(super) fn edit(state: &mut State, asked: &Asked) -> Outcome {
    let (site, before) = issue(state, asked)?;
    if !asked.body["fields"]["status"].is_null() || !asked.body["transition"].is_null() {
        return Err(Refusal::field(
            "status",
            "Field 'status' cannot be set. It is not on the appropriate screen, or unknown.",
        ));
    }
    let screen: Vec<_> = fields::of_edit(&before.issue_type).collect();
    let values = Writing { state, site, screen: screen.clone(), issue: Some(before) }.values(&asked.body)?;
    required(&screen, &values, Some(before))?;
    let is_apart = |id: &str| id == BUG || fields::issue_type(id).is_some_and(|kind| kind.is_subtask);
    let kind = values.iter().find(|(field, _)| field.id == "issuetype").and_then(|(_, value)| value.as_str());
    if kind.is_some_and(|kind| kind != before.issue_type && (is_apart(kind) || is_apart(&before.issue_type))) {
        return Err(Refusal::field("issuetype", "The issue type selected is invalid."));
    }
    let (id, user) = (before.id.clone(), asked.caller()?.user.clone());
    state.change_issue(&asked.site, &user, &id, values, None);
    comments_of(state, asked, &user, &id);
    if asked.text("returnIssue") == Some("true") {
        return read(state, asked);
    }
    Ok(Answer::nothing())
}

/// Comments that come along with a change.
pub(super) fn comments_of(state: &mut State, asked: &Asked, user: &str, id: &str) {
    for change in asked.body["update"]["comment"].as_array().into_iter().flatten() {
        state.comment_issue(&asked.site, user, id, change["add"]["body"].clone());
    }
}

/// `DELETE /issue/{issueIdOrKey}`.
pub(super) fn delete(state: &mut State, asked: &Asked) -> Outcome {
    let (site, issue) = issue(state, asked)?;
    let id = issue.id.clone();
    let children: Vec<String> =
        site.issues.iter().filter(|one| one.text("parent") == id).map(|one| one.id.clone()).collect();
    if !children.is_empty() && asked.text("deleteSubtasks") != Some("true") {
        let sentence = "The issue has subtasks. You must specify the 'deleteSubtasks' parameter to delete this issue.";
        return Err(Refusal::jira(400, sentence));
    }
    let user = asked.caller()?.user.clone();
    for one in children.iter().chain([&id]) {
        state.delete_issue(&asked.site, &user, one);
    }
    Ok(Answer::nothing())
}

/// The shape of `{"id": …}` in JSON, as text.
pub(super) fn named(value: &Value) -> &str {
    value["id"].as_str().unwrap_or_default()
}
