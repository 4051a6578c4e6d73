//! Endpoints and own event types in memory, ready for use on the hot path: patterns parsed, URLs checked,
//! secrets opened. Read from the database at first use and after each change.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use http::{HeaderName, HeaderValue};

use crate::connection::{self, ConnectionAccess, ConnectionStatus, Provider};
use crate::delivery::Trigger;
use crate::endpoint::breaker::Breaker;
use crate::endpoint::{Auth, Controls, DeliveryForm, EndpointStatus, Retry, SigningScheme, Subscription, store};
use crate::event::Matter;
use crate::failure::store as failures;
use crate::id::{EndpointId, OrgId};
use crate::rule::schedule::{Due, Schedule};
use crate::time::Timestamp;
use crate::{Error, Hub, Result, key};

/// How long an entry is believed when other processes share the database, in milliseconds.
const SHARED_MS: i64 = 2000;

/// What is known of each organization.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    entries: RwLock<HashMap<OrgId, Arc<Entry>>>,
    /// Moves with each change, so that a slow read never overwrites a newer one.
    version: AtomicU64,
}

/// What is known of one organization.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its endpoints that are not deleted, oldest first.
    pub(crate) endpoints: Vec<Arc<Route>>,
    /// Names of its own event types.
    pub(crate) own_types: HashSet<String>,
    /// When the look began.
    read_at: Timestamp,
}

/// An endpoint made ready for delivering.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) id: EndpointId,
    pub(crate) org_id: OrgId,
    pub(crate) name: String,
    pub(crate) url: String,
    /// Where to connect, or why that is refused (the allowed networks may have changed since).
    pub(crate) target: Result<guarded_http::Target, String>,
    pub(crate) subscription: Subscription,
    pub(crate) status: EndpointStatus,
    pub(crate) timeout_ms: i64,
    pub(crate) retry: Retry,
    pub(crate) rate_limit_per_minute: Option<i64>,
    /// Attempts under way at most.
    pub(crate) concurrency: usize,
    /// Name and port of the receiver, for the circuit breaker of the host.
    pub(crate) host: Arc<str>,
    /// Failures that were stored, if there are any.
    pub(crate) breaker: Option<Breaker>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) controls: Controls,
    pub(crate) script: Option<sandbox::Script>,
    pub(crate) auth: ReadyAuth,
    /// When its messages go, for one that leads to a channel.
    pub(crate) schedule: Option<Schedule>,
    pub(crate) version: i64,
    secrets: Vec<(signature::Secret, Option<Timestamp>)>,
    keys: Vec<(signature::SigningKey, Option<Timestamp>)>,
}

/// Authentication, ready to be used.
#[derive(Debug)]
pub(crate) enum ReadyAuth {
    /// Nothing to add.
    None,
    /// A header with a fixed value.
    Header(HeaderName, HeaderValue),
    /// A token that has to be fetched.
    Oauth2(Box<oauth_flow::ClientCredentials>),
    /// A client certificate.
    Mtls(Arc<guarded_http::ClientCertificate>),
    /// It cannot be used, and why.
    Broken(String),
}

impl Route {
    /// Whether this endpoint wants an event: by type, channels and filter.
    pub(crate) fn wants(&self, matter: &Matter<'_>) -> bool {
        self.controls.wants_channels(matter.channels) && matter.suits(&self.subscription, self.controls.filter.as_ref())
    }

    /// When a delivery that is made now goes, where that is later.
    pub(crate) fn later(&self, now: Timestamp) -> Option<Timestamp> {
        match self.schedule.as_ref()?.due(now) {
            Due::Now => None,
            Due::At(at) => Some(at),
        }
    }

    /// The moment itself, or the end of the quiet hours that it lies in: nothing but a test is sent in those.
    pub(crate) fn after_quiet(&self, at: Timestamp, cause: Trigger) -> Timestamp {
        match &self.schedule {
            Some(schedule) if cause != Trigger::Test => schedule.after_quiet(at),
            _ => at,
        }
    }

