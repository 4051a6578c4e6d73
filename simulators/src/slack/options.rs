//! What a simulated Slack is like at its start.

use std::time::Duration;

use crate::{Clock, Specs};

/// What a simulated Slack is like at its start.
#[derive(Debug, Clone)]
pub struct SlackOptions {
    /// The port of 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Where the time comes from.
    pub clock: Clock,
    /// Identifiers, tokens and names follow from it.
    pub seed: u64,
    /// The published schemas.
    pub specs: Specs,
    /// The app, as its maker registered it.
    pub app: App,
    /// The workspaces that it can be installed in.
    pub workspaces: Vec<Workspace>,
    /// The name of an Enterprise Grid organization, which owns the workspaces marked so.
    pub enterprise: Option<String>,
    /// Whether Slack's rate limits hold.
    pub rate_limits: bool,
    /// How long every answer takes.
    pub latency: Duration,
    /// How long a receiver of events has to answer.
    pub patience: Duration,
    /// How long to wait before each retry of an event. Slack: at once, a minute, five minutes.
    pub retry_delays: [Duration; 3],
}

/// An app, as its maker registered it with Slack.
#[derive(Debug, Clone)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Its client id.
    pub client_id: String,
    /// Its client secret.
    pub client_secret: String,
    /// What the requests to it are signed with.
    pub signing_secret: String,
    /// Where people may be sent back to, compared to the letter.
    pub redirect_uris: Vec<String>,
    /// Whether tokens expire and are refreshed. Once on, it cannot be turned off.
    pub token_rotation: bool,
    /// Where events go; without it none are sent by themselves.
    pub events_url: Option<String>,
    /// The events that go there.
    pub events: Vec<String>,
    /// Where slash commands go.
    pub commands_url: Option<String>,
    /// Where pressed buttons go.
    pub interactivity_url: Option<String>,
}

/// A workspace to begin with.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its name.
    pub name: String,
    /// Its domain: `acme` of `acme.slack.com`.
    pub domain: String,
    /// How many channels it has.
    pub channels: usize,
    /// Whether it belongs to the Enterprise Grid organization.
    pub in_enterprise: bool,
}

impl Workspace {
    /// A workspace of its own with so many channels.
    #[must_use]
    pub fn new(name: &str, channels: usize) -> Self {
        let domain = name.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        Self { name: name.to_owned(), domain, channels, in_enterprise: false }
    }

    /// The same within the Enterprise Grid organization.
    #[must_use]
    pub fn in_enterprise(self) -> Self {
        Self { in_enterprise: true, ..self }
    }
}

impl Default for App {
    fn default() -> Self {
        let events = ["app_uninstalled", "tokens_revoked", "channel_rename", "channel_archive", "channel_unarchive"];
        Self {
            name: "Patchbay".to_owned(),
            client_id: "1000000000.2000000000".to_owned(),
            client_secret: "simulated-client-secret".to_owned(),
            signing_secret: "simulated-signing-secret".to_owned(),
            redirect_uris: Vec::new(),
            token_rotation: false,
            events_url: None,
            events: events.into_iter().chain(["channel_deleted", "member_left_channel"]).map(str::to_owned).collect(),
            commands_url: None,
            interactivity_url: None,
        }
    }
}

impl Default for SlackOptions {
    /// One workspace of 24 channels, the machine's clock, no limits, no latency.
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::System,
            seed: 1,
            specs: Specs::from_environment(),
            app: App::default(),
            workspaces: vec![Workspace::new("Acme", 24)],
            enterprise: None,
            rate_limits: false,
            latency: Duration::ZERO,
            patience: Duration::from_secs(3),
            retry_delays: [Duration::ZERO; 3],
        }
    }
}
