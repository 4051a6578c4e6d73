//! What can be done with event types.

use super::{EventType, EventTypeChange, MAX_OWN, NewEventType, catalogue, standard, store};
use crate::caller::Permission;
use crate::db::Tx;
use crate::id::{EventTypeId, OrgId};
use crate::node::signal::Signal;
use crate::{Caller, Detail, Error, Hub, Result};

/// How alike two names must be to be taken for a slip of the pen, from 0 to 1.
const ALIKE: f64 = 0.8;

/// The standard types and the organization's own, by name. Needs `event_types:read`.
///
/// # Errors
/// Forbidden, or the database does not answer.
pub async fn list(hub: &Hub, caller: &Caller) -> Result<Vec<EventType>> {
    let org_id = caller.require(Permission::EventTypesRead)?;
    let own = store::list(&mut hub.db.read().await?, org_id).await?;
    let mut all = standard::all().to_vec();
    for row in own {
        all.push(row.read()?);
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// One type by name. Needs `event_types:read`.
///
/// # Errors
/// Forbidden; not found.
pub async fn get(hub: &Hub, caller: &Caller, name: &str) -> Result<EventType> {
    let org_id = caller.require(Permission::EventTypesRead)?;
    let found = store::resolve(&mut hub.db.read().await?, org_id, name).await?;
    found.ok_or_else(|| Error::not_found("event type"))
}

/// Adds a type of the organization's own. Needs `event_types:write`. Conflict when the name is taken.
///
/// # Errors
/// Forbidden; wrong fields; the name is taken; the organization has [`MAX_OWN`] types already.
pub async fn create(hub: &Hub, caller: &Caller, new: NewEventType) -> Result<EventType> {
    let org_id = caller.require(Permission::EventTypesWrite)?;
    super::check_name(&new.name).map_err(|error| renamed(&error, "name"))?;
    let now = hub.now();
    let made = EventType {
        name: new.name,
        description: new.description.trim().to_owned(),
        schema: new.schema,
        sample: new.sample.unwrap_or_else(|| serde_json::json!({})),
        standard: false,
        created_at: Some(now),
    };
    crate::endpoint::refuse(super::check(&made.description, made.schema.as_ref(), &made.sample))?;
    if catalogue::NAMES.contains(&made.name.as_str()) {
        return Err(Error::conflict(
            "event_type_taken",
            format!("`{}` is a standard event type; it need not be added.", made.name),
        ));
    }
    let mut tx = hub.db.begin().await?;
    if store::own_names(&mut tx, org_id).await?.len() >= MAX_OWN {
        return Err(Error::conflict(
            "event_types_full",
            format!("An organization may have {MAX_OWN} event types of its own."),
        ));
    }
    if !store::insert(&mut tx, org_id, &hub.id(EventTypeId::new), &made, now).await? {
        return Err(Error::conflict("event_type_taken", format!("There is an event type `{}` already.", made.name)));
    }
    finish(hub, caller, tx, org_id, "event_type.created", &made.name).await?;
    Ok(made)
}

/// Changes description, schema and sample of an own type. Needs `event_types:write`.
///
/// # Errors
/// Forbidden; not found; wrong fields; a standard type.
pub async fn update(hub: &Hub, caller: &Caller, name: &str, change: impl Into<EventTypeChange>) -> Result<EventType> {
    let org_id = caller.require(Permission::EventTypesWrite)?;
    let change = change.into();
    let mut tx = hub.db.begin().await?;
    let mut changed = own(&mut tx, org_id, name).await?;
    if let Some(description) = change.description {
        changed.description = description.trim().to_owned();
    }
    if let Some(schema) = change.schema {
        changed.schema = schema;
    }
    if let Some(sample) = change.sample {
        changed.sample = sample;
    }
    crate::endpoint::refuse(super::check(&changed.description, changed.schema.as_ref(), &changed.sample))?;
    store::update(&mut tx, org_id, &changed, hub.now()).await?;
    finish(hub, caller, tx, org_id, "event_type.updated", name).await?;
    Ok(changed)
}

/// Deletes an own type. Needs `event_types:write`; conflict while an endpoint subscribes to it by name.
///
/// # Errors
/// Forbidden; not found; a standard type; an endpoint subscribes to it by name.
pub async fn delete(hub: &Hub, caller: &Caller, name: &str) -> Result<()> {
    let org_id = caller.require(Permission::EventTypesWrite)?;
    let mut tx = hub.db.begin().await?;
    own(&mut tx, org_id, name).await?;
    if let Some(endpoint) = store::subscribers(&mut tx, org_id, name).await?.first() {
        let message = format!(
            "The endpoint {endpoint:?} subscribes to `{name}`. Take it out of the endpoint's event types first."
        );
        return Err(Error::conflict("event_type_in_use", message));
    }
    store::delete(&mut tx, org_id, name).await?;
    finish(hub, caller, tx, org_id, "event_type.deleted", name).await
}

/// The known name that is nearest to a wrong one, if any is near: for "did you mean".
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.trim().to_lowercase();
    let alike = |other: &str| {
        let swapped = name.split_once('.').is_some_and(|(left, right)| other.split_once('.') == Some((right, left)));
        if swapped {
            1.0
        } else {
            strsim::jaro_winkler(&name, other).max(strsim::normalized_damerau_levenshtein(&name, other))
        }
    };
    known
        .map(|other| (alike(other), other))
        .filter(|(score, _)| *score >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}

/// An own type that is to be changed.
async fn own(tx: &mut Tx, org_id: &OrgId, name: &str) -> Result<EventType> {
    if catalogue::NAMES.contains(&name) {
        return Err(Error::conflict(
            "event_type_standard",
            format!("`{name}` is a standard event type and cannot be changed."),
        ));
    }
    store::find(tx, org_id, name).await?.ok_or_else(|| Error::not_found("event type"))?.read()
}

/// Records the change, makes it durable and lets the next ingest read the types anew.
async fn finish(hub: &Hub, caller: &Caller, mut tx: Tx, org_id: &OrgId, action: &str, name: &str) -> Result<()> {
    crate::audit::store::record(&mut tx, hub, caller, Some(org_id), action, Some(name), None).await?;
    tx.commit().await?;
    hub.directory.forget(org_id);
    hub.signals.send(Signal::Changed(org_id.clone()));
    Ok(())
}

/// The same complaint about a field that this door calls otherwise.
fn renamed(error: &Error, field: &str) -> Error {
    let details = error.problem().details;
    Error::invalid_fields(details.into_iter().map(|detail| Detail { field: field.into(), ..detail }).collect())
}

#[cfg(test)]
mod tests;
