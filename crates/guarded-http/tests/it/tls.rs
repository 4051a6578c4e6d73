//! TLS: whom to believe, and what to say when not.

use std::time::Duration;

use guarded_http::{CertificateDer, Client, Config};

use crate::authority::*;
use crate::receiver::*;

#[tokio::test]
async fn a_trusted_receiver_is_reached_measured_and_reused() {
    let authority = Authority::new();
    let receiver = authority.receiver("a.example", 2100).await;
    let client = authority.trusting();
    let first = post(&client, &url("a.example", &receiver)).await;
    assert_eq!((first.tls.as_deref(), first.reused), (Some("TLS 1.3"), false));
    assert!(first.timing.tls_us.unwrap() > 0 && first.timing.dns_us.is_some());
    assert_eq!(answer(first).status, 200);
    let second = post(&client, &url("a.example", &receiver)).await;
    assert_eq!((second.tls.as_deref(), second.reused), (Some("TLS 1.3"), true));
    assert!(second.timing.tls_us.is_none());
    assert_eq!(answer(second).status, 200);
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_certificate_for_an_address_is_good_for_that_address() {
    let authority = Authority::new();
    let receiver = authority.receiver("127.0.0.1", 2100).await;
    let client = authority.trusting();
    assert_eq!(answer(post(&client, &url("127.0.0.1", &receiver)).await).status, 200);
}

#[tokio::test]
async fn every_certificate_problem_has_its_sentence() {
    let authority = Authority::new();
    let trusting = authority.trusting();
    let good = authority.receiver("a.example", 2100).await;
    let expired = authority.receiver("a.example", 2021).await;

    for (client, receiver, name, sentence) in [
        (&client_trusting(vec![], config()), &good, "a.example", "is not issued by a known authority"),
        (&trusting, &good, "b.example", "the certificate is not for b.example, but for a.example"),
        (&trusting, &expired, "a.example", "the certificate of a.example has expired"),
    ] {
        let exchange = post(client, &url(name, receiver)).await;
        let (class, message) = failure(&exchange);
        assert_eq!(class, "tls", "{message}");
        assert!(message.contains(sentence), "{message}");
        assert_eq!(exchange.remote, Some(receiver.address));
    }
}

#[tokio::test]
async fn a_receiver_that_closes_or_hangs_in_the_handshake_is_told_apart() {
    let client = client_trusting(vec![], config());
    let closing = Receiver::start(|socket, _| async move { drop(socket) }).await;
    let exchange = post(&client, &url("a.example", &closing)).await;
    assert_eq!(failure(&exchange), ("tls", "the receiver closed the connection during the TLS handshake"));

    let hanging = Receiver::start(|socket, _| async move {
        let _socket = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let exchange = post_within(&client, &url("a.example", &hanging), Duration::from_secs(2)).await;
    assert_eq!(failure(&exchange), ("timeout", "the TLS handshake did not finish within 2s"));
}

#[tokio::test]
async fn a_root_that_is_no_certificate_is_refused_on_setup() {
    let config = Config { extra_roots: vec![CertificateDer::from(vec![1, 2, 3])], ..config() };
    assert!(matches!(Client::new(config), Err(guarded_http::SetupError::Tls(_))));
}