    /// Whether its deliveries go several in one request.
    pub(crate) const fn batches(&self) -> bool {
        matches!(self.controls.delivery, DeliveryForm::Batch { .. })
    }

    /// Whether a delivery that was made then goes in one request with others: of those to a channel, no test and nothing that is
    /// told at once.
    pub(crate) fn goes_together(&self, cause: Trigger, created_at: Timestamp) -> bool {
        let waited = || cause != Trigger::Test && self.later(created_at).is_some();
        self.batches() && (self.schedule.is_none() || waited())
    }

    /// The Ed25519 keys that sign now, newest first.
    pub(crate) fn live_keys(&self, now: Timestamp) -> Vec<&signature::SigningKey> {
        self.keys.iter().filter(|(_, end)| end.is_none_or(|end| end > now)).map(|(key, _)| key).collect()
    }

    /// Whether requests are signed in this way.
    pub(crate) fn signs(&self, scheme: SigningScheme) -> bool {
        self.controls.schemes().contains(&scheme)
    }

    /// The secrets that sign now, newest first.
    pub(crate) fn live_secrets(&self, now: Timestamp) -> Vec<&signature::Secret> {
        self.secrets.iter().filter(|(_, end)| end.is_none_or(|end| end > now)).map(|(secret, _)| secret).collect()
    }
}

#[cfg(test)]
impl Route {
    /// An active endpoint for tests that send nothing.
    pub(crate) fn for_tests(org_id: OrgId, id: EndpointId, rate_limit_per_minute: Option<i64>) -> Self {
        Self {
            id,
            org_id,
            name: "Test".into(),
            url: "https://example.com/".into(),
            target: Err("nothing is sent".into()),
            subscription: Subscription::parse(&["*".into()]).expect("a good pattern"),
            status: EndpointStatus::Active,
            timeout_ms: 1000,
            retry: Retry::default(),
            rate_limit_per_minute,
            concurrency: 32,
            host: "example.com:443".into(),
            breaker: None,
            headers: Vec::new(),
            controls: Controls::default(),
            script: None,
            auth: ReadyAuth::None,
            schedule: None,
            version: 1,
            secrets: Vec::new(),
            keys: Vec::new(),
        }
    }
}

impl Entry {
    /// The endpoint of this id.
    pub(crate) fn route(&self, id: &EndpointId) -> Option<&Arc<Route>> {
        self.endpoints.iter().find(|route| route.id == *id)
    }
}

#[cfg(test)]
impl Entry {
    /// What a look that began at this time would have found.
    pub(crate) fn for_tests(endpoints: Vec<Arc<Route>>, read_at: Timestamp) -> Self {
        Self { endpoints, own_types: HashSet::new(), read_at }
    }
}

impl Directory {
    /// Forgets what is known of an organization, so that the next use reads it anew. Called after each
    /// commit that changes its endpoints or own event types.
    pub(crate) fn forget(&self, org_id: &OrgId) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        self.version.fetch_add(1, Ordering::SeqCst);
        entries.remove(org_id);
    }

    /// Forgets everything, because changes by other processes may have gone unheard.
    pub(crate) fn forget_all(&self) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        self.version.fetch_add(1, Ordering::SeqCst);
        entries.clear();
    }

    /// What is known of an organization; where other processes share the database, only while it is believed.
    pub(crate) fn known(&self, org_id: &OrgId, shared: bool, now: Timestamp) -> Option<Arc<Entry>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(org_id).filter(|entry| !shared || now.since(entry.read_at) < SHARED_MS).cloned()
    }

    /// How often something was forgotten: whoever begins to read notes it for [`Directory::learn`].
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    /// Keeps what was read since this version, unless something was forgotten meanwhile or a later look is known.
    pub(crate) fn learn(&self, org_id: &OrgId, entry: &Arc<Entry>, version: u64) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let newer = entries.get(org_id).is_none_or(|known| known.read_at <= entry.read_at);
        if newer && self.version() == version {
            entries.insert(org_id.clone(), Arc::clone(entry));
        }
    }
}

