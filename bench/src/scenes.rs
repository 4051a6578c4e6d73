//! How neighbours fare: a hanging endpoint beside healthy ones, a busy organization beside quiet ones.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::http::{Connection, post};
use crate::hub::Hub;
use crate::load::{data, three};
use crate::sink::Sink;

/// How long each part lasts.
const LASTS: Duration = Duration::from_secs(15);

/// Posts at a steady rate to ten endpoints, first all healthy, then one of them hanging for ten seconds.
///
/// # Errors
/// The machine or the hub does not do its part.
pub async fn hanging(binary: &Path, database: &str, sink: &Sink, rate: u64, size: usize) -> Result<()> {
    for (title, urls) in [("ten healthy endpoints", 10), ("nine healthy beside one that hangs", 9)] {
        let hub = Hub::start_bare(binary, database).await?;
        for endpoint in 0..urls {
            hub.endpoint(&hub.api_key, &format!("http://{}/hook/{endpoint}", sink.address), "", 10).await?;
        }
        if urls == 9 {
            hub.endpoint(&hub.api_key, &format!("http://{}/hang", sink.address), "", 30).await?;
        }
        sink.reset();
        let accepted = paced(&hub, &hub.api_key, "", sink, rate, size, LASTS).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut waits = Vec::new();
        for endpoint in 0..9 {
            waits.extend(arrivals(sink, endpoint, &accepted)?);
        }
        waits.sort_unstable();
        println!("  {title}, {rate} events/s");
        println!("  nine: 202 to arrival p50 95 99 {}", three(&waits));
        hub.stop().await?;
    }
    Ok(())
}

/// Events a second of each quiet organization; the busy one posts a hundred times as many.
const QUIET: u64 = 10;

/// Nine organizations post a little, first alone, then beside one that posts a hundred times as much as each of them.
///
/// # Errors
/// The machine or the hub does not do its part.
pub async fn fair(binary: &Path, database: &str, sink: &Sink, size: usize) -> Result<()> {
    let hub = Hub::start_bare(binary, database).await?;
    let key = hub.operator_key().await?;
    let mut orgs = Vec::new();
    for number in 0..10 {
        let org = hub.ask("/api/v1/orgs", &key, "", &serde_json::json!({"name": format!("Org {number}")})).await?;
        let headers = format!("patchbay-org: {}\r\n", org["id"].as_str().unwrap_or_default());
        hub.endpoint(&key, &format!("http://{}/hook/{number}", sink.address), &headers, 10).await?;
        orgs.push(headers);
    }
    for busy in [0, QUIET * 100] {
        sink.reset();
        let quiet = orgs[1..].iter().map(|headers| paced(&hub, &key, headers, sink, QUIET, size, LASTS));
        let (quiet, loud) = tokio::join!(all(quiet), paced(&hub, &key, &orgs[0], sink, busy, size, LASTS));
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut waits = Vec::new();
        for (number, accepted) in quiet?.iter().enumerate() {
            waits.extend(arrivals(sink, number + 1, accepted)?);
        }
        waits.sort_unstable();
        println!("  nine post {QUIET}/s each, the tenth {} in all", loud?.len());
        println!("  nine: 202 to arrival p50 95 99 {}", three(&waits));
    }
    hub.stop().await
}

/// Runs futures together, in this task.
async fn all<T>(futures: impl Iterator<Item = impl Future<Output = Result<T>>>) -> Result<Vec<T>> {
    let mut running: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, slot) in running.iter_mut().zip(&mut done).filter(|(_, slot)| slot.is_none()) {
            match future.as_mut().poll(context) {
                std::task::Poll::Ready(Ok(value)) => *slot = Some(value),
                std::task::Poll::Ready(Err(error)) => return std::task::Poll::Ready(Err(error)),
                std::task::Poll::Pending => {}
            }
        }
        if done.iter().all(Option::is_some) {
            return std::task::Poll::Ready(Ok(()));
        }
        std::task::Poll::Pending
    })
    .await?;
    Ok(done.into_iter().flatten().collect())
}

/// Posts at a steady rate over some connections; answers when each number was accepted.
async fn paced(
    hub: &Hub,
    key: &str,
    headers: &str,
    sink: &Sink,
    rate: u64,
    size: usize,
    lasting: Duration,
) -> Result<Vec<u64>> {
    let count = (rate * lasting.as_secs()) as usize;
    // More connections than one, so that a slow answer does not put off the next event.
    let lines = if rate > 50 { 16.min(count) } else { 1 };
    let start = Instant::now();
    let tasks = (0..lines).map(|line| async move {
        let mut connection = Connection::open(hub.address).await?;
        let mut accepted = Vec::new();
        for number in (line..count).step_by(lines.max(1)) {
            let body = format!(r#"{{"event_type":"invoice.paid","data":{}}}"#, data(number, size));
            let request = post("/api/v1/events", &format!("authorization: Bearer {key}\r\n{headers}"), body.as_bytes());
            tokio::time::sleep_until((start + Duration::from_secs_f64(number as f64 / rate as f64)).into()).await;
            let (status, answer) = connection.send(&request).await?;
            if status != 202 {
                bail!("an event was answered {status}: {}", String::from_utf8_lossy(&answer));
            }
            accepted.push((number, sink.now_us()));
        }
        Ok(accepted)
    });
    let mut accepted: Vec<(usize, u64)> = all(tasks).await?.into_iter().flatten().collect();
    accepted.sort_unstable();
    Ok(accepted.into_iter().map(|(_, at)| at).collect())
}

/// Microseconds from acceptance to arrival at an endpoint.
fn arrivals(sink: &Sink, endpoint: usize, accepted: &[u64]) -> Result<Vec<i64>> {
    let waits: Vec<i64> = accepted
        .iter()
        .enumerate()
        .filter_map(|(number, at)| Some(sink.arrived_at(endpoint, number)? as i64 - *at as i64))
        .collect();
    if waits.len() < accepted.len() {
        bail!(
            "{} of {} events had not arrived two seconds after the last",
            accepted.len() - waits.len(),
            accepted.len()
        );
    }
    Ok(waits)
}
