//! What a webhook of Jira's comes to: the issue is read, what is new of it is told as an event, and the link knows of it. All in one
//! transaction with the end of the webhook, so that each is told once.
//!
//! The body is not proven to be Jira's word by word, and webhooks come in any order: so the fields come from the issue itself, as it
//! is now. A field is news if it is another than what is known. What was written from here is known: that is how our own writes, which
//! Jira tells of too, come to nothing.

use serde_json::{Value, json};

use super::deliver::{FROM_JIRA, MARKER};
use super::state::{State, show, watched};
use super::store::{self, Row, Step, Webhook};
use super::values::{plain, shown};
use super::{Direction, SyncAction};
use crate::connection::call::{self, CallError};
use crate::connection::{self, jira as site, tokens};
use crate::db::Conn;
use crate::endpoint;
use crate::event::EventSource;
use crate::event::store::{NewRow, insert, system_row};
use crate::id::EventId;
use crate::node::signal::Work;
use crate::provider::jira::inbound::{self, Happening, Told};
use crate::provider::jira::request;
use crate::{Error, Hub, Result};

/// A claim to read a webhook lasts so long, in milliseconds.
pub(crate) const LEASE_MS: i64 = 60_000;
/// How often one is tried.
const MAX_ATTEMPTS: i64 = 10;
/// The first wait after a failure, in milliseconds; each later one is twice as long.
const FIRST_WAIT_MS: i64 = 10_000;
/// The longest wait, in milliseconds.
const LONGEST_WAIT_MS: i64 = 3_600_000;
/// How often an issue is looked at again because other webhooks or events are told of it meanwhile.
const LOOKS: usize = 8;

/// Reads a webhook that this process has claimed.
///
/// # Errors
/// The database does not answer; the claim lapses, and it is read again.
pub(crate) async fn heed(hub: &Hub, claimed: &Webhook) -> Result<()> {
    let body: Value = serde_json::from_slice(&claimed.body).unwrap_or_default();
    let Some(told) = inbound::read(&body) else { return end(hub, claimed, Some("It tells of no issue.")).await };
    if matches!(told.happening, Happening::Other(_) | Happening::Property { .. }) {
        return end(hub, claimed, None).await;
    }
    let mut conn = hub.db.read().await?;
    let row = connection::store::find(&mut conn, &claimed.org_id, &claimed.connection_id).await?;
    let Some(row) = row else { return end(hub, claimed, Some("The connection is gone.")).await };
    let rules = endpoint::store::of_connection(&mut conn, &row.org_id, &row.id).await?;
    drop(conn);
    let mut fields = watched(None);
    fields.push("project".into());
    fields.extend(rules.iter().filter_map(|(_, rule)| rule.issue.as_ref()).flat_map(|issue| watched(Some(issue))));
    fields.sort();
    fields.dedup();
    for _ in 0..LOOKS {
        let before = store::of_issue(&mut hub.db.read().await?, &row.id, &told.issue.id, false).await?;
        let issue = if told.happening == Happening::Deleted {
            Value::Null
        } else {
            match read(hub, &row, &told.issue.id, &fields).await? {
                Ok(issue) => issue,
                Err(CallError::Refused(word, _)) if word.starts_with("404") => {
                    return end(hub, claimed, Some("The issue cannot be seen.")).await;
                }
                Err(error) => return later(hub, claimed, &error.into_error(row.provider)).await,
            }
        };
        if tell(hub, claimed, &Telling { row: &row, told: &told, issue: &issue }, &before).await? {
            return Ok(());
        }
    }
    later(hub, claimed, &Error::unavailable("The issue was changed again and again while it was read.")).await
}

async fn read(
    hub: &Hub,
    row: &connection::store::Row,
    id: &str,
    fields: &[String],
) -> Result<std::result::Result<Value, CallError>> {
    let grant = tokens::open(hub, row)?.ok_or_else(|| Error::conflict("connection_broken", "It has no token."))?;
    let names: Vec<&str> = fields.iter().map(String::as_str).collect();
    let out = site::ask(hub, row, &grant, &request::read(id, &names))?;
    Ok(call::send(hub, row, out).await?.answer)
}

async fn end(hub: &Hub, claimed: &Webhook, why: Option<&str>) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    store::settle(&mut tx, claimed, None, why).await?;
    tx.commit().await
}

