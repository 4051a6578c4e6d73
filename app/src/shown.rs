//! Endpoints as pages show them: without filter, credentials and what else only the server reads, so that the browser's
//! half of a page does not carry the code that reads those.

use domain::Timestamp;
use domain::endpoint::{CustomHeader, EndpointStatus, Failing, Health, Retry, SecretHint};
use domain::id::EndpointId;
use serde::{Deserialize, Serialize};

/// An endpoint; see [`domain::endpoint::Endpoint`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// What people call it.
    pub name: String,
    /// Where deliveries go.
    pub url: String,
    /// Whether its receiver fetches them.
    pub fetched: bool,
    /// What it is for.
    pub description: String,
    /// Patterns: `*`, `invoice.*` or full names.
    pub event_types: Vec<String>,
    /// Whether it takes deliveries.
    pub status: EndpointStatus,
    /// Why it is disabled.
    pub disabled_reason: Option<String>,
    /// How long a receiver may take, in milliseconds.
    pub timeout_ms: i64,
    /// When failed attempts are tried again.
    pub retry: Retry,
    /// Deliveries a minute at most; none for no limit.
    pub rate_limit_per_minute: Option<i64>,
    /// Attempts under way at a time.
    pub concurrency_limit: i64,
    /// Custom headers, values masked.
    pub headers: Vec<CustomHeader>,
    /// Failures in a row, and whether the circuit breaker holds deliveries back.
    pub failing: Option<Failing>,
    /// The live signing secrets, newest first.
    pub secrets: Vec<SecretHint>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// An endpoint and how it has been doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointOverview {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// How it has been doing.
    pub health: Health,
}

impl From<domain::endpoint::Endpoint> for Endpoint {
    fn from(endpoint: domain::endpoint::Endpoint) -> Self {
        Self {
            id: endpoint.id,
            name: endpoint.name,
            fetched: endpoint.delivery.is_pull(),
            url: endpoint.url,
            description: endpoint.description,
            event_types: endpoint.event_types,
            status: endpoint.status,
            disabled_reason: endpoint.disabled_reason,
            timeout_ms: endpoint.timeout_ms,
            retry: endpoint.retry,
            rate_limit_per_minute: endpoint.rate_limit_per_minute,
            concurrency_limit: endpoint.concurrency_limit,
            headers: endpoint.headers,
            failing: endpoint.failing,
            secrets: endpoint.secrets,
            created_at: endpoint.created_at,
        }
    }
}

impl From<domain::endpoint::EndpointOverview> for EndpointOverview {
    fn from(row: domain::endpoint::EndpointOverview) -> Self {
        let mut endpoint = Endpoint::from(row.endpoint);
        if endpoint.fetched {
            endpoint.url = "fetched by its receiver".to_owned();
        }
        Self { endpoint, health: row.health }
    }
}
