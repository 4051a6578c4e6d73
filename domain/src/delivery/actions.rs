//! What can be done with deliveries. Every look by staff from outside the organization is recorded.

use std::time::Duration;

use super::query::{LogFilter, LogQuery};
use super::store::Row;
use super::{DeliveryDetail, DeliveryStatus, DeliverySummary, FailureReasons, LogStats, Trigger, log, store};
use crate::audit::actions::{record_count, record_list, record_look};
use crate::endpoint::{EndpointStatus, Retry, Subscription};
use crate::id::{DeliveryId, EndpointId, OrgId};
use crate::live::Notice;
use crate::node::signal::Work;
use crate::replay::Settings;
use crate::time::Timestamp;
use crate::worker::{deliverer, dispatcher};
use crate::{Caller, Error, Hub, Page, Permission, Result, audit, event};

/// Deliveries that are replayed by one request at most.
const MAX_SELECTION: usize = 500;
/// Dead letters that are replayed by one request at most.
const MAX_FAILED: i64 = 1000;

/// The delivery log, newest first. Needs `deliveries:read`.
///
/// # Errors
/// A wrong filter, by name.
pub async fn list(hub: &Hub, caller: &Caller, query: &LogQuery) -> Result<Page<DeliverySummary>> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    let (filter, page) = (query.filter(hub.now())?, query.page());
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    record_list(hub, caller, "delivery.listed", query).await?;
    let rows = log::list(&mut hub.db.read().await?, org_id, &filter, &cursor, limit).await?;
    Ok(Page::build(rows, limit, &cursor, |row| row.id.to_string()))
}

/// Facets, histogram and percentiles for the same filters. Needs `deliveries:read`.
///
/// # Errors
/// A wrong filter, by name.
pub async fn stats(hub: &Hub, caller: &Caller, query: &LogQuery) -> Result<LogStats> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    let now = hub.now();
    let filter = query.filter(now)?;
    record_count(hub, caller, "delivery.counted", query).await?;
    let mut conn = hub.db.read().await?;
    let stats = log::stats(&mut conn, org_id, &filter, now).await?;
    let org = crate::org::store::find(&mut conn, org_id).await?;
    let since = |days: Option<i64>| days.map(|days| now.plus_ms(-days * 24 * 3600 * 1000));
    Ok(LogStats {
        kept_since: since(org.as_ref().and_then(|org| org.log_days)),
        payloads_since: since(org.as_ref().and_then(|org| org.payload_days)),
        ..stats
    })
}

/// Why the dead letters that match the same filters failed; the status filter means nothing here. Needs `deliveries:read`.
///
/// # Errors
/// A wrong filter, by name.
pub async fn failure_reasons(hub: &Hub, caller: &Caller, query: &LogQuery) -> Result<FailureReasons> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    record_look(hub, caller, "delivery.listed", None).await?;
    let filter = LogFilter { statuses: vec![DeliveryStatus::Failed], ..query.filter(hub.now())? };
    let mut data = log::reasons(&mut hub.db.read().await?, org_id, &filter).await?;
    for reason in &mut data {
        let first = reason.message.as_deref().and_then(|message| message.trim().lines().next());
        reason.message = first.map(|line| line.chars().take(200).collect());
    }
    let counted: i64 = data.iter().map(|reason| reason.count).sum();
    Ok(FailureReasons { data, partial: counted >= log::COUNTED })
}

/// One delivery with everything. Needs `deliveries:read`.
///
/// # Errors
/// Not found.
pub async fn get(hub: &Hub, caller: &Caller, id: &DeliveryId) -> Result<DeliveryDetail> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    record_look(hub, caller, "delivery.viewed", Some(id.as_str())).await?;
    detail(hub, org_id, id).await
}

