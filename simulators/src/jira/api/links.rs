//! Links to things elsewhere, and properties that no page shows.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::issues::{issue, site};
use super::request::Asked;
use crate::jira::state::{Issue, RemoteLink, Site, State};

/// A property holds so many characters.
const LONGEST_PROPERTY: usize = 32_768;

/// `GET /issue/{issueIdOrKey}/remotelink`.
pub(super) fn list(state: &mut State, asked: &Asked) -> Outcome {
    let (site, issue) = issue(state, asked)?;
    match asked.text("globalId") {
        None => Ok(Answer::ok(issue.links.iter().map(|link| show(site, issue, link)).collect())),
        Some(id) => {
            let found = issue.links.iter().find(|link| link.global_id.as_deref() == Some(id));
            let missing = || Refusal::jira(404, "No remote issue link with this global id was found");
            Ok(Answer::ok(show(site, issue, found.ok_or_else(missing)?)))
        }
    }
}

fn show(site: &Site, issue: &Issue, link: &RemoteLink) -> Value {
    let mut shown = link.value.clone();
    shown["id"] = link.id.into();
    shown["self"] = address(site, issue, link.id).into();
    shown
}

fn address(site: &Site, issue: &Issue, id: i64) -> String {
    format!("{}/issue/{}/remotelink/{id}", site.api(3), issue.key)
}

/// `POST /issue/{issueIdOrKey}/remotelink`: the same `globalId` again takes the place of the link before.
pub(super) fn put(state: &mut State, asked: &Asked) -> Outcome {
    let issue_id = issue(state, asked)?.1.id.clone();
    let next = state.number("link");
    let global_id = asked.body["globalId"].as_str().map(str::to_owned);
    let kept = state.site_mut(&asked.site).and_then(|site| site.issue_mut(&issue_id)).ok_or_else(Refusal::no_issue)?;
    let before = kept.links.iter_mut().find(|link| link.global_id.is_some() && link.global_id == global_id);
    let (id, is_new) = match before {
        Some(link) => {
            link.value = asked.body.clone();
            (link.id, false)
        }
        None => {
            kept.links.push(RemoteLink { id: next, global_id, value: asked.body.clone() });
            (next, true)
        }
    };
    let (site, issue) = issue(state, asked)?;
    let body = json!({ "id": id, "self": address(site, issue, id) });
    Ok(if is_new { Answer::made(body) } else { Answer::ok(body) })
}

/// `DELETE /issue/{issueIdOrKey}/remotelink?globalId=`.
pub(super) fn delete(state: &mut State, asked: &Asked) -> Outcome {
    let issue_id = issue(state, asked)?.1.id.clone();
    let global_id = asked.text("globalId").ok_or_else(|| Refusal::jira(400, "The global id is required"))?;
    let kept = state.site_mut(&asked.site).and_then(|site| site.issue_mut(&issue_id)).ok_or_else(Refusal::no_issue)?;
    let before = kept.links.len();
    kept.links.retain(|link| link.global_id.as_deref() != Some(global_id));
    match kept.links.len() < before {
        true => Ok(Answer::nothing()),
        false => Err(Refusal::jira(404, "No remote issue link with this global id was found")),
    }
}

/// `GET /issue/{issueIdOrKey}/properties/{propertyKey}`.
pub(super) fn property(state: &mut State, asked: &Asked) -> Outcome {
    let (_, issue) = issue(state, asked)?;
    let key = asked.part("propertyKey");
    let value = issue.properties.get(key).ok_or_else(|| no_property(key))?;
    Ok(Answer::ok(json!({ "key": key, "value": value })))
}

fn no_property(key: &str) -> Refusal {
    Refusal::jira(404, &format!("The property with key '{key}' does not exist."))
}

/// `PUT /issue/{issueIdOrKey}/properties/{propertyKey}`.
pub(super) fn set_property(state: &mut State, asked: &Asked) -> Outcome {
    let id = issue(state, asked)?.1.id.clone();
    let (key, user) = (asked.part("propertyKey"), asked.caller()?.user.clone());
    if key.len() > 255 || asked.body.to_string().len() > LONGEST_PROPERTY {
        return Err(Refusal::jira(400, "The property key or value is too long."));
    }
    let is_new = state.set_property(&asked.site, &user, &id, key, Some(asked.body.clone()));
    Ok(Answer { status: if is_new { 201 } else { 200 }, body: None })
}

/// `DELETE /issue/{issueIdOrKey}/properties/{propertyKey}`.
pub(super) fn delete_property(state: &mut State, asked: &Asked) -> Outcome {
    let (_, issue) = issue(state, asked)?;
    let (id, key) = (issue.id.clone(), asked.part("propertyKey"));
    if !issue.properties.contains_key(key) {
        return Err(no_property(key));
    }
    let user = asked.caller()?.user.clone();
    state.set_property(&asked.site, &user, &id, key, None);
    site(state, asked)?;
    Ok(Answer::nothing())
}
