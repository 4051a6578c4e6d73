//! Microseconds per run, on threads and in child processes: `cargo run --release -p sandbox --example speed`.

use std::sync::Arc;
use std::time::Instant;

use sandbox::{Config, Isolation, Output, Sandbox};

const SCRIPT: &str = "// Drafts are nobody's business; everything else gets a total and a marker.
function transform(event) {
  if (event.data.status === 'draft') return null;
  const total = event.data.lines.reduce((sum, line) => sum + line.price * line.count, 0);
  const { customer, ...data } = event.data;
  return {
    $body: { ...event, data: { ...data, total, customer: { id: customer.id }, at: new Date().toISOString() } },
    $headers: { 'x-total': total.toFixed(2) },
  };
}";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return Ok(sandbox::serve()?);
    }
    measure("threads", Isolation::Threads).await?;
    let program = std::env::current_exe()?;
    measure("processes", Isolation::Process { program, args: vec!["serve".into()] }).await
}

async fn measure(name: &str, isolation: Isolation) -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Arc::new(Sandbox::new(Config::new(isolation))?);
    let script = sandbox.compile(SCRIPT).await?;
    let event = event();
    let mut took = Vec::new();
    let mut engine = Vec::new();
    for seed in 0..2000 {
        let start = Instant::now();
        let run = sandbox.run(&script, &event, 1_700_000_000_000, seed).await;
        took.push(start.elapsed().as_micros());
        engine.push(run.took_us);
        assert!(matches!(run.result?, Output::Send { .. }));
    }
    took.sort_unstable();
    engine.sort_unstable();
    println!(
        "{name:>9}: {} byte event, one at a time: median {} µs, 99 % within {} µs; of that in the engine {} µs",
        event.len(),
        took[1000],
        took[1980],
        engine[1000]
    );
    let start = Instant::now();
    let runs: Vec<_> = (0..1000)
        .map(|seed| {
            let (sandbox, script, event) = (Arc::clone(&sandbox), script.clone(), event.clone());
            tokio::spawn(async move { sandbox.run(&script, &event, 0, seed).await })
        })
        .collect();
    for run in runs {
        run.await?.result?;
    }
    println!("{name:>9}: 1000 at once: {:.0} runs a second", 1000.0 / start.elapsed().as_secs_f64());
    Ok(())
}

/// An event of about one kilobyte.
fn event() -> String {
    let line = r#"{"sku":"A-1001","name":"A thing of some kind, blue","count":3,"price":12.5}"#;
    let lines = [line; 11].join(",");
    format!(
        r#"{{"webhook_id":"evt_1","event_type":"order.paid","timestamp":"2026-01-02T03:04:05Z","data":{{"status":"paid","customer":{{"id":7,"email":"someone@example.com"}},"lines":[{lines}]}}}}"#
    )
}