async fn detail(hub: &Hub, org_id: &OrgId, id: &DeliveryId) -> Result<DeliveryDetail> {
    let mut conn = hub.db.read().await?;
    let delivery = log::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("delivery"))?;
    let event =
        event::store::find(&mut conn, org_id, &delivery.event_id).await?.ok_or_else(|| Error::not_found("event"))?;
    let (endpoint_url, patterns, retry) = log::endpoint_facts(&mut conn, org_id, &delivery.endpoint_id)
        .await?
        .ok_or_else(|| Error::not_found("endpoint"))?;
    let patterns: Vec<String> = serde_json::from_str(&patterns).map_err(Error::internal)?;
    let retry: Retry = serde_json::from_str(&retry).map_err(Error::internal)?;
    let mut related = log::of_event(&mut conn, org_id, &delivery.event_id).await?;
    related.retain(|other| other.id != *id);
    Ok(DeliveryDetail {
        attempts: log::attempts(&mut conn, org_id, id).await?,
        matched: Subscription::parse(&patterns)?.matching(&delivery.event_type),
        planned: planned(&delivery, &retry),
        delivery,
        event,
        endpoint_url,
        related,
    })
}

/// The times of the attempts after the next one, without jitter.
fn planned(delivery: &DeliverySummary, retry: &Retry) -> Vec<Timestamp> {
    let Some(mut at) = delivery.next_attempt_at.filter(|_| delivery.status == DeliveryStatus::Retrying) else {
        return Vec::new();
    };
    (delivery.attempt_count + 1..)
        .map_while(|attempts| retry.wait_ms(attempts, 0.5))
        .map(|wait| {
            at = at.plus_ms(wait);
            at
        })
        .collect()
}

/// Waits until the delivery has had an attempt (or `max_ms` have passed) and answers it. Needs `deliveries:read`.
///
/// # Errors
/// Not found.
pub async fn wait(hub: &Hub, caller: &Caller, id: &DeliveryId, max_ms: u64) -> Result<DeliveryDetail> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    let attempted = async {
        loop {
            let row =
                log::find(&mut hub.db.read().await?, org_id, id).await?.ok_or_else(|| Error::not_found("delivery"))?;
            if row.attempt_count > 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    };
    match tokio::time::timeout(Duration::from_millis(max_ms), attempted).await {
        Ok(Err(error)) => Err(error),
        Ok(Ok(())) | Err(_) => get(hub, caller, id).await,
    }
}

/// Sends one again: a new delivery of the same event to the same endpoint, as it is now or as it was at the delivery's
/// last attempt (one without an attempt is sent as it is now). Needs `deliveries:replay`.
///
/// # Errors
/// Not found; the endpoint is deleted.
pub async fn replay(hub: &Hub, caller: &Caller, id: &DeliveryId, settings: Settings) -> Result<DeliveryId> {
    let org_id = caller.require(Permission::DeliveriesReplay)?;
    let mut conn = hub.db.read().await?;
    let rows = store::find_many(&mut conn, org_id, std::slice::from_ref(id)).await?;
    let version = match settings {
        Settings::Now => None,
        Settings::Then => log::last_version(&mut conn, org_id, id).await?,
    };
    drop(conn);
    let rows = rows.into_iter().map(|row| (row, version)).collect();
    let made = again(hub, caller, org_id, rows, true).await?;
    made.into_iter().next().ok_or_else(|| Error::not_found("delivery"))
}

/// Sends a selection again (at most 500); all or nothing. Answers in the order of the selection; one of what is named twice.
/// Needs `deliveries:replay`.
///
/// # Errors
/// One is not found, or its endpoint is deleted; an empty or too large selection.
pub async fn replay_many(hub: &Hub, caller: &Caller, ids: &[DeliveryId]) -> Result<Vec<DeliveryId>> {
    let org_id = caller.require(Permission::DeliveriesReplay)?;
    if ids.is_empty() || ids.len() > MAX_SELECTION {
        return Err(Error::invalid("ids", format!("select 1 to {MAX_SELECTION} deliveries.")));
    }
    let mut once = ids.to_vec();
    once.sort();
    once.dedup();
    let mut rows = store::find_many(&mut hub.db.read().await?, org_id, &once).await?;
    if rows.len() < once.len() {
        return Err(Error::not_found("delivery"));
    }
    rows.sort_by_cached_key(|row| ids.iter().position(|id| *id == row.id));
    again(hub, caller, org_id, as_now(rows), true).await
}

