//! Connections: an organization's authorised accounts at third parties (providers). A connection belongs to the organization, not
//! to the person who made it; there may be several of one provider.
//!
//! The way of one connection: `flow` sends the browser to the provider and takes it back with a code, exchanges the code and
//! stores the connection with its tokens sealed, by the app that `apps` knows there; `tokens` opens them and renews them before they
//! lapse; `call` is how everything else speaks to the provider (what `outgoing` makes: time limit, log, what an error means for the
//! connection), held back by `hold` while that does not answer; `sync` keeps the list of channels (of Jira: projects); `inbound` takes what the provider posts, of people whom `people` may know as members.
//! `worker/refresher.rs` looks after all of it by the clock. Deliveries do not pass here: `directory.rs` hands the token to the
//! routes that lead to a channel, and `delivery/message.rs` sends. `jira` and `teams` hold what these do differently. A `workflow` of
//! Teams has none of this but an address that is pasted.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub mod api_token;
#[cfg(feature = "server")]
pub mod apps;
#[cfg(feature = "server")]
pub(crate) mod call;
#[cfg(feature = "server")]
pub mod flow;
#[cfg(feature = "server")]
pub(crate) mod hold;
#[cfg(feature = "server")]
pub mod inbound;
#[cfg(feature = "server")]
pub mod jira;
#[cfg(feature = "server")]
mod outgoing;
pub mod people;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(feature = "server")]
pub(crate) mod sync;
#[cfg(feature = "server")]
pub mod teams;
#[cfg(feature = "server")]
pub(crate) mod tokens;
#[cfg(feature = "server")]
pub mod workflow;

#[cfg(all(test, feature = "server"))]
mod teams_tests;
#[cfg(all(test, feature = "server"))]
mod tests;
#[cfg(all(test, feature = "server"))]
mod workflow_tests;

use serde::{Deserialize, Serialize};

use crate::id::ConnectionId;
use crate::text_enum;
use crate::time::Timestamp;

/// The longest name of a connection, in characters.
pub const MAX_NAME: usize = 60;

text_enum! {
    /// A third party that accounts can be connected at.
    pub enum Provider {
        /// Slack.
        Slack = "slack",
        /// Microsoft Teams.
        Teams = "teams",
        /// Jira Cloud.
        Jira = "jira",
    }
}

impl Provider {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Teams => "Microsoft Teams",
            Self::Jira => "Jira",
        }
    }

    /// Whether its rules make issues, instead of telling people.
    #[must_use]
    pub const fn makes_issues(self) -> bool {
        matches!(self, Self::Jira)
    }

    /// What it calls the places that rules send to, in the plural: "channels".
    #[must_use]
    pub const fn places(self) -> &'static str {
        match self {
            Self::Slack | Self::Teams => "channels",
            Self::Jira => "projects",
        }
    }
}

text_enum! {
    /// By what a connection goes.
    pub enum ConnectionAccess {
        /// The consent of a person who signed in at the provider.
        Consent = "consent",
        /// A person's API token.
        ApiToken = "api_token",
        /// The address of a workflow, which posts what it gets into one channel.
        Workflow = "workflow",
    }
}

text_enum! {
    /// How a connection is.
    pub enum ConnectionStatus {
        /// It works.
        Healthy = "healthy",
        /// The provider refuses its token: somebody has to connect it again.
        NeedsReconnect = "needs_reconnect",
        /// The consent is good for several sites, and nobody has chosen one yet.
        NeedsSite = "needs_site",
        /// Nothing is sent through it until it is resumed.
        Paused = "paused",
    }
}

text_enum! {
    /// How a connection is, as people are told: its status, and what is in its way just now.
    pub enum ConnectionState {
        /// It works.
        Healthy = "healthy",
        /// Its token lapses soon and could not be renewed yet.
        Expiring = "expiring",
        /// Somebody has to connect it again.
        NeedsReconnect = "needs_reconnect",
        /// Somebody has to choose one of its sites.
        NeedsSite = "needs_site",
        /// The provider asked for a pause.
        RateLimited = "rate_limited",
        /// Nothing is sent through it until it is resumed.
        Paused = "paused",
    }
}

impl ConnectionState {
    /// Whether somebody has to do something.
    #[must_use]
    pub const fn needs_attention(self) -> bool {
        matches!(self, Self::NeedsReconnect | Self::NeedsSite | Self::Expiring)
    }
}

/// The app that the operator registered at Slack, and where Slack is.
#[cfg(feature = "server")]
#[derive(Debug, Clone)]
pub struct SlackApp {
    /// Where Slack is, without a trailing slash: `https://slack.com`.
    pub url: String,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: oauth_flow::Secret,
    /// The app's signing secret: what Slack sends is signed with it, for all workspaces.
    pub signing_secret: oauth_flow::Secret,
}

