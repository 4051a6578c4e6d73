//! What can be done with keys, and what the keeper does with them by the clock.

use super::store::{self, Row};
use super::{PIECE, draft, make_missing, reseal};
use crate::id::OrgId;
use crate::node::signal::Work;
use crate::{Caller, Error, Hub, Result, audit, org};

/// A claim to seal anew lasts so long, and what does not open is tried again after it, in milliseconds.
const LEASE_MS: i64 = 3_600_000;
/// What wraps where Vault does and has not said by which version of its key.
const IN_VAULT: &str = "vault";
/// A retired key is kept so long yet, in milliseconds.
const KEPT_MS: i64 = 24 * 3_600_000;

/// How it stands with the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatus {
    /// What wraps new data keys: the id of a master key, or Vault's version of its own (`vault:v1`; before the first one, `vault`).
    pub wraps: String,
    /// How many data keys there are, by what has wrapped them.
    pub wrapped: Vec<(String, i64)>,
    /// Organizations with secrets that are yet to be sealed with their own, newest key.
    pub unsealed: i64,
}

impl KeyStatus {
    /// Whether older master keys may be dropped: nothing needs them any more.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.unsealed == 0 && self.wrapped.iter().all(|(by, _)| *by == self.wraps)
    }
}

/// How it stands with the keys. Operators only.
///
/// # Errors
/// Forbidden; the database or Vault does not answer.
pub async fn status(hub: &Hub, caller: &Caller) -> Result<KeyStatus> {
    caller.require_operator()?;
    let wraps = wraps_by(hub).await?.unwrap_or_else(|| IN_VAULT.to_owned());
    let mut conn = hub.db.read().await?;
    let wrapped = store::count(&mut conn).await?;
    let unsealed = store::count_unsealed(&mut conn).await?;
    Ok(KeyStatus { wraps, wrapped, unsealed })
}

/// Gives an organization another key: new secrets are sealed with it once every node knows it, older ones soon after. Operators
/// only; recorded in the organization's audit log.
///
/// # Errors
/// Forbidden; there is no such organization; another rotation was first; Vault does not answer.
pub async fn rotate(hub: &Hub, caller: &Caller, org_id: &OrgId) -> Result<()> {
    caller.require_operator()?;
    let mut conn = hub.db.read().await?;
    org::store::find(&mut conn, org_id).await?.ok_or_else(|| Error::not_found("organization"))?;
    let number = store::of_org(&mut conn, org_id).await?.last().map_or(1, |row| row.number + 1);
    drop(conn);
    let drafts = draft(hub, &[(Some(org_id.clone()), number)]).await?;
    let mut tx = hub.db.begin().await?;
    for (row, _) in &drafts {
        if !store::insert(&mut tx, row).await? {
            return Err(Error::conflict("key_rotated", "Somebody else has just rotated this key."));
        }
        let note = format!("key {number} ({})", row.key_id);
        audit::store::record(&mut tx, hub, caller, Some(org_id), "org.key_rotated", Some(org_id.as_str()), Some(&note))
            .await?;
    }
    tx.commit().await?;
    drafts.into_iter().for_each(|(row, key)| hub.keys.learn(&row, key));
    hub.wake(Work::Keys);
    Ok(())
}

/// One round of the keeper: seals anew what it is time for, makes keys for organizations that have none, wraps anew what another
/// master key has wrapped, and deletes what has been retired for long. Answers how much it did.
///
/// # Errors
/// The database or Vault does not answer; what is done stays done.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let mut done = reseal_one(hub).await?;
    delete_retired(hub).await?;
    done += make_missing(hub).await?;
    done += rewrap(hub).await?;
    Ok(done)
}

/// Seals anew what is one organization's.
async fn reseal_one(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    let claimed = store::claim(&mut tx, now, now.plus_ms(LEASE_MS)).await?;
    tx.commit().await?;
    let Some((row, org_id)) = claimed.as_ref().and_then(|row| Some((row, row.org_id.as_ref()?))) else { return Ok(0) };
    // The claim lapses where the key itself does not open.
    let Some(key) = hub.keys.of_row(row) else { return Ok(0) };
    let newest = hub.keys.sealing(Some(org_id), now);
    if newest.is_none_or(|newest| newest.id() == key.id()) {
        let done = reseal::all(hub, org_id, &key).await?;
        tracing::info!(%org_id, key = row.key_id, sealed = done.sealed, stuck = done.stuck, "secrets are sealed with their organization's key");
        if done.stuck > 0 {
            return Ok(1);
        }
    }
    let mut tx = hub.db.begin().await?;
    store::retire_older(&mut tx, org_id, row.number, now).await?;
    tx.commit().await?;
    Ok(1)
}

