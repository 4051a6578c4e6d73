//! What can be done with endpoints.

use std::collections::BTreeMap;

use super::check::{check_all_headers, check_auth, check_change};
use super::pace::{eases, leased_until};
use super::secrets::{ensure_key, seal_secret};
use super::store::{self, Row};
use super::view::{mask, view, views};
use super::{
    Auth, Controls, DEFAULT_RATE_PER_MINUTE, DEFAULT_TIMEOUT_MS, Endpoint, EndpointChange, EndpointOverview,
    EndpointStatus, EndpointWithSecret, Health, NewEndpoint, Retry, refuse,
};
use crate::db::Conn;
use crate::delivery::{self, DeliverySummary, queue};
use crate::directory::{auth_place, headers_place, open_auth, open_headers};
use crate::failure::store as failures;
use crate::filter::Filter;
use crate::id::{DeliveryId, EndpointId, OrgId};
use crate::live::Notice;
use crate::node::signal::{Signal, Work};
use crate::worker::deliverer;
use crate::{Caller, Error, Hub, Page, PageQuery, Permission, Result, audit, key};

/// Endpoints of one organization at most.
const MAX_ENDPOINTS: usize = 500;

/// Makes an endpoint; its secret is in the answer, this once. Needs `endpoints:write`.
///
/// # Errors
/// The fields that are wrong; too many endpoints.
pub async fn create(hub: &Hub, caller: &Caller, mut new: NewEndpoint) -> Result<EndpointWithSecret> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let secret = match new.secret.take().filter(|text| !text.is_empty()) {
        None => signature::Secret::generate(hub.random.bytes()),
        Some(text) => signature::Secret::parse(&text).map_err(|error| Error::invalid("secret", format!("{error}.")))?,
    };
    let change = EndpointChange::from(new);
    check_change(hub, org_id, &change).await?;
    key::ready(hub, org_id).await?;
    let mut row = blank(hub, org_id);
    apply(hub, &mut row, change)?;
    let mut tx = hub.db.begin().await?;
    check_room(&mut tx, org_id).await?;
    store::save(&mut tx, &row).await?;
    store::insert_secret(&mut tx, &seal_secret(hub, org_id, &row.id, &secret, row.created_at)?).await?;
    ensure_key(&mut tx, hub, org_id, &row.id, controls(&row)?.schemes()).await?;
    if controls(&row)?.delivery.is_pull() {
        queue::open(&mut tx, org_id, &row.id, row.created_at).await?;
    }
    store::insert_version(&mut tx, &row.id, caller.name(), "[]").await?;
    let (id, name) = (row.id.as_str(), row.name.as_str());
    audit::store::record(&mut tx, hub, caller, Some(org_id), "endpoint.created", Some(id), Some(name)).await?;
    tx.commit().await?;
    changed(hub, org_id, &row.id);
    let endpoint = get(hub, &Caller::system(Some(org_id.clone())), &row.id).await?;
    Ok(EndpointWithSecret { endpoint, secret: secret.text().to_owned() })
}

/// Refuses one endpoint too many.
pub(super) async fn check_room(conn: &mut Conn, org_id: &OrgId) -> Result<()> {
    if store::all(conn, org_id).await?.len() >= MAX_ENDPOINTS {
        return Err(Error::conflict(
            "endpoint_limit",
            format!("An organization has at most {MAX_ENDPOINTS} endpoints. Delete one that is not used."),
        ));
    }
    Ok(())
}

/// An endpoint with nothing but defaults.
pub(super) fn blank(hub: &Hub, org_id: &OrgId) -> Row {
    let now = hub.now();
    Row {
        id: hub.id(EndpointId::new),
        org_id: org_id.clone(),
        name: String::new(),
        url: String::new(),
        description: String::new(),
        event_types_json: "[]".into(),
        status: EndpointStatus::Active,
        disabled_reason: None,
        timeout_ms: DEFAULT_TIMEOUT_MS,
        retry_json: "\"standard\"".into(),
        rate_limit_per_minute: Some(DEFAULT_RATE_PER_MINUTE),
        sealed_headers: None,
        controls_json: "{}".into(),
        sealed_auth: None,
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// One endpoint. Needs `endpoints:read`.
///
/// # Errors
/// Not found.
pub async fn get(hub: &Hub, caller: &Caller, id: &EndpointId) -> Result<Endpoint> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    let mut conn = hub.db.read().await?;
    let row = must_exist(&mut conn, org_id, id).await?;
    let secrets = store::secrets(&mut conn, id).await?;
    let failing = failures::of_org(&mut conn, org_id).await?.remove(id);
    view(hub, row, secrets, failing)
}

/// The organization's endpoints, newest first; `q` filters by name and URL. Needs `endpoints:read`.
///
/// # Errors
/// A wrong page.
pub async fn list(hub: &Hub, caller: &Caller, q: Option<&str>, page: &PageQuery) -> Result<Page<Endpoint>> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let mut conn = hub.db.read().await?;
    let rows = store::list(&mut conn, org_id, q.map(str::trim).filter(|q| !q.is_empty()), &cursor, limit).await?;
    let endpoints = views(hub, &mut conn, org_id, rows).await?;
    Ok(Page::build(endpoints, limit, &cursor, |endpoint| endpoint.id.to_string()))
}

