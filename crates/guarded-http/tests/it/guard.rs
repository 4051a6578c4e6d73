//! Names, addresses, and what must not be reached.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use guarded_http::{Client, Config, Resolver};
use tokio::io::AsyncWriteExt as _;

use crate::receiver::*;

fn ips(list: &[&str]) -> Vec<IpAddr> {
    list.iter().map(|ip| ip.parse().unwrap()).collect()
}

fn fixed(list: &[(&str, &[&str])]) -> Resolver {
    let table: HashMap<_, _> = list.iter().map(|(name, list)| ((*name).to_owned(), ips(list))).collect();
    Resolver::Fixed(table)
}

#[tokio::test]
async fn a_name_that_leads_to_a_forbidden_address_is_blocked() {
    for ip in
        ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00:ec2::254"]
    {
        let client = Client::new(Config { resolver: fixed(&[("a.example", &[ip])]), ..Config::default() }).unwrap();
        let exchange = post(&client, "https://a.example/").await;
        let (class, message) = failure(&exchange);
        assert_eq!(class, "blocked_ip", "{ip}");
        assert!(message.starts_with("a.example resolves to") && message.contains(ip), "{message}");
        assert!(exchange.remote.is_none() && exchange.timing.dns_us.is_some());
    }
}

/// The classic: the first answer is harmless, the second is not.
#[tokio::test]
async fn a_rebound_name_is_blocked_on_the_next_connection() {
    let receiver = Receiver::answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let rebinding = move |_: &str| match count.fetch_add(1, Ordering::SeqCst) {
        0 => ips(&["127.0.0.2"]),
        _ => ips(&["127.0.0.1"]),
    };
    // 127.0.0.2 stands for the public address here; only it is excepted.
    let config = Config {
        allow: vec!["127.0.0.2/32".parse().unwrap()],
        resolver: Resolver::Custom(Arc::new(rebinding)),
        ..Config::default()
    };
    let client = Client::new(config).unwrap();
    let url = format!("http://a.example:{}/", receiver.address.port());
    let first = post(&client, &url).await;
    assert_eq!(failure(&first).0, "connect", "nothing listens on 127.0.0.2, but it was tried");
    assert_eq!(first.remote.unwrap().ip(), ips(&["127.0.0.2"])[0]);
    let second = post(&client, &url).await;
    assert_eq!(failure(&second).0, "blocked_ip");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn plain_http_needs_every_address_to_be_excepted() {
    let receiver = Receiver::answering(OK).await;
    let port = receiver.address.port();
    let table: &[(&str, &[&str])] = &[
        ("inside.example", &["127.0.0.1"]),
        ("mixed.example", &["127.0.0.1", "8.8.8.8"]),
        ("outside.example", &["8.8.8.8"]),
        ("beside.example", &["127.0.0.1", "10.0.0.1"]),
    ];
    let client = Client::new(Config { resolver: fixed(table), ..config() }).unwrap();
    let at = |name: &str| format!("http://{name}.example:{port}/");
    assert_eq!(answer(post(&client, &at("inside")).await).status, 200);
    for (name, part) in
        [("mixed", "plain http is not accepted"), ("outside", "use https"), ("beside", "a private address")]
    {
        let exchange = post(&client, &at(name)).await;
        let (class, message) = failure(&exchange);
        assert_eq!(class, "blocked_ip", "{name}");
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn the_clients_own_rule_counts_even_for_a_target_parsed_under_another() {
    let receiver = Receiver::answering(OK).await;
    let target = client().target(&receiver.url()).unwrap();
    let strict = Client::new(Config::default()).unwrap();
    let exchange = post_to(&strict, &target, PATIENCE).await;
    assert_eq!(failure(&exchange), ("blocked_ip", "127.0.0.1 is a loopback address, which must not be reached"));
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn forbidden_addresses_are_passed_over_for_the_others() {
    let receiver = Receiver::start(|mut socket, _| async move {
        let _ = socket.write_all(b"220 mail.example ESMTP\r\n").await;
    })
    .await;
    let port = receiver.address.port();
    // The first is forbidden, the second refuses the connection; by https, one forbidden address
    // is not the end.
    let table: &[(&str, &[&str])] = &[("a.example", &["10.0.0.1", "127.0.0.3", "127.0.0.1"])];
    let client = Client::new(Config { resolver: fixed(table), ..config() }).unwrap();
    let exchange = post(&client, &format!("https://a.example:{port}/")).await;
    assert_eq!(failure(&exchange), ("tls", "the receiver does not speak TLS on this port"));
    assert_eq!(exchange.remote, Some(receiver.address));
}

#[tokio::test]
async fn the_next_address_is_tried_when_one_refuses() {
    let receiver = Receiver::answering(OK).await;
    let table: &[(&str, &[&str])] = &[("a.example", &["127.0.0.9", "127.0.0.8", "127.0.0.1"])];
    let client = Client::new(Config { resolver: fixed(table), ..config() }).unwrap();
    let exchange = post(&client, &format!("http://a.example:{}/", receiver.address.port())).await;
    assert_eq!(exchange.remote, Some(receiver.address));
    assert_eq!(answer(exchange).status, 200);
}

#[tokio::test]
async fn a_name_without_addresses_is_a_dns_failure() {
    let client = Client::new(Config { resolver: fixed(&[]), ..Config::default() }).unwrap();
    let exchange = post(&client, "https://nowhere.example/").await;
    assert_eq!(failure(&exchange), ("dns", "the name nowhere.example has no address"));
}

#[tokio::test]
async fn localhost_is_known_to_the_system_resolver_and_guarded_like_any_name() {
    let receiver = Receiver::answering(OK).await;
    let url = format!("http://localhost:{}/", receiver.address.port());
    let both = vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    let open = Client::new(Config { allow: both, ..Config::default() }).unwrap();
    let exchange = post(&open, &url).await;
    assert!(exchange.timing.dns_us.is_some());
    assert_eq!(answer(exchange).status, 200);

    let elsewhere = Client::new(Config { allow: vec!["10.0.0.0/8".parse().unwrap()], ..Config::default() }).unwrap();
    let exchange = post_within(&elsewhere, &url, Duration::from_secs(10)).await;
    assert_eq!(failure(&exchange).0, "blocked_ip");
}
