//! Connections that are used again, and those that are not.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use guarded_http::{Client, Config, Resolver, Target};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::receiver::*;

#[tokio::test]
async fn a_connection_is_used_again_and_says_so() {
    let receiver = Receiver::answering(OK).await;
    let client = client();
    for number in 0..20 {
        let exchange = post(&client.clone(), &receiver.url()).await;
        assert_eq!(exchange.reused, number > 0);
        assert_eq!(exchange.timing.connect_us.is_none(), number > 0);
        assert_eq!(exchange.remote, Some(receiver.address));
        assert_eq!(answer(exchange).status, 200);
    }
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_connection_the_receiver_wants_closed_is_not_used_again() {
    let close = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    let receiver = Receiver::answering(close).await;
    let client = client();
    for number in 1..=3 {
        assert_eq!(answer(post(&client, &receiver.url()).await).status, 200);
        assert_eq!(receiver.connections(), number);
    }
}

/// Reads one request, answers it, and closes as soon as the next one begins to arrive.
async fn closes_on_the_second_request() -> Receiver {
    Receiver::start(|mut socket, _| async move {
        read_request(&mut socket).await;
        socket.write_all(OK).await.unwrap();
        let _ = socket.read_u8().await;
    })
    .await
}

#[tokio::test]
async fn a_stale_connection_is_replaced_once_without_anyone_noticing() {
    let receiver = closes_on_the_second_request().await;
    let client = client();
    for number in 1..=3 {
        let exchange = post(&client, &receiver.url()).await;
        assert!(!exchange.reused, "the answer came on a fresh connection");
        assert_eq!(answer(exchange).status, 200);
        assert_eq!(receiver.connections(), number);
    }
}

#[tokio::test]
async fn a_stale_connection_whose_replacement_fails_too_is_a_failure() {
    let receiver = Receiver::start(|mut socket, number| async move {
        read_request(&mut socket).await;
        if number == 0 {
            socket.write_all(OK).await.unwrap();
            let _ = socket.read_u8().await;
        }
    })
    .await;
    let client = client();
    assert_eq!(answer(post(&client, &receiver.url()).await).status, 200);
    let exchange = post(&client, &receiver.url()).await;
    assert_eq!(failure(&exchange).0, "reset");
    assert!(!exchange.reused);
    assert_eq!(receiver.connections(), 2, "tried once on a fresh connection and no more");
}

#[tokio::test]
async fn a_reused_connection_that_breaks_within_an_answer_is_not_tried_again() {
    let receiver = Receiver::start(|mut socket, _| async move {
        read_request(&mut socket).await;
        socket.write_all(OK).await.unwrap();
        read_request(&mut socket).await;
        socket.write_all(b"HTTP/1.1 2").await.unwrap();
    })
    .await;
    let client = client();
    assert_eq!(answer(post(&client, &receiver.url()).await).status, 200);
    let exchange = post(&client, &receiver.url()).await;
    assert_eq!(failure(&exchange).0, "reset");
    assert!(exchange.reused);
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_connection_closed_or_chattering_while_idle_is_left_alone() {
    for parting in ["", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"] {
        let idle = Arc::new(Notify::new());
        let parted = Arc::new(Notify::new());
        let (is_idle, has_parted) = (idle.clone(), parted.clone());
        let receiver = Receiver::start(move |mut socket, _| {
            let (idle, parted) = (is_idle.clone(), has_parted.clone());
            async move {
                read_request(&mut socket).await;
                socket.write_all(OK).await.unwrap();
                idle.notified().await;
                socket.write_all(parting.as_bytes()).await.unwrap();
                drop(socket);
                parted.notify_one();
            }
        })
        .await;
        let client = client();
        for number in 1..=3 {
            let exchange = post(&client, &receiver.url()).await;
            assert!(!exchange.reused);
            assert_eq!(answer(exchange).status, 200, "{parting:?}");
            assert_eq!(receiver.connections(), number);
            idle.notify_one();
            parted.notified().await;
            // One turn of the reactor, to hear of it.
            sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn idle_connections_are_closed_in_time() {
    let (closed, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let receiver = Receiver::start(move |mut socket, _| {
        let closed = closed.clone();
        async move {
            while read_request(&mut socket).await.is_some() {
                socket.write_all(OK).await.unwrap();
            }
            closed.send(()).unwrap();
        }
    })
    .await;
    let client = Client::new(Config { idle_timeout: Duration::from_millis(30), ..config() }).unwrap();
    for _ in 0..2 {
        assert_eq!(answer(post(&client, &receiver.url()).await).status, 200);
        hears.recv().await.unwrap();
    }
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn an_old_connection_is_not_used_again_however_busy() {
    let receiver = Receiver::answering(OK).await;
    let client = Client::new(Config { max_age: Duration::ZERO, ..config() }).unwrap();
    for number in 1..=3 {
        assert_eq!(answer(post(&client, &receiver.url()).await).status, 200);
        assert_eq!(receiver.connections(), number);
    }
}

#[test]
fn a_client_can_be_made_outside_of_a_runtime() {
    assert!(Client::new(Config::default()).is_ok());
}

#[tokio::test]
async fn a_promise_to_close_soon_is_believed() {
    let brief = "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1, max=100\r\nContent-Length: 0\r\n\r\n";
    let receiver = Receiver::answering(brief).await;
    let client = client();
    for number in 1..=2 {
        assert_eq!(answer(post(&client, &receiver.url()).await).status, 200);
        assert_eq!(receiver.connections(), number);
    }
}

#[tokio::test]
async fn no_more_connections_are_kept_than_configured() {
    let receiver = Receiver::answering(OK).await;
    for limits in [(1, 100), (100, 1)] {
        let client = Client::new(Config { max_idle_per_host: limits.0, max_idle: limits.1, ..config() }).unwrap();
        let before = receiver.connections();
        let url = receiver.url();
        let (one, two) = tokio::join!(post(&client, &url), post(&client, &url));
        assert!(!one.reused && !two.reused);
        let (one, two) = tokio::join!(post(&client, &url), post(&client, &url));
        assert_eq!([one.reused, two.reused].iter().filter(|reused| **reused).count(), 1);
        assert_eq!(receiver.connections() - before, 3);
    }
}

#[tokio::test]
async fn connections_are_not_shared_between_ways_of_getting_there() {
    let receiver = Receiver::answering(OK).await;
    let table = HashMap::from([("a.example".to_owned(), vec![receiver.address.ip()])]);
    let client = Client::new(Config { resolver: Resolver::Fixed(table), ..config() }).unwrap();
    let port = receiver.address.port();
    let targets = [
        client.target(&receiver.url()).unwrap(),
        client.target(&format!("http://a.example:{port}/")).unwrap(),
        Target::pinned(receiver.address, "127.0.0.1", "/").unwrap(),
    ];
    for target in &targets {
        assert!(!post_to(&client, target, PATIENCE).await.reused);
    }
    for target in &targets {
        assert!(post_to(&client, target, PATIENCE).await.reused);
    }
    assert_eq!(receiver.connections(), 3);
}
