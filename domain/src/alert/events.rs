//! What the hub tells an organization's receivers about its deliveries, in the shape of the standard types' schemas.
//! Written in the transaction of what happened; the dispatcher makes the deliveries.

use serde_json::{Value, json};

use crate::db::Conn;
use crate::delivery::store::AttemptRow;
use crate::directory::Route;
use crate::endpoint::store::Row;
use crate::event::store::{NewRow, insert_system, system_row};
use crate::event_type::catalogue::OPERATIONAL;
use crate::id::{EndpointId, OrgId};
use crate::time::Timestamp;
use crate::{Hub, Result, endpoint};

fn about(row: &Row) -> Value {
    json!({ "id": row.id, "name": row.name, "url": row.url })
}

/// `endpoint.failing`.
pub(crate) async fn failing(conn: &mut Conn, hub: &Hub, row: &Row, failures: i64, since: Timestamp) -> Result<()> {
    let data = json!({
        "endpoint": about(row), "failures": failures, "failing_since": since,
        "disabled_at_failures": crate::failure::DISABLES,
    });
    insert_system(conn, hub, &row.org_id, "endpoint.failing", &data).await.map(drop)
}

/// `endpoint.disabled`.
pub(crate) async fn disabled(conn: &mut Conn, hub: &Hub, row: &Row, reason: &str) -> Result<()> {
    let data = json!({ "endpoint": about(row), "reason": reason, "disabled_at": hub.now() });
    insert_system(conn, hub, &row.org_id, "endpoint.disabled", &data).await.map(drop)
}

/// `endpoint.recovered`.
pub(crate) async fn recovered(conn: &mut Conn, hub: &Hub, org_id: &OrgId, id: &EndpointId) -> Result<()> {
    let Some(row) = endpoint::store::find(conn, org_id, id).await? else { return Ok(()) };
    let data = json!({ "endpoint": about(&row), "recovered_at": hub.now() });
    insert_system(conn, hub, org_id, "endpoint.recovered", &data).await.map(drop)
}

/// `delivery.exhausted` for a dead letter, `delivery.recovered` for a replay that arrived, where an endpoint of the
/// organization asks for it. Never about deliveries of the hub's own events, which would have no end.
pub(crate) fn of_attempt(
    hub: &Hub,
    entry: &crate::directory::Entry,
    route: &Route,
    delivery: &crate::delivery::store::Row,
    attempt: &AttemptRow,
) -> Option<Box<NewRow>> {
    use crate::delivery::DeliveryStatus::{Delivered, Failed};
    let name = match (attempt.status, &delivery.replay_of) {
        (Failed, _) => "delivery.exhausted",
        (Delivered, Some(_)) => "delivery.recovered",
        _ => return None,
    };
    let asked = entry.endpoints.iter().any(|route| route.subscription.wants(name));
    if !asked || OPERATIONAL.contains(&delivery.event_type.as_str()) {
        return None;
    }
    let mut data = json!({
        "delivery_id": delivery.id, "event_id": delivery.event_id, "event_type": delivery.event_type,
        "endpoint": { "id": route.id, "name": route.name, "url": route.url },
        "attempts": attempt.number, "last_code": attempt.code, "last_error": attempt.error_class,
    });
    if name == "delivery.recovered" {
        data["replay_of"] = json!(delivery.replay_of);
    }
    Some(Box::new(system_row(hub, &delivery.org_id, name, &data)))
}
