//! Answers of every kind, right and wrong.

use guarded_http::{Bytes, HeaderName, HeaderValue, Target};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::receiver::*;

#[tokio::test]
async fn the_request_arrives_as_given_and_the_answer_comes_back() {
    let (receiver, mut received) = Receiver::recording().await;
    let client = client();
    let target = client.target(&format!("http://{}/hook?a=b", receiver.address)).unwrap();
    let header = |name, value| (HeaderName::from_static(name), HeaderValue::from_static(value));
    let headers = [
        header("webhook-id", "msg_1"),
        header("x-twice", "1"),
        header("x-twice", "2"),
        header("host", "elsewhere.example"),
        header("content-length", "99"),
        header("transfer-encoding", "chunked"),
        header("connection", "close"),
    ];
    let body = vec![Bytes::from_static(b"{\"a\":"), Bytes::new(), Bytes::from_static(b"1}")];
    let exchange = client.post(&target, &headers, body, PATIENCE).await;

    let request = received.recv().await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.lines().collect();
    assert_eq!(lines.remove(0), "POST /hook?a=b HTTP/1.1");
    lines.sort_unstable();
    let host = format!("host: {}", receiver.address);
    let expected =
        ["content-length: 7", &host, "user-agent: guarded-http", "webhook-id: msg_1", "x-twice: 1", "x-twice: 2"];
    assert_eq!(lines, expected);
    assert_eq!(body, "{\"a\":1}");

    assert_eq!((exchange.remote, exchange.reused, &exchange.tls), (Some(receiver.address), false, &None));
    let timing = exchange.timing;
    assert!(timing.dns_us.is_none() && timing.tls_us.is_none());
    assert!(timing.connect_us.unwrap() + timing.first_byte_us.unwrap() <= timing.total_us);
    let answer = answer(exchange);
    assert_eq!((answer.status, &answer.body[..], answer.body_truncated), (200, &b"ok"[..], false));
    assert_eq!(answer.header("content-length"), Some("2"));
}

#[tokio::test]
async fn an_empty_body_and_a_user_agent_of_its_own_are_sent() {
    let (receiver, mut received) = Receiver::recording().await;
    let client = client();
    let agent = (HeaderName::from_static("user-agent"), HeaderValue::from_static("hub/1"));
    let target = client.target(&receiver.url()).unwrap();
    answer(client.post(&target, &[agent], vec![], PATIENCE).await);
    let request = received.recv().await.unwrap();
    assert!(request.contains("user-agent: hub/1\r\n") && !request.contains("guarded-http"), "{request}");
    assert!(request.contains("content-length: 0\r\n"), "{request}");
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let (receiver, mut received) = Receiver::recording().await;
    let client = client();
    let target = client.target(&receiver.url()).unwrap();
    let part = Bytes::from(vec![b'x'; 1_000_000]);
    answer(client.post(&target, &[], vec![part.clone(), part.clone(), part], PATIENCE).await);
    assert!(received.recv().await.unwrap().ends_with(&"x".repeat(3_000_000)));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Receiver::answering(OK).await;
    let moved = format!("HTTP/1.1 307 Moved\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", elsewhere.url());
    let receiver = Receiver::answering(moved).await;
    let answer = answer(post(&client(), &receiver.url()).await);
    assert_eq!((answer.status, answer.header("location")), (307, Some(&*elsewhere.url())));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn interim_answers_are_skipped() {
    let answer_bytes = [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", OK].concat();
    let receiver = Receiver::answering(answer_bytes).await;
    let answer = answer(post(&client(), &receiver.url()).await);
    assert_eq!((answer.status, &answer.body[..]), (200, &b"ok"[..]));
    assert_eq!(answer.header("link"), None);
}

#[tokio::test]
async fn every_way_of_framing_a_body_is_read() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nTrailer: x\r\n\r\n";
    let until_close = "HTTP/1.0 200 OK\r\n\r\nabcde";
    let empty = "HTTP/1.1 204 No Content\r\n\r\n";
    for (bytes, status, body) in [(chunked, 200, "abcde"), (until_close, 200, "abcde"), (empty, 204, "")] {
        let receiver = Receiver::answering_once(bytes).await;
        let answer = answer(post(&client(), &receiver.url()).await);
        assert_eq!((answer.status, &answer.body[..]), (status, body.as_bytes()), "{bytes:?}");
    }
}

#[tokio::test]
async fn odd_header_bytes_are_kept_as_text() {
    let receiver = Receiver::answering(b"HTTP/1.1 200 OK\r\nX-Odd: a\xffb\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(answer(post(&client(), &receiver.url()).await).header("x-odd"), Some("a\u{fffd}b"));
}

#[tokio::test]
async fn a_protocol_switch_is_an_answer_and_ends_the_connection() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    let receiver = Receiver::answering(switch).await;
    let client = client();
    for number in 1..=2 {
        assert_eq!(answer(post(&client, &receiver.url()).await).status, 101);
        assert_eq!(receiver.connections(), number);
    }
}

#[tokio::test]
async fn what_is_not_http_is_a_protocol_failure() {
    for bytes in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ] {
        let receiver = Receiver::answering_once(bytes).await;
        let exchange = post(&client(), &receiver.url()).await;
        assert_eq!(failure(&exchange), ("protocol", "what the receiver answered is not HTTP"), "{bytes:?}");
    }
    let garbled = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n";
    let receiver = Receiver::answering_once(garbled).await;
    let exchange = post(&client(), &receiver.url()).await;
    assert_eq!(failure(&exchange).0, "protocol", "{exchange:?}");
}

