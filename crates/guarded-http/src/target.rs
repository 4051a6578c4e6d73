//! Where a request goes: a URL, parsed once and refused early.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::{HeaderValue, Uri};
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, Url};

use crate::address::{Blocked, Policy};
use crate::certificate::ClientCertificate;

const LONGEST: usize = 2048;

/// Ports of other protocols, which an HTTP request could be abused to speak (WHATWG Fetch, "port
/// blocking").
const FOREIGN_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Where a request goes. Parse it once per receiver and keep it; clones are cheap.
#[derive(Clone)]
pub struct Target {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    route: Arc<Route>,
    uri: Uri,
    host_header: HeaderValue,
}

/// What two targets must have in common to share a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Route {
    pub(crate) secure: bool,
    pub(crate) place: Place,
    pub(crate) port: u16,
    /// The host without brackets and trailing dot, for the certificate and for messages.
    pub(crate) host: String,
    /// Who the client is on this connection.
    pub(crate) certificate: Option<Arc<ClientCertificate>>,
}

/// How the address is come by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// By resolving the name, anew for every connection.
    Name(String),
    /// It stands in the URL.
    Literal(IpAddr),
    /// The program fixed it; the guard is not asked.
    Pinned(IpAddr),
}

/// Why a URL cannot be a target, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// There is no text.
    #[error("the URL is empty; enter one like https://example.com/webhooks")]
    Empty,
    /// The text is too long.
    #[error("the URL is longer than 2048 characters; use a shorter one")]
    TooLong,
    /// Blanks, control characters and backslashes mean different things to different programs.
    #[error("the URL contains a blank, a control character or a backslash; remove it, or write it percent-encoded")]
    BadCharacter,
    /// It is not a URL.
    #[error("this is not a URL ({0}); enter one like https://example.com/webhooks")]
    NotAUrl(String),
    /// It is neither `http` nor `https`.
    #[error("\"{0}:\" is not supported; use https://")]
    Scheme(String),
    /// Plain `http` outside the excepted networks.
    #[error("plain http is not accepted; use https://")]
    NotHttps,
    /// A user name or password in the URL.
    #[error("the URL contains a user name or password; remove it and send a header instead")]
    UserInfo,
    /// A fragment, which would never be sent.
    #[error("the URL ends in a fragment (\"#…\"), which is never sent; remove it")]
    Fragment,
    /// An IPv6 zone, which only means something on one machine.
    #[error("the address contains a zone (\"%…\"); use a public address or a host name")]
    Zone,
    /// The host is no host name.
    #[error("\"{0}\" is not a valid host name")]
    BadHost(String),
    /// The port belongs to another protocol.
    #[error("port {0} belongs to another protocol than HTTP; use 443 or another web port")]
    Port(u16),
    /// The address must not be reached.
    #[error("{0}, which cannot be reached from here; use a public address or a host name")]
    Blocked(Blocked),
    /// The name always means this machine.
    #[error("\"{0}\" means this very machine, which cannot be reached from here; use a public host name")]
    Localhost(String),
}

impl Target {
    /// Parses a URL, and refuses what can be refused without resolving its name.
    ///
    /// Plain `http` passes for an excepted address, and for a name if there are exceptions at all;
    /// whether every address of that name is excepted is checked on connecting.
    ///
    /// # Errors
    /// Says what to change.
    pub fn parse(text: &str, policy: &Policy) -> Result<Self, TargetError> {
        let url = read(text.trim())?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            other => return Err(TargetError::Scheme(other.to_owned())),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(TargetError::Fragment);
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if FOREIGN_PORTS.contains(&port) {
            return Err(TargetError::Port(port));
        }
        let place = match url.host() {
            Some(Host::Ipv4(ip)) => Place::Literal(ip.into()),
            Some(Host::Ipv6(ip)) => Place::Literal(IpAddr::V6(ip).to_canonical()),
            Some(Host::Domain(name)) => Place::Name(name.to_owned()),
            None => return Err(TargetError::BadHost(String::new())),
        };
        admit(&place, secure, policy)?;
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let shown = &url[url::Position::BeforeHost..url::Position::AfterPort];
        Self::new(secure, place, port, shown, path)
    }

