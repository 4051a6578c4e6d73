//! What can be done with API keys.

pub use super::resolve::resolve;

use super::{ApiKey, CreatedApiKey, NewApiKey, PREFIX, resolve, store};
use crate::account::token_hash;
use crate::audit::store::record;
use crate::db::Conn;
use crate::id::{ApiKeyId, OrgId};
use crate::{Caller, Detail, Error, Hub, Permission, Result};

/// Characters of a key that are shown later, to recognise it by.
const HINT: usize = 8;

/// The organization's keys, newest first, revoked ones included. Needs `api_keys:read`.
///
/// # Errors
/// Forbidden.
pub async fn list(hub: &Hub, caller: &Caller) -> Result<Vec<ApiKey>> {
    let org_id = caller.require(Permission::ApiKeysRead)?;
    store::list(&mut hub.db.read().await?, Some(org_id)).await
}

/// One key of the organization. Needs `api_keys:read`.
///
/// # Errors
/// Forbidden, or there is no such key.
pub async fn get(hub: &Hub, caller: &Caller, id: &ApiKeyId) -> Result<ApiKey> {
    let org_id = caller.require(Permission::ApiKeysRead)?;
    store::find(&mut hub.db.read().await?, Some(org_id), id).await?.ok_or_else(gone)
}

fn gone() -> Error {
    Error::not_found("API key")
}

/// Makes a key. Needs `api_keys:write`; scopes beyond the caller's own are refused by name.
///
/// # Errors
/// Forbidden, or the name, a scope or the time is wrong.
pub async fn create(hub: &Hub, caller: &Caller, new: NewApiKey) -> Result<CreatedApiKey> {
    let org_id = caller.require(Permission::ApiKeysWrite)?;
    let mut tx = hub.db.begin().await?;
    let created = insert(&mut tx, hub, caller, Some(org_id), new).await?;
    tx.commit().await?;
    Ok(created)
}

/// Makes a key of the installation for an operator (`patchbay admin api-key`): it acts for any organization
/// by the header `Patchbay-Org`. Operators only.
///
/// # Errors
/// Forbidden, or the name, a scope or the time is wrong.
pub async fn create_operator_key(hub: &Hub, caller: &Caller, new: NewApiKey) -> Result<CreatedApiKey> {
    caller.require_operator()?;
    let mut tx = hub.db.begin().await?;
    let created = insert(&mut tx, hub, caller, None, new).await?;
    tx.commit().await?;
    Ok(created)
}

/// The keys of the installation, newest first, revoked ones included. Operators only.
///
/// # Errors
/// Forbidden.
pub async fn list_operator_keys(hub: &Hub, caller: &Caller) -> Result<Vec<ApiKey>> {
    caller.require_operator()?;
    store::list(&mut hub.db.read().await?, None).await
}

/// Checks and stores a key in the caller's transaction; without an organization it is the installation's.
pub(crate) async fn insert(
    conn: &mut Conn,
    hub: &Hub,
    caller: &Caller,
    org_id: Option<&OrgId>,
    new: NewApiKey,
) -> Result<CreatedApiKey> {
    let details = check(hub, caller, org_id, &new);
    if !details.is_empty() {
        return Err(Error::invalid_fields(details));
    }
    let mut scopes = new.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    let key = format!("{PREFIX}{}", hub.random.token());
    let api_key = ApiKey {
        id: hub.id(ApiKeyId::new),
        name: new.name.trim().to_owned(),
        hint: key.chars().take(HINT).chain(['…']).collect(),
        scopes,
        created_at: hub.now(),
        last_used_at: None,
        expires_at: new.expires_at,
        revoked_at: None,
    };
    store::insert(conn, org_id, &api_key, &token_hash(&key), caller.actor()).await?;
    let words = api_key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    let note = format!("{} ({}): {words}", api_key.name, api_key.hint);
    record(conn, hub, caller, org_id, "api_key.created", Some(api_key.id.as_str()), Some(&note)).await?;
    Ok(CreatedApiKey { api_key, key })
}

/// Everything that is wrong with what is asked for.
fn check(hub: &Hub, caller: &Caller, org_id: Option<&OrgId>, new: &NewApiKey) -> Vec<Detail> {
    let mut details = Vec::new();
    let mut wrong = |field: &str, message: String| details.push(Detail { field: field.into(), message });
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        wrong("name", "must have 1 to 80 printable characters.".into());
    }
    if new.scopes.is_empty() {
        wrong("scopes", "must name at least one scope, for example `events:write`.".into());
    }
    for (index, scope) in new.scopes.iter().enumerate() {
        if org_id.is_some() && *scope == Permission::OrgsManage {
            wrong(&format!("scopes.{index}"), format!("`{scope}` is for keys of the installation only."));
        } else if !caller.may(*scope) {
            wrong(&format!("scopes.{index}"), format!("`{scope}` is beyond what you may do yourself."));
        }
    }
    if new.expires_at.is_some_and(|at| at <= hub.now()) {
        wrong("expires_at", "must be in the future.".into());
    }
    details
}

/// Revokes a key, at once. Needs `api_keys:write`. Revoking twice changes nothing.
///
/// # Errors
/// Forbidden, or there is no such key.
pub async fn revoke(hub: &Hub, caller: &Caller, id: &ApiKeyId) -> Result<ApiKey> {
    let org_id = caller.require(Permission::ApiKeysWrite)?;
    revoke_of(hub, caller, Some(org_id), id).await
}

/// Revokes a key of the installation, at once. Operators only.
///
/// # Errors
/// Forbidden, or there is no such key.
pub async fn revoke_operator_key(hub: &Hub, caller: &Caller, id: &ApiKeyId) -> Result<ApiKey> {
    caller.require_operator()?;
    revoke_of(hub, caller, None, id).await
}

async fn revoke_of(hub: &Hub, caller: &Caller, org_id: Option<&OrgId>, id: &ApiKeyId) -> Result<ApiKey> {
    let mut tx = hub.db.begin().await?;
    let hash = store::revoke(&mut tx, org_id, id, hub.now()).await?;
    let key = store::find(&mut tx, org_id, id).await?.ok_or_else(gone)?;
    if let Some(hash) = hash {
        let note = format!("{} ({})", key.name, key.hint);
        record(&mut tx, hub, caller, org_id, "api_key.revoked", Some(id.as_str()), Some(&note)).await?;
        tx.commit().await?;
        resolve::forget(hub, &hash);
    }
    Ok(key)
}
