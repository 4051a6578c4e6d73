//! Time and size.

use std::time::{Duration, Instant};

use guarded_http::{Client, Config};
use tokio::io::AsyncWriteExt as _;
use tokio::time::sleep;

use crate::receiver::*;

const SHORT: Duration = Duration::from_secs(2);

/// Holds the connection open and says nothing more.
async fn hang() {
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_receiver_that_hangs_is_cut_at_the_deadline() {
    let receiver = Receiver::start(|socket, _| async move {
        let _socket = socket;
        hang().await;
    })
    .await;
    let start = Instant::now();
    let exchange = post_within(&client(), &receiver.url(), SHORT).await;
    assert_eq!(failure(&exchange), ("timeout", "the receiver did not answer within 2s"));
    assert!(start.elapsed() >= SHORT && exchange.timing.total_us >= 2_000_000);
    assert!(exchange.timing.connect_us.is_some() && exchange.timing.first_byte_us.is_none());
    assert_eq!(exchange.remote, Some(receiver.address));
}

#[tokio::test]
async fn a_receiver_that_drips_headers_or_body_is_cut_at_the_deadline() {
    for (start, message) in [
        ("HTTP/1.1 200 OK\r\nX: ", "the receiver did not answer within 2s"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
            "the receiver answered 200 but did not finish its answer within 2s",
        ),
    ] {
        let receiver = Receiver::start(move |mut socket, _| async move {
            read_request(&mut socket).await;
            socket.write_all(start.as_bytes()).await.unwrap();
            while socket.write_all(b"a").await.is_ok() {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        let client = client();
        let exchange = post_within(&client, &receiver.url(), SHORT).await;
        assert_eq!(failure(&exchange), ("timeout", message));
        post_within(&client, &receiver.url(), SHORT).await;
        assert_eq!(receiver.connections(), 2, "a connection that was cut is not used again");
    }
}

#[tokio::test]
async fn endless_interim_answers_are_not_listened_to() {
    let receiver = Receiver::start(|mut socket, _| async move {
        while socket.write_all(b"HTTP/1.1 102 Processing\r\n\r\n").await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let exchange = post(&client(), &receiver.url()).await;
    assert_eq!(failure(&exchange).0, "too_large", "{exchange:?}");
}

#[tokio::test]
async fn a_flood_is_read_up_to_the_limit_and_its_connection_dropped() {
    for head in ["Transfer-Encoding: chunked\r\n\r\n", "Content-Length: 100000000\r\n\r\n", "\r\n"] {
        let receiver = Receiver::start(move |mut socket, _| async move {
            read_request(&mut socket).await;
            let _ = socket.write_all(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes()).await;
            let chunk: &[u8] = if head.starts_with('T') { b"8\r\nabcdefgh\r\n" } else { b"abcdefgh" };
            while socket.write_all(&chunk.repeat(512)).await.is_ok() {}
        })
        .await;
        let client = Client::new(Config { max_body: 1000, max_read: 100_000, ..config() }).unwrap();
        for number in 1..=2 {
            let answer = answer(post(&client, &receiver.url()).await);
            assert_eq!((answer.status, answer.body.len(), answer.body_truncated), (200, 1000, true), "{head:?}");
            assert_eq!(&answer.body[..8], b"abcdefgh");
            assert_eq!(receiver.connections(), number, "{head:?}");
        }
    }
}

#[tokio::test]
async fn a_body_longer_than_kept_but_soon_over_leaves_the_connection_usable() {
    let long = format!("HTTP/1.1 500 Oops\r\nContent-Length: 5000\r\n\r\n{}", "x".repeat(5000));
    let receiver = Receiver::answering(long).await;
    let client = Client::new(Config { max_body: 1000, ..config() }).unwrap();
    for _ in 0..3 {
        let answer = answer(post(&client, &receiver.url()).await);
        assert_eq!((answer.status, answer.body.len(), answer.body_truncated), (500, 1000, true));
    }
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_body_in_many_pieces_is_kept_in_order_and_to_the_byte() {
    let receiver = Receiver::start(|mut socket, _| async move {
        read_request(&mut socket).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        for piece in 0..10 {
            socket.write_all(format!("a\r\n{}\r\n", piece.to_string().repeat(10)).as_bytes()).await.unwrap();
            sleep(Duration::from_millis(2)).await;
        }
        socket.write_all(b"0\r\n\r\n").await.unwrap();
    })
    .await;
    for (kept, truncated) in [(45, true), (100, false), (0, true)] {
        let client = Client::new(Config { max_body: kept, ..config() }).unwrap();
        let answer = answer(post(&client, &receiver.url()).await);
        let whole: String = (0..10).map(|piece| piece.to_string().repeat(10)).collect();
        assert_eq!((&answer.body[..], answer.body_truncated), (&whole.as_bytes()[..kept], truncated));
    }
}

#[tokio::test]
async fn headers_that_are_too_large_or_too_many_are_refused() {
    let large = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(40_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", "X: y\r\n".repeat(150));
    for bytes in [large, many] {
        let receiver = Receiver::answering(bytes).await;
        let exchange = post(&client(), &receiver.url()).await;
        let message = "the receiver answered with too many or too large headers";
        assert_eq!(failure(&exchange), ("too_large", message));
    }
    let endless = Receiver::start(|mut socket, _| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while socket.write_all(b"X-Long: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").await.is_ok() {}
    })
    .await;
    let exchange = post(&client(), &endless.url()).await;
    assert_eq!(failure(&exchange).0, "too_large", "{exchange:?}");
}

#[tokio::test]
async fn a_timeout_without_end_is_as_good_as_any() {
    let receiver = Receiver::answering(OK).await;
    let answer = answer(post_within(&client(), &receiver.url(), Duration::MAX).await);
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn dropping_the_request_closes_its_connection() {
    let (closed, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let receiver = Receiver::start(move |mut socket, _| {
        let closed = closed.clone();
        async move {
            read_request(&mut socket).await;
            read_request(&mut socket).await;
            closed.send(()).unwrap();
        }
    })
    .await;
    let client = client();
    let url = receiver.url();
    tokio::select! {
        exchange = post(&client, &url) => panic!("{exchange:?}"),
        () = async { while receiver.connections() == 0 { sleep(Duration::from_millis(5)).await; } } => {}
    }
    hears.recv().await.unwrap();
}
