//! `simulators slack`, `simulators jira`, `simulators teams`, `simulators entra`: third parties on loopback for the demo.

use std::io;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use simulators::entra::{self, Entra, EntraOptions, NewTenant};
use simulators::jira::{self, Jira, JiraOptions, NewSite};
use simulators::slack::{App, Slack, SlackOptions, Workspace};
use simulators::teams::{Teams, TeamsOptions};

/// Third parties on loopback: connect a hub without an account anywhere.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    provider: Provider,
}

#[derive(Debug, Subcommand)]
enum Provider {
    /// A Slack with a consent page, the Web API, events and a control panel.
    Slack(SlackArgs),
    /// A Jira Cloud with Atlassian's consent page, two sites, the REST API, webhooks and a control panel.
    Jira(JiraArgs),
    /// A Teams whose channels take messages by workflows, and a control panel.
    Teams(TeamsArgs),
    /// An Entra ID with its sign-in page, two organizations, Microsoft Graph as far as channels of Teams go, and a control panel.
    Entra(EntraArgs),
}

#[derive(Debug, Args)]
struct EntraArgs {
    /// The port of 127.0.0.1 to listen at; 0 takes any free one.
    #[arg(long, default_value_t = 4030)]
    port: u16,
    /// Identifiers and tokens follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where people may be sent back to; may be given several times.
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Vec<String>,
    /// The app's client id.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The app's client secret.
    #[arg(long, value_name = "SECRET")]
    client_secret: Option<String>,
    /// Teams of the first organization.
    #[arg(long, default_value_t = 8)]
    teams: usize,
    /// Channels of each team.
    #[arg(long, default_value_t = 60)]
    channels: usize,
    /// Rate limits do not hold.
    #[arg(long)]
    no_rate_limits: bool,
    /// How long every answer takes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
}

#[derive(Debug, Args)]
struct TeamsArgs {
    /// The port of 127.0.0.1 to listen at; 0 takes any free one.
    #[arg(long, default_value_t = 4011)]
    port: u16,
    /// A channel with a workflow; may be given several times.
    #[arg(long = "channel", value_name = "NAME", default_value = "Alerts")]
    channels: Vec<String>,
    /// Rate limits do not hold.
    #[arg(long)]
    no_rate_limits: bool,
}

#[derive(Debug, Args)]
struct SlackArgs {
    /// The port of 127.0.0.1 to listen at; 0 takes any free one.
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// Identifiers, tokens and names follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// An app manifest (JSON) that says the addresses below.
    #[arg(long, value_name = "FILE")]
    manifest: Option<std::path::PathBuf>,
    /// Where people may be sent back to; may be given several times.
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Vec<String>,
    /// Where events go.
    #[arg(long, value_name = "URL")]
    events_url: Option<String>,
    /// Where slash commands go.
    #[arg(long, value_name = "URL")]
    commands_url: Option<String>,
    /// Where pressed buttons go.
    #[arg(long, value_name = "URL")]
    interactivity_url: Option<String>,
    /// The app's client id.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The app's client secret.
    #[arg(long, value_name = "SECRET")]
    client_secret: Option<String>,
    /// What requests to the app are signed with.
    #[arg(long, value_name = "SECRET")]
    signing_secret: Option<String>,
    /// Channels of the first workspace.
    #[arg(long, default_value_t = 240)]
    channels: usize,
    /// Tokens expire after twelve hours and are refreshed.
    #[arg(long)]
    rotation: bool,
    /// Rate limits do not hold.
    #[arg(long)]
    no_rate_limits: bool,
    /// How long every answer takes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
}

#[derive(Debug, Args)]
struct JiraArgs {
    /// The port of 127.0.0.1 to listen at; 0 takes any free one.
    #[arg(long, default_value_t = 4020)]
    port: u16,
    /// Identifiers and tokens follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where people may be sent back to; may be given several times.
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Vec<String>,
    /// The app's client id.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The app's client secret, which webhooks are signed with, too.
    #[arg(long, value_name = "SECRET")]
    client_secret: Option<String>,
    /// Projects of the first site.
    #[arg(long, default_value_t = 120)]
    projects: usize,
    /// Rate limits do not hold.
    #[arg(long)]
    no_rate_limits: bool,
    /// How long every answer takes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    match Cli::parse().provider {
        Provider::Slack(args) => slack(args).await,
        Provider::Jira(args) => jira(args).await,
        Provider::Teams(args) => teams(args).await,
        Provider::Entra(args) => entra(args).await,
    }
}

