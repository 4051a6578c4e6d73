//! SQL of what a replay looks at.

use super::super::Trigger;
use super::*;

/// Deliveries that a replay treats alike.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct PlanCount {
    pub(crate) status: DeliveryStatus,
    pub(crate) endpoint_deleted: i64,
    pub(crate) replayed: i64,
    pub(crate) payload_erased: i64,
    pub(crate) count: i64,
}

/// A delivery that a replay looks at.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Candidate {
    pub(crate) id: DeliveryId,
    pub(crate) event_id: EventId,
    pub(crate) event_type: String,
    pub(crate) endpoint_id: EndpointId,
    status: DeliveryStatus,
    endpoint_deleted: i64,
    replayed: i64,
    payload_erased: i64,
    /// The version of the endpoint at its last attempt.
    pub(crate) version: Option<i64>,
}

impl Candidate {
    /// What decides whether it is sent again.
    pub(crate) fn facts(&self) -> PlanCount {
        let Self { status, endpoint_deleted, replayed, payload_erased, .. } = *self;
        PlanCount { status, endpoint_deleted, replayed, payload_erased, count: 1 }
    }
}

/// Pushes what decides over a replay: whether the endpoint is deleted, whether a later replay of the same event to the same endpoint arrived
/// (2) or stands for it (1), and whether the event's payload is erased. A replay stands for it that is under way, or that failed and is
/// among what the filter may find itself: else nothing would be sent of either.
macro_rules! push_plan_facts {
    ($q:expr, $filter:expr) => {{
        let (q, filter): (_, &LogFilter) = (&mut $q, $filter);
        let finds_replays = filter.trigger.is_none_or(|trigger| trigger == Trigger::Replay);
        let end = filter.until.filter(|_| finds_replays).map_or(0, |until| until.0.max(0));
        q.push(
            "d.status, CASE WHEN e.id IS NULL OR e.deleted_at IS NOT NULL THEN 1 ELSE 0 END AS endpoint_deleted, \
             COALESCE((SELECT MAX(CASE WHEN r.status IN ('delivered', 'skipped') THEN 2 WHEN r.finished_at IS NULL OR r.id < ",
        );
        q.push_bind(DeliveryId::new(end, [0; 10]));
        q.push(
            " THEN 1 ELSE 0 END) FROM deliveries r WHERE r.org_id = d.org_id AND r.event_id = d.event_id AND r.endpoint_id = d.endpoint_id \
             AND r.cause = 'replay' AND r.id > d.id), 0) AS replayed, CASE WHEN EXISTS (SELECT 1 FROM events v \
             WHERE v.org_id = d.org_id AND v.id = d.event_id AND v.erased_at IS NOT NULL) THEN 1 ELSE 0 END AS payload_erased",
        );
    }};
}

/// All deliveries that match, counted by what decides over a replay.
pub(crate) async fn plan_counts(conn: &mut Conn, org_id: &OrgId, filter: &LogFilter) -> Result<Vec<PlanCount>> {
    let filter = &weighed(conn, org_id, filter).await?;
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT m.status, CAST(m.endpoint_deleted AS BIGINT) AS endpoint_deleted, CAST(m.replayed AS BIGINT) AS replayed,
             CAST(m.payload_erased AS BIGINT) AS payload_erased, CAST(COUNT(*) AS BIGINT) AS count FROM (SELECT ",
        );
        push_plan_facts!(q, filter);
        q.push(" FROM deliveries d LEFT JOIN endpoints e ON e.id = d.endpoint_id");
        push_filter!(q, org_id, filter, None);
        q.push(") m GROUP BY m.status, m.endpoint_deleted, m.replayed, m.payload_erased");
        q.build_query_as().persistent(false).fetch_all(c).await
    })?)
}

/// Deliveries that match, oldest first, after the one that was looked at last.
pub(crate) async fn plan_page(
    conn: &mut Conn,
    org_id: &OrgId,
    filter: &LogFilter,
    after: Option<&DeliveryId>,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let filter = &weighed(conn, org_id, filter).await?;
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT m.id, m.event_id, m.event_type, m.endpoint_id, m.status, CAST(m.endpoint_deleted AS BIGINT) AS endpoint_deleted,
             CAST(m.replayed AS BIGINT) AS replayed, CAST(m.payload_erased AS BIGINT) AS payload_erased,
             (SELECT MAX(a.endpoint_version) FROM attempts a WHERE a.org_id = m.org_id AND a.delivery_id = m.id) AS version
             FROM (SELECT d.org_id, d.id, d.event_id, d.event_type, d.endpoint_id, ",
        );
        push_plan_facts!(q, filter);
        q.push(" FROM deliveries d LEFT JOIN endpoints e ON e.id = d.endpoint_id");
        push_filter!(q, org_id, filter, None);
        if let Some(id) = after {
            q.push(" AND d.id > ").push_bind(id);
        }
        q.push(" ORDER BY d.id LIMIT ").push_bind(limit).push(") m ORDER BY m.id");
        q.build_query_as().persistent(false).fetch_all(c).await
    })?)
}