/// What is known of an organization.
pub(crate) async fn entry(hub: &Hub, org_id: &OrgId) -> Result<Arc<Entry>> {
    let shared = matches!(hub.db, crate::db::Db::Postgres(_));
    if let Some(entry) = hub.directory.known(org_id, shared, hub.now()) {
        return Ok(entry);
    }
    let version = hub.directory.version();
    // Boxed, since it is large and seldom needed: so is what else is boxed on the way of a delivery.
    let entry = Arc::new(Box::pin(read(hub, org_id)).await?);
    hub.directory.learn(org_id, &entry, version);
    Ok(entry)
}

async fn read(hub: &Hub, org_id: &OrgId) -> Result<Entry> {
    // Before the look: what changes during it may not be in it.
    let read_at = hub.now();
    key::learn(hub, org_id).await;
    let mut conn = hub.db.read().await?;
    let rows = store::all(&mut conn, org_id).await?;
    let mut secrets: HashMap<EndpointId, Vec<store::SecretRow>> = HashMap::new();
    for row in store::secrets_of_org(&mut conn, org_id).await? {
        secrets.entry(row.endpoint_id.clone()).or_default().push(row);
    }
    let failing = failures::of_org(&mut conn, org_id).await?;
    let connections = connection::store::all(&mut conn, org_id).await?;
    let own_types = crate::event_type::store::own_names(&mut conn, org_id).await?.into_iter().collect();
    let endpoints = rows
        .into_iter()
        .map(|row| {
            let secrets = secrets.remove(&row.id).unwrap_or_default();
            let breaker = failing.get(&row.id).map(failures::Row::breaker);
            route(hub, row, secrets, breaker, &connections).map(Arc::new)
        })
        .collect::<Result<_>>()?;
    Ok(Entry { endpoints, own_types, read_at })
}

/// An endpoint as it was in a version, with the signing secrets of today.
///
/// # Errors
/// There is no such version, or the endpoint is deleted.
pub(crate) async fn as_of(hub: &Hub, org_id: &OrgId, id: &EndpointId, version: i64) -> Result<Arc<Route>> {
    let mut conn = hub.db.read().await?;
    let row = store::find_version(&mut conn, org_id, id, version).await?;
    let row = row.ok_or_else(|| Error::not_found("endpoint version"))?;
    let secrets = store::secrets(&mut conn, id).await?;
    let breaker = failures::of_org(&mut conn, org_id).await?.get(id).map(failures::Row::breaker);
    let connections = connection::store::all(&mut conn, org_id).await?;
    route(hub, row, secrets, breaker, &connections).map(Arc::new)
}

fn route(
    hub: &Hub,
    row: store::Row,
    secrets: Vec<store::SecretRow>,
    breaker: Option<Breaker>,
    connections: &[connection::store::Row],
) -> Result<Route> {
    let patterns: Vec<String> = serde_json::from_str(&row.event_types_json).map_err(Error::internal)?;
    let (mut shared, mut keys) = (Vec::new(), Vec::new());
    for secret in &secrets {
        let text = open_secret(hub, &row.org_id, secret)?;
        match secret.public_key {
            None => shared.push((signature::Secret::parse(&text).map_err(Error::internal)?, secret.expires_at)),
            Some(_) => keys.push((signature::SigningKey::parse(&text).map_err(Error::internal)?, secret.expires_at)),
        }
    }
    let headers = open_headers(hub, &row)?
        .into_iter()
        .filter_map(|(name, value)| Some((HeaderName::try_from(name).ok()?, sensitive(&value)?)))
        .collect();
    let controls: Controls = serde_json::from_str(&row.controls_json).map_err(Error::internal)?;
    let (auth, status, schedule, target) = match &controls.destination {
        None => (ready_auth(hub, &row)?, row.status, None, target(hub, &row.url)),
        Some(destination) => {
            let connection = connections.iter().find(|connection| connection.id == destination.connection_id);
            let works = connection.filter(|connection| connection.status == ConnectionStatus::Healthy);
            let (auth, target) = way(hub, works, &row.url)?;
            // While its connection does not work, deliveries are kept as those of a paused endpoint are.
            let is_held = row.status == EndpointStatus::Active && works.is_none();
            let status = if is_held { EndpointStatus::Paused } else { row.status };
            let times = (destination.batching, destination.quiet_hours);
            (auth, status, Some(Schedule::new(times.0, times.1, &destination.time_zone)?), target)
        }
    };
    Ok(Route {
        target: target.map_err(|error| error.to_string()),
        subscription: Subscription::parse(&patterns)?,
        retry: serde_json::from_str(&row.retry_json).map_err(Error::internal)?,
        auth,
        schedule,
        host: host_of(&row.url).into(),
        concurrency: usize::try_from(controls.concurrency()).unwrap_or(1),
        breaker,
        script: controls.transformation.as_deref().map(sandbox::Script::accepted),
        controls,
        version: row.version,
        id: row.id,
        org_id: row.org_id,
        name: row.name,
        url: row.url,
        status,
        timeout_ms: row.timeout_ms,
        rate_limit_per_minute: row.rate_limit_per_minute,
        headers,
        secrets: shared,
        keys,
    })
}