/// All endpoints with their health, for the page, but for those that are rules. Needs `endpoints:read`.
///
/// # Errors
/// The database does not answer.
pub async fn list_overview(hub: &Hub, caller: &Caller) -> Result<Vec<EndpointOverview>> {
    let mut all = overview(hub, caller).await?;
    all.retain(|row| row.endpoint.destination.is_none());
    Ok(all)
}

/// The same for rules. Needs `endpoints:read`.
///
/// # Errors
/// The database does not answer.
pub async fn list_rules(hub: &Hub, caller: &Caller) -> Result<Vec<EndpointOverview>> {
    let mut all = overview(hub, caller).await?;
    all.retain(|row| row.endpoint.destination.is_some());
    Ok(all)
}

async fn overview(hub: &Hub, caller: &Caller) -> Result<Vec<EndpointOverview>> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    let mut conn = hub.db.read().await?;
    let rows = store::all(&mut conn, org_id).await?;
    let mut health = crate::health::endpoints::health(&mut conn, org_id, None, hub.now()).await?;
    let endpoints = views(hub, &mut conn, org_id, rows).await?;
    Ok(endpoints
        .into_iter()
        .map(|endpoint| EndpointOverview {
            health: health.remove(&endpoint.id).unwrap_or_else(crate::health::endpoints::quiet),
            endpoint,
        })
        .collect())
}

/// How one endpoint has been doing. Needs `endpoints:read`.
///
/// # Errors
/// Not found.
pub async fn health(hub: &Hub, caller: &Caller, id: &EndpointId) -> Result<Health> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    let mut conn = hub.db.read().await?;
    must_exist(&mut conn, org_id, id).await?;
    Ok(crate::health::endpoints::health(&mut conn, org_id, Some(id), hub.now())
        .await?
        .remove(id)
        .unwrap_or_else(crate::health::endpoints::quiet))
}

/// Changes an endpoint. Needs `endpoints:write`.
///
/// # Errors
/// The fields that are wrong; not found.
pub async fn update(hub: &Hub, caller: &Caller, id: &EndpointId, change: EndpointChange) -> Result<Endpoint> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    check_change(hub, org_id, &change).await?;
    key::ready(hub, org_id).await?;
    let mut tx = hub.db.begin().await?;
    let before = must_lock(&mut tx, org_id, id).await?;
    let mut row = before.clone();
    if controls(&row)?.destination.is_some() {
        refuse(super::rule_only(&change))?;
    }
    apply(hub, &mut row, change)?;
    let same = before.status == row.status && changes(&before, &row).is_empty();
    let forgiven = forgives(&before, &row)?;
    let eased = eases(&before, &row);
    save_change(&mut tx, hub, caller, &before, row).await?;
    if let Some(rates) = eased {
        let now = hub.now();
        delivery::store::ease(&mut tx, (org_id, id), rates, leased_until(&before, now)?, now).await?;
    }
    audit::store::record(&mut tx, hub, caller, Some(org_id), "endpoint.updated", Some(id.as_str()), Some(&before.name))
        .await?;
    tx.commit().await?;
    changed(hub, org_id, id);
    if forgiven {
        // Only now: whoever still knows the endpoint as it was would learn its failures again.
        hub.lanes.trust(id);
        hub.signals.send(Signal::Trusted(id.clone()));
    }
    if !same {
        // What waits in this process would go by the old settings: it is claimed anew.
        deliverer::hand_back(hub, hub.lanes.empty(id), hub.now()).await;
        hub.wake(Work::Due);
        // That it is switched on again may be told.
        hub.wake(Work::Dispatch);
    }
    get(hub, &Caller::system(Some(org_id.clone())), id).await
}

