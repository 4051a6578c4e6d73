//! The address a request came from: the connection's, or what a trusted proxy says in `X-Forwarded-For`.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::request::Parts;
use http::{Extensions, HeaderMap};

use crate::state::AppState;

/// The address of the person or program that asks.
pub fn of(parts: &Parts, state: &AppState) -> Option<IpAddr> {
    let peer = peer(&parts.extensions)?;
    Some(behind_proxies(peer, &parts.headers, |ip| state.is_proxy(ip)))
}

/// Whether the connection comes from a trusted proxy.
pub fn is_proxied(extensions: &Extensions, state: &AppState) -> bool {
    state.has_proxies() && peer(extensions).is_some_and(|ip| state.is_proxy(ip))
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical())
}

/// Reads `X-Forwarded-For` from the right, where our own proxies write: the first address that is none of them.
fn behind_proxies(peer: IpAddr, headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> IpAddr {
    if !is_proxy(peer) {
        return peer;
    }
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    let mut nearest = peer;
    for hop in lines.iter().flat_map(|line| line.split(',')).rev() {
        let Some(ip) = read_address(hop.trim()) else { break };
        nearest = ip;
        if !is_proxy(ip) {
            break;
        }
    }
    nearest
}

/// An address, with or without brackets and port.
fn read_address(text: &str) -> Option<IpAddr> {
    let plain = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    plain.ok().or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()).map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_words() {
        let trusted = |ip: IpAddr| ip.to_string().starts_with("10.");
        for (peer, forwarded, expected) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
            ("10.0.0.1", "unknown", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            let found = behind_proxies(peer.parse().unwrap(), &headers, trusted);
            assert_eq!(found.to_string(), expected, "{peer} {forwarded}");
        }
    }
}