#[tokio::test]
async fn a_connection_closed_early_is_a_reset_that_says_how_far_it_came() {
    for (bytes, part) in [
        ("", "without answering"),
        ("HTTP/1.1 200 OK\r\nContent-Le", "headers"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "before its answer was complete"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "before its answer was complete"),
    ] {
        let receiver = Receiver::answering_once(bytes).await;
        let exchange = post(&client(), &receiver.url()).await;
        let (class, message) = failure(&exchange);
        assert_eq!(class, "reset", "{bytes:?}: {message}");
        assert!(message.contains(part), "{bytes:?}: {message}");
        assert_eq!(receiver.connections(), 1, "a fresh connection is not tried again");
    }
}

#[tokio::test]
async fn a_tcp_reset_is_a_reset() {
    let receiver = Receiver::start(|mut socket, _| async move {
        let _ = socket.read_u8().await;
        socket.set_zero_linger().unwrap();
    })
    .await;
    let exchange = post(&client(), &receiver.url()).await;
    assert_eq!(failure(&exchange).0, "reset");
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn an_early_refusal_of_a_large_body_is_an_answer() {
    let receiver = Receiver::start(|mut socket, _| async move {
        let _ = socket.read_u8().await;
        socket.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig").await.unwrap();
        // Kept open until the client closes; reading nothing, so that the request can never be sent whole.
        std::future::pending::<()>().await;
    })
    .await;
    let client = client();
    let target = client.target(&receiver.url()).unwrap();
    let body = vec![Bytes::from(vec![b'x'; 16_000_000])];
    let answer = answer(client.post(&target, &[], body, PATIENCE).await);
    assert_eq!((answer.status, &answer.body[..]), (413, &b"big"[..]));
}

#[tokio::test]
async fn nobody_listening_is_a_connect_failure() {
    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let exchange = post(&client(), &format!("http://{address}/")).await;
    let (class, message) = failure(&exchange);
    assert_eq!(
        (class, message),
        ("connect", &*format!("nothing accepts connections at {address} (connection refused)"))
    );
    assert_eq!(exchange.remote, Some(address));
}

#[tokio::test]
async fn a_pinned_target_reaches_what_the_guard_would_refuse() {
    let (receiver, mut received) = Receiver::recording().await;
    let client = guarded_http::Client::new(guarded_http::Config::default()).unwrap();
    let target = Target::pinned(receiver.address, "hub.example", "/inbox").unwrap();
    for reused in [false, true] {
        let exchange = post_to(&client, &target, PATIENCE).await;
        assert_eq!(exchange.reused, reused);
        assert_eq!(answer(exchange).status, 200);
        assert!(received.recv().await.unwrap().contains("host: hub.example\r\n"));
    }
}
