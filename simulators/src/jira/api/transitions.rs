//! Where an issue can go from where it is, and going there.

use serde_json::{Map, Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::issues::{comments_of, issue, named};
use super::request::Asked;
use super::write::Writing;
use crate::jira::fields;
use crate::jira::state::{Issue, Site, State};
use crate::jira::workflow::{self, Transition};

/// `GET /issue/{issueIdOrKey}/transitions`.
pub(super) fn list(state: &mut State, asked: &Asked) -> Outcome {
    let (site, issue) = issue(state, asked)?;
    let with_fields = asked.list("expand").iter().any(|name| name == "transitions.fields");
    let ways = workflow::ways(&issue.issue_type, &issue.status);
    let wanted = ways.filter(|way| asked.text("transitionId").is_none_or(|id| id == way.id));
    let shown: Vec<Value> = wanted.map(|way| show(site, issue, way, with_fields)).collect();
    Ok(Answer::ok(json!({ "expand": "transitions", "transitions": shown })))
}

fn show(site: &Site, issue: &Issue, way: &Transition, with_fields: bool) -> Value {
    let mut shown = json!({
        "id": way.id,
        "name": way.name,
        "to": workflow::status(way.to).show(&site.api(3)),
        "hasScreen": way.asks_resolution,
        "isGlobal": false,
        "isInitial": false,
        "isAvailable": true,
        "isConditional": false,
        "isLooped": false,
    });
    if with_fields {
        let asked = fields::find("resolution").filter(|_| way.asks_resolution);
        let meta = asked.map(|field| {
            let mut meta = field.meta(site, &issue.issue_type, &issue.project);
            meta["required"] = true.into();
            (field.id.to_owned(), meta)
        });
        shown["fields"] = meta.into_iter().collect::<Map<_, _>>().into();
    }
    shown
}

/// `POST /issue/{issueIdOrKey}/transitions`.
pub(super) fn go(state: &mut State, asked: &Asked) -> Outcome {
    let (site, before) = issue(state, asked)?;
    let wanted = named(&asked.body["transition"]);
    let way = workflow::ways(&before.issue_type, &before.status)
        .find(|way| way.id == wanted)
        .ok_or_else(|| Refusal::jira(400, &format!("Transition id '{wanted}' is not valid for this issue.")))?;
    let screen: Vec<_> = fields::find("resolution").filter(|_| way.asks_resolution).into_iter().collect();
    let values = Writing { state, site, screen, issue: Some(before) }.values(&asked.body)?;
    if way.asks_resolution && !values.iter().any(|(_, value)| value.is_string()) {
        return Err(Refusal::field("resolution", "Resolution is required."));
    }
    let (id, user) = (before.id.clone(), asked.caller()?.user.clone());
    state.change_issue(&asked.site, &user, &id, values, Some(way));
    comments_of(state, asked, &user, &id);
    Ok(Answer::nothing())
}
