//! What the screens have: fields, their kinds, what may be chosen.

use serde_json::{Map, Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::issues::{issue, site};
use super::request::Asked;
use crate::jira::fields::{self, FIELDS, TYPES};
use crate::jira::state::{Project, Site, State};

/// The project of a request, if it is there and may be seen.
pub(super) fn project<'a>(state: &'a State, asked: &Asked) -> Result<(&'a Site, &'a Project), Refusal> {
    let (site, key) = (site(state, asked)?, asked.part("projectIdOrKey"));
    let found = site.project(key).filter(|project| !project.is_hidden);
    Ok((site, found.ok_or_else(|| Refusal::jira(404, &format!("No project could be found with key '{key}'.")))?))
}

/// `GET /field`.
pub(super) fn all(_: &mut State, _: &Asked) -> Outcome {
    let list = FIELDS.iter().map(|field| {
        let clauses = match field.id.strip_prefix("customfield_") {
            Some(number) => vec![format!("cf[{number}]"), field.name.to_owned()],
            None => vec![field.id.to_owned()],
        };
        json!({ "id": field.id, "key": field.id, "name": field.name, "custom": field.is_custom(), "orderable": true,
            "navigable": true, "searchable": true, "clauseNames": clauses, "schema": field.schema() })
    });
    Ok(Answer::ok(list.collect()))
}

/// `GET /issue/createmeta/{projectIdOrKey}/issuetypes`.
pub(super) fn types(state: &mut State, asked: &Asked) -> Outcome {
    let (site, _) = project(state, asked)?;
    let (page, start, size, total) = asked.page(TYPES.iter().collect(), 50, 200);
    let shown: Vec<Value> = page.into_iter().map(|kind| kind.show(&site.api(3))).collect();
    Ok(Answer::ok(json!({ "issueTypes": shown, "startAt": start, "maxResults": size, "total": total })))
}

/// `GET /issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}`.
pub(super) fn create(state: &mut State, asked: &Asked) -> Outcome {
    let (site, project) = project(state, asked)?;
    let kind = fields::issue_type(asked.part("issueTypeId"))
        .ok_or_else(|| Refusal::jira(400, "The issue type does not exist in the project."))?;
    let (page, start, size, total) = asked.page(fields::of_create(kind.id).collect(), 50, 200);
    let shown = page.into_iter().map(|field| {
        let mut meta = field.meta(site, kind.id, &project.id);
        meta["fieldId"] = field.id.into();
        meta
    });
    let shown: Vec<Value> = shown.collect();
    Ok(Answer::ok(json!({ "fields": shown, "startAt": start, "maxResults": size, "total": total })))
}

/// `GET /issue/{issueIdOrKey}/editmeta`.
pub(super) fn edit(state: &mut State, asked: &Asked) -> Outcome {
    let (site, issue) = issue(state, asked)?;
    let meta =
        |field: &'static fields::Field| (field.id.to_owned(), field.meta(site, &issue.issue_type, &issue.project));
    let fields: Map<String, Value> = fields::of_edit(&issue.issue_type).map(meta).collect();
    Ok(Answer::ok(json!({ "fields": fields })))
}
