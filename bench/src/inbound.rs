//! How requests of providers are answered: posted to a source at a steady rate, stored before each answer, told afterwards.

use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::http::{Connection, post};
use crate::hub::Hub;
use crate::load::three;
use crate::sink::{BASE, Sink};

/// Connections that post, so that a slow answer does not put off the next request.
const LINES: usize = 32;
/// How long it is posted.
const LASTS: Duration = Duration::from_secs(15);
/// The number of the first request that warms up: none of them may be the same as one that is measured, or that would be a duplicate.
const WARM: usize = 1_000_000;
/// Within how many microseconds 99 of a hundred are to be answered.
const PROMISED_US: i64 = 100_000;

/// A source whose requests carry a token.
pub struct Source {
    /// Its path.
    pub path: String,
    /// The headers that prove that a request is its sender's.
    pub headers: String,
}

impl Source {
    /// Makes one.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn make(hub: &Hub) -> Result<Self> {
        let new = serde_json::json!({"provider": "bearer", "name": "Load"});
        let made = hub.ask("/api/v1/sources", &hub.api_key, "", &new).await?;
        let text = |key: &str| made[key].as_str().context("a source has an address and a secret");
        let path = text("url")?.splitn(4, '/').nth(3).context("an address has a path")?;
        Ok(Self { path: format!("/{path}"), headers: format!("authorization: Bearer {}\r\n", text("secret")?) })
    }

    /// A request with a number.
    pub fn request(&self, number: usize, size: usize) -> Vec<u8> {
        let pad = "lorem ipsum dolor sit amet ".chars().cycle().take(size).collect::<String>();
        let body = format!(r#"{{"type":"order.placed","seq":{},"note":"{pad}"}}"#, BASE + number);
        post(&self.path, &self.headers, body.as_bytes())
    }
}

/// Posts to a source at a steady rate, and waits until all that came has arrived as events at an endpoint.
///
/// # Errors
/// The machine or the hub does not do its part; fewer than 99 of a hundred were answered in time.
pub async fn run(binary: &Path, database: &str, sink: &Sink, rate: u64, size: usize) -> Result<()> {
    let hub = Hub::start_bare(binary, database).await?;
    hub.endpoint(&hub.api_key, &format!("http://{}/hook", sink.address), "", 10).await?;
    let source = Source::make(&hub).await?;
    // Connections, caches and statements are warm before anything is measured.
    sink.reset();
    steady(&hub, &source, WARM..WARM + rate.min(100) as usize * 2, rate.min(100), size).await?;
    arrived(sink, rate.min(100) * 2).await?;
    sink.reset();
    let before = hub.cpu_ms()?;
    let start = Instant::now();
    let answers = steady(&hub, &source, 0..(rate * LASTS.as_secs()) as usize, rate, size).await?;
    let posted = start.elapsed();
    arrived(sink, answers.len() as u64).await?;
    println!("  {rate} requests/s to a source, {size} bytes");
    println!("  post to answer p50 p95 p99     {}", three(&answers));
    println!("  all told after the last        {:>9.1} s", (start.elapsed() - posted).as_secs_f64());
    println!(
        "  cpu of server and database     {:>9.3} ms per request",
        (hub.cpu_ms()? - before) / answers.len() as f64
    );
    hub.stop().await?;
    let p99 = answers[(answers.len() * 99 / 100).min(answers.len() - 1)];
    if p99 > PROMISED_US {
        bail!("99 of a hundred were answered within {} ms, and not within {}", p99 / 1000, PROMISED_US / 1000);
    }
    Ok(())
}

/// Posts requests with these numbers at a steady rate; answers the microseconds from each post to its answer, sorted. A request that has to wait for its
/// connection counts from when it was due.
async fn steady(hub: &Hub, source: &Source, numbers: Range<usize>, rate: u64, size: usize) -> Result<Vec<i64>> {
    let (first, count) = (numbers.start, numbers.len());
    let start = Instant::now();
    let mut tasks = Vec::new();
    for line in 0..LINES.min(count) {
        let mut connection = Connection::open(hub.address).await?;
        let requests: Vec<_> = (line..count).step_by(LINES).map(|at| (at, source.request(first + at, size))).collect();
        tasks.push(tokio::spawn(async move {
            let mut answers = Vec::with_capacity(requests.len());
            for (at, request) in requests {
                let due = start + Duration::from_secs_f64(at as f64 / rate as f64);
                tokio::time::sleep_until(due.into()).await;
                let (status, body) = connection.send(&request).await?;
                if status != 200 {
                    bail!("a request was answered {status}: {}", String::from_utf8_lossy(&body));
                }
                answers.push(due.elapsed().as_micros() as i64);
            }
            Ok(answers)
        }));
    }
    let mut answers = Vec::with_capacity(count);
    for task in tasks {
        answers.extend(task.await??);
    }
    answers.sort_unstable();
    Ok(answers)
}

/// Waits until so many have arrived.
async fn arrived(sink: &Sink, count: u64) -> Result<()> {
    let patience = Instant::now() + Duration::from_secs(180);
    while sink.counts().0 < count {
        if Instant::now() > patience {
            bail!("{} of {count} requests did not become events in three minutes", count - sink.counts().0);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
