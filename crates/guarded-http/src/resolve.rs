//! From a name to its addresses.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::net::NetError;

use crate::config::{Lookup, Resolver};
use crate::failure::{Failure, FailureClass};

/// How long an answer is kept, whatever its own lifetime says.
const LONGEST_TTL: Duration = Duration::from_secs(300);
const LONGEST_NEGATIVE_TTL: Duration = Duration::from_secs(30);

/// A resolver that is ready to be asked.
pub(crate) enum Names {
    Hickory(Box<TokioResolver>),
    OperatingSystem,
    Fixed(HashMap<String, Vec<IpAddr>>),
    Custom(Lookup),
}

impl Names {
    pub(crate) fn new(resolver: Resolver) -> Self {
        match resolver {
            // Without a usable resolv.conf the C library knows best what is left to try.
            Resolver::System => hickory().map_or(Self::OperatingSystem, |found| Self::Hickory(Box::new(found))),
            Resolver::Fixed(table) => Self::Fixed(table),
            Resolver::Custom(function) => Self::Custom(function),
        }
    }

    /// The addresses of a name, at least one.
    pub(crate) async fn lookup(&self, name: &str) -> Result<Vec<IpAddr>, Failure> {
        let addresses: Vec<IpAddr> = match self {
            Self::Hickory(resolver) => match resolver.lookup_ip(name).await {
                Ok(answer) => answer.iter().collect(),
                Err(error) if error.is_no_records_found() && !error.is_nx_domain() => Vec::new(),
                Err(error) => return Err(failure(name, &error)),
            },
            Self::OperatingSystem => match tokio::net::lookup_host((name, 0)).await {
                Ok(answer) => answer.map(|address| address.ip()).collect(),
                Err(error) => return Err(no_such_name(name, &error)),
            },
            Self::Fixed(table) => table.get(name).cloned().unwrap_or_default(),
            Self::Custom(function) => function(name),
        };
        if addresses.is_empty() {
            return Err(Failure::new(FailureClass::Dns, format!("the name {name} has no address")));
        }
        Ok(addresses)
    }
}

fn hickory() -> Result<TokioResolver, NetError> {
    let mut builder = TokioResolver::builder_tokio()?;
    let options = builder.options_mut();
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.positive_max_ttl = Some(LONGEST_TTL);
    options.negative_max_ttl = Some(LONGEST_NEGATIVE_TTL);
    builder.build()
}

fn failure(name: &str, error: &NetError) -> Failure {
    let message = match error {
        _ if error.is_nx_domain() => format!("the name {name} does not exist"),
        NetError::Timeout => format!("the name servers did not answer when asked for {name}"),
        NetError::NoConnections | NetError::Io(_) => format!("the name servers could not be asked for {name}: {error}"),
        _ => format!("the name {name} could not be resolved: {error}"),
    };
    Failure::new(FailureClass::Dns, message)
}

fn no_such_name(name: &str, error: &io::Error) -> Failure {
    Failure::new(FailureClass::Dns, format!("the name {name} could not be resolved: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_resolv_conf_the_operating_system_is_asked() {
        let found = Names::OperatingSystem.lookup("localhost").await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback), "{found:?}");
        let failure = Names::OperatingSystem.lookup("a..b").await.unwrap_err();
        assert_eq!(failure.class, FailureClass::Dns);
    }

    #[test]
    fn silent_and_unreachable_name_servers_are_told_apart() {
        let io = NetError::from(io::Error::from(io::ErrorKind::NetworkUnreachable));
        assert!(failure("a.example", &io).message.contains("could not be asked for a.example"));
        assert!(failure("a.example", &NetError::Timeout).message.contains("did not answer"));
    }
}