/// Sends all dead letters of an endpoint (or of the organization) again, 1,000 at most at a time; answers how many.
/// A dead letter that was replayed already or whose payload is erased is left out. Needs `deliveries:replay`.
///
/// # Errors
/// The database does not answer.
pub async fn replay_failed(hub: &Hub, caller: &Caller, endpoint_id: Option<&EndpointId>) -> Result<i64> {
    let org_id = caller.require(Permission::DeliveriesReplay)?;
    if let Some(id) = endpoint_id {
        crate::endpoint::actions::get(hub, &Caller::system(Some(org_id.clone())), id).await?;
    }
    let rows = store::list_failed(&mut hub.db.read().await?, org_id, endpoint_id, MAX_FAILED).await?;
    Ok(again(hub, caller, org_id, as_now(rows), false).await?.len() as i64)
}

/// Old deliveries that are sent to their endpoints as these are now.
fn as_now(rows: Vec<Row>) -> Vec<(Row, Option<i64>)> {
    rows.into_iter().map(|row| (row, None)).collect()
}

/// Makes new deliveries of old ones, due now, each for a version of its endpoint where one is given. Those whose endpoint
/// is deleted are refused (`strict`) or left out.
async fn again(
    hub: &Hub,
    caller: &Caller,
    org_id: &OrgId,
    rows: Vec<(Row, Option<i64>)>,
    strict: bool,
) -> Result<Vec<DeliveryId>> {
    let now = hub.now();
    let entry = crate::directory::entry(hub, org_id).await?;
    let mut made = Vec::with_capacity(rows.len());
    for (old, version) in rows {
        match entry.route(&old.endpoint_id) {
            Some(route) => {
                let matter = crate::event::Matter::new(&old.event_type, &[], None, "{}");
                let row = dispatcher::row(hub, route, &old.event_id, &matter, Trigger::Replay, now);
                made.push((Row { replay_of: Some(old.id), endpoint_version: version, ..row }, route));
            }
            None if strict => {
                return Err(Error::conflict(
                    "endpoint_deleted",
                    format!("The endpoint of delivery {} is deleted; it cannot be sent again.", old.id),
                ));
            }
            None => {}
        }
    }
    let rows: Vec<Row> = made.iter().map(|(row, _)| row.clone()).collect();
    let mut tx = hub.db.begin().await?;
    store::insert(&mut tx, &rows).await?;
    for row in &rows {
        let old = row.replay_of.as_ref().map(DeliveryId::as_str);
        audit::store::record(&mut tx, hub, caller, Some(org_id), "delivery.replayed", old, Some(row.id.as_str()))
            .await?;
    }
    tx.commit().await?;
    for (row, route) in &made {
        hub.bus.notify(org_id, Notice::Delivery(Box::new(deliverer::summary(row, route, None))));
    }
    hub.wake(Work::Due);
    hub.pulls.wake_all(&rows);
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Tries a waiting delivery now instead of at its planned time. Needs `deliveries:replay`.
///
/// # Errors
/// Not found; it does not wait for a retry; its endpoint is not active.
pub async fn try_now(hub: &Hub, caller: &Caller, id: &DeliveryId) -> Result<()> {
    let org_id = caller.require(Permission::DeliveriesReplay)?;
    let entry = crate::directory::entry(hub, org_id).await?;
    let mut tx = hub.db.begin().await?;
    let row = log::find(&mut tx, org_id, id).await?.ok_or_else(|| Error::not_found("delivery"))?;
    if entry.route(&row.endpoint_id).is_none_or(|route| route.status != EndpointStatus::Active) {
        return Err(Error::conflict("endpoint_not_active", "The endpoint takes no deliveries now. Activate it first."));
    }
    if !store::hurry(&mut tx, org_id, id, hub.now()).await? {
        return Err(Error::conflict(
            "delivery_not_waiting",
            format!("The delivery is {} and does not wait for a retry.", row.status),
        ));
    }
    audit::store::record(&mut tx, hub, caller, Some(org_id), "delivery.hurried", Some(id.as_str()), None).await?;
    tx.commit().await?;
    hub.wake(Work::Due);
    Ok(())
}
