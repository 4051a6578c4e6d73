//! What can be done with views. Who reads the log sees them; who changes endpoints keeps them. An organization's views
//! are made and renamed one at a time, so that names and their number hold.

use super::{MAX_VIEWS, NewView, View, store};
use crate::account::store::members::lock;
use crate::audit::actions::record_count;
use crate::audit::store::record;
use crate::db::Tx;
use crate::id::{OrgId, ViewId};
use crate::{Caller, Error, Hub, Permission, Result};

/// The organization's views, by name. Needs `deliveries:read`; a look by staff is recorded.
///
/// # Errors
/// Forbidden, or the database does not answer.
pub async fn list(hub: &Hub, caller: &Caller) -> Result<Vec<View>> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    record_count(hub, caller, "view.listed", &"views").await?;
    store::list(&mut hub.db.read().await?, org_id).await
}

/// Keeps a query under a name. Needs `endpoints:write`.
///
/// # Errors
/// Forbidden; a wrong name; a query that the log cannot read; the name is taken; the organization has [`MAX_VIEWS`]
/// views already.
pub async fn create(hub: &Hub, caller: &Caller, new: &NewView) -> Result<View> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let name = super::read_name(&new.name)?;
    let now = hub.now();
    let view = View {
        id: hub.id(ViewId::new),
        name: name.to_owned(),
        query: super::read_query(&new.query, now)?,
        created_by: caller.actor().to_owned(),
        created_at: now,
    };
    let mut tx = hub.db.begin().await?;
    lock(&mut tx, org_id).await?;
    if store::count(&mut tx, org_id).await? >= MAX_VIEWS {
        return Err(Error::conflict("views_full", format!("An organization may have {MAX_VIEWS} views.")));
    }
    if !store::insert(&mut tx, org_id, &view).await? {
        return Err(taken(name));
    }
    record(&mut tx, hub, caller, Some(org_id), "view.created", Some(view.id.as_str()), Some(name)).await?;
    tx.commit().await?;
    Ok(view)
}

/// Gives a view another name. Needs `endpoints:write`.
///
/// # Errors
/// Forbidden; not found; a wrong name; the name is taken.
pub async fn rename(hub: &Hub, caller: &Caller, id: &ViewId, name: &str) -> Result<View> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let name = super::read_name(name)?;
    let mut tx = hub.db.begin().await?;
    lock(&mut tx, org_id).await?;
    let view = get(&mut tx, org_id, id).await?;
    if !store::rename(&mut tx, org_id, id, name).await? {
        return Err(taken(name));
    }
    let note = format!("{} to {name}", view.name);
    record(&mut tx, hub, caller, Some(org_id), "view.renamed", Some(id.as_str()), Some(&note)).await?;
    tx.commit().await?;
    Ok(View { name: name.to_owned(), ..view })
}

/// Deletes a view; the deliveries stay. Needs `endpoints:write`.
///
/// # Errors
/// Forbidden; not found.
pub async fn delete(hub: &Hub, caller: &Caller, id: &ViewId) -> Result<()> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let mut tx = hub.db.begin().await?;
    let view = get(&mut tx, org_id, id).await?;
    store::delete(&mut tx, org_id, id).await?;
    record(&mut tx, hub, caller, Some(org_id), "view.deleted", Some(id.as_str()), Some(&view.name)).await?;
    tx.commit().await
}

/// A view that must be there.
async fn get(tx: &mut Tx, org_id: &OrgId, id: &ViewId) -> Result<View> {
    store::find(tx, org_id, id).await?.ok_or_else(|| Error::not_found("view"))
}

fn taken(name: &str) -> Error {
    Error::conflict_at("view_name_taken", "name", format!("There is a view called {name:?} already."))
}

#[cfg(test)]
mod tests;
