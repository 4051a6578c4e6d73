//! The steps of an attempt: making an issue, and bringing one up to date.

use serde_json::{Map, Value};

use super::{Desk, MARKER, Stop};
use crate::Error;
use crate::connection::call::CallError;
use crate::connection::jira as site;
use crate::delivery::ErrorClass;
use crate::id::LinkedIssueId;
use crate::issue::state::{State, forget_issue, show, watched};
use crate::issue::store::{self, Row};
use crate::issue::values::{plain, shown};
use crate::issue::{Conflict, SyncAction};
use crate::provider::jira::request;
use crate::provider::jira::screen::Status;

impl Desk<'_> {
    /// Makes the issue, or finds the one whose making was not heard of.
    pub(super) async fn make(&mut self, row: &Row, may_be_there: bool) -> Result<(), Stop> {
        let (project, marker) = (&self.destination.provider_channel_id, format!("{MARKER}{}", row.id));
        let mut found = None;
        if may_be_there {
            let answer = self.ask(&request::find_marker(project, &marker)).await?;
            found = issue_of(&answer["issues"][0]);
        }
        let is_found = found.is_some();
        let (id, key) = match found {
            Some(issue) => issue,
            None => {
                let fields = self.values.all.clone();
                let create = request::create(project, &self.settings.issue_type_id, fields, &marker);
                let made = self.ask(&create).await?;
                let words = "Jira did not say what it made. It is looked for before it is tried again.";
                let unreadable = || Stop::Failed(ErrorClass::Provider, words.into());
                issue_of(&made).ok_or_else(unreadable)?
            }
        };
        let (site, words) = (
            site::site_url(&self.connection),
            if is_found { "was there already: an answer had been lost" } else { "was made" },
        );
        let step = (if is_found { SyncAction::Found } else { SyncAction::Created }, format!("{key} {words}."));
        self.note(&row.id, Some(step), |row, _| {
            row.issue_id = Some(id.clone());
            row.url = Some(format!("{site}/browse/{key}"));
            row.issue_key = Some(key.clone());
            row.is_deleted = 0;
        })
        .await?;
        let title = format!("{} in Patchbay", self.job.row.event_type);
        // People find the event from the issue by this; the description has the same link.
        let _ = self.try_to(&request::remote_link(&id, row.id.as_str(), &self.url, &title)).await?;
        let written: Vec<String> = self.values.all.keys().cloned().collect();
        let now = self.look(&row.id, &id, &written).await?;
        self.move_on(&row.id, &id, &now).await
    }

    /// Brings what the event says into the issue that is there.
    pub(super) async fn keep_in_step(&mut self, row: &Row) -> Result<(), Stop> {
        let id = row.issue_id.clone().unwrap_or_default();
        let now = match self.read(&id).await {
            Ok(now) => now,
            Err(Stop::Call(CallError::Refused(word, _))) if word.starts_with("404") => {
                let step = (
                    SyncAction::Deleted,
                    "The issue is not there any more, or cannot be seen. Another one is made.".to_owned(),
                );
                self.note(&row.id, Some(step), |row, _| forget_issue(row)).await?;
                return self.make(row, false).await;
            }
            Err(stop) => return Err(stop),
        };
        let fields = self.to_write(row, &now).await?;
        if !fields.is_empty() {
            self.ask(&request::edit(&id, &fields)).await?;
            let names: Vec<String> = fields.keys().cloned().collect();
            let step = (
                SyncAction::Updated,
                format!("Wrote {}.", names.iter().map(|name| self.name_of(name)).collect::<Vec<_>>().join(", ")),
            );
            self.note(&row.id, Some(step), |_, _| ()).await?;
            self.look(&row.id, &id, &names).await?;
        }
        if self.settings.comment {
            self.comment(row, &id).await?;
        }
        self.move_on(&row.id, &id, &now).await
    }

    /// The fields that differ from what the event says, but for those where somebody else's change stays.
    async fn to_write(&self, row: &Row, now: &Value) -> Result<Map<String, Value>, Stop> {
        let state = State::of(row);
        let mut fields = Map::new();
        for (field, value) in &self.values.changing {
            let value = &with_marker(field, value, &now["fields"][field]);
            let (there, wanted) = (plain(&now["fields"][field]), plain(value));
            let base = state.written.get(field);
            // What this event says was said before: whatever somebody made of it since is theirs.
            if there == wanted || base == Some(&wanted) {
                continue;
            }
            if base.is_some_and(|base| *base != there) {
                let (name, there) = (self.name_of(field), shown(&now["fields"][field]));
                if self.conflict(row, &name, &there, &wanted).await? {
                    continue;
                }
            }
            fields.insert(field.clone(), value.clone());
        }
        Ok(fields)
    }

    /// Notes that both sides changed a field; answers whether the tracker's value stays.
    async fn conflict(&self, row: &Row, name: &str, there: &str, wanted: &str) -> Result<bool, Stop> {
        let stays = self.settings.conflict == Conflict::Tracker;
        let end = if stays { "Jira's stays, as the rule says" } else { "The event's is written, as the rule says" };
        let words =
            format!("{name}: somebody set “{}” in Jira, this event says “{}”. {end}.", short(there), short(wanted));
        self.note(&row.id, Some((SyncAction::Conflict, words)), |_, _| ()).await?;
        Ok(stays)
    }

    /// Tells of the event in a comment, once.
    async fn comment(&mut self, row: &Row, id: &str) -> Result<(), Stop> {
        let delivery = &self.job.row.id;
        if store::has_done(&mut self.hub.db.read().await?, row, delivery, SyncAction::Commented).await? {
            return Ok(());
        }
        let mut words = "Told of the event in a comment.";
        let mut is_there = false;
        if self.job.row.attempt_count > 0 {
            let answer = self.ask(&request::comments(id)).await?;
            is_there = answer["comments"].to_string().contains(&self.url);
        }
        if is_there {
            words = "The comment was there already: an answer had been lost.";
        } else {
            let comment = request::comment(id, &self.comment);
            self.ask(&comment).await?;
        }
        self.note(&row.id, Some((SyncAction::Commented, words.to_owned())), |_, _| ()).await
    }

    /// Moves the issue to the status that the event's type asks for.
    async fn move_on(&mut self, link: &LinkedIssueId, id: &str, now: &Value) -> Result<(), Stop> {
        let Some(wanted) = self.settings.status_for(&self.job.row.event_type) else { return Ok(()) };
        let status = &now["fields"]["status"];
        let category = status["statusCategory"]["key"].as_str().unwrap_or_default().to_owned();
        let there = Status { id: plain(status), name: shown(status), category };
        let row = store::find(&mut self.hub.db.read().await?, &self.job.row.org_id, link).await?;
        let row = row.ok_or_else(|| Error::not_found("linked issue"))?;
        let state = State::of(&row);
        let is_ours = state.heading.as_ref() == Some(&there.id);
        if is_ours {
            self.moved(link, &there, format!("Is in {} by a move whose answer had been lost.", there.name)).await?;
        } else if state.heading.is_some() {
            self.note(link, None, |_, state| state.heading = None).await?;
        }
        if there.id == wanted.status_id {
            return Ok(());
        }
        // A move that was heard of came before this event; one that was not comes at the same time.
        let is_moved = !is_ours && state.known.get("status").is_some_and(|known| *known != there.id);
        if is_moved && self.conflict(&row, "Status", &there.name, &wanted.status_name).await? {
            return Ok(());
        }
        let wanted = wanted.clone();
        self.walk(link, id, there, &wanted).await
    }

    async fn read(&mut self, id: &str) -> Result<Value, Stop> {
        let fields = watched(Some(self.settings));
        self.ask(&request::read(id, &fields.iter().map(String::as_str).collect::<Vec<_>>())).await
    }

    /// Looks at the issue after fields were written: what Jira made of those is what was written. Of the others only what was not
    /// known is noted, so that the webhook about somebody's change still finds it new.
    async fn look(&mut self, link: &LinkedIssueId, id: &str, written: &[String]) -> Result<Value, Stop> {
        let now = self.read(id).await?;
        let fields = now["fields"].as_object().cloned().unwrap_or_default();
        self.note(link, None, |row, state| {
            for (field, value) in &fields {
                let value = plain(value);
                if written.contains(field) {
                    state.written.insert(field.clone(), value.clone());
                    state.known.insert(field.clone(), value);
                } else {
                    state.known.entry(field.clone()).or_insert(value);
                }
            }
            show(row, &now);
        })
        .await?;
        Ok(now)
    }

    fn name_of(&self, field: &str) -> String {
        let mapping = self.settings.fields.iter().find(|mapping| mapping.field == field);
        mapping.map_or_else(|| field.to_owned(), |mapping| mapping.name.clone())
    }
}

fn issue_of(value: &Value) -> Option<(String, String)> {
    Some((value["id"].as_str()?.to_owned(), value["key"].as_str()?.to_owned()))
}

/// Labels with the one by which the issue is found again, where it has that.
fn with_marker(field: &str, value: &Value, there: &Value) -> Value {
    let mut value = value.clone();
    if let Some(labels) = value.as_array_mut().filter(|_| field == "labels") {
        let is_marker = |label: &&Value| label.as_str().is_some_and(|text| text.starts_with(MARKER));
        let markers = there.as_array().into_iter().flatten().filter(is_marker);
        let missing: Vec<Value> = markers.filter(|marker| !labels.contains(marker)).cloned().collect();
        labels.extend(missing);
    }
    value
}

fn short(text: &str) -> String {
    if text.chars().count() <= 80 { text.to_owned() } else { text.chars().take(79).chain(['…']).collect() }
}
