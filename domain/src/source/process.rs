//! What a verified request comes to: the events in it are read, each that is new is written as an event of the hub, and the request
//! ends, all in one transaction, several requests together where each is tried for the first time. So each is told once, whatever breaks
//! in between.
//!
//! Whoever handles a request holds its source: of a hundred that bring the same at once, one is the first. Providers do not keep an
//! order. Of each subject (a subscription, a user) the newest version that was told is kept, and news with an older one is late: it
//! undoes nothing (decision 16).

use std::collections::BTreeMap;

use inbound::{HubEvent, Item, Outcome, Provider, State};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::store::known::{self, Subject};
use super::store::requests::{self, Row, Whole};
use super::{InboundOutcome, InboundState, OutcomeKind, SourceChannel, history, presets, store};
use crate::db::Conn;
use crate::event::store::{NewRow, insert};
use crate::event::{EventSource, MAX_BODY};
use crate::id::EventId;
use crate::live::Notice;
use crate::node::signal::Work;
use crate::time::Timestamp;
use crate::{Error, Hub, Result};

/// A claim to handle a request lasts so long, in milliseconds.
pub(crate) const LEASE_MS: i64 = 60_000;
/// How often one is tried before it is left for somebody to look at.
pub(crate) const MAX_ATTEMPTS: i64 = 8;
/// The first wait after a failure, in milliseconds; each later one is twice as long.
const FIRST_WAIT_MS: i64 = 5_000;
/// The longest wait, in milliseconds.
const LONGEST_WAIT_MS: i64 = 600_000;
/// Events of several requests that are written in one transaction.
const MOST_EVENTS: usize = 256;
/// The longest id or type of a provider that is kept, in characters.
const MAX_WORD: usize = 500;

/// Handles a request that this process has claimed. A failure is noted with it, and it is tried again later; after the last time it
/// is left as failed.
///
/// # Errors
/// The database does not answer; the claim lapses, and it is handled again.
pub(crate) async fn process(hub: &Hub, claimed: &Row) -> Result<()> {
    if claimed.attempts > MAX_ATTEMPTS {
        let why = format!("It was begun {MAX_ATTEMPTS} times and came to no end.");
        return give_up(hub, claimed, &why).await;
    }
    match handle(hub, &[claimed]).await {
        // The claim has lapsed, and another process has it, if it did not end well.
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::warn!(request = %claimed.id, %error, source = ?std::error::Error::source(&error), "an inbound request could not be handled");
            let why = error.problem().message;
            if claimed.attempts == MAX_ATTEMPTS {
                return give_up(hub, claimed, &why).await;
            }
            let wait = (FIRST_WAIT_MS << (claimed.attempts - 1).clamp(0, 20)).min(LONGEST_WAIT_MS);
            let due_at = Some(hub.now().plus_ms(wait));
            end(hub, claimed, &Row { due_at, error: Some(why), ..claimed.clone() }).await
        }
    }
}

/// Leaves a request as failed.
async fn give_up(hub: &Hub, claimed: &Row, why: &str) -> Result<()> {
    let (state, error) = (InboundState::Failed, Some(why.to_owned()));
    end(hub, claimed, &Row { state, error, due_at: None, processed_at: Some(hub.now()), ..claimed.clone() }).await
}

async fn end(hub: &Hub, claimed: &Row, now: &Row) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    let held = requests::settle(&mut tx, claimed, now, None).await?;
    tx.commit().await?;
    if held && now.state == InboundState::Failed {
        crate::figures::handled(now.state);
    }
    hub.bus.notify(&claimed.org_id, Notice::Source);
    Ok(())
}

