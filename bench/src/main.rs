//! The load harness behind `cargo xtask bench`: starts the real binary on a fresh database, posts events from
//! this process to its REST API, receives the deliveries in this process, and prints what it measured.
//!
//! Every figure is of the whole way with durable acceptance: the server runs with its ordinary settings, and
//! PostgreSQL with `fsync` on. The load, the sink and the server share the machine's cores.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use bench::hub::Hub;
use bench::load::{self, Load};
use bench::measure;
use bench::sink::Sink;
use bench::{inbound, picker, scale, scenes};
use clap::Parser;

/// Measures a Patchbay binary.
#[derive(Debug, Parser)]
struct Args {
    /// The binary to measure.
    #[arg(long, env = "PATCHBAY_BIN", default_value = "target/release/patchbay")]
    binary: PathBuf,
    /// Databases to measure on.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    databases: Vec<String>,
    /// Seconds at saturation.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Events per second of the steady run.
    #[arg(long, default_value_t = 100)]
    rate: u64,
    /// Connections that post at saturation.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Size of `data` in bytes.
    #[arg(long, default_value_t = 1024)]
    size: usize,
    /// Runs; with several, the median of each figure is what to quote.
    #[arg(long, default_value_t = 1)]
    runs: usize,
    /// Endpoints that each event goes to, 10 at most.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=10))]
    fan_out: u8,
    /// Measures instead how nine endpoints fare beside one that hangs for ten seconds.
    #[arg(long)]
    hang: bool,
    /// Measures instead how nine organizations fare beside one that posts a hundred times as much.
    #[arg(long)]
    fair: bool,
    /// Measures instead how requests of providers are answered, posted to a source at 500 a second unless told otherwise.
    #[arg(long, value_name = "RATE", num_args = 0..=1, default_missing_value = "500")]
    inbound: Option<u64>,
    /// Measures instead how fast the channel picker answers in a workspace of 50,000 channels.
    #[arg(long)]
    picker: bool,
    /// Measures instead list, search and cost per delivery on a log of this many deliveries, in 10,000 organizations with
    /// 100,000 endpoints.
    #[arg(long, value_name = "ROWS", num_args = 0..=1, default_missing_value = "10000000")]
    scale: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let sink = Sink::start().await?;
    let bare = load::bare(&sink, args.size, Duration::from_secs(3)).await?;
    println!("bare client to the same sink     {bare:>9.0} requests/s");
    for database in &args.databases {
        for run in 1..=args.runs {
            println!("\n{database}, run {run} of {}, {} bytes", args.runs, args.size);
            if let Some(rows) = args.scale {
                scale::run(&args.binary, database, &sink, rows).await?;
            } else if let Some(rate) = args.inbound {
                inbound::run(&args.binary, database, &sink, rate, args.size).await?;
            } else if args.picker {
                picker::run(&args.binary, database).await?;
            } else if args.hang {
                scenes::hanging(&args.binary, database, &sink, args.rate, args.size).await?;
            } else if args.fair {
                scenes::fair(&args.binary, database, &sink, args.size).await?;
            } else {
                one(&args, database, &sink).await?;
            }
        }
    }
    Ok(())
}

/// Measures one fresh installation: steady rate first, saturation after.
async fn one(args: &Args, database: &str, sink: &Sink) -> Result<()> {
    let hub = Hub::start_bare(&args.binary, database).await?;
    for endpoint in 0..args.fan_out {
        hub.endpoint(&hub.api_key, &format!("http://{}/hook/{endpoint}", sink.address), "", 10).await?;
    }
    let mut load = Load { hub: &hub, sink, size: args.size, fan_out: args.fan_out.into() };
    // Connections, caches and statements are warm before anything is measured.
    load.steady(args.rate, Duration::from_secs(2)).await?;
    load.steady(args.rate, Duration::from_secs(10)).await?.print(&format!("steady {}/s", args.rate));
    load.saturate(args.connections, Duration::from_secs(args.seconds)).await?.print("saturation");
    load.settle().await?;
    println!("  memory after                   {:>9} KiB resident", measure::resident_kib(hub.pid())?);
    hub.stop().await
}
