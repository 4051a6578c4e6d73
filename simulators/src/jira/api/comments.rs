//! Comments.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::issues::issue;
use super::request::Asked;
use super::show;
use crate::jira::state::State;

/// `GET /issue/{issueIdOrKey}/comment`.
pub(super) fn list(state: &mut State, asked: &Asked) -> Outcome {
    let (site, issue) = issue(state, asked)?;
    let mut comments: Vec<_> = issue.comments.iter().collect();
    if asked.text("orderBy") == Some("-created") {
        comments.reverse();
    }
    let (page, start, size, total) = asked.page(comments, 100, 5_000);
    let shown: Vec<Value> = page.into_iter().map(|one| show::comment(state, site, issue, one, 3)).collect();
    Ok(Answer::ok(json!({ "startAt": start, "maxResults": size, "total": total, "comments": shown })))
}

/// `POST /issue/{issueIdOrKey}/comment`.
pub(super) fn add(state: &mut State, asked: &Asked) -> Outcome {
    let id = issue(state, asked)?.1.id.clone();
    let user = asked.caller()?.user.clone();
    state.comment_issue(&asked.site, &user, &id, asked.body["body"].clone());
    let (site, issue) = issue(state, asked)?;
    let comment = issue.comments.last().ok_or_else(Refusal::no_issue)?;
    Ok(Answer::made(show::comment(state, site, issue, comment, 3)))
}

/// `GET /issue/{issueIdOrKey}/comment/{id}`.
pub(super) fn one(state: &mut State, asked: &Asked) -> Outcome {
    let (site, issue) = issue(state, asked)?;
    let found = issue.comments.iter().find(|comment| comment.id == asked.part("id"));
    let missing = || Refusal::jira(404, &format!("Can not find a comment for the id: {}.", asked.part("id")));
    Ok(Answer::ok(show::comment(state, site, issue, found.ok_or_else(missing)?, 3)))
}
