//! The layer: hears of spans and events, and never waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc::Sender;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::record::{Fields, Ids, Item, LogRecord, SpanRecord, read_traceparent};
use crate::{OWN_TARGET, Settings};

/// Hears of spans and events; made by [`crate::new`].
#[derive(Debug)]
pub struct Layer {
    sender: Sender<Item>,
    dropped: Arc<AtomicU64>,
    /// The time at `started`, in nanoseconds since 1970.
    epoch_ns: u64,
    started: Instant,
    seed: u64,
    made: AtomicU64,
    ratio: f64,
}

/// A span of a trace that is not kept; those below it are not kept either.
struct Unkept;

impl Layer {
    pub(crate) fn new(settings: &Settings, sender: Sender<Item>) -> Self {
        Self {
            sender,
            dropped: Arc::default(),
            epoch_ns: settings.now_ms.saturating_mul(1_000_000),
            started: Instant::now(),
            seed: settings.seed,
            made: AtomicU64::new(0),
            ratio: settings.ratio,
        }
    }

    pub(crate) fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }

    fn now_ns(&self) -> u64 {
        self.epoch_ns.saturating_add(u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// A number that is not 0 and comes once (SplitMix64).
    fn random(&self) -> u64 {
        let step = self.made.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed.wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).max(1)
    }

    /// A new trace, if it is among those that are kept.
    fn begin(&self) -> Option<Ids> {
        let chance = (self.random() >> 11) as f64 / (1u64 << 53) as f64;
        let trace = (u128::from(self.random()) << 64) | u128::from(self.random());
        (chance < self.ratio).then(|| Ids { trace, span: self.random() })
    }

    fn send(&self, item: Item) {
        if self.sender.try_send(item).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<S> tracing_subscriber::Layer<S> for Layer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let above = span.parent().map(|parent| {
            let extensions = parent.extensions();
            let kept = extensions.get::<SpanRecord>().map(|record| record.ids);
            (kept, kept.is_none() && extensions.get::<Unkept>().is_some())
        });
        let remote = fields.traceparent.as_deref().and_then(read_traceparent);
        let (ids, parent) = match (above, remote) {
            (Some((Some(ids), _)), _) => (Some(Ids { span: self.random(), ..ids }), Some(ids.span)),
            (Some((None, true)), _) => (None, None),
            // The trace goes on, but whether it is kept is not for strangers to say.
            (_, Some(caller)) => (self.begin().map(|own| Ids { trace: caller.trace, ..own }), Some(caller.span)),
            _ => (self.begin(), None),
        };
        let Some(ids) = ids else {
            span.extensions_mut().insert(Unkept);
            return;
        };
        span.extensions_mut().insert(SpanRecord {
            ids,
            parent,
            name: attributes.metadata().name(),
            start_ns: self.now_ns(),
            end_ns: 0,
            fields: fields.others,
            failed: false,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(record) = span.extensions_mut().get_mut::<SpanRecord>() {
            record.fields.extend(fields.others);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() == OWN_TARGET {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let ids = context.event_span(event).and_then(|span| {
            let mut extensions = span.extensions_mut();
            let record = extensions.get_mut::<SpanRecord>()?;
            record.failed |= *metadata.level() == Level::ERROR;
            Some(record.ids)
        });
        self.send(Item::Log(Box::new(LogRecord {
            ids,
            at_ns: self.now_ns(),
            level: *metadata.level(),
            target: metadata.target(),
            message: fields.message,
            fields: fields.others,
        })));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let record = span.extensions_mut().remove::<SpanRecord>();
        if let Some(record) = record {
            self.send(Item::Span(Box::new(SpanRecord { end_ns: self.now_ns(), ..record })));
        }
    }
}
