//! Keys for secrets at rest.
//!
//! The master key comes from outside (a setting, a file, or HashiCorp Vault's transit engine; [`Master`]) and seals nothing but keys,
//! and what is nobody's ([`Hub::seal_own`]; with Vault a data key of the installation's does that). What belongs to an organization is sealed with a data key of its own,
//! which the database holds wrapped: sealed by the master key. So another master key costs one wrapping per data key, and a data key
//! that is deleted takes all that it sealed with it.
//!
//! Every node has all data keys in memory, unwrapped, so that sealing and opening asks nobody ([`Hub::seal`], [`Hub::open_sealed`]).
//! An organization is made together with its first key ([`FirstKey`]), so that nothing of it is ever sealed with another's. (Older
//! versions sealed what they had no key for with the installation's, which still opens.)
//! Each sealed value names its key. New keys are looked for every few seconds, and at once where a value names an unknown one, or
//! where somebody acts for an organization of which no key is known ([`learn`]); a key that follows another is used only once every
//! node has had the time to learn of it (`seals_from`). What an older key has sealed is sealed anew afterwards (`reseal.rs`).

pub mod actions;
mod master;
mod reseal;
mod store;
#[cfg(test)]
mod tests;
pub mod transit;

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use secret_box::{Key, KeyId, Zeroizing, key_id_of};

pub use master::{KeyError, Master};
pub use transit::{Transit, TransitError, VaultToken};

use crate::db::Conn;
use crate::id::OrgId;
use crate::time::Timestamp;
use crate::{Error, Hub, Result};
use store::Row;

/// How long a key that follows another is known before it is used, where there are other nodes, in milliseconds. They look every
/// five seconds.
const SPREAD_MS: i64 = 30_000;
/// So long after a key is used first, nobody is about to store anything that an older one has sealed, in milliseconds.
const SETTLE_MS: i64 = 60_000;
/// Rows that were made so long before the last look are looked at again, in milliseconds: clocks differ.
const OVERLAP_MS: i64 = 600_000;
/// Keys that are wrapped, unwrapped or made at a time.
const PIECE: usize = 200;

/// The keys of an installation.
pub struct Keys {
    pub(crate) master: Master,
    known: RwLock<Known>,
}

/// Data keys in memory.
#[derive(Default)]
struct Known {
    keys: HashMap<KeyId, Key>,
    /// Which seal, of each organization (the installation's by an empty name), oldest first.
    sealing: HashMap<String, Vec<Sealing>>,
    /// All that was made until then is known.
    read_until: Timestamp,
    /// Ids of keys that cannot be unwrapped, which the log has been told of.
    told: HashSet<String>,
}

/// A key that seals from a time on, in the order of its organization's keys.
#[derive(Clone, Copy)]
struct Sealing {
    number: i64,
    from: Timestamp,
    id: KeyId,
}

impl Sealing {
    /// Whether it is the key of this row. Of a number there may have been two, where two nodes were first at once.
    fn is_of(&self, row: &Row) -> bool {
        self.id.to_string() == row.key_id
    }
}

/// The name by which the keys of an organization, or of the installation, are found.
fn owner(org_id: Option<&OrgId>) -> &str {
    org_id.map_or("", OrgId::as_str)
}

impl Keys {
    /// Knows no data key yet; [`prepare`] reads them.
    #[must_use]
    pub fn new(master: Master) -> Self {
        Self { master, known: RwLock::default() }
    }

    /// The key that seals for an organization now, if it has one: where clocks differ, its first one before its time.
    fn sealing(&self, org_id: Option<&OrgId>, now: Timestamp) -> Option<Key> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let own = known.sealing.get(owner(org_id))?;
        let newest = own.iter().rev().find(|sealing| sealing.from <= now).or_else(|| own.first())?;
        known.keys.get(&newest.id).cloned()
    }

    /// Whether any key of an organization is known.
    fn has(&self, org_id: &OrgId) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.sealing.get(org_id.as_str()).is_some_and(|own| !own.is_empty())
    }

    /// The data key of this id.
    fn find(&self, id: KeyId) -> Option<Key> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).keys.get(&id).cloned()
    }

    /// The data key of a row, if it is known.
    fn of_row(&self, row: &Row) -> Option<Key> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let own = known.sealing.get(owner(row.org_id.as_ref()))?;
        let sealing = own.iter().find(|sealing| sealing.is_of(row))?;
        known.keys.get(&sealing.id).cloned()
    }

    fn learn(&self, row: &Row, key: Key) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let sealing = Sealing { number: row.number, from: row.seals_from, id: key.id() };
        let own = known.sealing.entry(owner(row.org_id.as_ref()).to_owned()).or_default();
        own.retain(|other| other.id != sealing.id);
        own.push(sealing);
        own.sort_by_key(|sealing| sealing.number);
        known.told.remove(&row.key_id);
        known.keys.insert(key.id(), key);
    }

    fn forget(&self, row: &Row) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let Some(own) = known.sealing.get_mut(owner(row.org_id.as_ref())) else { return };
        let gone = own.extract_if(.., |sealing| sealing.is_of(row)).next();
        if let Some(sealing) = gone {
            known.keys.remove(&sealing.id);
        }
    }
}