/// The app that the operator registered at Atlassian, and where Atlassian is.
#[cfg(feature = "server")]
#[derive(Debug, Clone)]
pub struct JiraApp {
    /// Where a simulator is that stands for all of Atlassian; none for the real one.
    pub url: Option<String>,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret; what Jira sends is signed with it, too.
    pub client_secret: oauth_flow::Secret,
}

#[cfg(feature = "server")]
impl JiraApp {
    /// Atlassian's addresses.
    pub(crate) fn urls(&self) -> crate::provider::jira::facts::Urls {
        self.url.as_deref().map_or_else(Default::default, crate::provider::jira::facts::Urls::at)
    }
}

/// The app that the operator registered at Entra ID, and where Microsoft is.
#[cfg(feature = "server")]
#[derive(Debug, Clone)]
pub struct TeamsApp {
    /// Where a simulator is that stands for Entra ID and Graph; none for the real ones.
    pub url: Option<String>,
    /// The app's (client) id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: oauth_flow::Secret,
}

#[cfg(feature = "server")]
impl TeamsApp {
    /// Microsoft's addresses.
    pub(crate) fn urls(&self) -> crate::provider::teams::entra::Urls {
        self.url.as_deref().map_or_else(Default::default, crate::provider::teams::entra::Urls::at)
    }
}

/// A site that a consent is good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Site {
    /// Its id at the provider: a cloud id of Atlassian's.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its address: `https://example.atlassian.net`.
    pub url: String,
}

/// A connection as it is shown: without its tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The third party.
    pub provider: Provider,
    /// What the organization calls it.
    pub name: String,
    /// The account's id at the provider: a Slack workspace (`T…`) or organization (`E…`); the cloud id of a Jira site; the ids of a
    /// tenant and of a person there (`tenant:person`) at Microsoft; of a workflow the beginning of its address's SHA-256.
    pub account_id: String,
    /// What the account is called there.
    pub account_name: String,
    /// How it is.
    pub state: ConnectionState,
    /// What is in its way, or why it needs somebody, in a sentence.
    pub problem: Option<String>,
    /// While the provider does not answer: when it is asked again.
    pub calls_resume_at: Option<Timestamp>,
    /// What it may do there, in the provider's words.
    pub scopes: Vec<String>,
    /// What it should be allowed but is not: connect again to allow it.
    pub missing_scopes: Vec<String>,
    /// Whether it is for all workspaces of an organization at the provider.
    pub is_org_wide: bool,
    /// The sites to choose from, while none is chosen.
    pub sites: Vec<Site>,
    /// The account's address, where it has one: of a Jira site `https://example.atlassian.net`.
    pub account_url: Option<String>,
    /// By what it goes.
    pub access: ConnectionAccess,
    /// What is known of its token.
    pub token: TokenFacts,
    /// When it was last tried out, and how long the answer took, in microseconds.
    pub checked_at: Option<Timestamp>,
    /// See `checked_at`.
    pub check_us: Option<i64>,
    /// How many channels are known.
    pub channel_count: i64,
    /// When the list of channels was last complete.
    pub synced_at: Option<Timestamp>,
    /// Whether the list is being read now.
    pub is_syncing: bool,
    /// Where messages go whose own channel is gone.
    pub default_channel_id: Option<String>,
    /// Who connected it.
    pub created_by: String,
    /// When it was first connected.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What may be known of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TokenFacts {
    /// When it lapses; absent where it does not.
    pub expires_at: Option<Timestamp>,
    /// When it is renewed next.
    pub refresh_at: Option<Timestamp>,
    /// When it was last renewed.
    pub refreshed_at: Option<Timestamp>,
    /// How often it was renewed.
    pub refresh_count: i64,
}

/// A change of a connection: what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectionChange {
    /// What to call it: 1 to 60 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether to hold back what would be sent through it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// Where messages go whose own channel is gone; `null` for nowhere.
    #[serde(default, deserialize_with = "crate::endpoint::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub default_channel_id: Option<Option<String>>,
}

/// Something that was asked of a provider beside deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct ConnectionCall {
    /// Its id.
    pub id: crate::id::ConnectionCallId,
    /// When it began.
    pub started_at: Timestamp,
    /// What was asked, in the provider's words: `auth.test`.
    pub operation: String,
    /// The status code, if there was an answer.
    pub code: Option<i64>,
    /// What went wrong: the provider's word, or a sentence.
    pub error: Option<String>,
    /// How long it took, in microseconds.
    pub duration_us: i64,
    /// What was sent, without secrets.
    pub request: String,
    /// What was answered, without secrets, cut at 4 KiB.
    pub response: String,
}
