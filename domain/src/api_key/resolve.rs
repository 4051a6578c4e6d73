//! From `Authorization: Bearer pb_…` to a caller, for every request of the REST API. Keys are kept in
//! memory for a few seconds: this process forgets a revoked key at once, others within [`FRESH_MS`].

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use super::store::KnownKey;
use super::{PREFIX, store};
use crate::account::token_hash;
use crate::audit::actions::record_look;
use crate::caller::{Identity, OperatorRole, Role};
use crate::id::OrgId;
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Permission, Result, key, org};

/// How long a key is believed without asking the database.
pub(crate) const FRESH_MS: i64 = 5000;
/// How precisely the last use is known.
const TOUCH_MS: i64 = 60 * 1000;
/// That a key of the installation acts in an organization is recorded once in so long, by each node.
const ENTERED_MS: i64 = 3_600_000;
/// Keys kept in memory at most.
const MAX_KEPT: usize = 10_000;

type Cache = HashMap<[u8; 32], (Timestamp, KnownKey)>;

/// Resolves `pb_…` to its caller; `org` is the value of `Patchbay-Org`. Served from memory for a few seconds
/// (revoking clears it); notes the use at most once a minute, behind the request.
///
/// # Errors
/// Unauthenticated; or `org` is malformed, unknown, or not the key's own organization (not found).
pub async fn resolve(hub: &Hub, key: &str, org: Option<&str>, ip: Option<String>) -> Result<Caller> {
    if !key.starts_with(PREFIX) {
        return Err(Error::unauthenticated());
    }
    let hash = token_hash(key);
    let now = hub.now();
    let known = find(hub, &hash, now).await?;
    if known.revoked || known.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::unauthenticated());
    }
    let org_id = match (&known.org_id, org) {
        (own, None) => own.clone(),
        (own, Some(asked)) => Some(Box::pin(allowed_org(hub, &hash, &known, own.as_ref(), asked)).await?),
    };
    if known.last_used_at.is_none_or(|at| now.since(at) >= TOUCH_MS) {
        note_use(hub, &hash, &known, now);
    }
    if let Some(org_id) = &org_id {
        key::learn(hub, org_id).await;
    }
    let caller = caller(known, org_id, ip);
    record_entry(hub, &caller, now).await?;
    Ok(caller)
}

/// Records that a key of the installation acts in an organization, unless that was recorded lately.
async fn record_entry(hub: &Hub, caller: &Caller, now: Timestamp) -> Result<()> {
    let (None, Some(org_id), Identity::ApiKey { id, .. }) = (caller.role, &caller.org_id, &caller.identity) else {
        return Ok(());
    };
    let entry = (id.clone(), org_id.clone());
    {
        let mut entered = hub.entered.lock().unwrap_or_else(PoisonError::into_inner);
        if entered.get(&entry).is_some_and(|at| now.since(*at) < ENTERED_MS) {
            return Ok(());
        }
        if entered.len() >= MAX_KEPT {
            entered.clear();
        }
        entered.insert(entry.clone(), now);
    }
    let recorded = Box::pin(record_look(hub, caller, "org.entered", Some(org_id.as_str()))).await;
    if recorded.is_err() {
        hub.entered.lock().unwrap_or_else(PoisonError::into_inner).remove(&entry);
    }
    recorded
}

/// A key of an organization is an owner's where it may change the organization, else an admin's: roles
/// decide who may make owners, and a key must not lift its maker. The scopes bound both.
fn caller(known: KnownKey, org_id: Option<OrgId>, ip: Option<String>) -> Caller {
    let (operator, role) = match known.org_id {
        None => (Some(OperatorRole::Operator), None),
        Some(_) if known.scopes.contains(&Permission::OrgWrite) => (None, Some(Role::Owner)),
        Some(_) => (None, Some(Role::Admin)),
    };
    Caller {
        identity: Identity::ApiKey { id: known.id, name: known.name, scopes: known.scopes },
        operator,
        org_id,
        role,
        ip,
    }
}

fn cache(hub: &Hub) -> MutexGuard<'_, Cache> {
    hub.key_cache.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn find(hub: &Hub, hash: &[u8; 32], now: Timestamp) -> Result<KnownKey> {
    let fresh = |(at, _): &&(Timestamp, KnownKey)| now.since(*at) < FRESH_MS;
    if let Some((_, known)) = cache(hub).get(hash).filter(fresh) {
        return Ok(known.clone());
    }
    let found = Box::pin(async { store::find_by_token(&mut hub.db.read().await?, hash).await }).await?;
    let mut cache = cache(hub);
    let Some(known) = found else {
        cache.remove(hash);
        return Err(Error::unauthenticated());
    };
    // Somebody may have revoked the key since it was read here.
    if let Some((_, kept)) = cache.get(hash).filter(fresh) {
        return Ok(kept.clone());
    }
    if cache.len() >= MAX_KEPT {
        cache.clear();
    }
    cache.insert(*hash, (now, known.clone()));
    Ok(known)
}

/// The organization that the header names, if the key may act in it.
async fn allowed_org(hub: &Hub, hash: &[u8; 32], known: &KnownKey, own: Option<&OrgId>, asked: &str) -> Result<OrgId> {
    let gone = || Error::not_found("organization");
    let asked: OrgId = asked.trim().parse().map_err(|_| gone())?;
    match own {
        Some(own) if *own == asked => return Ok(asked),
        Some(_) => return Err(gone()),
        None if known.seen_orgs.contains(&asked) => return Ok(asked),
        None => {}
    }
    org::store::find(&mut hub.db.read().await?, &asked).await?.ok_or_else(gone)?;
    if let Some((_, kept)) = cache(hub).get_mut(hash) {
        kept.seen_orgs.push(asked.clone());
    }
    Ok(asked)
}

/// Notes the use behind the request; a failure costs nothing but the note.
fn note_use(hub: &Hub, hash: &[u8; 32], known: &KnownKey, now: Timestamp) {
    if let Some((_, kept)) = cache(hub).get_mut(hash) {
        kept.last_used_at = Some(now);
    }
    let (hub, id) = (hub.clone(), known.id.clone());
    tokio::spawn(async move {
        let noted = async {
            let mut tx = hub.db.begin().await?;
            store::touch(&mut tx, &id, now, now.plus_ms(-TOUCH_MS)).await?;
            tx.commit().await
        };
        if let Err(error) = noted.await {
            tracing::warn!(error = &error as &dyn std::error::Error, key = %id, "the use of an API key could not be noted");
        }
    });
}

/// Makes this process refuse a key from now on.
pub(crate) fn forget(hub: &Hub, hash: &[u8]) {
    let Ok(hash) = <[u8; 32]>::try_from(hash) else { return };
    if let Some((at, kept)) = cache(hub).get_mut(&hash) {
        *at = hub.now();
        kept.revoked = true;
    }
}
