//! Looking at the figures.

use std::collections::BTreeMap;

use super::count::{Queue, Tally};
use super::store::{self, FailingRow};
use super::{Counts, FailingEndpoint, FailingHost, HOUR_MS, HealthReport, Part, Span, Waiting, figures, host_of};
use crate::audit::actions::record_look;
use crate::id::OrgId;
use crate::time::Timestamp;
use crate::{Caller, Hub, Permission, Result};

/// Failing endpoints that are looked at.
const ENDPOINTS: i64 = 2000;
/// Failing hosts that are shown,
const HOSTS: usize = 50;
/// and endpoints of each.
const NAMED: usize = 5;

/// How the organization's deliveries do. Needs `deliveries:read`.
///
/// # Errors
/// Forbidden.
pub async fn get(hub: &Hub, caller: &Caller, span: Span) -> Result<HealthReport> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    record_look(hub, caller, "health.viewed", None).await?;
    report(hub, Some(org_id), span).await
}

/// How the deliveries of the whole installation do. For operators and support.
///
/// # Errors
/// Forbidden.
pub async fn get_installation(hub: &Hub, caller: &Caller, span: Span) -> Result<HealthReport> {
    caller.require_staff()?;
    report(hub, None, span).await
}

async fn report(hub: &Hub, org_id: Option<&OrgId>, span: Span) -> Result<HealthReport> {
    let now = hub.now();
    let since = span.since(now);
    let mut conn = hub.db.read().await?;
    let newer = store::uncounted(&mut conn, org_id, None).await?;
    let behind = store::is_behind(&mut conn).await?;
    let tally = Tally::of(&newer);
    let mut hours: BTreeMap<i64, Counts> = BTreeMap::new();
    for hour in store::hours(&mut conn, org_id, since).await? {
        hours.insert(hour.hour_at, hour.counts);
    }
    for ((.., hour_at), counts) in tally.hours.iter().filter(|((.., at), _)| *at >= since.0) {
        hours.entry(*hour_at).or_default().add(counts);
    }
    let mut queue = Queue { waiting: store::waiting(&mut conn, org_id).await?, ..Queue::default() };
    tally.queues.values().for_each(|more| queue.add(more));
    let failing = store::failing(&mut conn, org_id, since, ENDPOINTS).await?;
    let mut totals = Counts::default();
    hours.values().for_each(|hour| totals.add(hour));
    Ok(HealthReport {
        since,
        part_ms: span.parts().0,
        figures: figures(&totals, &queue.waiting),
        parts: parts(&hours, &queue.waiting, span, now),
        totals,
        waiting: queue.waiting,
        failing_hosts: by_host(failing),
        behind,
    })
}

/// The parts of a span, oldest first. What waited at the end of each follows from what waits now and what came and went
/// since.
fn parts(hours: &BTreeMap<i64, Counts>, waiting: &Waiting, span: Span, now: Timestamp) -> Vec<Part> {
    let (part_ms, count) = span.parts();
    let since = span.since(now);
    let mut left = waiting.depth() + waiting.paused;
    let mut parts: Vec<Part> = (0..count)
        .rev()
        .map(|index| {
            let at = since.0 + index * part_ms;
            let mut counts = Counts::default();
            hours.range(at..at + part_ms).for_each(|(_, hour)| counts.add(hour));
            let part = Part { at: Timestamp(at), counts, waiting: left.max(0) };
            left -= counts.created - counts.delivered - counts.failed - counts.dropped;
            part
        })
        .collect();
    parts.reverse();
    parts
}

/// Failing endpoints as one row per host, the worst first.
fn by_host(rows: Vec<FailingRow>) -> Vec<FailingHost> {
    let mut hosts: BTreeMap<String, (FailingHost, std::collections::BTreeSet<OrgId>)> = BTreeMap::new();
    for row in rows {
        let name = host_of(&row.url).to_owned();
        let (host, orgs) = hosts.entry(name.clone()).or_insert_with(|| (quiet(name), Default::default()));
        host.failures += row.failures;
        host.failed += row.failed;
        host.attempts += row.attempts;
        host.endpoint_count += 1;
        host.failing_since = match (host.failing_since, row.first_at) {
            (Some(known), Some(first)) => Some(known.min(first)),
            (known, first) => known.or(first),
        };
        if row.last_failed_at.is_some() && row.last_failed_at >= host.last_failed_at {
            (host.last_failed_at, host.last_code, host.last_error) =
                (row.last_failed_at, row.last_code, row.last_error);
        }
        orgs.insert(row.org_id.clone());
        if host.endpoints.len() < NAMED {
            let (id, name, org_id) = (row.endpoint_id, row.name, row.org_id);
            host.endpoints.push(FailingEndpoint { id, name, org_id, failures: row.failures });
        }
    }
    let mut all: Vec<FailingHost> = hosts
        .into_values()
        .map(|(host, orgs)| FailingHost { org_count: i64::try_from(orgs.len()).unwrap_or(i64::MAX), ..host })
        .collect();
    all.sort_by_key(|host| (host.failing_since.is_none(), -host.failures));
    all.truncate(HOSTS);
    all
}

fn quiet(host: String) -> FailingHost {
    FailingHost {
        host,
        failures: 0,
        failed: 0,
        attempts: 0,
        endpoints: Vec::new(),
        endpoint_count: 0,
        org_count: 0,
        failing_since: None,
        last_failed_at: None,
        last_code: None,
        last_error: None,
    }
}

/// An hour before which figures are forgotten: no span goes back so far.
pub(crate) const fn forgotten(now: Timestamp) -> Timestamp {
    now.plus_ms(-32 * 24 * HOUR_MS)
}
