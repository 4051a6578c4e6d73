//! What can be done with replays.

use super::store::{self, Row};
use super::{Excluded, NewReplay, Plan, Reason, Replay, ReplayState};
use crate::audit::actions::record_count;
use crate::delivery::log::{self, PlanCount};
use crate::delivery::query::LogQuery;
use crate::delivery::{DeliveryStatus, query::LogFilter};
use crate::id::ReplayId;
use crate::node::signal::Work;
use crate::{Caller, Error, Hub, Page, PageQuery, Permission, Result, Timestamp, audit};

/// The fastest rate that can be asked for, a minute.
const MAX_RATE: i64 = 1_000_000;

/// What a replay would do, without doing it. Needs `deliveries:replay`.
///
/// # Errors
/// A wrong filter or rate, by name.
pub async fn plan(hub: &Hub, caller: &Caller, new: &NewReplay) -> Result<Plan> {
    let org_id = caller.require(Permission::DeliveriesReplay)?;
    let filter = filter(hub, new)?;
    let mut conn = hub.db.read().await?;
    let counts = log::plan_counts(&mut conn, org_id, &filter).await?;
    let mut plan = Plan { matching: 0, expected: 0, excluded: Vec::new(), first: Vec::new(), duration_s: None };
    for count in counts {
        plan.matching += count.count;
        match reason(&count, new.skip_delivered) {
            None => plan.expected += count.count,
            Some(reason) => match plan.excluded.iter_mut().find(|known| known.reason == reason) {
                Some(known) => known.count += count.count,
                None => plan.excluded.push(Excluded { reason, count: count.count }),
            },
        }
    }
    // Only among those that can be sent: what arrived may stand before them by the thousand.
    let sendable = |status: &DeliveryStatus| {
        let is_asked = filter.statuses.is_empty() || filter.statuses.contains(status);
        is_asked && status.is_final() && (*status == DeliveryStatus::Failed || !new.skip_delivered)
    };
    let statuses: Vec<_> = DeliveryStatus::ALL.iter().copied().filter(sendable).collect();
    if !statuses.is_empty() {
        let filter = LogFilter { statuses, ..filter.clone() };
        let first = log::plan_page(&mut conn, org_id, &filter, None, 200).await?;
        let wanted = first.into_iter().filter(|row| reason(&row.facts(), new.skip_delivered).is_none());
        plan.first = wanted.take(5).map(|row| row.id).collect();
    }
    plan.duration_s = new.rate_per_minute.map(|rate| (plan.expected * 60 + rate - 1) / rate);
    Ok(plan)
}

/// Why a delivery with these facts is left out; none if it is sent again.
pub(crate) fn reason(facts: &PlanCount, skip_delivered: bool) -> Option<Reason> {
    if facts.endpoint_deleted != 0 {
        return Some(Reason::EndpointDeleted);
    }
    if !facts.status.is_final() {
        return Some(Reason::NotFinished);
    }
    let arrived = matches!(facts.status, DeliveryStatus::Delivered | DeliveryStatus::Skipped) || facts.replayed == 2;
    if skip_delivered && arrived {
        return Some(Reason::Delivered);
    }
    if skip_delivered && facts.replayed == 1 {
        return Some(Reason::Replayed);
    }
    (facts.payload_erased != 0).then_some(Reason::PayloadErased)
}

fn filter(hub: &Hub, new: &NewReplay) -> Result<LogFilter> {
    if new.rate_per_minute.is_some_and(|rate| !(1..=MAX_RATE).contains(&rate)) {
        return Err(Error::invalid("rate_per_minute", format!("must be between 1 and {MAX_RATE}, or absent.")));
    }
    let now = hub.now();
    bounded(&new.query, now)?.filter(now)
}

/// The filters with a beginning and an end that do not move with the clock; the end is not ahead of it, so that a replay
/// never finds what it made itself.
fn bounded(query: &LogQuery, now: Timestamp) -> Result<LogQuery> {
    let read = query.filter(now)?;
    let until = read.until.map_or(now, |until| until.min(now));
    Ok(LogQuery {
        since: read.since.map(|since| since.to_string()),
        until: Some(until.to_string()),
        limit: None,
        cursor: None,
        ..query.with_tokens()
    })
}

