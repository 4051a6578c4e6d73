//! The client: one deadline around one exchange.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use hyper::client::conn::http1::Builder;
use tokio_rustls::rustls;

use crate::address::Policy;
use crate::config::Config;
use crate::dial::dial;
use crate::exchange::{Exchange, Response};
use crate::failure::{Failure, FailureClass};
use crate::live::{Limits, Live};
use crate::pool::{Pool, PoolLimits};
use crate::progress::Progress;
use crate::request;
use crate::resolve::Names;
use crate::target::{Target, TargetError};
use crate::tls::Tls;

/// The smallest head the HTTP library can be told to accept.
const SMALLEST_HEAD: usize = 8 * 1024;

/// What a timeout too long for the clock is taken for.
const FOREVER: Duration = Duration::from_secs(86_400);

/// Sends requests to receivers. Clones share everything, idle connections included.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

/// What all clones and all requests share.
pub(crate) struct Shared {
    pub(crate) policy: Policy,
    pub(crate) names: Names,
    pub(crate) tls: Tls,
    pub(crate) http1: Builder,
    pub(crate) connect_timeout: Duration,
    user_agent: HeaderValue,
    limits: Limits,
    pool: Arc<Pool>,
}

/// Why a client cannot be made from its settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The user agent holds characters that cannot be sent.
    #[error("the user agent cannot be sent as a header")]
    UserAgent(#[source] http::header::InvalidHeaderValue),
    /// An extra root certificate, or TLS as a whole, is not usable.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

impl Client {
    /// Makes a client; reads the system's name server settings if they are asked for.
    ///
    /// # Errors
    /// Fails if the user agent or an extra root certificate is not usable.
    pub fn new(config: Config) -> Result<Self, SetupError> {
        let mut http1 = Builder::new();
        let head = config.max_header_bytes.max(SMALLEST_HEAD);
        http1.max_buf_size(head).max_header_size(head);
        let shared = Shared {
            policy: Policy::new(config.allow),
            names: Names::new(config.resolver),
            tls: Tls::new(&config.extra_roots).map_err(SetupError::Tls)?,
            http1,
            connect_timeout: config.connect_timeout,
            user_agent: HeaderValue::try_from(config.user_agent).map_err(SetupError::UserAgent)?,
            limits: Limits {
                // The connection's buffer may hold twice what it parses.
                max_before_body: 4 * head as u64,
                max_body: config.max_body,
                max_read: config.max_read.max(config.max_body),
            },
            pool: Pool::new(PoolLimits {
                idle_timeout: config.idle_timeout,
                max_age: config.max_age,
                max_per_route: config.max_idle_per_host,
                max_total: config.max_idle,
            }),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The rule by which addresses are refused.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.shared.policy
    }

    /// Parses a URL under this client's rule.
    ///
    /// # Errors
    /// Says what to change.
    pub fn target(&self, url: &str) -> Result<Target, TargetError> {
        Target::parse(url, &self.shared.policy)
    }

    /// Posts `body`; see [`Self::request`].
    pub async fn post(
        &self,
        target: &Target,
        headers: &[(HeaderName, HeaderValue)],
        body: Vec<Bytes>,
        timeout: Duration,
    ) -> Exchange {
        self.request(Method::POST, target, headers, body, timeout).await
    }

    /// Gets what is there; see [`Self::request`].
    pub async fn get(&self, target: &Target, headers: &[(HeaderName, HeaderValue)], timeout: Duration) -> Exchange {
        self.request(Method::GET, target, headers, Vec::new(), timeout).await
    }

    /// Sends `body` (its pieces in order, perhaps none) and reads the answer, all within `timeout`.
    ///
    /// Headers for which [`is_reserved_header`](crate::is_reserved_header) holds are left out. Any
    /// method will do but CONNECT. Like every request, it may in rare cases arrive twice, whatever
    /// its method means. Dropping the future closes the connection. Must be called inside a tokio
    /// runtime.
    pub async fn request(
        &self,
        method: Method,
        target: &Target,
        headers: &[(HeaderName, HeaderValue)],
        body: Vec<Bytes>,
        timeout: Duration,
    ) -> Exchange {
        let start = Instant::now();
        let mut progress = Progress::default();
        let deadline = start.checked_add(timeout).unwrap_or(start + FOREVER);
        let errand = Errand { shared: &self.shared, method, target, headers, deadline };
        let outcome = match tokio::time::timeout(timeout, errand.run(body, &mut progress)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(progress.timed_out(timeout)),
        };
        progress.finish(outcome, start)
    }
}

/// One request on its way.
struct Errand<'a> {
    shared: &'a Shared,
    method: Method,
    target: &'a Target,
    headers: &'a [(HeaderName, HeaderValue)],
    deadline: Instant,
}

impl Errand<'_> {
    async fn run(&self, body: Vec<Bytes>, progress: &mut Progress) -> Result<Response, Failure> {
        if self.method == Method::CONNECT {
            return Err(Failure::new(FailureClass::Protocol, "CONNECT asks for a tunnel, which is never opened"));
        }
        let route = self.target.route();
        if let Some(live) = self.shared.pool.take(route) {
            progress.reused = true;
            match self.on(live, body.clone(), progress).await {
                Err(broken) if broken.silently => *progress = Progress::default(),
                result => return result.map_err(|broken| broken.failure),
            }
        }
        // Boxed, since it is large and seldom needed.
        let live = Box::pin(dial(self.shared, route, self.deadline, progress)).await?;
        self.on(live, body, progress).await.map_err(|broken| broken.failure)
    }

    async fn on(
        &self,
        mut live: Box<Live>,
        body: Vec<Bytes>,
        progress: &mut Progress,
    ) -> Result<Response, crate::live::Broken> {
        let method = self.method.clone();
        let request = request::build(method, self.target, &self.shared.user_agent, self.headers, body);
        let (response, reusable) = live.exchange(request, self.shared.limits, progress).await?;
        if reusable {
            self.shared.pool.put(self.target.route(), live);
        }
        Ok(response)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("policy", &self.shared.policy).finish_non_exhaustive()
    }
}
