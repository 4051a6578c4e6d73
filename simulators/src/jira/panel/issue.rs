//! An issue: its fields, its comments, and what can be done with it.

use axum::extract::{Path, State as Axum};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use super::ACT;
use crate::html::{button, escape, hidden, page};
use crate::jira::adf;
use crate::jira::fields::{self, FIELDS};
use crate::jira::state::{Issue, Site, State, moment};
use crate::jira::workflow::{status, ways};
use crate::jira::{PROVIDER, Shared};

pub(super) async fn show(Axum(shared): Axum<Shared>, Path((id, key)): Path<(String, String)>) -> Response {
    let body = shared.with(|state| {
        let site = state.site(&id)?;
        let issue = site.issue(&key)?;
        Some((issue.key.clone(), whole(state, site, issue)))
    });
    match body {
        Some((key, body)) => Html(page(PROVIDER, &key, &body)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What every form of the page says.
struct Frame<'a> {
    site: &'a str,
    key: &'a str,
    back: String,
}

impl Frame<'_> {
    fn hidden(&self, act: &str) -> String {
        let fields = [("act", act), ("site", self.site), ("key", self.key), ("back", &self.back)];
        fields.map(|(name, value)| hidden(name, value)).concat()
    }

    fn button(&self, act: &str, more: (&str, &str), label: &str) -> String {
        let fields = [("act", act), ("site", self.site), ("key", self.key), ("back", &self.back), more];
        button(ACT, &fields, label)
    }
}

fn whole(state: &State, site: &Site, issue: &Issue) -> String {
    let back = format!("/_control/sites/{}/issues/{}", site.id, issue.key);
    let frame = Frame { site: &site.id, key: &issue.key, back };
    let ways = ways(&issue.issue_type, &issue.status).map(|way| {
        let to = status(way.to).name;
        frame.button("transition", ("status", to), &format!("{} → {to}", way.name))
    });
    format!(
        r#"<p><a href="/_control">Control panel</a> · <a href="/_control/sites/{site}">{name}</a></p>
<h1>{key}: {summary}</h1><p>{status}</p><div class="acts">{ways} {delete}</div>
<table><tbody>{fields}</tbody></table>{edit}{assign}
<h2>Comments</h2>{comments}<form method="post" action="{ACT}"><p>{comment}
<label class="inline">Comment <input name="text" size="60" required></label> <button>Add</button></p></form>
<h2>Links and properties</h2><pre>{hung}</pre>"#,
        site = site.id,
        name = escape(&site.name),
        key = issue.key,
        summary = escape(issue.summary()),
        status = status(&issue.status).name,
        ways = ways.collect::<Vec<_>>().join(" "),
        delete = button(
            ACT,
            &[
                ("act", "delete"),
                ("site", &site.id),
                ("key", &issue.key),
                ("back", &format!("/_control/sites/{}", site.id))
            ],
            "Delete"
        ),
        fields = rows(state, site, issue),
        edit = edit(&frame, issue),
        assign = assign(&frame, state),
        comments = comments(state, &frame, issue),
        comment = frame.hidden("comment"),
        hung = escape(&hung(issue)),
    )
}

fn rows(state: &State, site: &Site, issue: &Issue) -> String {
    let row = |field: &'static fields::Field| {
        let kept = issue.fields.get(field.id).filter(|value| !value.is_null())?;
        let (_, words) = fields::words(state, site, field, kept);
        let text = words.as_str().unwrap_or_default();
        Some(format!("<tr><th>{}</th><td><pre>{}</pre></td></tr>", escape(field.name), escape(text)))
    };
    let updated = format!("<tr><th>Updated</th><td>{}</td></tr>", moment(issue.updated_ms));
    FIELDS.iter().filter_map(row).collect::<String>() + &updated
}

fn edit(frame: &Frame<'_>, issue: &Issue) -> String {
    format!(
        r#"<form method="post" action="{ACT}"><p>{}<label class="inline">Summary
<input name="summary" size="60" maxlength="255" value="{}" required></label> <button>Save</button></p></form>"#,
        frame.hidden("edit"),
        escape(issue.summary()),
    )
}

fn assign(frame: &Frame<'_>, state: &State) -> String {
    let people = state.people.iter();
    let people = people.map(|one| format!(r#"<option value="{}">{}</option>"#, one.account_id, escape(&one.name)));
    format!(
        r#"<form method="post" action="{ACT}"><p>{}<label class="inline">Assignee <select name="user">
<option value="">nobody</option>{}</select></label> <button>Assign</button></p></form>"#,
        frame.hidden("assign"),
        people.collect::<String>(),
    )
}

fn comments(state: &State, frame: &Frame<'_>, issue: &Issue) -> String {
    let one = |comment: &crate::jira::state::Comment| {
        let author = state.person(&comment.author).map(|person| escape(&person.name)).unwrap_or_default();
        format!(
            r#"<div class="message"><header>{author}</header><pre>{}</pre><p class="meta">{}</p>{}</div>"#,
            escape(&adf::text(&comment.body)),
            moment(comment.updated_ms),
            frame.button("delete-comment", ("comment", &comment.id), "Delete"),
        )
    };
    issue.comments.iter().map(one).collect()
}

fn hung(issue: &Issue) -> String {
    let links = issue.links.iter().map(|link| format!("link {}: {}", link.id, link.value));
    let properties = issue.properties.iter().map(|(key, value)| format!("property {key}: {value}"));
    links.chain(properties).collect::<Vec<_>>().join("\n")
}
