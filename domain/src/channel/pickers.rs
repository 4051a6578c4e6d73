//! Lists of channels in memory, one for each connection whose picker was opened lately.
//!
//! A list that has changed at the provider is shown as it was while the newer one is put in order behind the answer: whoever opens a
//! picker waits for nobody. What the hub itself has changed of a list is forgotten at once ([`Pickers::forget`]), and one that is hours
//! old is no longer shown. Where no list is in memory, the first channels are answered by the database alone while all are read.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rank::{Index, SHOWN, Typed};
use super::{Choices, store};
use crate::id::ConnectionId;
use crate::time::Timestamp;
use crate::{Hub, Result};

/// Lists that are kept at most; 50,000 channels take some ten megabytes.
const MOST: usize = 16;

/// A list this much older than what is known is read before it is shown, in milliseconds: twice the time between two readings.
const STALE_MS: i64 = 2 * 3600 * 1000;

/// What an index was made of: it moves whenever the list has been read on.
pub(crate) type Stamp = (Option<Timestamp>, Option<Timestamp>);

/// The lists.
#[derive(Debug, Default)]
pub(crate) struct Pickers {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    lists: HashMap<ConnectionId, List>,
    /// How often each was forgotten: what was read before that is not kept.
    forgotten: HashMap<ConnectionId, u64>,
    /// Those that are being read behind an answer.
    reading: HashSet<ConnectionId>,
}

#[derive(Debug)]
struct List {
    stamp: Stamp,
    index: Arc<Index>,
    /// Whether a newer one is being put in order.
    is_renewing: bool,
}

/// The channels of a connection that match what was typed. `recent` are the ids at the provider of those chosen lately, the last one
/// first.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn choices(
    hub: &Hub,
    id: &ConnectionId,
    stamp: Stamp,
    typed: Typed<'_>,
    recent: &[String],
) -> Result<Choices> {
    let index = match hub.pickers.get(id, stamp) {
        Some((index, is_old)) => {
            if is_old {
                read_behind(hub, id, stamp);
            }
            index
        }
        None if matches!(typed, Typed::Name("")) => {
            let mut conn = hub.db.read().await?;
            let total = store::count(&mut conn, id).await?;
            let first = store::first(&mut conn, id, &recent[..recent.len().min(SHOWN)], SHOWN).await?;
            drop(conn);
            if total > first.len() && hub.pickers.begin(id) {
                read_behind(hub, id, stamp);
            }
            let choices = Index::new(first).choices(typed, recent);
            return Ok(Choices { total, ..choices });
        }
        None => read(hub, id, stamp).await?,
    };
    Ok(index.choices(typed, recent))
}

/// Reads the list of a connection while others go on.
fn read_behind(hub: &Hub, id: &ConnectionId, stamp: Stamp) {
    let (own, id) = (hub.clone(), id.clone());
    hub.attempts.spawn(async move {
        if let Err(error) = read(&own, &id, stamp).await {
            tracing::warn!(connection = %id, %error, "the list of channels cannot be put in order");
            own.pickers.forget(&id);
        }
    });
}

async fn read(hub: &Hub, id: &ConnectionId, stamp: Stamp) -> Result<Arc<Index>> {
    let before = hub.pickers.forgotten(id);
    let channels = store::all(&mut hub.db.read().await?, id).await?;
    let index = Arc::new(Index::new(channels));
    hub.pickers.put(id, stamp, &index, before);
    Ok(index)
}

impl Pickers {
    /// The list of a connection, and whether the caller is to renew it: it is not the one of this stamp.
    fn get(&self, id: &ConnectionId, stamp: Stamp) -> Option<(Arc<Index>, bool)> {
        let mut kept = self.lock();
        let list = kept.lists.get_mut(id)?;
        let age = match (list.stamp.1, stamp.1) {
            (Some(kept), Some(known)) => known.since(kept),
            (None, Some(_)) => i64::MAX,
            _ => 0,
        };
        if age > STALE_MS || (list.index.is_empty() && list.stamp != stamp) {
            return None;
        }
        let is_old = list.stamp != stamp && !list.is_renewing;
        list.is_renewing |= is_old;
        Some((Arc::clone(&list.index), is_old))
    }

    /// Notes that a list is being read; whether nobody else does so.
    fn begin(&self, id: &ConnectionId) -> bool {
        self.lock().reading.insert(id.clone())
    }

    /// Keeps the list of a connection, unless something was forgotten since it was read.
    fn put(&self, id: &ConnectionId, stamp: Stamp, index: &Arc<Index>, before: u64) {
        let mut kept = self.lock();
        kept.reading.remove(id);
        if kept.forgotten.get(id).copied().unwrap_or(0) != before {
            kept.lists.remove(id);
            return;
        }
        if kept.lists.len() >= MOST && !kept.lists.contains_key(id) {
            kept.lists.clear();
        }
        kept.lists.insert(id.clone(), List { stamp, index: Arc::clone(index), is_renewing: false });
    }

    /// Forgets the list of a connection.
    pub(crate) fn forget(&self, id: &ConnectionId) {
        let mut kept = self.lock();
        kept.reading.remove(id);
        kept.lists.remove(id);
        *kept.forgotten.entry(id.clone()).or_default() += 1;
    }

    fn forgotten(&self, id: &ConnectionId) -> u64 {
        self.lock().forgotten.get(id).copied().unwrap_or(0)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
