//! What a simulated Entra ID and Graph are like at their start.

use std::time::Duration;

use crate::{Clock, Specs};

/// What a simulated Entra ID and Graph are like at their start.
#[derive(Debug, Clone)]
pub struct EntraOptions {
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
    /// The organizations whose people may sign in.
    pub tenants: Vec<NewTenant>,
    /// Whether a refresh brings another refresh token. Entra ID does so nearly always, and does not promise it.
    pub renews_refresh_tokens: bool,
    /// Entries of a page, of teams and of channels.
    pub page_size: usize,
    /// Whether Graph's limit on messages holds: 10 of a person within 10 seconds.
    pub rate_limits: bool,
    /// How long every answer takes.
    pub latency: Duration,
    /// How long a receiver of change notifications has to answer.
    pub patience: Duration,
    /// How long to wait before each retry of a change notification. Graph: longer and longer, for up to four hours.
    pub retry_delays: [Duration; 3],
}

/// An app, as its maker registered it in Entra ID for accounts of any organization.
#[derive(Debug, Clone)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Its application (client) id, a GUID.
    pub client_id: String,
    /// Its client secret; id tokens are signed with it, too.
    pub client_secret: String,
    /// Where people may be sent back to, compared to the letter.
    pub redirect_uris: Vec<String>,
    /// Delegated permissions that it is configured with: what `.default` asks for.
    pub delegated: Vec<String>,
    /// Application permissions that it is configured with: an administrator's consent to `.default` grants them.
    pub application: Vec<String>,
    /// Whether its publisher is verified. People without a role cannot consent to one that is not.
    pub is_verified: bool,
}

/// An organization to begin with.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its name.
    pub name: String,
    /// How many teams it has.
    pub teams: usize,
    /// How many channels each team has.
    pub channels: usize,
    /// Whether people without a role may consent to apps.
    pub users_may_consent: bool,
}

impl NewTenant {
    /// An organization with so many teams of so many channels.
    #[must_use]
    pub fn new(name: &str, teams: usize, channels: usize) -> Self {
        Self { name: name.to_owned(), teams, channels, users_may_consent: true }
    }

    /// Only administrators consent to apps there.
    #[must_use]
    pub fn without_user_consent(self) -> Self {
        Self { users_may_consent: false, ..self }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Default for App {
    fn default() -> Self {
        Self {
            name: "Patchbay".to_owned(),
            client_id: "5a1e0000-1dc1-4d00-8000-00000000e27a".to_owned(),
            client_secret: "simulated-entra-secret".to_owned(),
            redirect_uris: Vec::new(),
            delegated: owned(&["User.Read", "Team.ReadBasic.All", "Channel.ReadBasic.All", "ChannelMessage.Send"]),
            application: owned(&["Team.ReadBasic.All", "Channel.ReadBasic.All", "Teamwork.Migrate.All"]),
            is_verified: true,
        }
    }
}

impl Default for EntraOptions {
    /// Two organizations, of which one lets only administrators consent; the machine's clock, no limits, no latency.
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::System,
            seed: 1,
            specs: Specs::from_environment(),
            app: App::default(),
            tenants: vec![NewTenant::new("Acme", 3, 4), NewTenant::new("Globex", 1, 2).without_user_consent()],
            renews_refresh_tokens: true,
            page_size: 50,
            rate_limits: false,
            latency: Duration::ZERO,
            patience: Duration::from_secs(3),
            retry_delays: [Duration::ZERO; 3],
        }
    }
}