/// How messages go through a connection: to the provider's URL with its token, or to the address that it keeps sealed.
fn way(
    hub: &Hub,
    connection: Option<&connection::store::Row>,
    url: &str,
) -> Result<(ReadyAuth, std::result::Result<guarded_http::Target, guarded_http::TargetError>)> {
    let plain = || target(hub, url);
    let Some(row) = connection else {
        return Ok((ReadyAuth::Broken("the connection does not work".into()), plain()));
    };
    let Some(grant) = connection::tokens::open(hub, row)? else {
        return Ok((ReadyAuth::Broken("the connection has no token".into()), plain()));
    };
    match (row.provider, row.access()) {
        // It is asked several times, with what its connection keeps.
        (Provider::Jira, _) => Ok((ReadyAuth::None, plain())),
        (_, ConnectionAccess::Workflow) => Ok((ReadyAuth::None, target(hub, grant.access_token.expose()))),
        (Provider::Slack | Provider::Teams, _) => {
            let token = grant.token().map_err(Error::internal)?;
            Ok((ReadyAuth::Header(http::header::AUTHORIZATION, token.authorization().clone()), plain()))
        }
    }
}

/// Name and port as they stand in a URL.
fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase()
}

fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn ready_auth(hub: &Hub, row: &store::Row) -> Result<ReadyAuth> {
    let header = |name: HeaderName, value: &str| match sensitive(value) {
        Some(value) => ReadyAuth::Header(name, value),
        None => ReadyAuth::Broken("the stored credentials do not fit into a header".into()),
    };
    Ok(match open_auth(hub, row)? {
        Auth::None => ReadyAuth::None,
        Auth::Basic { username, password } => {
            use base64::Engine as _;
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
            header(http::header::AUTHORIZATION, &format!("Basic {pair}"))
        }
        Auth::Bearer { token } => header(http::header::AUTHORIZATION, &format!("Bearer {token}")),
        Auth::ApiKey { header: name, value } => match HeaderName::try_from(name) {
            Ok(name) => header(name, &value),
            Err(error) => ReadyAuth::Broken(error.to_string()),
        },
        Auth::Oauth2 { token_url, client_id, client_secret, scope } => {
            ReadyAuth::Oauth2(Box::new(oauth_flow::ClientCredentials {
                token_url,
                client_id,
                client_secret: oauth_flow::Secret::new(client_secret),
                authentication: oauth_flow::ClientAuthentication::Basic,
                scope: Some(scope),
                extra: Vec::new(),
            }))
        }
        Auth::Mtls { certificate, private_key } => {
            match guarded_http::ClientCertificate::from_pem(&certificate, &private_key) {
                Ok(certificate) => ReadyAuth::Mtls(Arc::new(certificate)),
                Err(error) => ReadyAuth::Broken(error.to_string()),
            }
        }
    })
}