/// Handles requests that this process has claimed, as many in one transaction as have not too many events. Answers whether that went well for each; where it did not,
/// nothing was written but that some cannot be read, and each of the others wants [`process`].
///
/// # Errors
/// The database does not answer, or one of the requests cannot be handled.
pub(crate) async fn handle(hub: &Hub, claimed: &[&Row]) -> Result<bool> {
    let mut conn = hub.db.read().await?;
    let wholes = requests::find_claimed(&mut conn, claimed).await?;
    let mut sources = BTreeMap::new();
    for Whole { row, .. } in &wholes {
        if !sources.contains_key(&row.source_id) {
            let source = store::find(&mut conn, &row.org_id, &row.source_id).await?;
            sources.insert(row.source_id.clone(), source);
        }
    }
    drop(conn);
    let mut readable = Vec::with_capacity(wholes.len());
    for whole in &wholes {
        let Some(Some(source)) = sources.get(&whole.row.source_id) else {
            // Whoever deletes a source deletes what came to it; this one came meanwhile.
            forget(hub, &whole.row).await?;
            continue;
        };
        let provider = presets::read(&source.provider)?;
        let (headers, body) = (whole.headers()?, whole.body.as_deref().unwrap_or_default());
        let request =
            inbound::InboundRequest { method: &whole.row.method, url: &whole.row.url, headers: &headers, body };
        match inbound::read(provider, &request) {
            Ok(items) => readable.push(Readable { whole, provider, items }),
            // It reads no better the next time.
            Err(error) => give_up(hub, &whole.row, &format!("It cannot be read: {error}.")).await?,
        }
    }
    let mut rest = readable.as_slice();
    while !rest.is_empty() {
        let mut events = 0;
        let fits = |readable: &&Readable<'_>| {
            events += readable.items.len();
            events <= MOST_EVENTS
        };
        let (piece, others) = rest.split_at(rest.iter().take_while(fits).count().max(1));
        if !write(hub, claimed, piece).await? {
            return Ok(false);
        }
        rest = others;
    }
    Ok(true)
}

/// Deletes a request whose source is gone.
async fn forget(hub: &Hub, row: &Row) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    requests::delete(&mut tx, &row.org_id, std::slice::from_ref(&row.id)).await?;
    tx.commit().await
}

/// A request whose events are read.
struct Readable<'a> {
    whole: &'a Whole,
    provider: Provider,
    items: Vec<Item>,
}

/// Writes what requests come to in one transaction; nothing where the claim of one of them has lapsed. Answers whether all held.
async fn write(hub: &Hub, claimed: &[&Row], readable: &[Readable<'_>]) -> Result<bool> {
    let mut tx = hub.db.begin().await?;
    // In the order of their ids, so that no two processes wait for each other.
    let ids: BTreeMap<_, _> = readable.iter().map(|one| (&one.whole.row.source_id, &one.whole.row.org_id)).collect();
    let mut channels = BTreeMap::new();
    for (id, org_id) in ids {
        if let Some(source) = store::lock(&mut tx, org_id, id).await? {
            let chosen: Vec<SourceChannel> = serde_json::from_str(&source.channels_json).map_err(Error::internal)?;
            channels.insert(id, chosen);
        }
    }
    let mut events = Vec::new();
    let mut ends = Vec::with_capacity(readable.len());
    for Readable { whole, provider, items } in readable {
        // The source is gone since, and what came to it with it.
        let Some(channels) = channels.get(&whole.row.source_id) else { continue };
        let mut handling =
            Handling { hub, conn: &mut tx, provider: *provider, channels, whole, events: &mut events, now: hub.now() };
        let mut outcomes: Vec<InboundOutcome> = serde_json::from_str(&whole.outcomes_json).map_err(Error::internal)?;
        let earlier = outcomes.len();
        for (position, item) in items.iter().enumerate() {
            outcomes.push(handling.take(position, item).await?);
        }
        let ended = ended(&whole.row, &outcomes[earlier..], hub.now());
        let text = serde_json::to_string(&outcomes).map_err(Error::internal)?;
        let claim = claimed.iter().find(|row| row.id == whole.row.id).copied().unwrap_or(&whole.row);
        if !requests::settle(&mut tx, claim, &ended, Some(&text)).await? {
            return Ok(false);
        }
        ends.push((&whole.row.org_id, ended.state));
    }
    insert(&mut tx, &events).await?;
    tx.commit().await?;
    if !events.is_empty() {
        hub.wake(Work::Dispatch);
    }
    for (org_id, state) in ends {
        crate::figures::handled(state);
        hub.bus.notify(org_id, Notice::Source);
    }
    Ok(true)
}

/// A request after it was handled.
fn ended(row: &Row, outcomes: &[InboundOutcome], now: Timestamp) -> Row {
    let first = outcomes.first();
    let are_known = !outcomes.is_empty() && outcomes.iter().all(|outcome| outcome.outcome == OutcomeKind::Duplicate);
    let before = outcomes.iter().find_map(|outcome| outcome.duplicate_of.clone());
    Row {
        state: InboundState::Processed,
        due_at: None,
        error: None,
        is_again: 0,
        processed_at: Some(now),
        provider_event_id: first.and_then(|outcome| outcome.provider_event_id.clone()),
        provider_event_type: first.and_then(|outcome| outcome.provider_event_type.clone()),
        duplicate_of: row.duplicate_of.clone().or(before.filter(|_| are_known)),
        ..row.clone()
    }
}

/// A request while it is handled.
struct Handling<'a> {
    hub: &'a Hub,
    conn: &'a mut Conn,
    provider: Provider,
    /// The channels that are chosen; all where there are none.
    channels: &'a [SourceChannel],
    whole: &'a Whole,
    /// Events to be written at the end of the transaction.
    events: &'a mut Vec<NewRow>,
    now: Timestamp,
}

