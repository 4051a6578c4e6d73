//! Webhooks: what changed, where, by whom. Text in them is of the older kind, with Jira's own marks, not documents.
//!
//! The token that comes with one says nothing of its body: before acting on anything that matters, read the issue.

use serde_json::Value;

use crate::time::Timestamp;

/// Items of a changelog that are read at most.
const MOST_CHANGES: usize = 100;

/// What a webhook tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When, by Jira's clock.
    pub at: Timestamp,
    /// What happened.
    pub happening: Happening,
    /// The issue.
    pub issue: Issue,
    /// Who did it, by `accountId`: the connecting person, where it was we.
    pub actor: Option<String>,
    /// The webhooks that it fits; empty for one that an administrator made by hand.
    pub webhooks: Vec<i64>,
}

/// The issue that a webhook is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Its id, which stays.
    pub id: String,
    /// Its key, which changes when it is moved to another project.
    pub key: String,
    /// A link that starts with the site's address.
    pub link: String,
    /// Its summary.
    pub summary: String,
    /// The id and name of its status.
    pub status: Option<(String, String)>,
    /// `new`, `indeterminate` or `done`.
    pub category: Option<String>,
    /// The key of its project.
    pub project: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// There is a new issue.
    Created,
    /// Fields were changed.
    Updated {
        /// The changelog's id.
        changelog: Option<String>,
        /// The changes.
        changes: Vec<Change>,
    },
    /// The issue is gone.
    Deleted,
    /// Somebody wrote a comment.
    Commented(Comment),
    /// A comment has another text.
    CommentEdited(Comment),
    /// A comment is gone.
    CommentDeleted(Comment),
    /// A property was set or taken away.
    Property {
        /// Its key.
        key: String,
    },
    /// Something that is of no use to us.
    Other(String),
}

/// One field that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field's id: `status`, `customfield_10020`.
    pub field: String,
    /// Its value before: an id where it has one, and words.
    pub from: Side,
    /// Its value now.
    pub to: Side,
}

/// A value in a changelog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// The id of what it names.
    pub id: Option<String>,
    /// Its words.
    pub words: Option<String>,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: String,
    /// Who wrote it, by `accountId`.
    pub author: Option<String>,
    /// Its text.
    pub text: String,
}

impl Told {
    /// The change of the status, if there is one.
    #[must_use]
    pub fn moved(&self) -> Option<&Change> {
        let Happening::Updated { changes, .. } = &self.happening else { return None };
        changes.iter().find(|change| change.field == "status")
    }
}

