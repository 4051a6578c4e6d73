//! Lists of channels in memory, one for each connection whose picker was opened lately.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Channel;
use super::rank::Index;
use crate::id::ConnectionId;
use crate::time::Timestamp;

/// Lists that are kept at most; 50,000 channels take some ten megabytes.
const MOST: usize = 16;

/// What an index was made of: it moves whenever the list may have changed.
pub(crate) type Stamp = (Option<Timestamp>, Option<Timestamp>, Vec<String>);

/// The lists.
#[derive(Debug, Default)]
pub(crate) struct Pickers {
    kept: Mutex<HashMap<ConnectionId, (Stamp, Arc<Index>)>>,
}

impl Pickers {
    /// The list of a connection, if it is the one of this stamp.
    pub(crate) fn get(&self, id: &ConnectionId, stamp: &Stamp) -> Option<Arc<Index>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(id).filter(|(known, _)| known == stamp).map(|(_, index)| Arc::clone(index))
    }

    /// Keeps the list of a connection.
    pub(crate) fn put(&self, id: &ConnectionId, stamp: Stamp, channels: Vec<Channel>, recent: &[String]) -> Arc<Index> {
        let index = Arc::new(Index::new(channels, recent));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST && !kept.contains_key(id) {
            kept.clear();
        }
        kept.insert(id.clone(), (stamp, Arc::clone(&index)));
        index
    }

    /// Forgets the list of a connection.
    pub(crate) fn forget(&self, id: &ConnectionId) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}
