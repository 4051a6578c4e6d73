//! Issues, and what hangs on them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// An issue.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Its number, as text.
    pub id: String,
    /// `ED-1`.
    pub key: String,
    /// The id of its project.
    pub project: String,
    /// The id of its type.
    pub issue_type: String,
    /// The id of its status.
    pub status: String,
    /// Its other fields as Jira keeps them: people, options and priorities by their id alone.
    pub fields: Map<String, Value>,
    /// The `accountId` of who made it.
    pub creator: String,
    /// When it was made, in Unix milliseconds.
    pub created_ms: i64,
    /// When it was changed last.
    pub updated_ms: i64,
    /// When its status was changed last.
    pub moved_ms: i64,
    /// Its comments.
    pub comments: Vec<Comment>,
    /// Its links to things elsewhere.
    pub links: Vec<RemoteLink>,
    /// Its properties, which no page shows.
    pub properties: BTreeMap<String, Value>,
}

/// A comment.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Its number, as text.
    pub id: String,
    /// The `accountId` of who wrote it.
    pub author: String,
    /// The text, as a document.
    pub body: Value,
    /// When it was written, in Unix milliseconds.
    pub created_ms: i64,
    /// When it was changed last.
    pub updated_ms: i64,
}

/// A link to a thing elsewhere.
#[derive(Debug, Clone)]
pub struct RemoteLink {
    /// Its number.
    pub id: i64,
    /// By what the app knows the thing; a second link with the same takes the place of the first.
    pub global_id: Option<String>,
    /// The link as it was given.
    pub value: Value,
}

impl Issue {
    /// The one-line summary.
    #[must_use]
    pub fn summary(&self) -> &str {
        self.text("summary")
    }

    /// A field that is a text.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}