async fn entra(args: EntraArgs) -> io::Result<()> {
    let usual = entra::App::default();
    let tenants =
        vec![NewTenant::new("Acme", args.teams, args.channels), NewTenant::new("Globex", 2, 4).without_user_consent()];
    let entra = Entra::start(EntraOptions {
        port: args.port,
        seed: args.seed,
        app: entra::App {
            client_id: args.client_id.unwrap_or(usual.client_id),
            client_secret: args.client_secret.unwrap_or(usual.client_secret),
            redirect_uris: args.redirect_uris,
            ..entra::App::default()
        },
        tenants,
        rate_limits: !args.no_rate_limits,
        latency: Duration::from_millis(args.latency_ms),
        retry_delays: [10, 60, 600].map(Duration::from_secs),
        ..EntraOptions::default()
    })
    .await?;
    let app = entra.app();
    println!("Entra simulator: {}", entra.base_url());
    println!("  control panel: {}/_control", entra.base_url());
    println!("  client id:     {}", app.client_id);
    println!("  client secret: {}", app.client_secret);
    if let Some(why) = entra.validation_skipped() {
        println!("  {why}");
    }
    tokio::signal::ctrl_c().await
}

async fn teams(args: TeamsArgs) -> io::Result<()> {
    let options = TeamsOptions {
        port: args.port,
        channels: args.channels,
        rate_limits: !args.no_rate_limits,
        ..TeamsOptions::default()
    };
    let channels = options.channels.clone();
    let teams = Teams::start(options).await?;
    println!("Teams simulator:  {}", teams.base_url());
    println!("  control panel:  {}/_control", teams.base_url());
    for channel in channels {
        println!("  {channel}: {}", teams.workflow(&channel));
    }
    if let Some(why) = teams.validation_skipped() {
        println!("  {why}");
    }
    tokio::signal::ctrl_c().await
}

async fn jira(args: JiraArgs) -> io::Result<()> {
    let usual = jira::App::default();
    let jira = Jira::start(JiraOptions {
        port: args.port,
        seed: args.seed,
        app: jira::App {
            client_id: args.client_id.unwrap_or(usual.client_id),
            client_secret: args.client_secret.unwrap_or(usual.client_secret),
            redirect_uris: args.redirect_uris,
            ..jira::App::default()
        },
        sites: vec![NewSite::new("Acme", args.projects), NewSite::new("Globex", 3)],
        rate_limits: !args.no_rate_limits,
        latency: Duration::from_millis(args.latency_ms),
        retry_delays: [300, 420, 600, 780, 900].map(Duration::from_secs),
        ..JiraOptions::default()
    })
    .await?;
    let app = jira.app();
    println!("Jira simulator:  {}", jira.base_url());
    println!("  control panel: {}/_control", jira.base_url());
    println!("  client id:     {}", app.client_id);
    println!("  client secret: {}", app.client_secret);
    let (email, token) = jira.make_api_token(&jira.everybody()[0].account_id);
    println!("  API token:     {token} of {email}, at {}", jira.sites()[0].url);
    if let Some(why) = jira.validation_skipped() {
        println!("  {why}");
    }
    tokio::signal::ctrl_c().await
}

async fn slack(args: SlackArgs) -> io::Result<()> {
    let manifest = args.manifest.as_ref().map(std::fs::read_to_string).transpose()?;
    let slack = Slack::start(options(args)).await?;
    if let Some(manifest) = manifest {
        let applied = slack.apply_manifest(&serde_json::from_str(&manifest)?);
        applied
            .map_err(|found| io::Error::other(format!("Slack would not take the manifest: {}", found.join("; "))))?;
    }
    let app = slack.app();
    println!("Slack simulator:  {}", slack.base_url());
    println!("  control panel:  {}/_control", slack.base_url());
    println!("  client id:      {}", app.client_id);
    println!("  client secret:  {}", app.client_secret);
    println!("  signing secret: {}", app.signing_secret);
    if let Some(why) = slack.validation_skipped() {
        println!("  {why}");
    }
    tokio::signal::ctrl_c().await
}

fn options(args: SlackArgs) -> SlackOptions {
    let usual = App::default();
    let app = App {
        client_id: args.client_id.unwrap_or(usual.client_id),
        client_secret: args.client_secret.unwrap_or(usual.client_secret),
        signing_secret: args.signing_secret.unwrap_or(usual.signing_secret),
        redirect_uris: args.redirect_uris,
        token_rotation: args.rotation,
        events_url: args.events_url,
        commands_url: args.commands_url,
        interactivity_url: args.interactivity_url,
        ..usual
    };
    SlackOptions {
        port: args.port,
        seed: args.seed,
        app,
        workspaces: vec![
            Workspace::new("Acme", args.channels),
            Workspace::new("Globex", 12),
            Workspace::new("Initech Sales", 40).in_enterprise(),
            Workspace::new("Initech Engineering", 60).in_enterprise(),
        ],
        enterprise: Some("Initech Group".to_owned()),
        rate_limits: !args.no_rate_limits,
        latency: Duration::from_millis(args.latency_ms),
        retry_delays: [Duration::ZERO, Duration::from_secs(60), Duration::from_secs(300)],
        ..SlackOptions::default()
    }
}
