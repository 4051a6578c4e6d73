//! What can be done with events.

use sha2::{Digest, Sha256};

use super::store::{KeyRow, NewRow};
use super::{Accepted, Event, EventSource, EventSummary, MAX_BODY, Matter, NewEvent};
use crate::commit::{Ingest, Ingested, Planned};
use crate::delivery::Trigger;
use crate::directory::Entry;
use crate::id::{EventId, OrgId};
use crate::time::Timestamp;
use crate::worker::dispatcher;
use crate::{Caller, Detail, Error, Hub, Page, PageQuery, Permission, Problem, Result, commit, event_type};

/// Takes an event in: checks it, stores it durably with its deliveries, answers, and hands the
/// deliveries to the deliverer of this process. Needs `events:write`.
///
/// # Errors
/// Malformed JSON with line and column; body over 256 KiB; unknown type with the nearest known;
/// wrong fields; secrets in `data` by path; conflict of idempotency key or id; unavailable.
pub async fn ingest(hub: &Hub, caller: &Caller, body: &[u8], idempotency_key: Option<&str>) -> Result<Accepted> {
    let org_id = caller.require(Permission::EventsWrite)?;
    let new = read(body)?;
    let entry = crate::directory::entry(hub, org_id).await?;
    check(&entry, &new, idempotency_key)?;
    let now = hub.now();
    let id = hub.id(EventId::new);
    let keys = keys(org_id, &id, &new, idempotency_key, body, now);
    let ingest = plan(hub, &entry, org_id, new, keys, id, now);
    let event = ingest.event.clone();
    match commit::ingest(hub, ingest).await? {
        Ingested::Stored => Ok(Accepted { id: event.id, event_type: event.event_type, created_at: event.created_at }),
        Ingested::Known(place, known) => Box::pin(repeated(hub, &event, place, *known, body)).await,
    }
}

/// Reads the body of a request.
fn read(body: &[u8]) -> Result<NewEvent> {
    if body.len() > MAX_BODY {
        return Err(Error::too_large(format!(
            "An event may have at most {} KiB; this one has {} bytes.",
            MAX_BODY / 1024,
            body.len()
        )));
    }
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let what = text.rsplit_once(" at line").map_or(text.as_str(), |(what, _)| what);
        match error.classify() {
            serde_json::error::Category::Data => {
                Error::invalid(text.split('`').nth(1).unwrap_or("body"), format!("{what}."))
            }
            _ => Error::malformed(format!(
                "The body is not JSON: {what} at line {}, column {}.",
                error.line(),
                error.column()
            )),
        }
    })
}

fn check(entry: &Entry, new: &NewEvent, idempotency_key: Option<&str>) -> Result<()> {
    let name = new.event_type.as_str();
    if !event_type::catalogue::NAMES.contains(&name) && !entry.own_types.contains(name) {
        let known = event_type::catalogue::NAMES.iter().copied().chain(entry.own_types.iter().map(String::as_str));
        let hint =
            event_type::actions::nearest(name, known).map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
        return Err(Error::invalid_as(
            "event_type_unknown",
            "event_type",
            format!("`{name}` is no event type of this organization.{hint} Own types are added under Event types."),
        ));
    }
    if event_type::catalogue::OPERATIONAL.contains(&name) {
        return Err(Error::invalid_as(
            "event_type_reserved",
            "event_type",
            format!("`{name}` is told by the hub itself and cannot be posted."),
        ));
    }
    let mut details = super::check(new);
    if idempotency_key.is_some_and(|key| key.is_empty() || key.len() > 200) {
        details.push(Detail { field: "Idempotency-Key".into(), message: "must have 1 to 200 characters.".into() });
    }
    crate::endpoint::refuse(details)?;
    match super::secrets::find(new.data.get()) {
        Ok(None) => Ok(()),
        Err(too_deep) => Err(Error::invalid("data", format!("{too_deep}."))),
        Ok(Some((path, what))) => Err(Error::invalid_as(
            "payload_has_secret",
            path.clone(),
            format!("looks like {what}. Events are shown in logs and sent to receivers: leave secrets out."),
        )),
    }
}