/// Deletes keys that have been retired for long, unless something was sealed with them after all.
async fn delete_retired(hub: &Hub) -> Result<()> {
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    let mut deleted = Vec::new();
    for row in store::retired(&mut tx, now.plus_ms(-KEPT_MS), PIECE as i64).await? {
        let Some(org_id) = &row.org_id else { continue };
        let id = u64::from_str_radix(&row.key_id, 16).map_err(Error::internal)?.to_be_bytes();
        if reseal::is_used(&mut tx, org_id, &id).await? {
            store::reopen(&mut tx, &row, now).await?;
        } else {
            store::delete(&mut tx, &row.key_id).await?;
            deleted.push(row);
        }
    }
    tx.commit().await?;
    deleted.iter().for_each(|row| hub.keys.forget(row));
    Ok(())
}

/// What wraps now: the id of the master key at hand, or the version of Vault's; none where Vault has wrapped nothing yet.
async fn wraps_by(hub: &Hub) -> Result<Option<String>> {
    let master = &hub.keys.master;
    if let Some(key) = master.current() {
        return Ok(Some(key.id().to_string()));
    }
    let Some(row) = store::any_in_vault(&mut hub.db.read().await?).await? else { return Ok(None) };
    // Wrapping one anew tells the newest version; it needs no other right at Vault.
    let wrapped = master.rewrap(&[&row]).await.map_err(Error::internal)?;
    Ok(wrapped.into_iter().next().map(|wrapped| wrapped.by))
}

/// Wraps anew what another master key, or an older version of Vault's, has wrapped.
async fn rewrap(hub: &Hub) -> Result<usize> {
    // Where Vault has wrapped nothing yet, all is wrapped otherwise.
    let by = wraps_by(hub).await?.unwrap_or_else(|| IN_VAULT.to_owned());
    let (mut done, mut after) = (0, String::new());
    loop {
        let rows = store::wrapped_otherwise(&mut hub.db.read().await?, &by, &after, PIECE as i64).await?;
        let Some(last) = rows.last() else { return Ok(done) };
        after.clone_from(&last.key_id);
        done += rewrap_piece(hub, &rows).await?;
    }
}

async fn rewrap_piece(hub: &Hub, rows: &[Row]) -> Result<usize> {
    let master = &hub.keys.master;
    let is_vaults = |row: &&Row| master.vault().is_some() && row.wrapped_by.starts_with("vault:");
    let (vaults, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(is_vaults);
    let known: Vec<_> = others.into_iter().filter_map(|row| Some((row, hub.keys.of_row(row)?))).collect();
    let pairs: Vec<_> = known.iter().map(|(row, key)| (*row, key)).collect();
    let mut wrapped = Vec::new();
    if !vaults.is_empty() {
        wrapped.extend(vaults.iter().copied().zip(master.rewrap(&vaults).await.map_err(Error::internal)?));
    }
    if !pairs.is_empty() {
        let made = master.wrap(hub, &pairs).await.map_err(Error::internal)?;
        wrapped.extend(pairs.iter().map(|(row, _)| *row).zip(made));
    }
    let mut tx = hub.db.begin().await?;
    let mut count = 0;
    for (row, wrapped) in &wrapped {
        count += usize::from(store::rewrap(&mut tx, row, &wrapped.bytes, &wrapped.by).await?);
    }
    if let Some((_, wrapped)) = wrapped.first().filter(|_| count > 0) {
        let (by, note) = (wrapped.by.as_str(), format!("{count} data keys wrapped anew"));
        let system = Caller::system(None);
        audit::store::record(&mut tx, hub, &system, None, "master_key.rotated", Some(by), Some(&note)).await?;
        tracing::info!(by, count, "data keys are wrapped by another master key");
    }
    tx.commit().await?;
    Ok(count)
}