/// Where a URL leads: the hub's own inbox goes straight to this process's listener; everything else obeys
/// the rules for receivers.
pub(crate) fn target(hub: &Hub, url: &str) -> Result<guarded_http::Target, guarded_http::TargetError> {
    let inbox = url.strip_prefix(hub.settings.base_url.as_str()).filter(|path| {
        path.strip_prefix("/inbox/")
            .is_some_and(|token| !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric()))
    });
    match inbox {
        Some(path) => {
            let listen = hub.settings.listen;
            let ip = match listen.ip() {
                std::net::IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
                std::net::IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
                ip => ip,
            };
            let host = hub.settings.base_url.split_once("://").map_or("localhost", |(_, host)| host);
            guarded_http::Target::pinned((ip, listen.port()).into(), host, path)
        }
        None => hub.http.target(url),
    }
}

/// The place of an endpoint's signing secrets, to which their seal is bound.
pub(crate) fn secret_place(org_id: &OrgId, endpoint_id: &EndpointId) -> String {
    format!("{org_id}|signing_secrets|{endpoint_id}")
}

/// The place of an endpoint's custom headers, to which their seal is bound.
pub(crate) fn headers_place(org_id: &OrgId, endpoint_id: &EndpointId) -> String {
    format!("{org_id}|endpoints|{endpoint_id}")
}

/// The place of an endpoint's credentials, to which their seal is bound.
pub(crate) fn auth_place(org_id: &OrgId, endpoint_id: &EndpointId) -> String {
    format!("{org_id}|endpoints.auth|{endpoint_id}")
}

fn open_secret(hub: &Hub, org_id: &OrgId, row: &store::SecretRow) -> Result<zeroize::Zeroizing<String>> {
    let text = hub.open_sealed(&secret_place(org_id, &row.endpoint_id), &row.sealed)?;
    Ok(zeroize::Zeroizing::new(std::str::from_utf8(&text).map_err(Error::internal)?.to_owned()))
}

/// How the hub proves to the receiver who it is, in the clear.
pub(crate) fn open_auth(hub: &Hub, row: &store::Row) -> Result<Auth> {
    let Some(sealed) = &row.sealed_auth else { return Ok(Auth::None) };
    let text = hub.open_sealed(&auth_place(&row.org_id, &row.id), sealed)?;
    serde_json::from_slice(&text).map_err(Error::internal)
}

/// The custom headers of an endpoint in the clear.
pub(crate) fn open_headers(hub: &Hub, row: &store::Row) -> Result<std::collections::BTreeMap<String, String>> {
    let Some(sealed) = &row.sealed_headers else { return Ok(Default::default()) };
    let text = hub.open_sealed(&headers_place(&row.org_id, &row.id), sealed)?;
    serde_json::from_slice(&text).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn org() -> OrgId {
        OrgId::new(1, [1; 10])
    }

    /// A look that began at this time.
    fn look(read_at: i64) -> Arc<Entry> {
        Arc::new(Entry::for_tests(Vec::new(), Timestamp(read_at)))
    }

    #[test]
    fn what_other_processes_may_change_is_believed_for_two_seconds() {
        let directory = Directory::default();
        directory.learn(&org(), &look(1000), directory.version());
        let known = |shared, now| directory.known(&org(), shared, Timestamp(now)).is_some();
        assert_eq!([known(true, 2999), known(true, 3000), known(false, 3000)], [true, false, true]);
    }

    #[test]
    fn a_slow_look_replaces_neither_a_later_one_nor_what_was_forgotten_meanwhile() {
        let directory = Directory::default();
        let began = directory.version();
        directory.learn(&org(), &look(2000), began);
        directory.learn(&org(), &look(1000), began);
        let known = directory.known(&org(), true, Timestamp(2500));
        assert_eq!(known.map(|entry| entry.read_at), Some(Timestamp(2000)));
        directory.forget(&org());
        directory.learn(&org(), &look(2400), began);
        assert!(directory.known(&org(), true, Timestamp(2500)).is_none());
    }
}