/// Reads a webhook. Nothing comes of a body that is none, or that names no issue.
#[must_use]
pub fn read(body: &Value) -> Option<Told> {
    let event = body["webhookEvent"].as_str()?;
    let comment = || comment(&body["comment"]);
    let happening = match event {
        "jira:issue_created" => Happening::Created,
        "jira:issue_updated" => {
            Happening::Updated { changelog: text(&body["changelog"]["id"]), changes: changes(body) }
        }
        "jira:issue_deleted" => Happening::Deleted,
        "comment_created" => Happening::Commented(comment()?),
        "comment_updated" => Happening::CommentEdited(comment()?),
        "comment_deleted" => Happening::CommentDeleted(comment()?),
        "issue_property_set" | "issue_property_deleted" => Happening::Property { key: text(&body["property"]["key"])? },
        other => Happening::Other(other.chars().take(100).collect()),
    };
    // Comments name no user but who wrote or changed them.
    let person = [&body["user"], &body["comment"]["updateAuthor"], &body["comment"]["author"]];
    let webhooks = body["matchedWebhookIds"].as_array().into_iter().flatten().filter_map(Value::as_i64);
    Some(Told {
        at: Timestamp(body["timestamp"].as_i64().unwrap_or_default()),
        happening,
        issue: issue(&body["issue"])?,
        actor: person.iter().find_map(|person| text(&person["accountId"])),
        webhooks: webhooks.collect(),
    })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn issue(value: &Value) -> Option<Issue> {
    let fields = &value["fields"];
    let status = &fields["status"];
    Some(Issue {
        id: text(&value["id"])?,
        key: text(&value["key"])?,
        link: text(&value["self"]).unwrap_or_default(),
        summary: text(&fields["summary"]).unwrap_or_default(),
        status: text(&status["id"]).zip(text(&status["name"])),
        category: text(&status["statusCategory"]["key"]),
        project: text(&fields["project"]["key"]),
    })
}

fn comment(value: &Value) -> Option<Comment> {
    Some(Comment {
        id: text(&value["id"])?,
        author: text(&value["author"]["accountId"]),
        text: text(&value["body"]).unwrap_or_default(),
    })
}

fn changes(body: &Value) -> Vec<Change> {
    let items = body["changelog"]["items"].as_array().into_iter().flatten().take(MOST_CHANGES);
    let change = |item: &Value| {
        Some(Change {
            field: text(&item["fieldId"]).or_else(|| text(&item["field"]))?,
            from: Side { id: text(&item["from"]), words: text(&item["fromString"]) },
            to: Side { id: text(&item["to"]), words: text(&item["toString"]) },
        })
    };
    items.filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::{any_json, published};

    const MIA: &str = "5b10a2844c20165700ede21g";

    fn example(name: &str) -> Option<Told> {
        let example = published(&format!("../examples/jira/{name}.json"))?;
        Some(read(&example["body"]).expect("a webhook"))
    }

    fn side(id: Option<&str>, words: &str) -> Side {
        Side { id: id.map(str::to_owned), words: Some(words.to_owned()) }
    }

    #[test]
    fn the_published_examples_are_read() {
        let Some(created) = example("issue_created") else { return };
        assert_eq!((&created.happening, created.at), (&Happening::Created, Timestamp(1_760_000_000_000)));
        let issue = &created.issue;
        assert_eq!((issue.key.as_str(), issue.summary.as_str()), ("ED-1", "Main order flow broken"));
        assert_eq!((issue.category.as_deref(), issue.project.as_deref()), (Some("new"), Some("ED")));
        assert_eq!((created.actor.as_deref(), created.webhooks.as_slice()), (Some(MIA), &[1000][..]));
        assert!(issue.link.starts_with("https://example.atlassian.net/") && created.moved().is_none());

        let updated = example("issue_updated_status_and_assignee").expect("there");
        let moved = updated.moved().expect("a status");
        assert_eq!((&moved.from, &moved.to), (&side(Some("10000"), "To Do"), &side(Some("3"), "In Progress")));
        let Happening::Updated { changelog, changes } = &updated.happening else { panic!("{updated:?}") };
        assert_eq!((changelog.as_deref(), changes.len()), (Some("10191"), 2));
        assert_eq!((&changes[1].from, &changes[1].to), (&Side::default(), &side(Some(MIA), "Mia Krystof")));

        let commented = example("comment_created").expect("there");
        let Happening::Commented(comment) = &commented.happening else { panic!("{commented:?}") };
        assert_eq!((comment.id.as_str(), comment.text.as_str()), ("10100", "Looking at it"));
        assert_eq!((comment.author.as_deref(), commented.actor.as_deref()), (Some(MIA), Some(MIA)));

        assert_eq!(example("issue_deleted").expect("there").happening, Happening::Deleted);
        assert!(example("issue_created_admin_webhook_signed").expect("there").webhooks.is_empty());
    }

    #[test]
    fn what_names_no_issue_or_event_is_nothing_and_new_events_are_passed_over() {
        let issue = json!({ "id": "1", "key": "ED-1" });
        assert_eq!(read(&json!({ "issue": issue })), None);
        assert_eq!(read(&json!({ "webhookEvent": "jira:issue_created" })), None);
        assert_eq!(read(&json!({ "webhookEvent": "comment_created", "issue": issue })), None);
        let other = read(&json!({ "webhookEvent": "worklog_created", "issue": issue })).expect("a webhook");
        assert_eq!(other.happening, Happening::Other("worklog_created".to_owned()));
    }

    proptest! {
        #[test]
        fn any_body_can_be_read(mut body in any_json(), event in "jira:issue_(created|updated|deleted)|comment_(created|deleted)|x") {
            if let Some(body) = body.as_object_mut() {
                body.insert("webhookEvent".to_owned(), event.into());
            }
            let _ = read(&body);
        }
    }
}
