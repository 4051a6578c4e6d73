//! What waits to be committed together, bounded in number and in bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::{Ingest, Ingested};
use crate::delivery::store::AttemptRow;
use crate::source::store::requests::Whole;

/// Operations in one transaction at most.
const BATCH: usize = 512;
/// Requests to sources in one transaction have at most so many bytes together, but for the last of them.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of requests to sources that may wait for their commit; more are refused with 503.
pub(super) const MAX_WAITING_BYTES: usize = 256 * 1024 * 1024;
/// Events and requests to sources that may wait for their commit; more are refused with 503.
pub(super) const MAX_WAITING: usize = 20_000;

/// The queue of what waits to be committed.
#[derive(Debug, Default)]
pub(crate) struct Commits {
    pub(super) queue: Mutex<Queue>,
}

/// What waits, in the order in which it came.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) waiting: VecDeque<Op>,
    /// How many bytes the requests among them have.
    pub(super) bytes: usize,
    /// Whether somebody commits.
    pub(super) running: bool,
}

/// What waits, with whoever waits for it.
#[derive(Debug)]
pub(super) enum Op {
    /// An event.
    Ingest(Box<Ingest>, oneshot::Sender<crate::Result<Ingested>>),
    /// An attempt, and how often it was tried to store it.
    Attempt(Arc<AttemptRow>, oneshot::Sender<bool>, u32),
    /// A verified request to a source.
    Request(Box<Whole>, oneshot::Sender<crate::Result<()>>),
}

impl Op {
    /// The bytes of a request to a source; an event is small beside it.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Request(request, _) => request.body.as_deref().map_or(0, <[u8]>::len),
            Self::Ingest(..) | Self::Attempt(..) => 0,
        }
    }
}

impl Queue {
    /// Whether there is room for one more.
    pub(super) fn has_room_for(&self, op: &Op) -> bool {
        match op {
            // What was done is never refused.
            Op::Attempt(..) => true,
            Op::Ingest(..) | Op::Request(..) => {
                self.waiting.len() < MAX_WAITING && self.bytes + op.bytes() <= MAX_WAITING_BYTES
            }
        }
    }

    /// Takes what goes into one transaction.
    pub(super) fn batch(&mut self) -> Vec<Op> {
        let (mut bytes, mut count) = (0, 0);
        for op in self.waiting.iter().take(BATCH) {
            if bytes >= BATCH_BYTES {
                break;
            }
            (bytes, count) = (bytes + op.bytes(), count + 1);
        }
        self.bytes -= bytes;
        self.waiting.drain(..count).collect()
    }
}

impl Commits {
    /// Whether nothing waits and nothing is being written.
    pub(crate) fn is_idle(&self) -> bool {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        !queue.running && queue.waiting.is_empty()
    }

    /// Puts something at the end, or gives it back for want of room. Answers whether nobody commits yet: then the caller begins.
    pub(super) fn push(&self, op: Op) -> Result<bool, Op> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if !queue.has_room_for(&op) {
            return Err(op);
        }
        queue.bytes += op.bytes();
        queue.waiting.push_back(op);
        Ok(!std::mem::replace(&mut queue.running, true))
    }

    /// Takes what goes into the next transaction; none where nothing waits, and then nobody commits any more.
    pub(super) fn next_batch(&self) -> Option<Vec<Op>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.running = !queue.waiting.is_empty();
        queue.running.then(|| queue.batch())
    }
}