/// Puts a change that was checked into the row.
pub(super) fn apply(hub: &Hub, row: &mut Row, change: EndpointChange) -> Result<()> {
    if let Some(headers) = change.headers {
        let kept = open_headers(hub, row)?;
        let unmasked = headers.into_iter().map(|(name, value)| {
            let stored = kept.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name)).map(|(_, stored)| stored);
            let value = stored.filter(|stored| mask(stored) == value).cloned().unwrap_or(value);
            (name, value)
        });
        let headers: BTreeMap<String, String> = unmasked.collect();
        check_all_headers(&headers)?;
        if headers != kept {
            row.sealed_headers = seal_headers(hub, &row.org_id, &row.id, headers)?;
        }
    }
    if let Some(auth) = change.auth {
        let kept = open_auth(hub, row)?;
        let auth = auth.unmasked(&kept);
        check_auth(hub, &auth)?;
        if auth != kept {
            row.sealed_auth = seal_auth(hub, &row.org_id, &row.id, &auth)?;
        }
    }
    let mut controls = controls(row)?;
    if change.concurrency_limit.is_some() {
        controls.concurrency_limit = change.concurrency_limit;
    }
    set(&mut controls.status_rules, change.status_rules);
    set(&mut controls.channels, change.channels);
    if let Some(filter) = change.filter {
        controls.filter = filter.as_ref().map(Filter::from_value).transpose()?;
    }
    if let Some(script) = change.transformation {
        controls.transformation = script.filter(|script| !script.trim().is_empty());
    }
    set(&mut controls.signing_schemes, change.signing_schemes);
    set(&mut controls.delivery, change.delivery);
    refuse(controls.check())?;
    row.controls_json = json(&controls)?;
    set(&mut row.name, change.name.map(|name| name.trim().to_owned()));
    set(&mut row.url, change.url.map(|url| url.trim().to_owned()));
    set(&mut row.description, change.description);
    set(&mut row.event_types_json, change.event_types.map(|types| json(&types)).transpose()?);
    set(&mut row.timeout_ms, change.timeout_ms);
    set(&mut row.retry_json, change.retry.map(|retry: Retry| json(&retry)).transpose()?);
    set(&mut row.rate_limit_per_minute, change.rate_limit_per_minute);
    set(&mut row.status, change.status);
    if row.status != EndpointStatus::Disabled {
        row.disabled_reason = None;
    }
    if row.url.is_empty() && !controls.delivery.is_pull() {
        return Err(Error::invalid("url", "is needed where deliveries are pushed."));
    }
    Ok(())
}

/// Stores a changed row: as a new version where deliveries would differ, with its waiting deliveries moved where the
/// status differs, and with a clean slate where it was switched on again.
pub(super) async fn save_change(conn: &mut Conn, hub: &Hub, caller: &Caller, before: &Row, mut row: Row) -> Result<()> {
    let now = hub.now();
    let changes = changes(before, &row);
    row.updated_at = now;
    row.version = before.version + i64::from(!changes.is_empty());
    store::save(conn, &row).await?;
    ensure_key(conn, hub, &row.org_id, &row.id, controls(&row)?.schemes()).await?;
    if !changes.is_empty() {
        store::insert_version(conn, &row.id, caller.name(), &json(&changes)?).await?;
    }
    change_form(conn, hub, before, &row).await?;
    if before.status == row.status {
        return Ok(());
    }
    match row.status {
        EndpointStatus::Active => {
            failures::clear(conn, &row.id).await?;
            if crate::alert::store::close(conn, &row.org_id, None, row.id.as_str(), now).await? > 0 {
                crate::alert::events::recovered(conn, hub, &row.org_id, &row.id).await?;
            }
            delivery::store::resume(conn, &row.org_id, &row.id, now).await?;
        }
        EndpointStatus::Paused | EndpointStatus::Disabled => {
            delivery::store::pause(conn, &row.org_id, &row.id, now).await?;
        }
    }
    Ok(())
}

/// Whether a change makes the failures of before count no longer.
fn forgives(before: &Row, after: &Row) -> Result<bool> {
    let activated = before.status != after.status && after.status == EndpointStatus::Active;
    Ok(activated || !controls(before)?.delivery.is_pull() && controls(after)?.delivery.is_pull())
}