/// Leaves it for once more; after the last time it ends, with why.
async fn later(hub: &Hub, claimed: &Webhook, why: &Error) -> Result<()> {
    let wait = FIRST_WAIT_MS << (claimed.attempts - 1).clamp(0, 20);
    let due_at = (claimed.attempts < MAX_ATTEMPTS).then(|| hub.now().plus_ms(wait.min(LONGEST_WAIT_MS)));
    if due_at.is_none() {
        tracing::warn!(connection = %claimed.connection_id, %why, "a webhook of Jira's could not be read and is given up");
    }
    let mut tx = hub.db.begin().await?;
    store::settle(&mut tx, claimed, due_at, Some(&why.problem().message)).await?;
    tx.commit().await
}

/// What is told, and about what.
struct Telling<'a> {
    row: &'a connection::store::Row,
    told: &'a Told,
    /// The issue as it is now; nothing where it was deleted.
    issue: &'a Value,
}

/// What of it is new.
struct News {
    event_type: &'static str,
    /// Fields that changed, with what they were and what they are.
    changes: Vec<Value>,
    comment: Option<Value>,
    action: SyncAction,
    /// It in a sentence.
    words: String,
}

/// Tells what is new, unless more is known by now than there was `before` the issue was read: what was read may be older than that.
/// Answers whether it is done.
async fn tell(hub: &Hub, claimed: &Webhook, telling: &Telling<'_>, before: &[Row]) -> Result<bool> {
    let mut tx = hub.db.begin().await?;
    if !store::settle(&mut tx, claimed, None, None).await? {
        return Ok(true);
    }
    let mut links = store::of_issue(&mut tx, &telling.row.id, &telling.told.issue.id, true).await?;
    if !links.iter().map(|link| &link.state_json).eq(before.iter().map(|link| &link.state_json)) {
        return Ok(false);
    }
    let news = telling.news(hub, &links);
    let event_id = match &news {
        Some(news) => Some(telling.publish(&mut tx, hub, news, links.first()).await?),
        None => None,
    };
    for link in &mut links {
        telling.learn(link);
        link.updated_at = hub.now();
        store::save(&mut tx, link).await?;
        let (action, detail) = match &news {
            Some(news) => (news.action, news.words.clone()),
            None => (
                SyncAction::Echo,
                "Jira told of what was known already, such as what was written from here. Nothing is told on.".into(),
            ),
        };
        let step =
            Step { direction: Direction::FromIssue, action, detail, delivery_id: None, event_id: event_id.as_ref() };
        store::log(&mut tx, hub, link, &step).await?;
    }
    tx.commit().await?;
    if event_id.is_some() {
        hub.wake(Work::Dispatch);
    }
    hub.bus.notify(&claimed.org_id, crate::live::Notice::Connection);
    Ok(true)
}

