//! Lists of channels in memory, one for each connection whose picker was opened lately.
//!
//! A list that has changed at the provider is shown as it was while the newer one is put in order behind the answer: whoever opens a
//! picker waits for nobody. What the hub itself has changed of a list is forgotten at once ([`Pickers::forget`]).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rank::Index;
use super::store;
use crate::id::ConnectionId;
use crate::time::Timestamp;
use crate::{Hub, Result};

/// Lists that are kept at most; 50,000 channels take some ten megabytes.
const MOST: usize = 16;

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
}

#[derive(Debug)]
struct List {
    stamp: Stamp,
    index: Arc<Index>,
    /// Whether a newer one is being put in order.
    is_renewing: bool,
}

/// The list of a connection, which is read where it is not in memory.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn list(hub: &Hub, id: &ConnectionId, stamp: Stamp) -> Result<Arc<Index>> {
    match hub.pickers.get(id, stamp) {
        Some((index, false)) => Ok(index),
        Some((index, true)) => {
            let (own, id) = (hub.clone(), id.clone());
            hub.attempts.spawn(async move {
                if let Err(error) = read(&own, &id, stamp).await {
                    tracing::warn!(connection = %id, %error, "the list of channels cannot be put in order anew");
                    own.pickers.forget(&id);
                }
            });
            Ok(index)
        }
        None => read(hub, id, stamp).await,
    }
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
        let is_old = list.stamp != stamp && !list.is_renewing;
        list.is_renewing |= is_old;
        Some((Arc::clone(&list.index), is_old))
    }

    /// Keeps the list of a connection, unless something was forgotten since it was read.
    fn put(&self, id: &ConnectionId, stamp: Stamp, index: &Arc<Index>, before: u64) {
        let mut kept = self.lock();
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
