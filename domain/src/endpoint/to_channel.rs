//! Endpoints whose deliveries go to a channel: what [`crate::rule`] does with them.

use super::actions::{apply, blank, changed, controls, json, must_lock, save_change};
use super::check::check_change;
use super::store::{self, Row};
use super::{Destination, EndpointChange};
use crate::db::Conn;
use crate::failure::store as failures;
use crate::id::{EndpointId, OrgId};
use crate::node::signal::{Signal, Work};
use crate::worker::deliverer;
use crate::{Caller, Hub, Result, audit, delivery};

/// Messages a minute to one channel: Slack takes about one a second.
const RATE_PER_MINUTE: i64 = 60;

/// Makes an endpoint whose deliveries go to a channel.
pub(crate) async fn create(
    hub: &Hub,
    caller: &Caller,
    org_id: &OrgId,
    change: EndpointChange,
    destination: Destination,
) -> Result<EndpointId> {
    check_change(hub, org_id, &change).await?;
    let mut row = blank(hub, org_id);
    row.rate_limit_per_minute = Some(RATE_PER_MINUTE);
    apply(hub, &mut row, change)?;
    row.controls_json = json(&controls(&row)?.to(destination))?;
    let mut tx = hub.db.begin().await?;
    super::actions::check_room(&mut tx, org_id).await?;
    store::save(&mut tx, &row).await?;
    store::insert_version(&mut tx, &row.id, caller.name(), "[]").await?;
    let (id, name) = (row.id.as_str(), row.name.as_str());
    audit::store::record(&mut tx, hub, caller, Some(org_id), "rule.created", Some(id), Some(name)).await?;
    tx.commit().await?;
    changed(hub, org_id, &row.id);
    Ok(row.id)
}

/// Changes one.
pub(crate) async fn update(
    hub: &Hub,
    caller: &Caller,
    org_id: &OrgId,
    id: &EndpointId,
    change: EndpointChange,
    destination: Destination,
) -> Result<()> {
    check_change(hub, org_id, &change).await?;
    let mut tx = hub.db.begin().await?;
    let before = must_lock(&mut tx, org_id, id).await?;
    let mut row = before.clone();
    apply(hub, &mut row, change)?;
    row.controls_json = json(&controls(&row)?.to(destination))?;
    save_change(&mut tx, hub, caller, &before, row).await?;
    audit::store::record(&mut tx, hub, caller, Some(org_id), "rule.updated", Some(id.as_str()), Some(&before.name))
        .await?;
    tx.commit().await?;
    changed(hub, org_id, id);
    // What waits in this process would go by the old settings: it is claimed anew.
    deliverer::hand_back(hub, hub.lanes.empty(id), hub.now()).await;
    hub.wake(Work::Due);
    Ok(())
}

/// Lets what was kept for an endpoint go again whose connection works again, in the caller's transaction.
pub(crate) async fn resume(conn: &mut Conn, hub: &Hub, row: &Row) -> Result<()> {
    failures::clear(conn, &row.id).await?;
    hub.lanes.trust(&row.id);
    hub.signals.send(Signal::Trusted(row.id.clone()));
    if row.status == super::EndpointStatus::Active {
        delivery::store::resume(conn, &row.org_id, &row.id, hub.now()).await?;
    }
    Ok(())
}
