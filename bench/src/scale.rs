//! A log as large as a busy installation's: how fast lists and searches are on it, and what a delivery costs beside it.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use domain::id::{AttemptId, DeliveryId, EndpointId, EventId, OrgId};

use crate::http::Connection;
use crate::hub::Hub;
use crate::load::{Load, three};
use crate::measure;
use crate::sink::Sink;
use crate::sql::{Target, insert};

/// Organizations; the first has a fifth of all deliveries.
const ORGS: u64 = 10_000;
/// Endpoints of each.
const ENDPOINTS: u64 = 10;
/// The log goes back this far, in milliseconds.
const SPAN_MS: u64 = 30 * 24 * 3_600_000;
/// Rows written by one statement.
const PIECE: u64 = 1000;
/// Requests of each kind.
const ASKED: u64 = 200;

/// Measures an installation while its log is empty, fills it, and measures again.
///
/// # Errors
/// The machine or the hub does not do its part.
pub async fn run(binary: &Path, database: &str, sink: &Sink, rows: u64) -> Result<()> {
    let mut hub = Hub::start(binary, database, sink.address).await?;
    let mut load = Load { hub: &hub, sink, size: 1024, fan_out: 1 };
    load.steady(100, Duration::from_secs(2)).await?;
    let empty = load.saturate(64, Duration::from_secs(10)).await?;
    empty.print("saturation with an empty log");
    println!("  memory                         {:>9} KiB resident", measure::resident_kib(hub.pid())?);
    #[expect(clippy::disallowed_methods, reason = "the real server goes by the real time")]
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64;
    let start = Instant::now();
    hub.offline(async |postgres, file| fill(postgres, file, rows, now_ms).await).await?;
    println!("  {rows} deliveries of {ORGS} organizations written in {:.0} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    indexed(&hub).await?;
    println!("  indexed after {:.0} s more", start.elapsed().as_secs_f64());
    // What so many rows at once have left to clean up would have been cleaned up in the days in which they came.
    hub.offline(async |postgres, file| {
        let clean = if postgres.is_some() { "VACUUM (ANALYZE)" } else { "ANALYZE" };
        Target::open(postgres, file).await?.run(clean.to_owned()).await
    })
    .await?;
    look(&hub, rows).await?;
    let mut load = Load { hub: &hub, sink, size: 1024, fan_out: 1 };
    load.steady(100, Duration::from_secs(2)).await?;
    let full = load.saturate(64, Duration::from_secs(10)).await?;
    full.print(&format!("saturation with {rows} rows in the log"));
    println!("  memory                         {:>9} KiB resident", measure::resident_kib(hub.pid())?);
    let (before, after) = (empty.rate_and_cpu(), full.rate_and_cpu());
    println!("  cpu per delivery full to empty {:>9.2}", after.1 / before.1);
    hub.stop().await
}

/// A number as the random part of an id.
fn tail(number: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn org(number: u64) -> OrgId {
    OrgId::new(1, tail(number))
}

fn endpoint(org: u64, number: u64) -> EndpointId {
    EndpointId::new(1, tail(org * ENDPOINTS + number))
}

/// The organization of a delivery: a fifth belongs to the first, the rest is strewn.
fn org_of(row: u64) -> u64 {
    if row.is_multiple_of(5) { 0 } else { (row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % ORGS }
}

async fn fill(postgres: Option<&str>, file: &Path, rows: u64, now_ms: u64) -> Result<()> {
    let mut target = Target::open(postgres, file).await?;
    for first in (0..ORGS).step_by(PIECE as usize) {
        target.run("BEGIN".to_owned()).await?;
        let numbers = || first..first + PIECE;
        let values = numbers().map(|n| format!("('{}', 'Org {n}', 1, 1)", org(n)));
        target.run(insert("orgs (id, name, created_at, updated_at)", values)).await?;
        let pairs = numbers().flat_map(|org| (0..ENDPOINTS).map(move |number| (org, number)));
        let values = pairs.map(|(of, n)| {
            format!(
                r#"('{}', '{}', 'Endpoint {n}', 'https://hooks{of}.example.com/{n}', '', '["*"]', 'active', 10000, '"standard"', 100, 1, 1)"#,
                endpoint(of, n),
                org(of)
            )
        });
        target
            .run(insert(
                "endpoints (id, org_id, name, url, description, event_types_json, status, timeout_ms, retry_json, rate_limit_per_minute, created_at, updated_at)",
                values,
            ))
            .await?;
        target.run("COMMIT".to_owned()).await?;
    }
    let mut first = 0;
    while first < rows {
        let numbers = || first..(first + PIECE).min(rows);
        target.run("BEGIN".to_owned()).await?;
        let at = |row: u64| (now_ms - SPAN_MS + SPAN_MS / rows.max(1) * row) as i64;
        let values = numbers().map(|n| {
            format!(
                r#"('{}', '{}', 'invoice.paid', 'api', {at}, {at}, {at}, '{{"id":"ref{n:09}","customer":"customer{}","amount":{},"currency":"eur","note":"Paid by card in one piece"}}')"#,
                org(org_of(n)),
                EventId::new(at(n), tail(n)),
                n % 1000,
                n % 90_000,
                at = at(n)
            )
        });
        target
            .run(insert(
                "events (org_id, id, event_type, source, occurred_at, created_at, dispatched_at, data)",
                values,
            ))
            .await?;
        let values = numbers().map(|n| {
            let (status, code) = if n % 100 == 7 { ("failed", 500) } else { ("delivered", 200) };
            format!(
                "('{}', '{}', '{}', 'invoice.paid', '{}', '{status}', 'event', 1, 8, {code}, 1200, {at}, {at}, {at}, {at})",
                org(org_of(n)),
                DeliveryId::new(at(n), tail(n)),
                EventId::new(at(n), tail(n)),
                endpoint(org_of(n), n % ENDPOINTS),
                at = at(n)
            )
        });
        target.run(insert("deliveries (org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, last_code, last_duration_us, created_at, updated_at, finished_at, unindexed_at)", values)).await?;
        let values = numbers().map(|n| {
            format!(
                r#"('{}', '{}', '{}', 1, {}, 'succeeded', 200, 1200, 'https://hooks.example.com/', '[["webhook-id","evt"],["content-type","application/json"]]', '[["content-type","text/plain"]]', 0)"#,
                org(org_of(n)),
                DeliveryId::new(at(n), tail(n)),
                AttemptId::new(at(n), tail(n)),
                at(n)
            )
        });
        target.run(insert("attempts (org_id, delivery_id, id, number, started_at, outcome, code, total_us, url, request_headers, response_headers, response_truncated)", values)).await?;
        target.run("COMMIT".to_owned()).await?;
        first += PIECE;
    }
    target.run("ANALYZE".to_owned()).await
}

/// Waits until the search index has everything.
async fn indexed(hub: &Hub) -> Result<()> {
    let key = hub.operator_key().await?;
    let mut connection = Connection::open(hub.address).await?;
    let request = format!("GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n");
    for _ in 0..7200 {
        let (status, body) = connection.send(request.as_bytes()).await?;
        let text = String::from_utf8_lossy(&body);
        let lag = text.lines().find_map(|line| line.strip_prefix("patchbay_search_lag ")).map(str::trim);
        match (status, lag) {
            (200, Some("0")) => return Ok(()),
            (200, Some(_)) => tokio::time::sleep(Duration::from_secs(1)).await,
            _ => bail!("/metrics was answered {status} without patchbay_search_lag"),
        }
    }
    bail!("the search index never caught up")
}

/// Asks for lists and searches, half of them of the largest organization.
async fn look(hub: &Hub, rows: u64) -> Result<()> {
    let key = hub.operator_key().await?;
    let mut connection = Connection::open(hub.address).await?;
    type Question = fn(u64) -> String;
    let questions: [(&str, Question); 5] = [
        ("list, newest first", |_| "limit=50".to_owned()),
        ("list, failed", |_| "limit=50&status=failed".to_owned()),
        ("list, one endpoint", |row| format!("limit=50&endpoint_id={}", endpoint(org_of(row), row % ENDPOINTS))),
        ("list, last 24 hours, HTTP 500", |_| "limit=50&code=500&since=24h".to_owned()),
        ("search, one word that is in one", |row| format!("limit=50&q=ref{row:09}")),
    ];
    for (title, question) in questions {
        let mut took = Vec::new();
        for number in 0..ASKED {
            // Even ones are of the first organization.
            let row = number.wrapping_mul(0x2545_f491_4f6c_dd1d) % rows / 10 * 10
                + if number.is_multiple_of(2) { 0 } else { 3 };
            let request = format!(
                "GET /api/v1/deliveries?{} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\npatchbay-org: {}\r\n\r\n",
                question(row),
                org(org_of(row))
            );
            let start = Instant::now();
            let (status, body) = connection.send(request.as_bytes()).await?;
            took.push(start.elapsed().as_micros() as i64);
            if status != 200 {
                bail!("{title} was answered {status}: {}", String::from_utf8_lossy(&body));
            }
            let answer: serde_json::Value = serde_json::from_slice(&body)?;
            let found = answer["data"].as_array().context("a list")?.len();
            if title.starts_with("search") && found != 1 {
                bail!("the search for ref{row:09} found {found} rows");
            }
        }
        took.sort_unstable();
        println!("  {title:<31}{}", three(&took));
    }
    Ok(())
}
