//! Logs, on standard error: as text for people, as JSON for machines; and, where a collector is named, logs and traces
//! over OTLP. Without one nothing of it is there: spans that are only for traces are of the level `DEBUG`, which no
//! other part of the program asks for.

use std::io::IsTerminal as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use domain::Clock;
use domain::hub::Random;
use http::{HeaderValue, header};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, Registry};

use crate::config::{Collector, Config, LogFormat};

/// How long the collector may take for one request, and for all that is left at the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// What goes to the collector; ended with [`Export::finish`].
#[must_use]
pub struct Export {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// Starts logging. A second start (in tests) changes nothing.
///
/// # Errors
/// The collector's address cannot be used.
pub fn start(config: &Config) -> Result<Option<Export>> {
    let (layer, export) = match &config.collector {
        Some(collector) => {
            let (layer, export) = exporting(collector)?;
            (Some(layer.with_filter(filter(&config.log).or(filter_fn(is_traced)))), Some(export))
        }
        None => (None, None),
    };
    let started = tracing_subscriber::registry()
        .with(lines(config.log_format).with_filter(filter(&config.log)))
        .with(layer)
        .try_init();
    if started.is_err() {
        tracing::debug!("logging has already been started");
    }
    Ok(export)
}

fn filter(text: &str) -> EnvFilter {
    EnvFilter::try_new(text).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Whether this is a span of the program's own, which traces show whatever is logged.
fn is_traced(metadata: &Metadata<'_>) -> bool {
    let own = ["domain", "server"].iter().any(|name| metadata.target().split("::").next() == Some(*name));
    metadata.is_span() && own && *metadata.level() <= Level::DEBUG
}

/// Lines on standard error.
fn lines(format: LogFormat) -> Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync> {
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
    }
}

/// A layer for the collector, and what sends it what the layer hears.
fn exporting(collector: &Collector) -> Result<(otlp::Layer, Export)> {
    let settings = otlp::Settings {
        resource: vec![
            ("service.name".to_owned(), collector.service_name.clone()),
            ("service.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ],
        now_ms: u64::try_from(Clock::System.now().0).unwrap_or(0),
        seed: u64::from_le_bytes(Random::System.bytes()),
        ratio: collector.ratio,
    };
    let sender = Sender::new(collector)?;
    let (layer, batches) = otlp::new(settings);
    let stop = CancellationToken::new();
    let task = tokio::spawn(send_all(sender, batches, stop.clone()));
    Ok((layer, Export { stop, task }))
}

impl Export {
    /// Sends what is left.
    pub async fn finish(self) {
        self.stop.cancel();
        if tokio::time::timeout(PATIENCE, self.task).await.is_err() {
            tracing::warn!(target: otlp::OWN_TARGET, "the collector did not take what was left in time");
        }
    }
}

async fn send_all(sender: Sender, mut batches: otlp::Batches, stop: CancellationToken) {
    loop {
        let next = tokio::select! {
            next = batches.next() => next,
            () = stop.cancelled() => break,
        };
        let Some(batch) = next else { return };
        sender.send(&batch).await;
    }
    while let Some(batch) = batches.take() {
        sender.send(&batch).await;
    }
}

/// Posts batches to the collector, which the operator named and which may be anywhere.
struct Sender {
    client: guarded_http::Client,
    endpoint: String,
    headers: Vec<(http::HeaderName, HeaderValue)>,
}

impl Sender {
    fn new(collector: &Collector) -> Result<Self> {
        let everywhere = ["0.0.0.0/0", "::/0"].map(|network| network.parse().expect("a network"));
        let client = guarded_http::Client::new(guarded_http::Config {
            allow: everywhere.into(),
            user_agent: concat!("Patchbay/", env!("CARGO_PKG_VERSION")).to_owned(),
            ..guarded_http::Config::default()
        })?;
        let mut headers = collector.headers.clone();
        headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
        client.target(&collector.endpoint).context("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used")?;
        Ok(Self { client, endpoint: collector.endpoint.clone(), headers })
    }

    /// Sends a batch; what the collector does not take is gone.
    async fn send(&self, batch: &otlp::Batch) {
        if batch.dropped > 0 {
            tracing::warn!(target: otlp::OWN_TARGET, dropped = batch.dropped, "spans and log lines came faster than the collector takes them");
        }
        for (path, body) in batch.requests() {
            let Ok(target) = self.client.target(&format!("{}{path}", self.endpoint)) else { return };
            let exchange = self.client.post(&target, &self.headers, vec![Bytes::from(body)], PATIENCE).await;
            match exchange.outcome {
                Ok(response) if response.status < 300 => {}
                Ok(response) => {
                    tracing::warn!(target: otlp::OWN_TARGET, status = response.status, path, "the collector refused a batch");
                }
                Err(failure) => {
                    tracing::warn!(target: otlp::OWN_TARGET, %failure, path, "the collector could not be reached");
                }
            }
        }
    }
}