/// Starts a replay. Needs `deliveries:replay`.
///
/// # Errors
/// A wrong filter or rate, by name; nothing would be sent.
pub async fn create(hub: &Hub, caller: &Caller, new: &NewReplay) -> Result<Replay> {
    let org_id = caller.require(Permission::DeliveriesReplay)?;
    let plan = plan(hub, caller, new).await?;
    if plan.expected == 0 {
        return Err(Error::conflict(
            "nothing_to_replay",
            "Nothing that matches would be sent again. Ask for a plan to see why.",
        ));
    }
    let now = hub.now();
    let query = bounded(&new.query, now)?;
    let row = Row {
        id: hub.id(ReplayId::new),
        org_id: org_id.clone(),
        created_at: now,
        actor_name: caller.name().to_owned(),
        state: ReplayState::Running,
        query_json: serde_json::to_string(&query).map_err(Error::internal)?,
        settings: new.settings,
        skip_delivered: i64::from(new.skip_delivered),
        rate_per_minute: new.rate_per_minute,
        expected: plan.expected,
        made: 0,
        excluded: 0,
        cursor: None,
        due_at: Some(now),
        updated_at: now,
        finished_at: None,
    };
    let mut tx = hub.db.begin().await?;
    store::insert(&mut tx, &row).await?;
    let note = format!("{} deliveries", plan.expected);
    audit::store::record(&mut tx, hub, caller, Some(org_id), "replay.created", Some(row.id.as_str()), Some(&note))
        .await?;
    tx.commit().await?;
    hub.wake(Work::Replay);
    view(row)
}

/// One replay. Needs `deliveries:read`; a look by staff is recorded.
///
/// # Errors
/// Not found.
pub async fn get(hub: &Hub, caller: &Caller, id: &ReplayId) -> Result<Replay> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    // A running one is looked at every two seconds.
    record_count(hub, caller, "replay.viewed", id).await?;
    let row = store::find(&mut hub.db.read().await?, org_id, id).await?;
    view(row.ok_or_else(|| Error::not_found("replay"))?)
}

/// The organization's replays, newest first. Needs `deliveries:read`; a look by staff is recorded.
///
/// # Errors
/// A wrong page.
pub async fn list(hub: &Hub, caller: &Caller, page: &PageQuery) -> Result<Page<Replay>> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    record_count(hub, caller, "replay.listed", page).await?;
    let rows = store::list(&mut hub.db.read().await?, org_id, &cursor, limit).await?;
    let rows: Vec<Replay> = rows.into_iter().map(view).collect::<Result<_>>()?;
    Ok(Page::build(rows, limit, &cursor, |row| row.id.to_string()))
}

/// Pauses a replay, lets it go on, or ends it before it is done. Needs `deliveries:replay`.
///
/// # Errors
/// Not found; it is not in a state from which it could.
pub async fn set_state(hub: &Hub, caller: &Caller, id: &ReplayId, state: ReplayState) -> Result<Replay> {
    let org_id = caller.require(Permission::DeliveriesReplay)?;
    if state == ReplayState::Finished {
        return Err(Error::invalid("state", "must be `running`, `paused` or `cancelled`."));
    }
    let mut tx = hub.db.begin().await?;
    let before = store::find(&mut tx, org_id, id).await?.ok_or_else(|| Error::not_found("replay"))?;
    if !store::set_state(&mut tx, org_id, id, state, hub.now()).await? {
        return Err(Error::conflict(
            "replay_state",
            format!("The replay is {}; it cannot become {state}.", before.state),
        ));
    }
    audit::store::record(&mut tx, hub, caller, Some(org_id), &format!("replay.{state}"), Some(id.as_str()), None)
        .await?;
    tx.commit().await?;
    hub.wake(Work::Replay);
    get(hub, caller, id).await
}

fn view(row: Row) -> Result<Replay> {
    Ok(Replay {
        query: serde_json::from_str(&row.query_json).map_err(Error::internal)?,
        id: row.id,
        created_at: row.created_at,
        actor_name: row.actor_name,
        state: row.state,
        settings: row.settings,
        skip_delivered: row.skip_delivered != 0,
        rate_per_minute: row.rate_per_minute,
        expected: row.expected,
        made: row.made,
        excluded: row.excluded,
        updated_at: row.updated_at,
        finished_at: row.finished_at,
    })
}
