//! The settings of a client.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// The settings of a [`Client`](crate::Client). [`Config::default`] is fit for production.
#[derive(Debug, Clone)]
pub struct Config {
    /// Networks that may be reached although the refusal table names them; plain `http` is accepted
    /// for these and for nothing else.
    pub allow: Vec<IpNet>,
    /// Sent as `User-Agent`, unless a request brings its own.
    pub user_agent: String,
    /// How many bytes of an answer's body are kept.
    pub max_body: usize,
    /// How many bytes of an answer's body are read at most, before the connection is dropped.
    pub max_read: usize,
    /// How large the head of an answer may be (at least 8 KiB); it may have at most 100 headers.
    pub max_header_bytes: usize,
    /// How long an unused connection is kept.
    pub idle_timeout: Duration,
    /// How long a connection is used at all, so that a changed DNS entry is noticed in time.
    pub max_age: Duration,
    /// How many unused connections are kept for one host.
    pub max_idle_per_host: usize,
    /// How many unused connections are kept in all.
    pub max_idle: usize,
    /// How long one address may take to accept a connection while there are others to try.
    pub connect_timeout: Duration,
    /// Root certificates trusted beside Mozilla's.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Where addresses come from.
    pub resolver: Resolver,
}

/// Where the addresses of a name come from.
#[derive(Clone, Default)]
pub enum Resolver {
    /// The name servers of `/etc/resolv.conf` and the names in `/etc/hosts`; without a usable
    /// `resolv.conf`, whatever the operating system answers.
    #[default]
    System,
    /// A fixed table; every other name does not exist.
    Fixed(HashMap<String, Vec<IpAddr>>),
    /// A function, asked once for each new connection; no addresses means no such name.
    Custom(Lookup),
}

/// A function from a name to its addresses.
pub type Lookup = Arc<dyn Fn(&str) -> Vec<IpAddr> + Send + Sync>;

impl Default for Config {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            user_agent: "guarded-http".to_owned(),
            max_body: 64 * 1024,
            max_read: 1024 * 1024,
            max_header_bytes: 32 * 1024,
            idle_timeout: Duration::from_secs(30),
            max_age: Duration::from_secs(300),
            max_idle_per_host: 512,
            max_idle: 2048,
            connect_timeout: Duration::from_secs(2),
            extra_roots: Vec::new(),
            resolver: Resolver::System,
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("System"),
            Self::Fixed(table) => f.debug_tuple("Fixed").field(table).finish(),
            Self::Custom(_) => f.write_str("Custom(..)"),
        }
    }
}
