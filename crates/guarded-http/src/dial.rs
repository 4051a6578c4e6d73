//! A new connection: resolve, check, connect to the very address that was checked, secure.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::address::Policy;
use crate::client::Shared;
use crate::failure::{Failure, FailureClass};
use crate::live::{Live, Stream};
use crate::progress::{Phase, Progress, micros};
use crate::target::{Place, Route};
use crate::tls::{self, Asked};

/// How many addresses of one name are tried.
const MOST_ADDRESSES: usize = 4;

/// Opens a connection to the receiver of `route`.
pub(crate) async fn dial(
    shared: &Shared,
    route: &Route,
    deadline: Instant,
    progress: &mut Progress,
) -> Result<Box<Live>, Failure> {
    let addresses = addresses(shared, route, progress).await?;

    progress.phase = Phase::Connecting;
    let start = Instant::now();
    let tcp = connect(&addresses, shared.connect_timeout, deadline, progress).await?;
    progress.timing.connect_us = Some(micros(start));
    // Only delays what is written in several pieces; a connection without it still works.
    let _ = tcp.set_nodelay(true);

    let (stream, asked) = if route.secure {
        progress.phase = Phase::Securing;
        let start = Instant::now();
        let (secured, asked) = shared.tls.handshake(&route.host, route.certificate.as_deref(), tcp).await?;
        progress.timing.tls_us = Some(micros(start));
        progress.tls = Some(tls::version(&secured));
        (Stream::Secure(Box::new(secured)), asked)
    } else {
        (Stream::Plain(tcp), Asked::No)
    };
    Live::start(&shared.http1, stream, progress.remote, progress.tls, asked).await
}

/// Every address that may be reached, in the order to try them.
async fn addresses(shared: &Shared, route: &Route, progress: &mut Progress) -> Result<Vec<SocketAddr>, Failure> {
    let found = match &route.place {
        Place::Pinned(ip) => return Ok(vec![SocketAddr::new(*ip, route.port)]),
        Place::Literal(ip) => vec![*ip],
        Place::Name(name) => {
            let start = Instant::now();
            let found = shared.names.lookup(name).await?;
            progress.timing.dns_us = Some(micros(start));
            found
        }
    };
    let admitted = admit(found, route, &shared.policy)?;
    Ok(admitted.into_iter().map(|ip| SocketAddr::new(ip, route.port)).collect())
}

/// Drops the addresses that must not be reached; fails if none is left, and for plain `http` also
/// if a single one is not excepted.
fn admit(found: Vec<IpAddr>, route: &Route, policy: &Policy) -> Result<Vec<IpAddr>, Failure> {
    let host = &route.host;
    if !route.secure
        && let Some(ip) = found.iter().find(|ip| !policy.is_excepted(**ip))
    {
        let message = match policy.check(*ip) {
            Err(blocked) if blocked.ip.to_string() == *host => format!("{blocked}, which must not be reached"),
            Err(blocked) => format!("{host} resolves to {ip}, {}, which must not be reached", blocked.why),
            Ok(()) => format!("{host} resolves to {ip}, for which plain http is not accepted; use https"),
        };
        return Err(Failure::new(FailureClass::BlockedIp, message));
    }
    let mut refusal = None;
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for ip in found {
        match policy.check(ip) {
            Ok(()) if ip.to_canonical().is_ipv4() => v4.push(ip.to_canonical()),
            Ok(()) => v6.push(ip),
            Err(blocked) => refusal = refusal.or(Some(blocked)),
        }
    }
    let admitted = alternate(v4, v6);
    match refusal {
        Some(blocked) if admitted.is_empty() => {
            let message = format!("{host} resolves to {}, {}, which must not be reached", blocked.ip, blocked.why);
            Err(Failure::new(FailureClass::BlockedIp, message))
        }
        _ => Ok(admitted),
    }
}

/// Takes turns between the families, IPv4 first: it is the one that is set up everywhere.
fn alternate(v4: Vec<IpAddr>, v6: Vec<IpAddr>) -> Vec<IpAddr> {
    let (mut v4, mut v6) = (v4.into_iter(), v6.into_iter());
    let pairs = std::iter::from_fn(|| match [v4.next(), v6.next()] {
        [None, None] => None,
        pair => Some(pair),
    });
    pairs.flatten().flatten().take(MOST_ADDRESSES).collect()
}

/// Tries one address after the other. All but the last get a share of the time that is left.
async fn connect(
    addresses: &[SocketAddr],
    cap: Duration,
    deadline: Instant,
    progress: &mut Progress,
) -> Result<TcpStream, Failure> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for (tried, address) in addresses.iter().enumerate() {
        progress.remote = Some(*address);
        let to_go = u32::try_from(addresses.len() - tried).unwrap_or(1);
        let attempt = TcpStream::connect(address);
        let result = if to_go == 1 {
            attempt.await
        } else {
            let share = deadline.saturating_duration_since(Instant::now()) / to_go;
            let patience = share.min(cap);
            timeout(patience, attempt).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        };
        match result {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(Failure::new(FailureClass::Connect, connect_sentence(&last, addresses)))
}

fn connect_sentence(error: &io::Error, addresses: &[SocketAddr]) -> String {
    let place = match addresses {
        [] => "no address".to_owned(),
        [one] => one.to_string(),
        [.., last] => format!("{last} (the last of {} addresses tried)", addresses.len()),
    };
    match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("nothing accepts connections at {place} (connection refused)"),
        io::ErrorKind::TimedOut => format!("{place} does not answer (timed out)"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            format!("there is no way to {place} (unreachable)")
        }
        _ => format!("could not connect to {place}: {error}"),
    }
}