impl Hub {
    /// Seals `plain` for one place (`org|table|row`) with the key of its organization, which [`ready`] has seen to.
    ///
    /// # Errors
    /// No key of the organization is at hand.
    pub fn seal(&self, org_id: &OrgId, place: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let key = self.keys.sealing(Some(org_id), self.now()).ok_or_else(|| {
            self.keys_wake.notify_one();
            Error::unavailable("The organization's key is not at hand. Nothing was saved; try again in a moment.")
        })?;
        Ok(key.seal(self.random.bytes(), place, plain))
    }

    /// Seals what is no organization's: what is shown once to somebody who acts in none.
    #[must_use]
    pub fn seal_own(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let key = self.keys.sealing(None, self.now()).or_else(|| self.keys.master.current());
        let key = key.expect("an installation whose master key is in Vault starts with a key of its own");
        key.seal(self.random.bytes(), place, plain)
    }

    /// Opens what was sealed for a place. What comes out is wiped when dropped.
    ///
    /// # Errors
    /// It was sealed with an unknown key, for another place, or was changed.
    pub fn open_sealed(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let key = key_id_of(sealed).and_then(|id| self.keys.find(id));
        let opened = match key {
            Some(key) => key.open(place, sealed),
            None => self.keys.master.open(place, sealed),
        };
        opened.map_err(|error| {
            // Another node may have made the key: it is looked for.
            self.follow_wake.notify_one();
            Error::internal(error)
        })
    }
}

/// Reads the data keys, and makes those that are missing: the installation's where the master key is in Vault, and those of
/// organizations that an older version has made. Before anything is sealed or opened.
///
/// # Errors
/// The database or Vault does not answer.
pub async fn prepare(hub: &Hub) -> Result<()> {
    follow(hub).await?;
    if hub.keys.master.vault().is_some() && hub.keys.sealing(None, hub.now()).is_none() {
        make(hub, &[(None, 1)]).await?;
    }
    while make_missing(hub).await? > 0 {}
    // Another node may have made some of them.
    follow(hub).await.map(drop)
}

/// Makes keys for some organizations that have none; answers for how many.
async fn make_missing(hub: &Hub) -> Result<usize> {
    let without = store::without(&mut hub.db.read().await?, PIECE as i64).await?;
    if without.is_empty() {
        return Ok(0);
    }
    let wanted: Vec<_> = without.into_iter().map(|id| (Some(id), 1)).collect();
    Ok(make(hub, &wanted).await?.len())
}

/// Learns the keys of an organization of which none is known yet: another node may have made it a moment ago. Whoever acts for an
/// organization goes by here first; where its keys are known, that is a look into memory. A failure is logged: what is asked for
/// next says what it lacks.
pub(crate) async fn learn(hub: &Hub, org_id: &OrgId) {
    // Boxed, since it is large and seldom needed.
    if !hub.keys.has(org_id)
        && let Err(error) = Box::pin(read_of(hub, org_id)).await
    {
        let source = std::error::Error::source(&error);
        tracing::warn!(%org_id, %error, ?source, "the keys of an organization cannot be read");
    }
}

/// Sees to it that something of an organization can be sealed: learns its keys, or makes the first one. Outside of any transaction.
///
/// # Errors
/// The database does not answer; *unavailable* where Vault does not wrap a new key.
pub(crate) async fn ready(hub: &Hub, org_id: &OrgId) -> Result<()> {
    if hub.keys.has(org_id) {
        return Ok(());
    }
    read_of(hub, org_id).await?;
    if hub.keys.has(org_id) {
        return Ok(());
    }
    let key = FirstKey::make(hub, org_id).await?;
    let mut tx = hub.db.begin().await?;
    let is_first = key.store(&mut tx).await?;
    tx.commit().await?;
    if is_first {
        key.learn(hub);
        return Ok(());
    }
    // Another node was faster: its key counts.
    read_of(hub, org_id).await
}

/// The first key of an organization: made before the transaction that stores both, and in use once that is committed.
pub(crate) struct FirstKey {
    org_id: OrgId,
    row: Row,
    key: Key,
}

impl FirstKey {
    /// Makes it and has it wrapped.
    ///
    /// # Errors
    /// *Unavailable*: Vault does not wrap it.
    pub(crate) async fn make(hub: &Hub, org_id: &OrgId) -> Result<Self> {
        let drafts = draft(hub, &[(Some(org_id.clone()), 1)]).await.map_err(|error| {
            let source = std::error::Error::source(&error);
            tracing::error!(%org_id, %error, ?source, "a key for an organization cannot be made");
            Error::unavailable(
                "The organization's key cannot be made, because the service that keeps the master key does not answer as it should. Nothing was saved; try again once whoever runs Patchbay has put that right.",
            )
        })?;
        let (row, key) = drafts.into_iter().next().ok_or_else(|| Error::internal("one key was asked for"))?;
        Ok(Self { org_id: org_id.clone(), row, key })
    }

