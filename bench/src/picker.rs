//! How fast the channel picker answers in a workspace of 50,000 channels: right after a start, and while somebody types.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use domain::id::{ChannelId, ConnectionId};

use crate::http::Connection;
use crate::hub::Hub;
use crate::sql::{Target, insert};

/// Channels of the workspace.
const CHANNELS: u64 = 50_000;
/// Rows written by one statement.
const PIECE: u64 = 1000;
/// Starts after which the first answer is measured.
const STARTS: usize = 15;
/// How often each text is asked for.
const ASKED: usize = 50;
/// Within how many microseconds the first answer, and those to what is typed, are to come, in 19 of 20 cases.
const PROMISED_US: i64 = 100_000;
/// What somebody types, key by key; the beginning of a word, its letters, something that is nowhere, and a link.
const TYPED: [&str; 10] = [
    "d",
    "de",
    "dep",
    "deploys-checkout",
    "deploys-checkout-04",
    "checkout",
    "chkt",
    "49999",
    "nowhere-at-all",
    "https://acme.slack.com/archives/C000012345",
];
const AREAS: [&str; 12] =
    ["deploys", "alerts", "team", "proj", "help", "sales", "support", "incident", "data", "ops", "customer", "tmp"];
const SUBJECTS: [&str; 10] =
    ["checkout", "payments", "search", "invoices", "mobile", "api", "identity", "reporting", "warehouse", "network"];

/// Fills a workspace and asks for its channels.
///
/// # Errors
/// The machine or the hub does not do its part; answers take longer than promised.
pub async fn run(binary: &Path, database: &str) -> Result<()> {
    let mut hub = Hub::start_bare(binary, database).await?;
    let id = ConnectionId::new(1, [1; 10]);
    hub.offline(async |postgres, file| fill(postgres, file, &id).await).await?;
    let mut first = Vec::new();
    for _ in 0..STARTS {
        // Nothing is in memory yet, but for the caller: whoever opens the picker has been let in before.
        hub.crash().await?;
        let mut connection = Connection::open(hub.address).await?;
        look(&hub, &mut connection, "/api/v1/connections?limit=1").await?;
        first.push(ask(&hub, &mut connection, &id, "").await?.0);
    }
    let mut connection = Connection::open(hub.address).await?;
    let mut opened = Vec::new();
    let mut typed = Vec::new();
    for _ in 0..ASKED {
        let (took, total) = ask(&hub, &mut connection, &id, "").await?;
        if total != CHANNELS {
            bail!("there are {total} channels and not {CHANNELS}");
        }
        opened.push(took);
        for text in TYPED {
            typed.push(ask(&hub, &mut connection, &id, text).await?.0);
        }
    }
    println!("  picker over {CHANNELS} channels               p50       p95       max");
    println!("  first answer after a start     {}", line(&mut first));
    println!("  opened again                   {}", line(&mut opened));
    println!("  answer to each key             {}", line(&mut typed));
    hub.stop().await?;
    for (what, times) in [("first", &first), ("typed", &typed)] {
        let p95 = share(times, 95);
        if p95 > PROMISED_US {
            bail!("{what}: 19 of 20 answers came within {} ms, and not within {}", p95 / 1000, PROMISED_US / 1000);
        }
    }
    Ok(())
}

/// A connection to Slack with its channels, of the organization that is there.
async fn fill(postgres: Option<&str>, file: &Path, id: &ConnectionId) -> Result<()> {
    let mut target = Target::open(postgres, file).await?;
    target
        .run(format!(
            "INSERT INTO connections (id, org_id, provider, account_id, account_name, account_json, name, status, scopes_json, refresh_count, synced_at, created_by, created_at, updated_at)
             SELECT '{id}', id, 'slack', 'T1', 'Acme', '{{}}', 'Acme', 'healthy', '[]', 0, 1, 'Bench', 1, 1 FROM orgs"
        ))
        .await?;
    for from in (0..CHANNELS).step_by(PIECE as usize) {
        let values = (from..from + PIECE).map(|n| {
            let area = AREAS[(n % 12) as usize];
            let subject = SUBJECTS[(n / 12 % 10) as usize];
            let mut tail = [0; 10];
            tail[2..].copy_from_slice(&n.to_be_bytes());
            format!(
                "('{}', '{id}', 'C{n:09}', '{area}-{subject}-{n:05}', 'Owned by the platform team', {}, {}, {}, 0, 'fine', 1)",
                ChannelId::new(1, tail),
                n % 400,
                u8::from(n % 10 == 3),
                u8::from(n % 10 == 3 || n % 100 == 7),
            )
        });
        target
            .run(insert(
                "channels (id, connection_id, provider_id, name, topic, members, private, joined, archived, state, seen_at)",
                values,
            ))
            .await?;
    }
    target.run("ANALYZE".to_owned()).await
}

/// Asks for channels; answers how many microseconds that took, and how many match.
async fn ask(hub: &Hub, connection: &mut Connection, id: &ConnectionId, text: &str) -> Result<(i64, u64)> {
    let start = Instant::now();
    let body = look(hub, connection, &format!("/api/v1/connections/{id}/channels?q={text}")).await?;
    let took = start.elapsed().as_micros() as i64;
    let answer: serde_json::Value = serde_json::from_slice(&body)?;
    Ok((took, answer["total"].as_u64().context("an answer says how many match")?))
}

async fn look(hub: &Hub, connection: &mut Connection, path: &str) -> Result<Vec<u8>> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n", hub.api_key);
    let (status, body) = connection.send(request.as_bytes()).await?;
    if status != 200 {
        bail!("{path} was answered {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(body)
}

/// The value that so many of a hundred do not exceed; the values are sorted.
fn share(times: &[i64], of_hundred: usize) -> i64 {
    times.get((times.len() * of_hundred / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Sorts times and says how they are spread.
fn line(times: &mut [i64]) -> String {
    times.sort_unstable();
    let ms = |of_hundred| share(times, of_hundred) as f64 / 1000.0;
    format!("{:>9.2} {:>9.2} {:>9.2} ms", ms(50), ms(95), ms(100))
}