    /// A plain `http` target whose address the program itself fixes; the guard is not asked.
    ///
    /// Never build one from what a customer entered.
    ///
    /// # Errors
    /// Fails if `host` or `path` cannot stand in a request.
    pub fn pinned(address: SocketAddr, host: &str, path: &str) -> Result<Self, TargetError> {
        Self::new(false, Place::Pinned(address.ip()), address.port(), host, path)
    }

    /// The same target, reached as the client that the certificate names; it is shown if the
    /// receiver asks for one. Connections are never shared between different certificates, nor
    /// between one and none. Without TLS there is nobody to show it to.
    #[must_use]
    pub fn with_certificate(&self, certificate: &Arc<ClientCertificate>) -> Self {
        let mut inner = Inner::clone(&self.inner);
        let route = Route { certificate: Some(certificate.clone()), ..Route::clone(&inner.route) };
        inner.route = Arc::new(route);
        Self { inner: Arc::new(inner) }
    }

    /// The host, as a name or an address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.inner.route.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.inner.route.port
    }

    /// Whether it is reached by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.inner.route.secure
    }

    /// Path and query, as sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.inner.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    pub(crate) fn route(&self) -> &Arc<Route> {
        &self.inner.route
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.inner.uri
    }

    pub(crate) fn host_header(&self) -> &HeaderValue {
        &self.inner.host_header
    }

    fn new(secure: bool, place: Place, port: u16, shown: &str, path: &str) -> Result<Self, TargetError> {
        let host = match &place {
            Place::Name(name) => name.trim_end_matches('.').to_owned(),
            Place::Literal(ip) | Place::Pinned(ip) => ip.to_string(),
        };
        let bad_host = |_| TargetError::BadHost(host.clone());
        if host.len() > 253 || ServerName::try_from(host.as_str()).is_err() {
            return Err(TargetError::BadHost(host));
        }
        let host_header = HeaderValue::from_str(shown).map_err(bad_host)?;
        let uri = path.parse().map_err(|error: http::uri::InvalidUri| TargetError::NotAUrl(error.to_string()))?;
        let route = Arc::new(Route { secure, place, port, host, certificate: None });
        Ok(Self { inner: Arc::new(Inner { route, uri, host_header }) })
    }
}

/// Reads the text as a browser would, except for what browsers silently repair.
fn read(text: &str) -> Result<Url, TargetError> {
    if text.is_empty() {
        return Err(TargetError::Empty);
    }
    if text.len() > LONGEST {
        return Err(TargetError::TooLong);
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(TargetError::BadCharacter);
    }
    let bracketed = text.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    if bracketed.is_some_and(|(inside, _)| inside.contains('%')) {
        return Err(TargetError::Zone);
    }
    let url = Url::parse(text).map_err(|error| TargetError::NotAUrl(error.to_string()))?;
    match text.get(url.scheme().len()..) {
        Some(rest) if rest.starts_with("://") || !matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err(TargetError::NotAUrl("there is no \"//\" after the scheme".to_owned())),
    }
}

/// Refuses what is known to be out of reach before any name is resolved.
fn admit(place: &Place, secure: bool, policy: &Policy) -> Result<(), TargetError> {
    match place {
        Place::Literal(ip) => {
            policy.check(*ip).map_err(TargetError::Blocked)?;
            if !secure && !policy.is_excepted(*ip) {
                return Err(TargetError::NotHttps);
            }
        }
        Place::Name(name) if !policy.has_exceptions() => {
            let bare = name.trim_end_matches('.');
            if bare == "localhost" || bare.ends_with(".localhost") {
                return Err(TargetError::Localhost(name.clone()));
            }
            if !secure {
                return Err(TargetError::NotHttps);
            }
        }
        Place::Name(_) | Place::Pinned(_) => {}
    }
    Ok(())
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.inner.route).field(&self.inner.uri).finish()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https() { "https" } else { "http" };
        let host = self.inner.host_header.to_str().unwrap_or_default();
        write!(f, "{scheme}://{host}{}", self.path())
    }
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