impl Telling<'_> {
    /// What is new; nothing where all of it is known.
    fn news(&self, hub: &Hub, links: &[Row]) -> Option<News> {
        let key = &self.told.issue.key;
        let about: Value = serde_json::from_str(&self.row.account_json).unwrap_or_default();
        let is_ours = self.told.actor.is_some() && about["person"].as_str() == self.told.actor.as_deref();
        let news =
            |event_type, action, words: String| News { event_type, changes: Vec::new(), comment: None, action, words };
        match &self.told.happening {
            Happening::Created => {
                let labels = self.issue["fields"]["labels"].as_array().into_iter().flatten();
                let is_made_here = labels.filter_map(Value::as_str).any(|label| label.starts_with(MARKER));
                (links.is_empty() && !is_made_here)
                    .then(|| news("jira.issue.created", SyncAction::Created, format!("{key} was made in Jira.")))
            }
            Happening::Deleted => {
                Some(news("jira.issue.deleted", SyncAction::Deleted, format!("{key} was deleted in Jira.")))
            }
            Happening::Commented(comment) => {
                let ours = format!("{}/deliveries/", hub.settings.base_url);
                let is_ours = comment.text.contains(&ours) && is_ours;
                (!is_ours).then(|| News {
                    comment: Some(json!({ "id": comment.id, "author_id": comment.author, "text": comment.text })),
                    ..news(
                        "jira.issue.commented",
                        SyncAction::Commented,
                        format!("Somebody commented on {key} in Jira."),
                    )
                })
            }
            Happening::Updated { .. } => self.updated(links, is_ours),
            _ => None,
        }
    }

    /// What of an update is new: fields whose value is another than what is known of the linked issue, and fields that are not
    /// watched, as the changelog has them.
    fn updated(&self, links: &[Row], is_ours: bool) -> Option<News> {
        let Happening::Updated { changes, .. } = &self.told.happening else { return None };
        let fields = &self.issue["fields"];
        let state = links.first().map(State::of);
        let is_known = |change: &inbound::Change| {
            let value = fields.get(&change.field).map(plain);
            let known = state.as_ref().and_then(|state| state.known.get(&change.field));
            let heading = state.as_ref().and_then(|state| state.heading.as_ref()).filter(|_| change.field == "status");
            match (&state, value, known) {
                (Some(_), Some(value), _) if is_ours && heading == Some(&value) => true,
                (Some(_), Some(value), Some(known)) => value == *known,
                (Some(_), ..) => is_ours,
                // Issues that nothing here has made are told of as Jira does.
                (None, ..) => false,
            }
        };
        // What a move of ours changes with the status is ours, too: the resolution, for one.
        if is_ours && changes.iter().any(|change| change.field == "status" && is_known(change)) {
            return None;
        }
        let side = |side: &inbound::Side| side.words.clone().or_else(|| side.id.clone());
        let news = changes.iter().filter(|change| !is_known(change));
        let new: Vec<Value> = news
            .map(|change| json!({ "field": change.field, "from": side(&change.from), "to": side(&change.to) }))
            .collect();
        if new.is_empty() {
            return None;
        }
        let names: Vec<&str> = new.iter().filter_map(|change| change["field"].as_str()).collect();
        let moved = new.iter().find(|change| change["field"] == "status").and_then(|change| change["to"].as_str());
        let (action, words) = match moved {
            Some(status) => (SyncAction::Moved, format!("Moved to {status} in Jira.")),
            None => (SyncAction::Updated, format!("Somebody changed {} in Jira.", names.join(", "))),
        };
        Some(News { event_type: "jira.issue.updated", changes: new, comment: None, action, words })
    }

    /// Stores the event.
    async fn publish(&self, conn: &mut Conn, hub: &Hub, news: &News, link: Option<&Row>) -> Result<EventId> {
        debug_assert!(news.event_type.starts_with(FROM_JIRA));
        let row = NewRow {
            source: EventSource::Connection,
            caller_id: Some(self.row.id.to_string()),
            ordering_key: Some(format!("jira:{}", self.told.issue.id)),
            occurred_at: self.told.at,
            ..system_row(hub, &self.row.org_id, news.event_type, &self.data(news, link))
        };
        let id = row.id.clone();
        insert(conn, &[row]).await?;
        Ok(id)
    }

    fn data(&self, news: &News, link: Option<&Row>) -> Value {
        let (told, fields) = (&self.told.issue, &self.issue["fields"]);
        let text = |value: &Value| if value.is_null() { Value::Null } else { shown(value).into() };
        let site = site::site_url(self.row);
        let status = match (&fields["status"], &told.status) {
            (Value::Null, None) => Value::Null,
            (Value::Null, Some((id, name))) => json!({ "id": id, "name": name, "category": told.category }),
            (status, _) => {
                json!({ "id": status["id"], "name": status["name"], "category": status["statusCategory"]["key"] })
            }
        };
        let mut data = json!({
            "connection_id": self.row.id,
            "issue": {
                "id": told.id, "key": told.key, "url": format!("{site}/browse/{}", told.key),
                "summary": if fields["summary"].is_null() { told.summary.clone().into() } else { text(&fields["summary"]) },
                "status": status, "project": told.project, "type": text(&fields["issuetype"]),
                "assignee": text(&fields["assignee"]), "priority": text(&fields["priority"]),
            },
            "actor_id": self.told.actor,
            "subject": link.map(|link| &link.subject),
            "rule_id": link.map(|link| &link.endpoint_id),
        });
        if news.event_type == "jira.issue.updated" {
            data["changes"] = json!(news.changes);
        }
        if let Some(comment) = &news.comment {
            data["comment"] = comment.clone();
        }
        data
    }

    /// Puts what is known now into a link: of the fields that this webhook is about. The issue may show what another webhook is about
    /// that is still to be read; that must find it new.
    fn learn(&self, link: &mut Row) {
        if self.told.happening == Happening::Deleted {
            link.is_deleted = 1;
            return;
        }
        let mut state = State::of(link);
        let told: Vec<&str> = match &self.told.happening {
            Happening::Updated { changes, .. } => changes.iter().map(|change| change.field.as_str()).collect(),
            _ => Vec::new(),
        };
        for (field, value) in self.issue["fields"].as_object().into_iter().flatten() {
            if told.contains(&field.as_str()) {
                state.known.insert(field.clone(), plain(value));
            } else {
                state.known.entry(field.clone()).or_insert_with(|| plain(value));
            }
        }
        // It is there, so the move is done, whatever became of the answer.
        let status = state.known.get("status").filter(|_| told.contains(&"status"));
        if let Some(status) = status.filter(|status| state.heading.as_ref() == Some(*status)).cloned() {
            state.written.insert("status".into(), status);
            state.heading = None;
        }
        link.state_json = state.json();
        show(link, self.issue);
    }
}
