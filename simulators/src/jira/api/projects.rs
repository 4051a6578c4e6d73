//! Projects, statuses, people.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::issues::site;
use super::meta::project;
use super::request::Asked;
use crate::jira::fields::{BUG, TYPES};
use crate::jira::state::State;
use crate::jira::workflow::STATUSES;

/// `GET /myself`.
pub(super) fn myself(state: &mut State, asked: &Asked) -> Outcome {
    let person = state.person(&asked.caller()?.user).ok_or_else(Refusal::unauthorized)?;
    let mut shown = person.show(&site(state, asked)?.api(3));
    shown["emailAddress"] = json!(person.email);
    Ok(Answer::ok(shown))
}

/// `GET /project/search`.
pub(super) fn search(state: &mut State, asked: &Asked) -> Outcome {
    let site = site(state, asked)?;
    let words = asked.text("query").unwrap_or_default().to_lowercase();
    let (ids, keys) = (asked.list("id"), asked.list("keys"));
    let mut found: Vec<_> = site.projects.iter().filter(|project| !project.is_hidden).collect();
    found.retain(|project| {
        let fits = |word: &str| word.to_lowercase().contains(&words);
        (fits(&project.name) || fits(&project.key))
            && (ids.is_empty() || ids.contains(&project.id))
            && (keys.is_empty() || keys.contains(&project.key))
    });
    match asked.text("orderBy").unwrap_or("key") {
        "name" | "+name" => found.sort_by(|one, other| one.name.cmp(&other.name)),
        "-key" => found.sort_by(|one, other| other.key.cmp(&one.key)),
        _ => found.sort_by(|one, other| one.key.cmp(&other.key)),
    }
    let (page, start, size, total) = asked.page(found, 50, 100);
    let next = start + size;
    let api = site.api(3);
    let address = |start: usize| format!("{api}/project/search?startAt={start}&maxResults={size}");
    let shown: Vec<Value> = page.into_iter().map(|project| project.show(&api)).collect();
    let mut answer = json!({ "self": address(start), "maxResults": size, "startAt": start, "total": total,
        "isLast": next >= total, "values": shown });
    if next < total {
        answer["nextPage"] = address(next).into();
    }
    Ok(Answer::ok(answer))
}

/// `GET /project/{projectIdOrKey}`.
pub(super) fn one(state: &mut State, asked: &Asked) -> Outcome {
    let (site, project) = project(state, asked)?;
    let api = site.api(3);
    let mut shown = project.show(&api);
    shown["lead"] = state.person(&project.lead).map(|person| person.show(&api)).unwrap_or_default();
    shown["issueTypes"] = TYPES.iter().map(|kind| kind.show(&api)).collect();
    Ok(Answer::ok(shown))
}

/// `GET /project/{projectIdOrKey}/statuses`.
pub(super) fn statuses(state: &mut State, asked: &Asked) -> Outcome {
    let (site, _) = project(state, asked)?;
    let api = site.api(3);
    let list = TYPES.iter().map(|kind| {
        // Bugs have no review.
        let of = STATUSES.iter().filter(|status| kind.id != BUG || status.id != "10001");
        let mut shown = kind.show(&api);
        shown["statuses"] = of.map(|status| status.show(&api)).collect();
        shown
    });
    Ok(Answer::ok(list.collect()))
}

/// `GET /status`.
pub(super) fn all_statuses(state: &mut State, asked: &Asked) -> Outcome {
    let api = site(state, asked)?.api(3);
    Ok(Answer::ok(STATUSES.iter().map(|status| status.show(&api)).collect()))
}

/// `GET /user/assignable/search`.
pub(super) fn assignable(state: &mut State, asked: &Asked) -> Outcome {
    let site = site(state, asked)?;
    let key = asked.text("issueKey").or(asked.text("issueId"));
    let project = match (asked.text("project"), key) {
        (Some(project), _) => site.project(project).filter(|project| !project.is_hidden),
        (None, Some(issue)) => site.visible(issue).and_then(|issue| site.project(&issue.project)),
        (None, None) => return Err(Refusal::jira(400, "One of project, issueKey and issueId is required.")),
    };
    if project.is_none() {
        return Err(Refusal::jira(404, "No project or issue could be found."));
    }
    let words = asked.text("query").unwrap_or_default().to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&words);
    let found = state.people.iter().filter(|person| fits(&person.name) || fits(&person.email));
    let (page, ..) = asked.page(found.collect(), 50, 1_000);
    Ok(Answer::ok(page.into_iter().map(|person| person.show(&site.api(3))).collect()))
}
