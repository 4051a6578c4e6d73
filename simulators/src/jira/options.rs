//! What a simulated Jira is like at its start.

use std::time::Duration;

use crate::{Clock, Specs};

/// What a simulated Jira is like at its start.
#[derive(Debug, Clone)]
pub struct JiraOptions {
    /// The port of 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Where the time comes from.
    pub clock: Clock,
    /// Identifiers and tokens follow from it.
    pub seed: u64,
    /// The published schemas.
    pub specs: Specs,
    /// The app, as its maker registered it.
    pub app: App,
    /// The sites that its people may let it into.
    pub sites: Vec<NewSite>,
    /// Whether Jira's rate limits hold.
    pub rate_limits: bool,
    /// Points that the app may spend on a site within an hour, where limits hold.
    pub points_per_hour: u64,
    /// How long every answer takes.
    pub latency: Duration,
    /// How long a receiver of webhooks has to answer.
    pub patience: Duration,
    /// How long to wait before each retry of a webhook. Jira: five to fifteen minutes by chance.
    pub retry_delays: [Duration; 5],
}

/// An app, as its maker registered it in Atlassian's developer console.
#[derive(Debug, Clone)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Its client id.
    pub client_id: String,
    /// Its client secret; its webhooks are signed with it, too.
    pub client_secret: String,
    /// Where people may be sent back to, compared to the letter.
    pub redirect_uris: Vec<String>,
}

/// A site to begin with.
#[derive(Debug, Clone)]
pub struct NewSite {
    /// Its name.
    pub name: String,
    /// The first part of its host: `acme` of `acme.atlassian.net`.
    pub domain: String,
    /// How many projects it has.
    pub projects: usize,
}

impl NewSite {
    /// A site with so many projects.
    #[must_use]
    pub fn new(name: &str, projects: usize) -> Self {
        let domain = name.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        Self { name: name.to_owned(), domain, projects }
    }
}

impl Default for App {
    fn default() -> Self {
        Self {
            name: "Patchbay".to_owned(),
            client_id: "simulated-jira-client".to_owned(),
            client_secret: "simulated-jira-secret".to_owned(),
            redirect_uris: Vec::new(),
        }
    }
}

impl Default for JiraOptions {
    /// Two sites, the machine's clock, no limits, no latency.
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::System,
            seed: 1,
            specs: Specs::from_environment(),
            app: App::default(),
            sites: vec![NewSite::new("Acme", 4), NewSite::new("Globex", 2)],
            rate_limits: false,
            points_per_hour: 65_000,
            latency: Duration::ZERO,
            patience: Duration::from_secs(20),
            retry_delays: [Duration::ZERO; 5],
        }
    }
}
