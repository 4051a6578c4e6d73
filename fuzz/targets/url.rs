//! The URL of an endpoint: without exceptions, what is accepted is HTTPS and names no address that is not public.
#![no_main]

use std::net::IpAddr;

use guarded_http::{Policy, Target};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let policy = Policy::new([]);
    if Target::parse(text, &policy).is_err() {
        return;
    }
    let plain = text.trim().to_ascii_lowercase();
    let rest = plain.strip_prefix("https:").expect("only https is accepted").trim_start_matches(['/', '\\']);
    let host = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
    if let Ok(address) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
        policy.check(address).expect("a public address");
    }
});