    /// Whose it is.
    pub(crate) const fn org_id(&self) -> &OrgId {
        &self.org_id
    }

    /// Stores it in the caller's transaction; whether the organization had none.
    pub(crate) async fn store(&self, conn: &mut Conn) -> Result<bool> {
        store::insert(conn, &self.row).await
    }

    /// Seals with it from now on, once it is stored.
    pub(crate) fn learn(self, hub: &Hub) {
        hub.keys.learn(&self.row, self.key);
    }
}

/// One round of learning what other nodes, or commands, have done: takes over another master key from its file, and reads new data
/// keys. Answers zero, because there is nothing to hurry for.
///
/// # Errors
/// The database or Vault does not answer; what is in memory goes on.
pub(crate) async fn follow(hub: &Hub) -> Result<usize> {
    hub.keys.master.read_file();
    read_new(hub).await?;
    Ok(0)
}

/// Reads the keys that were made since the last time when all could be unwrapped.
async fn read_new(hub: &Hub) -> Result<()> {
    let looked_at = hub.now();
    let read_until = hub.keys.known.read().unwrap_or_else(PoisonError::into_inner).read_until;
    let rows = store::since(&mut hub.db.read().await?, read_until.plus_ms(-OVERLAP_MS)).await?;
    if unwrap(hub, &rows).await? {
        hub.keys.known.write().unwrap_or_else(PoisonError::into_inner).read_until = looked_at;
    }
    Ok(())
}

/// Reads the keys of an organization. Those that could not be unwrapped before are tried again by [`follow`] alone: many may ask here.
async fn read_of(hub: &Hub, org_id: &OrgId) -> Result<()> {
    let mut rows = store::of_org(&mut hub.db.read().await?, org_id).await?;
    {
        let known = hub.keys.known.read().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|row| !known.told.contains(&row.key_id));
    }
    unwrap(hub, &rows).await.map(drop)
}

/// Unwraps those keys that are not known yet; whether all could be.
async fn unwrap(hub: &Hub, rows: &[Row]) -> Result<bool> {
    let new: Vec<&Row> = rows.iter().filter(|row| hub.keys.of_row(row).is_none()).collect();
    let mut complete = true;
    for piece in new.chunks(PIECE) {
        for (row, key) in piece.iter().zip(hub.keys.master.unwrap(piece).await.map_err(Error::internal)?) {
            match key {
                Ok(key) => hub.keys.learn(row, key),
                Err(error) => {
                    complete = false;
                    let mut known = hub.keys.known.write().unwrap_or_else(PoisonError::into_inner);
                    if known.told.insert(row.key_id.clone()) {
                        let org = owner(row.org_id.as_ref());
                        tracing::error!(key = row.key_id, org, %error, "a data key cannot be unwrapped: what it sealed does not open");
                    }
                }
            }
        }
    }
    Ok(complete)
}

/// Makes keys for organizations (none: the installation), each of a number, and stores them; those that somebody else has made
/// meanwhile are left out. Answers the rows that were stored.
async fn make(hub: &Hub, wanted: &[(Option<OrgId>, i64)]) -> Result<Vec<Row>> {
    let drafts = draft(hub, wanted).await?;
    let mut tx = hub.db.begin().await?;
    let mut stored = Vec::new();
    for (row, key) in drafts {
        if store::insert(&mut tx, &row).await? {
            stored.push((row, key));
        }
    }
    tx.commit().await?;
    let learn = |(row, key)| {
        hub.keys.learn(&row, key);
        row
    };
    Ok(stored.into_iter().map(learn).collect())
}

/// Makes keys and wraps them, for rows that are yet to be stored.
async fn draft(hub: &Hub, wanted: &[(Option<OrgId>, i64)]) -> Result<Vec<(Row, Key)>> {
    let now = hub.now();
    // A first key is used at once: there is no other to seal with. On SQLite there is no other node.
    let spread = |number: i64| match &hub.db {
        crate::db::Db::Postgres(_) if number > 1 => SPREAD_MS,
        _ => 0,
    };
    let new = |(org_id, number): &(Option<OrgId>, i64)| {
        let key = Key::from_bytes(hub.random.bytes());
        let seals_from = now.plus_ms(spread(*number));
        let row = Row {
            key_id: key.id().to_string(),
            org_id: org_id.clone(),
            number: *number,
            wrapped: Vec::new(),
            wrapped_by: String::new(),
            created_at: now,
            seals_from,
            reseal_at: org_id.as_ref().map(|_| seals_from.plus_ms(SETTLE_MS)),
            retired_at: None,
        };
        (row, key)
    };
    let mut drafts: Vec<(Row, Key)> = wanted.iter().map(new).collect();
    let pairs: Vec<_> = drafts.iter().map(|(row, key)| (row, key)).collect();
    let wrapped = hub.keys.master.wrap(hub, &pairs).await.map_err(Error::internal)?;
    for ((row, _), wrapped) in drafts.iter_mut().zip(wrapped) {
        (row.wrapped, row.wrapped_by) = (wrapped.bytes, wrapped.by);
    }
    Ok(drafts)
}
