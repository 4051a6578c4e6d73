//! Keys for secrets at rest.
//!
//! The master key comes from outside (a setting, a file, or HashiCorp Vault's transit engine; [`Master`]) and seals nothing but keys,
//! and what the installation itself keeps in sealed form. What belongs to an organization is sealed with a data key of its own,
//! which the database holds wrapped: sealed by the master key. So another master key costs one wrapping per data key, and a data key
//! that is deleted takes all that it sealed with it.
//!
//! Every node has all data keys in memory, unwrapped, so that sealing and opening asks nobody ([`Hub::seal`], [`Hub::open_sealed`]).
//! Each sealed value names its key. New keys are looked for every few seconds, and at once where a value names an unknown one; a key
//! is used only once every node has had the time to learn of it (`seals_from`). Until an organization's first key is used, its
//! secrets are sealed as the installation's are, and sealed anew afterwards (`reseal.rs`).

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

use crate::id::OrgId;
use crate::time::Timestamp;
use crate::{Error, Hub, Result};
use store::Row;

/// How long a new key is known before it is used, where there are other nodes, in milliseconds. They look every five seconds.
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

    /// The key that seals for an organization now, if it has one.
    fn sealing(&self, org_id: Option<&OrgId>, now: Timestamp) -> Option<Key> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let own = known.sealing.get(owner(org_id))?;
        let newest = own.iter().rev().find(|sealing| sealing.from <= now)?;
        known.keys.get(&newest.id).cloned()
    }

    /// The data key of this id.
    fn find(&self, id: KeyId) -> Option<Key> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).keys.get(&id).cloned()
    }

    /// The data key of a row, if it is known.
    fn of_row(&self, row: &Row) -> Option<Key> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let own = known.sealing.get(owner(row.org_id.as_ref()))?;
        let sealing = own.iter().find(|sealing| sealing.number == row.number)?;
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
        let gone = own.extract_if(.., |sealing| sealing.number == row.number).next();
        if let Some(sealing) = gone {
            known.keys.remove(&sealing.id);
        }
    }
}

impl Hub {
    /// Seals `plain` for one place (`org|table|row`) with the key of its organization; without one, with the installation's.
    #[must_use]
    pub fn seal(&self, org_id: Option<&OrgId>, place: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = self.random.bytes();
        let now = self.now();
        let key = self.keys.sealing(org_id, now).or_else(|| self.keys.sealing(None, now));
        let key = key.or_else(|| self.keys.master.current());
        key.expect("an installation whose master key is in Vault starts with a key of its own")
            .seal(nonce, place, plain)
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

/// Reads the data keys, and makes the installation's where the master key is in Vault; before anything is sealed or opened.
///
/// # Errors
/// The database or Vault does not answer.
pub async fn prepare(hub: &Hub) -> Result<()> {
    follow(hub).await?;
    if hub.keys.master.vault().is_some() && hub.keys.sealing(None, hub.now()).is_none() {
        make(hub, &[(None, 1)]).await?;
    }
    Ok(())
}

/// One round of learning what other nodes, or commands, have done: takes over another master key from its file, and reads new data
/// keys. Answers zero, because there is nothing to hurry for.
///
/// # Errors
/// The database or Vault does not answer; what is in memory goes on.
pub(crate) async fn follow(hub: &Hub) -> Result<usize> {
    hub.keys.master.read_file();
    let looked_at = hub.now();
    let since = hub.keys.known.read().unwrap_or_else(PoisonError::into_inner).read_until.plus_ms(-OVERLAP_MS);
    let rows = store::since(&mut hub.db.read().await?, since).await?;
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
    if complete {
        hub.keys.known.write().unwrap_or_else(PoisonError::into_inner).read_until = looked_at;
    }
    Ok(0)
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
    // The installation's is used at once by the process that makes it; on SQLite there is no other.
    let spread = |org_id: &Option<OrgId>| match &hub.db {
        crate::db::Db::Postgres(_) if org_id.is_some() => SPREAD_MS,
        _ => 0,
    };
    let new = |(org_id, number): &(Option<OrgId>, i64)| {
        let key = Key::from_bytes(hub.random.bytes());
        let seals_from = now.plus_ms(spread(org_id));
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
