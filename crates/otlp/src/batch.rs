//! What has come together, and the requests that bring it to the collector.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::Receiver;

use crate::encode;
use crate::record::{Item, LogRecord, SpanRecord};

/// Spans and log records in one batch at most.
const BATCH: usize = 1024;
/// How long a batch waits for more.
const GATHER: Duration = Duration::from_secs(2);

/// The batches that come of a layer.
#[derive(Debug)]
pub struct Batches {
    resource: Arc<[(String, String)]>,
    receiver: Receiver<Item>,
    dropped: Arc<AtomicU64>,
    /// What [`Batches::next`] has so far, so that nothing is lost when it is dropped.
    gathered: Option<Batch>,
}

/// Spans and log records that go out together.
#[derive(Debug)]
pub struct Batch {
    resource: Arc<[(String, String)]>,
    spans: Vec<SpanRecord>,
    logs: Vec<LogRecord>,
    /// Spans and log records that found no place in the queue since the last batch.
    pub dropped: u64,
}

impl Batches {
    pub(crate) fn new(resource: Vec<(String, String)>, receiver: Receiver<Item>, dropped: Arc<AtomicU64>) -> Self {
        Self { resource: resource.into(), receiver, dropped, gathered: None }
    }

    /// What comes within two seconds from the first on; none when the layer is gone. Dropped before it answers, it loses
    /// nothing.
    pub async fn next(&mut self) -> Option<Batch> {
        if self.gathered.is_none() {
            let first = self.receiver.recv().await?;
            self.gathered = Some(self.start(first));
        }
        let more = async {
            while let Some(batch) = self.gathered.as_mut().filter(|batch| batch.len() < BATCH)
                && let Some(item) = self.receiver.recv().await
            {
                batch.put(item);
            }
        };
        // When the time is over, the batch is what it has.
        let _over = tokio::time::timeout(GATHER, more).await;
        self.gathered.take()
    }

    /// What is there already, for the end of a program; none when that is nothing.
    pub fn take(&mut self) -> Option<Batch> {
        let mut batch = match self.gathered.take() {
            Some(batch) => batch,
            None => {
                let first = self.receiver.try_recv().ok()?;
                self.start(first)
            }
        };
        while batch.len() < BATCH
            && let Ok(item) = self.receiver.try_recv()
        {
            batch.put(item);
        }
        Some(batch)
    }

    fn start(&self, first: Item) -> Batch {
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        let mut batch = Batch { resource: Arc::clone(&self.resource), spans: Vec::new(), logs: Vec::new(), dropped };
        batch.put(first);
        batch
    }
}

impl Batch {
    fn len(&self) -> usize {
        self.spans.len() + self.logs.len()
    }

    fn put(&mut self, item: Item) {
        match item {
            Item::Span(span) => self.spans.push(*span),
            Item::Log(log) => self.logs.push(*log),
        }
    }

    /// The requests: each a path below the collector's address, and a body of JSON.
    #[must_use]
    pub fn requests(&self) -> Vec<(&'static str, Vec<u8>)> {
        let spans = (!self.spans.is_empty()).then(|| ("/v1/traces", encode::spans(&self.resource, &self.spans)));
        let logs = (!self.logs.is_empty()).then(|| ("/v1/logs", encode::logs(&self.resource, &self.logs)));
        spans.into_iter().chain(logs).collect()
    }
}
