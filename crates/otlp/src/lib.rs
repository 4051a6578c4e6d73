//! Spans and log lines of `tracing` for an OpenTelemetry collector, over any HTTP client.
//!
//! [`new`] answers a layer and the batches that come of it. The layer keeps what a span is until it closes and puts it,
//! like each event, into a queue ([`layer`]); [`Batches::next`] takes what has come together, and [`Batch::requests`]
//! makes of it the bodies that OTLP over HTTP wants ([`encode`]). Sending them is the caller's business, so that the
//! caller's own client decides about addresses, TLS and time.

mod batch;
mod encode;
mod layer;
mod record;

pub use batch::{Batch, Batches};
pub use layer::Layer;

/// The target whose events are left out.
pub const OWN_TARGET: &str = "otlp";

/// Places in the queue between the layer and the batches.
const ROOM: usize = 8192;

/// What the layer has to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the program is: `service.name` and the like.
    pub resource: Vec<(String, String)>,
    /// Unix milliseconds now; from here on time is measured.
    pub now_ms: u64,
    /// A random number, from which ids are made.
    pub seed: u64,
    /// The share of traces that are kept, from 0 to 1.
    pub ratio: f64,
}

/// A layer for a subscriber, and what it hears.
#[must_use]
pub fn new(settings: Settings) -> (Layer, Batches) {
    let (sender, receiver) = tokio::sync::mpsc::channel(ROOM);
    let layer = Layer::new(&settings, sender);
    let batches = Batches::new(settings.resource, receiver, layer.dropped());
    (layer, batches)
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