/// Moves what waits into the endpoint's queue when the receiver begins to fetch, and out of it when it is pushed to again.
async fn change_form(conn: &mut Conn, hub: &Hub, before: &Row, after: &Row) -> Result<()> {
    let (org_id, id, now) = (&after.org_id, &after.id, hub.now());
    match (controls(before)?.delivery.is_pull(), controls(after)?.delivery.is_pull()) {
        (false, true) => {
            // Nothing is sent that could fail.
            failures::clear(conn, id).await?;
            let failing = Some(crate::alert::AlertKind::EndpointFailing);
            crate::alert::store::close(conn, org_id, failing, id.as_str(), now).await?;
            queue::open(conn, org_id, id, now).await
        }
        (true, false) => queue::close(conn, org_id, id, now).await,
        (false, false) | (true, true) => Ok(()),
    }
}

/// The names of the fields by which deliveries would differ.
fn changes(before: &Row, after: &Row) -> Vec<&'static str> {
    let old: serde_json::Value = serde_json::from_str(&before.controls_json).unwrap_or_default();
    let new: serde_json::Value = serde_json::from_str(&after.controls_json).unwrap_or_default();
    let controls = [
        "concurrency_limit",
        "status_rules",
        "channels",
        "filter",
        "transformation",
        "signing_schemes",
        "delivery",
        "destination",
    ]
    .into_iter();
    let basics = [
        ("name", before.name != after.name),
        ("url", before.url != after.url),
        ("event_types", before.event_types_json != after.event_types_json),
        ("timeout_ms", before.timeout_ms != after.timeout_ms),
        ("retry", before.retry_json != after.retry_json),
        ("rate_limit_per_minute", before.rate_limit_per_minute != after.rate_limit_per_minute),
        ("headers", before.sealed_headers != after.sealed_headers),
        ("auth", before.sealed_auth != after.sealed_auth),
    ];
    let basics = basics.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name);
    basics.chain(controls.filter(|name| old.get(name) != new.get(name))).collect()
}

/// Switches an endpoint off, in the caller's transaction; answers whether it was active. Used by the hub itself: call
/// [`changed`] after the commit.
pub(crate) async fn disable(conn: &mut Conn, hub: &Hub, org_id: &OrgId, id: &EndpointId, reason: &str) -> Result<bool> {
    let Some(before) = store::lock(conn, org_id, id).await? else { return Ok(false) };
    if before.status != EndpointStatus::Active {
        return Ok(false);
    }
    let caller = Caller::system(Some(org_id.clone()));
    let row = Row { status: EndpointStatus::Disabled, disabled_reason: Some(reason.to_owned()), ..before.clone() };
    save_change(conn, hub, &caller, &before, row).await?;
    audit::store::record(conn, hub, &caller, Some(org_id), "endpoint.disabled", Some(id.as_str()), Some(reason))
        .await?;
    // One alert at a time for one endpoint: this one says all that the other said.
    crate::alert::store::close(conn, org_id, None, id.as_str(), hub.now()).await?;
    crate::alert::raise(
        conn,
        hub,
        org_id,
        crate::alert::AlertKind::EndpointDisabled,
        id.as_str(),
        &format!("{} is disabled: {reason} Its deliveries are kept.", before.name),
    )
    .await?;
    crate::alert::events::disabled(conn, hub, &before, reason).await?;
    Ok(true)
}

/// Deletes an endpoint; its waiting deliveries end as failed. The log keeps its name. Needs `endpoints:write`.
///
/// # Errors
/// Not found.
pub async fn delete(hub: &Hub, caller: &Caller, id: &EndpointId) -> Result<()> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    remove(hub, caller, org_id, id).await
}