/// What the newest of a subject means for an event about it.
enum Standing {
    /// It is the newest.
    News,
    /// Newer news came before it, but it tells of a beginning: it is told as things stand now.
    LateBeginning(String),
    /// It is late, and told all the same since somebody asks for it.
    LateAgain,
    /// It is late, and the newer one says all there is to say.
    Superseded(&'static str),
}

impl Handling<'_> {
    /// Takes one event of the request.
    async fn take(&mut self, position: usize, item: &Item) -> Result<InboundOutcome> {
        let mut outcome = InboundOutcome {
            outcome: OutcomeKind::Unknown,
            provider_event_id: item.provider_id.as_deref().map(word),
            provider_event_type: item.provider_type.as_deref().map(word),
            event_id: None,
            event_type: None,
            duplicate_of: None,
            is_late: false,
            code: None,
            detail: None,
            at: self.now,
        };
        let (source, row) = (&self.whole.row.source_id, &self.whole.row);
        let key = self.key(position, item);
        let before = known::note(self.conn, source, &key, &row.id, self.now).await?;
        if let Some(first) = before.filter(|_| row.is_again == 0) {
            let detail = if first == row.id { "This request brings it twice." } else { "It had come before." };
            return Ok(InboundOutcome {
                outcome: OutcomeKind::Duplicate,
                duplicate_of: Some(first),
                detail: Some(detail.into()),
                ..outcome
            });
        }
        let passed = |code: &str, detail: String| InboundOutcome {
            outcome: OutcomeKind::PassedOver,
            code: Some(code.to_owned()),
            detail: Some(detail),
            ..outcome.clone()
        };
        match &item.outcome {
            Outcome::Mapped(event) if self.is_elsewhere(event) => {
                return Ok(passed("other_channel", "It was said in a channel that is not chosen.".into()));
            }
            Outcome::Mapped(event) => {
                history::note(self.conn, self.provider, row, event).await?;
                return self.tell(event, outcome).await;
            }
            Outcome::Unknown => outcome.detail = Some("Its type is not one that becomes an event here.".into()),
            Outcome::Passed { code, reason } => return Ok(passed(code, reason.clone())),
            Outcome::Incomplete { missing } => {
                return Ok(passed("incomplete", format!("It has nothing at `{missing}`.")));
            }
        }
        Ok(outcome)
    }

    /// Whether an event is a message of a channel that is not among those that are chosen.
    fn is_elsewhere(&self, event: &HubEvent) -> bool {
        let channel = event.data["channel_id"].as_str().filter(|_| event.event_type == "signal.received");
        channel.is_some_and(|id| !self.channels.is_empty() && self.channels.iter().all(|known| known.id != id))
    }

