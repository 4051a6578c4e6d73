//! What can be done with organizations.

use super::{Org, OrgChange, OrgMembership, OrgOverview, check_days, check_name, store};
use crate::account::store::members;
use crate::audit::store::record;
use crate::caller::Role;
use crate::id::OrgId;
use crate::key::FirstKey;
use crate::{Caller, Error, Hub, Page, PageQuery, Permission, Result};

/// What "the last 24 hours" of the operator's list are.
const DAY_MS: i64 = 24 * 3600 * 1000;

fn gone() -> Error {
    Error::not_found("organization")
}

/// The organization the caller acts in. Needs `org:read`.
///
/// # Errors
/// Forbidden.
pub async fn get(hub: &Hub, caller: &Caller) -> Result<Org> {
    let org_id = caller.require(Permission::OrgRead)?;
    store::find(&mut hub.db.read().await?, org_id).await?.ok_or_else(gone)
}

/// Changes the organization. Needs `org:write`; recorded in the audit log.
///
/// # Errors
/// Forbidden; the fields that are wrong.
pub async fn update(hub: &Hub, caller: &Caller, change: OrgChange) -> Result<Org> {
    let org_id = caller.require(Permission::OrgWrite)?;
    let name = change.name.as_deref().map(check_name).transpose()?;
    check_days("payload_days", change.payload_days.flatten())?;
    check_days("log_days", change.log_days.flatten())?;
    let mut tx = hub.db.begin().await?;
    let before = store::find(&mut tx, org_id).await?.ok_or_else(gone)?;
    let after = Org {
        name: name.unwrap_or_else(|| before.name.clone()),
        payload_days: change.payload_days.unwrap_or(before.payload_days),
        log_days: change.log_days.unwrap_or(before.log_days),
        updated_at: hub.now(),
        ..before.clone()
    };
    store::update(&mut tx, &after).await?;
    if before.name != after.name {
        let note = format!("{} to {}", before.name, after.name);
        record(&mut tx, hub, caller, Some(org_id), "org.renamed", Some(org_id.as_str()), Some(&note)).await?;
    }
    if (before.payload_days, before.log_days) != (after.payload_days, after.log_days) {
        let days = |days: Option<i64>| days.map_or("for ever".to_owned(), |days| format!("{days} days"));
        let note = format!("payloads {}, log {}", days(after.payload_days), days(after.log_days));
        record(&mut tx, hub, caller, Some(org_id), "org.retention", Some(org_id.as_str()), Some(&note)).await?;
    }
    tx.commit().await?;
    Ok(after)
}

/// The organizations the signed-in person belongs to, by name. Operators and support see all
/// through [`list_all`]; this lists memberships only.
///
/// # Errors
/// The caller is a program.
pub async fn list_mine(hub: &Hub, caller: &Caller) -> Result<Vec<OrgMembership>> {
    store::list_of_user(&mut hub.db.read().await?, caller.user()?).await
}

/// Every organization with its figures, for operators (and, without the right to open anything
/// but the log, support). `q` filters by name or id.
///
/// # Errors
/// Forbidden, or the page is malformed.
pub async fn list_all(hub: &Hub, caller: &Caller, q: Option<&str>, page: &PageQuery) -> Result<Page<OrgOverview>> {
    caller.require_staff()?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let filter = store::Filter {
        q: q.map(str::trim).filter(|q| !q.is_empty()),
        cursor: &cursor,
        limit: limit + 1,
        since: hub.now().plus_ms(-DAY_MS),
    };
    let rows = store::list_all(&mut hub.db.read().await?, &filter).await?;
    Ok(Page::build(rows, limit, &cursor, |row| row.id.to_string()))
}

/// Creates an organization, and its key with it. Operators only. The signed-in operator becomes its owner.
///
/// # Errors
/// Forbidden, or the name is empty or too long; *unavailable* where Vault does not wrap the key.
pub async fn create(hub: &Hub, caller: &Caller, name: &str) -> Result<Org> {
    caller.require_operator()?;
    let now = hub.now();
    let org = Org {
        id: hub.id(OrgId::new),
        name: check_name(name)?,
        payload_days: None,
        log_days: None,
        created_at: now,
        updated_at: now,
    };
    let key = FirstKey::make(hub, &org.id).await?;
    let mut tx = hub.db.begin().await?;
    store::insert(&mut tx, &org).await?;
    key.store(&mut tx).await?;
    if let Ok(user_id) = caller.user() {
        members::insert(&mut tx, &org.id, user_id, Role::Owner, now).await?;
    }
    record(&mut tx, hub, caller, Some(&org.id), "org.created", Some(org.id.as_str()), Some(&org.name)).await?;
    tx.commit().await?;
    key.learn(hub);
    Ok(org)
}
