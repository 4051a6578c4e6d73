//! What is known of a linked issue's fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::IssueSettings;
use super::store::Row;
use super::values::shown;

/// Fields that are always looked at.
const WATCHED: [&str; 8] =
    ["summary", "description", "status", "assignee", "priority", "labels", "resolution", "issuetype"];

/// What is known of an issue's fields, as [`super::values::plain`] has them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// What the tracker had when it was last looked at.
    pub(crate) known: BTreeMap<String, String>,
    /// What was last written from here.
    pub(crate) written: BTreeMap<String, String>,
    /// The status that the issue is being moved to from here, until it is known whether that was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) heading: Option<String>,
}

impl State {
    /// That of a row.
    pub(crate) fn of(row: &Row) -> Self {
        serde_json::from_str(&row.state_json).unwrap_or_default()
    }

    /// As it is kept.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".into())
    }
}

/// Fields to read of an issue.
pub(crate) fn watched(settings: Option<&IssueSettings>) -> Vec<String> {
    let mapped = settings.into_iter().flat_map(|settings| &settings.fields).map(|mapping| mapping.field.clone());
    let mut all: Vec<String> = WATCHED.iter().map(|field| (*field).to_owned()).chain(mapped).collect();
    all.sort();
    all.dedup();
    all
}

/// Notes what people see of an issue.
pub(crate) fn show(row: &mut Row, issue: &Value) {
    let fields = &issue["fields"];
    if let Some(key) = issue["key"].as_str() {
        row.issue_key = Some(key.to_owned());
    }
    row.summary = shown(&fields["summary"]);
    row.status_name = fields["status"]["name"].as_str().map(str::to_owned);
    row.status_category = fields["status"]["statusCategory"]["key"].as_str().map(str::to_owned);
}

/// The link to an issue that is gone.
pub(crate) fn forget_issue(row: &mut Row) {
    (row.issue_id, row.issue_key, row.url, row.is_deleted) = (None, None, None, 0);
    row.state_json = State::default().json();
}