    /// What makes an event the same when it comes again: what its provider says, or else its content.
    fn key(&self, position: usize, item: &Item) -> String {
        if item.is_test {
            return format!("test:{}:{position}", self.whole.row.id);
        }
        let told = match &item.outcome {
            Outcome::Mapped(event) => event.idempotency_key.clone(),
            _ => item.provider_id.as_ref().map(|id| format!("{}:{id}", self.provider)),
        };
        let content = || {
            let hash = Sha256::digest(self.whole.body.as_deref().unwrap_or_default());
            format!("content:{position}:{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        };
        told.unwrap_or_else(content)
    }

    /// Writes an event of the hub, unless newer news of its subject was told.
    async fn tell(&mut self, event: &HubEvent, outcome: InboundOutcome) -> Result<InboundOutcome> {
        let event_type = Some(event.event_type.clone());
        let standing = match &event.state {
            Some(state) => self.standing(event, state).await?,
            None => Standing::News,
        };
        let is_late = !matches!(standing, Standing::News);
        let (mut data, detail) = match standing {
            Standing::News => (event.data.clone(), None),
            Standing::LateAgain => {
                (event.data.clone(), Some("It is late, and told because it was asked for once more.".to_owned()))
            }
            Standing::LateBeginning(newest) => (
                as_it_stands(&event.data, &serde_json::from_str(&newest).map_err(Error::internal)?),
                Some("It came late: newer news had come before it. It is told with what is newest.".to_owned()),
            ),
            Standing::Superseded(why) => {
                let (kind, detail) = (OutcomeKind::Late, Some(why.to_owned()));
                return Ok(InboundOutcome { outcome: kind, event_type, is_late, detail, ..outcome });
            }
        };
        if let Value::Object(data) = &mut data {
            data.insert("source_id".into(), self.whole.row.source_id.as_str().into());
            data.insert("inbound_request_id".into(), self.whole.row.id.as_str().into());
            if is_late {
                data.insert("is_late".into(), true.into());
            }
        }
        let data = data.to_string();
        if data.len() > MAX_BODY {
            let detail =
                format!("As an event it has {} KiB, and at most {} KiB are sent.", data.len() / 1024, MAX_BODY / 1024);
            let code = Some("too_large".to_owned());
            return Ok(InboundOutcome { outcome: OutcomeKind::PassedOver, code, detail: Some(detail), ..outcome });
        }
        let id = self.publish(event, data, &outcome);
        let kind = OutcomeKind::Published;
        Ok(InboundOutcome { outcome: kind, event_id: Some(id), event_type, is_late, detail, ..outcome })
    }

    /// Holds an event against the newest of its subject, and keeps it if it is newer.
    async fn standing(&mut self, event: &HubEvent, state: &State) -> Result<Standing> {
        let source = &self.whole.row.source_id;
        let newest = known::subject(self.conn, source, &state.subject).await?;
        if let Some(newest) = newest {
            let is_its_end = state.ends && state.version == newest.version;
            let is_over = newest.is_ended != 0 && !is_its_end;
            if is_over || (state.version < newest.version && !state.ends) {
                if self.whole.row.is_again != 0 {
                    return Ok(Standing::LateAgain);
                }
                return Ok(match (is_over, event.event_type.ends_with(".created")) {
                    (true, _) => Standing::Superseded("It came late: that it is over had been told before."),
                    (false, true) => Standing::LateBeginning(newest.data),
                    (false, false) => Standing::Superseded("It came late: newer news had been told before."),
                });
            }
        }
        let kept = Subject { version: state.version, is_ended: state.ends.into(), data: event.data.to_string() };
        known::keep(self.conn, source, &state.subject, &kept, self.now).await?;
        Ok(Standing::News)
    }

    fn publish(&mut self, event: &HubEvent, data: String, outcome: &InboundOutcome) -> EventId {
        let row = NewRow {
            org_id: self.whole.row.org_id.clone(),
            id: self.hub.id(EventId::new),
            event_type: event.event_type.clone(),
            source: EventSource::Source,
            caller_id: outcome.provider_event_id.clone(),
            idempotency_key: event.idempotency_key.as_deref().map(word),
            ordering_key: None,
            channels: None,
            occurred_at: event.occurred_at_ms.map_or(self.whole.row.received_at, Timestamp),
            created_at: self.now,
            dispatched_at: None,
            data,
        };
        let id = row.id.clone();
        self.events.push(row);
        id
    }
}

/// What an event says, with the newest that is known in the place of what is older.
fn as_it_stands(late: &Value, newest: &Value) -> Value {
    let mut data = late.clone();
    if let (Value::Object(data), Value::Object(newest)) = (&mut data, newest) {
        for (name, value) in data.iter_mut() {
            if let Some(newer) = newest.get(name) {
                *value = newer.clone();
            }
        }
    }
    data
}

/// A word of a provider as it is kept: PostgreSQL has no text with NUL in it.
fn word(text: &str) -> String {
    text.chars().take(MAX_WORD).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::as_it_stands;

    #[test]
    fn a_late_beginning_tells_what_is_newest_of_what_it_tells() {
        let late = json!({"id": "sub_1", "status": "trialing", "plan": {"id": "a"}, "created_at": "2026"});
        let newest = json!({"id": "sub_1", "status": "active", "plan": {"id": "b"}, "changes": {}});
        let told = json!({"id": "sub_1", "status": "active", "plan": {"id": "b"}, "created_at": "2026"});
        assert_eq!(as_it_stands(&late, &newest), told);
    }
}
