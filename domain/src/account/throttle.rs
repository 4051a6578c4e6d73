//! Throttling of guesses: tries are counted *before* the password is looked at, so that many at once
//! cannot slip through, and taken back when it was right. Names are `email:…` and `ip:…`.

use std::net::IpAddr;

use super::store::throttles as store;
use crate::db::Conn;
use crate::{Error, Hub, Result};

/// How long a window is.
pub(super) const WINDOW_MS: i64 = 15 * 60 * 1000;
/// Wrong passwords per address and window.
pub(super) const PER_EMAIL: i64 = 5;
/// Wrong passwords and tokens per network address and window.
pub(super) const PER_IP: i64 = 30;

/// A try that was counted.
#[derive(Debug)]
pub(crate) struct Try {
    email: Option<String>,
    ip: Option<String>,
}

/// Counts a try for an address, a network address, or both.
///
/// # Errors
/// There were too many; says when to come back.
pub(crate) async fn count(hub: &Hub, email: Option<&str>, ip: Option<&str>) -> Result<Try> {
    let counted = Try { email: email.map(email_name), ip: ip.map(ip_name) };
    let now = hub.now();
    let stale = now.plus_ms(-WINDOW_MS);
    let mut tx = hub.db.begin().await?;
    let mut free_at = None;
    for (name, limit) in [(&counted.email, PER_EMAIL), (&counted.ip, PER_IP)] {
        let Some(name) = name else { continue };
        let (tries, since) = store::count(&mut tx, name, now, stale).await?;
        if tries > limit {
            free_at = free_at.max(Some(since.plus_ms(WINDOW_MS)));
        }
    }
    tx.commit().await?;
    match free_at {
        None => Ok(counted),
        Some(at) => {
            let seconds = (at.since(now) + 999).div_euclid(1000).max(1);
            let minutes = (seconds + 59) / 60;
            let unit = if minutes == 1 { "minute" } else { "minutes" };
            Err(Error::limit_reached(format!("Too many tries. Wait {minutes} {unit}, then try again."), seconds))
        }
    }
}

impl Try {
    /// The try was right: the address starts anew, the network address gets its try back.
    pub(crate) async fn was_right(&self, conn: &mut Conn) -> Result<()> {
        if let Some(name) = &self.email {
            store::clear(conn, name).await?;
        }
        if let Some(name) = &self.ip {
            store::uncount(conn, name).await?;
        }
        Ok(())
    }
}

/// The throttle's name of an e-mail address, whatever somebody typed there.
pub(crate) fn email_name(email: &str) -> String {
    format!("email:{}", email.trim().to_lowercase().chars().take(254).collect::<String>())
}

/// The throttle's name of a network address. A site has 2⁶⁴ IPv6 addresses, which count as one.
fn ip_name(ip: &str) -> String {
    match ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("ip:{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(IpAddr::V4(ip)) => format!("ip:{ip}"),
        Err(_) => format!("ip:{}", ip.chars().take(64).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::{email_name, ip_name};

    #[test]
    fn one_network_counts_as_one_name() {
        for (ip, name) in [
            ("192.0.2.7", "ip:192.0.2.7"),
            ("::ffff:192.0.2.7", "ip:192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "ip:2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "ip:2001:db8:1:2::/64"),
            ("unknown", "ip:unknown"),
        ] {
            assert_eq!(ip_name(ip), name);
        }
        assert_eq!(email_name(" Ann@Acme.TEST "), "email:ann@acme.test");
    }
}