/// The names under which a repetition of this event is recognised.
fn keys(
    org_id: &OrgId,
    id: &EventId,
    new: &NewEvent,
    idempotency_key: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Vec<KeyRow> {
    let names =
        idempotency_key.map(|key| format!("key:{key}")).into_iter().chain(new.id.as_ref().map(|id| format!("id:{id}")));
    let mut hash = Vec::new();
    names
        .map(|name| {
            if hash.is_empty() {
                hash = Sha256::digest(body).to_vec();
            }
            KeyRow {
                org_id: org_id.clone(),
                name,
                body_hash: hash.clone(),
                event_id: id.clone(),
                event_type: new.event_type.clone(),
                created_at: now,
            }
        })
        .collect()
}

fn plan(
    hub: &Hub,
    entry: &Entry,
    org_id: &OrgId,
    new: NewEvent,
    keys: Vec<KeyRow>,
    id: EventId,
    now: Timestamp,
) -> Ingest {
    let data = String::from(Box::<str>::from(new.data));
    let occurred_at = new.occurred_at.unwrap_or(now);
    let body = super::body(&id, &new.event_type, occurred_at, &data).into();
    let channels = new.channels.as_deref().unwrap_or_default();
    let matter = Matter::new(&new.event_type, channels, new.ordering_key.as_deref(), &data);
    let wanted = entry.endpoints.iter().filter(|route| route.wants(&matter));
    let deliveries = wanted
        .map(|route| Planned::new(hub, dispatcher::row(hub, route, &id, &matter, Trigger::Event, now), route, now))
        .collect();
    let event = NewRow {
        org_id: org_id.clone(),
        id,
        event_type: new.event_type,
        source: EventSource::Api,
        caller_id: new.id,
        idempotency_key: keys.iter().find_map(|key| key.name.strip_prefix("key:").map(str::to_owned)),
        ordering_key: new.ordering_key,
        channels: new.channels.map(|list| serde_json::json!(list).to_string()),
        occurred_at,
        created_at: now,
        dispatched_at: Some(now),
        data,
    };
    Ingest { event, body, deliveries, keys }
}

/// The answer to a repetition: the first answer for the same body, a conflict that says what differs for another.
async fn repeated(hub: &Hub, event: &NewRow, place: usize, known: KeyRow, body: &[u8]) -> Result<Accepted> {
    let accepted = Accepted { id: known.event_id.clone(), event_type: known.event_type, created_at: known.created_at };
    if known.body_hash == Sha256::digest(body).as_slice() {
        return Ok(accepted);
    }
    let mut conn = hub.db.read().await?;
    let Some(first) = super::store::find(&mut conn, &event.org_id, &known.event_id).await? else { return Ok(accepted) };
    let differs = [
        ("event_type", first.event_type != event.event_type),
        ("data", first.data != event.data),
        ("id", first.caller_id != event.caller_id),
        ("ordering_key", first.ordering_key != event.ordering_key),
        ("channels", first.channels != event.channels),
        (
            "occurred_at",
            first.occurred_at != event.occurred_at
                && (event.occurred_at != event.created_at || first.occurred_at != first.created_at),
        ),
    ];
    let fields: Vec<&str> = differs.iter().filter(|(_, differs)| *differs).map(|(field, _)| *field).collect();
    if fields.is_empty() {
        return Ok(accepted);
    }
    let (what, code) = if known.name.starts_with("key:") {
        ("Idempotency-Key", "idempotency_conflict")
    } else {
        ("id", "event_id_conflict")
    };
    tracing::debug!(place, code, "an event was refused");
    Err(Error::Conflict(Problem {
        code: code.into(),
        message: format!(
            "This {what} was used for event {} with another body: {} differ{}.",
            known.event_id,
            fields.join(", "),
            if fields.len() == 1 { "s" } else { "" }
        ),
        details: fields
            .into_iter()
            .map(|field| Detail { field: field.into(), message: format!("differs from event {}.", known.event_id) })
            .collect(),
    }))
}

/// One event with its data. Needs `events:read`.
///
/// # Errors
/// Not found.
pub async fn get(hub: &Hub, caller: &Caller, id: &EventId) -> Result<Event> {
    let org_id = caller.require(Permission::EventsRead)?;
    crate::audit::actions::record_look(hub, caller, "event.viewed", Some(id.as_str())).await?;
    super::store::find(&mut hub.db.read().await?, org_id, id).await?.ok_or_else(|| Error::not_found("event"))
}

/// The organization's events, newest first, optionally of one type. Needs `events:read`.
///
/// # Errors
/// A wrong page.
pub async fn list(
    hub: &Hub,
    caller: &Caller,
    event_type: Option<&str>,
    page: &PageQuery,
) -> Result<Page<EventSummary>> {
    let org_id = caller.require(Permission::EventsRead)?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    crate::audit::actions::record_look(hub, caller, "event.listed", None).await?;
    let rows = super::store::list(&mut hub.db.read().await?, org_id, event_type, &cursor, limit).await?;
    Ok(Page::build(rows, limit, &cursor, |row| row.id.to_string()))
}

/// Writes an event for one endpoint only, whatever it subscribes to, and delivers it at once: "Send test".
pub(crate) async fn ingest_test(
    hub: &Hub,
    org_id: &OrgId,
    route: &std::sync::Arc<crate::directory::Route>,
    name: &str,
    data: String,
) -> Result<crate::id::DeliveryId> {
    let now = hub.now();
    let id = hub.id(EventId::new);
    let matter = Matter::new(name, &[], None, &data);
    let planned = Planned::new(hub, dispatcher::row(hub, route, &id, &matter, Trigger::Test, now), route, now);
    let delivery_id = planned.row.id.clone();
    let event = NewRow {
        org_id: org_id.clone(),
        id: id.clone(),
        event_type: name.to_owned(),
        source: EventSource::Test,
        caller_id: None,
        idempotency_key: None,
        ordering_key: None,
        channels: None,
        occurred_at: now,
        created_at: now,
        dispatched_at: Some(now),
        data,
    };
    let body = super::body(&id, name, now, &event.data).into();
    commit::ingest(hub, Ingest { event, body, deliveries: vec![planned], keys: Vec::new() }).await?;
    Ok(delivery_id)
}
