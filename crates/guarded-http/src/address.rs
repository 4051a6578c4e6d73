//! Which addresses must not be reached: the refusal table, and the operator's exceptions to it.
//!
//! For IPv4 the table names what is refused. For IPv6 it is the other way round: only global
//! unicast (`2000::/3`) passes, less the special blocks in it. An IPv4 address inside an IPv6 one is
//! judged as itself where the system would route it so (mapped, NAT64 well-known prefix); the
//! tunnels (6to4, Teredo) are refused whole, as nothing of today answers there.
//!
//! Sources: the IANA special-purpose registries (RFC 6890) and the clouds' metadata addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::IpNet;

/// Decides which addresses may be reached. The default refuses everything that is not public.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    allow: Arc<[IpNet]>,
}

/// An address that must not be reached, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{ip} is {why}")]
pub struct Blocked {
    /// The address.
    pub ip: IpAddr,
    /// What kind of address it is, such as "a private address".
    pub why: &'static str,
}

impl Policy {
    /// Refuses everything that is not public, except for `allow`.
    #[must_use]
    pub fn new(allow: impl IntoIterator<Item = IpNet>) -> Self {
        Self { allow: allow.into_iter().collect() }
    }

    /// Whether an address may be reached.
    ///
    /// # Errors
    /// Says what kind of address it is, if it may not.
    pub fn check(&self, ip: IpAddr) -> Result<(), Blocked> {
        if self.is_excepted(ip) {
            return Ok(());
        }
        let why = match ip.to_canonical() {
            IpAddr::V4(v4) => refused_v4(v4),
            IpAddr::V6(v6) => match nat64(v6) {
                Some(v4) => return self.check(v4.into()).map_err(|blocked| Blocked { ip, ..blocked }),
                None => refused_v6(v6),
            },
        };
        why.map_or(Ok(()), |why| Err(Blocked { ip, why }))
    }

    /// Whether the operator has excepted this address from the table.
    #[must_use]
    pub fn is_excepted(&self, ip: IpAddr) -> bool {
        let canonical = ip.to_canonical();
        self.allow.iter().any(|net| net.contains(&ip) || net.contains(&canonical))
    }

    /// Whether there are any exceptions at all.
    #[must_use]
    pub fn has_exceptions(&self) -> bool {
        !self.allow.is_empty()
    }
}

type V4Block = (Ipv4Addr, u32, &'static str);
type V6Block = (Ipv6Addr, u32, &'static str);

const PRIVATE: &str = "a private address";
const METADATA: &str = "a cloud metadata address";
const DOCUMENTATION: &str = "an address for documentation";
const BENCHMARKING: &str = "an address for benchmarking";
const RESERVED: &str = "a reserved address";

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u32, why: &'static str) -> V4Block {
    (Ipv4Addr::new(a, b, c, d), bits, why)
}

/// The first match names the reason, so single addresses stand before the blocks around them.
const V4: &[V4Block] = &[
    v4(0, 0, 0, 0, 32, "the unspecified address"),
    v4(0, 0, 0, 0, 8, "an address of \"this network\""),
    v4(10, 0, 0, 0, 8, PRIVATE),
    v4(100, 100, 100, 200, 32, METADATA),
    v4(100, 64, 0, 0, 10, "an address shared by a carrier (CGNAT)"),
    v4(127, 0, 0, 0, 8, "a loopback address"),
    v4(168, 63, 129, 16, 32, METADATA),
    v4(169, 254, 169, 254, 32, METADATA),
    v4(169, 254, 0, 0, 16, "a link-local address"),
    v4(172, 16, 0, 0, 12, PRIVATE),
    v4(192, 0, 0, 192, 32, METADATA),
    v4(192, 0, 0, 0, 24, RESERVED),
    v4(192, 0, 2, 0, 24, DOCUMENTATION),
    v4(192, 88, 99, 0, 24, "a 6to4 relay address"),
    v4(192, 168, 0, 0, 16, PRIVATE),
    v4(198, 18, 0, 0, 15, BENCHMARKING),
    v4(198, 51, 100, 0, 24, DOCUMENTATION),
    v4(203, 0, 113, 0, 24, DOCUMENTATION),
    v4(224, 0, 0, 0, 4, "a multicast address"),
    v4(255, 255, 255, 255, 32, "the broadcast address"),
    v4(240, 0, 0, 0, 4, RESERVED),
];

const fn v6(high: [u16; 4], bits: u32, why: &'static str) -> V6Block {
    (Ipv6Addr::new(high[0], high[1], high[2], high[3], 0, 0, 0, 0), bits, why)
}

const V6: &[V6Block] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "the unspecified address"),
    (Ipv6Addr::LOCALHOST, 128, "a loopback address"),
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128, METADATA),
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128, METADATA),
    v6([0xfc00, 0, 0, 0], 7, "a private address (unique local)"),
    v6([0xfe80, 0, 0, 0], 10, "a link-local address"),
    v6([0xfec0, 0, 0, 0], 10, "a private address (site-local)"),
    v6([0xff00, 0, 0, 0], 8, "a multicast address"),
    v6([0x64, 0xff9b, 1, 0], 48, "a private NAT64 address"),
    v6([0x2001, 0, 0, 0], 32, "a Teredo tunnel address"),
    v6([0x2001, 2, 0, 0], 48, BENCHMARKING),
    v6([0x2001, 0, 0, 0], 23, RESERVED),
    v6([0x2001, 0xdb8, 0, 0], 32, DOCUMENTATION),
    v6([0x2002, 0, 0, 0], 16, "a 6to4 tunnel address"),
    v6([0x3fff, 0, 0, 0], 20, DOCUMENTATION),
];

fn refused_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let inside = |(net, bits, _): &&V4Block| (ip.to_bits() ^ net.to_bits()).leading_zeros() >= *bits;
    V4.iter().find(inside).map(|block| block.2)
}

fn refused_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let inside = |(net, bits, _): &&V6Block| (ip.to_bits() ^ net.to_bits()).leading_zeros() >= *bits;
    let global_unicast = ip.segments()[0] >> 13 == 1;
    match V6.iter().find(inside) {
        Some(block) => Some(block.2),
        None if global_unicast => None,
        None => Some("not a public address"),
    }
}

/// The IPv4 address behind `64:ff9b::/96`, through which networks without IPv4 reach it (RFC 6052).
fn nat64(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = ip.segments() else {
        return None;
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