/// Deletes an endpoint for somebody who may do what it is part of.
///
/// # Errors
/// Not found.
pub(crate) async fn remove(hub: &Hub, caller: &Caller, org_id: &OrgId, id: &EndpointId) -> Result<()> {
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    let mut row = must_lock(&mut tx, org_id, id).await?;
    row.deleted_at = Some(now);
    row.updated_at = now;
    row.sealed_headers = None;
    row.sealed_auth = None;
    store::save(&mut tx, &row).await?;
    store::forget_version_secrets(&mut tx, org_id, id).await?;
    failures::clear(&mut tx, id).await?;
    crate::alert::store::close(&mut tx, org_id, None, id.as_str(), now).await?;
    store::delete_secrets(&mut tx, id).await?;
    // First the queue, if it has one: what is planned for it this moment is due instead, and found to be gone.
    delivery::queue::close(&mut tx, org_id, id, now).await?;
    delivery::store::fail_all(&mut tx, org_id, id, now).await?;
    audit::store::record(&mut tx, hub, caller, Some(org_id), "endpoint.deleted", Some(id.as_str()), Some(&row.name))
        .await?;
    tx.commit().await?;
    changed(hub, org_id, id);
    deliverer::hand_back(hub, hub.lanes.empty(id), now).await;
    hub.wake(Work::Due);
    Ok(())
}

/// Sends a sample of a type (the endpoint's first when none is named) through the real path, to this endpoint
/// only, whatever it subscribes to. Answers the delivery at once; its outcome is read with
/// [`crate::delivery::actions::get`] or waited for with [`crate::delivery::actions::wait`]. Needs `endpoints:write`.
///
/// # Errors
/// Not found; the endpoint is not active; there is no such type.
pub async fn test(hub: &Hub, caller: &Caller, id: &EndpointId, event_type: Option<&str>) -> Result<DeliveryId> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let entry = crate::directory::entry(hub, org_id).await?;
    let route = entry.route(id).ok_or_else(|| Error::not_found("endpoint"))?;
    if route.status != EndpointStatus::Active {
        return Err(Error::conflict(
            "endpoint_not_active",
            format!("The endpoint is {}. Activate it to send a test.", route.status),
        ));
    }
    let system = Caller::system(Some(org_id.clone()));
    let known = match event_type {
        Some(name) => crate::event_type::actions::get(hub, &system, name).await?,
        None => {
            let all = crate::event_type::actions::list(hub, &system).await?;
            let first = all.iter().find(|known| route.subscription.wants(&known.name)).or(all.first());
            first.cloned().ok_or_else(|| Error::not_found("event type"))?
        }
    };
    crate::event::actions::ingest_test(hub, org_id, route, &known.name, known.sample.to_string()).await
}

/// The last deliveries of an endpoint, for its page. Needs `deliveries:read`.
///
/// # Errors
/// Not found.
pub async fn recent(hub: &Hub, caller: &Caller, id: &EndpointId) -> Result<Vec<DeliverySummary>> {
    let query = delivery::query::LogQuery { endpoint_id: Some(id.to_string()), limit: Some(20), ..Default::default() };
    Ok(delivery::actions::list(hub, caller, &query).await?.data)
}

/// After a commit: what is kept in memory is read anew, open pages hear of it, resumed deliveries go out.
pub(crate) fn changed(hub: &Hub, org_id: &OrgId, id: &EndpointId) {
    hub.directory.forget(org_id);
    hub.signals.send(Signal::Changed(org_id.clone()));
    hub.bus.notify(org_id, Notice::Endpoint(id.to_string()));
    hub.wake(Work::Due);
}

async fn must_exist(conn: &mut Conn, org_id: &OrgId, id: &EndpointId) -> Result<Row> {
    store::find(conn, org_id, id).await?.ok_or_else(|| Error::not_found("endpoint"))
}

/// The endpoint, about to be changed in this transaction.
pub(super) async fn must_lock(conn: &mut Conn, org_id: &OrgId, id: &EndpointId) -> Result<Row> {
    store::lock(conn, org_id, id).await?.ok_or_else(|| Error::not_found("endpoint"))
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// What an endpoint sets beyond the basics.
pub(crate) fn controls(row: &Row) -> Result<Controls> {
    serde_json::from_str(&row.controls_json).map_err(Error::internal)
}

fn seal_auth(hub: &Hub, org_id: &OrgId, id: &EndpointId, auth: &Auth) -> Result<Option<Vec<u8>>> {
    if *auth == Auth::None {
        return Ok(None);
    }
    let text = serde_json::to_vec(auth).map_err(Error::internal)?;
    hub.seal(org_id, &auth_place(org_id, id), &text).map(Some)
}

fn seal_headers(
    hub: &Hub,
    org_id: &OrgId,
    id: &EndpointId,
    headers: BTreeMap<String, String>,
) -> Result<Option<Vec<u8>>> {
    if headers.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_vec(&headers).map_err(Error::internal)?;
    hub.seal(org_id, &headers_place(org_id, id), &text).map(Some)
}
