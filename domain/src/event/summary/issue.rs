//! `jira.issue.created`, `jira.issue.updated`, `jira.issue.commented`, `jira.issue.deleted`.

use serde_json::Value;

use super::data::Data;
use super::{Summary, Words, value};

/// `**ED-12** Invoice failed`, or what there is of it.
fn issue(d: Data<'_>) -> Words {
    let key = d.text("issue.key").map_or_else(|| Words::plain("An issue"), |key| Words::default().strong(key));
    match d.text("issue.summary") {
        Some(summary) => key.text(format!(" “{summary}”")),
        None => key,
    }
}

fn told(title: &str, d: Data<'_>, what: &str) -> Summary {
    Summary::new(title, issue(d).text(what))
}

fn with_fields(summary: Summary, d: Data<'_>) -> Summary {
    summary
        .field("Status", d.show("issue.status.name"))
        .field("Assignee", d.show("issue.assignee"))
        .field("Issue", d.show("issue.url"))
}

pub(super) fn created(d: Data<'_>) -> Summary {
    with_fields(told("Issue created", d, " was made in Jira."), d)
}

pub(super) fn updated(d: Data<'_>) -> Summary {
    let changes = d.at("changes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let side = |value: &Value| value.as_str().filter(|text| !text.is_empty()).unwrap_or("nothing").to_owned();
    let lines = changes.iter().filter_map(|change| {
        let label = value::label(change["field"].as_str()?);
        Some((label, Words::plain(format!("{} → {}", side(&change["from"]), side(&change["to"])))))
    });
    let summary = told("Issue changed", d, " was changed in Jira.").with_fields(lines);
    summary.field("Issue", d.show("issue.url"))
}

pub(super) fn commented(d: Data<'_>) -> Summary {
    let summary = told("Comment on an issue", d, " has a new comment in Jira.");
    summary.field("Comment", d.show("comment.text")).field("Issue", d.show("issue.url"))
}

pub(super) fn deleted(d: Data<'_>) -> Summary {
    told("Issue deleted", d, " was deleted in Jira.")
}
