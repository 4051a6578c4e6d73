//! Requests other than a post of JSON.

use guarded_http::{Bytes, HeaderName, HeaderValue, Method};
use tokio::io::AsyncWriteExt as _;

use crate::receiver::*;

#[tokio::test]
async fn a_get_arrives_with_its_headers_and_without_a_body() {
    let (receiver, mut received) = Receiver::recording().await;
    let client = client();
    let target = client.target(&format!("http://{}/status?a=b", receiver.address)).unwrap();
    let headers = [
        (HeaderName::from_static("accept"), HeaderValue::from_static("application/json")),
        (HeaderName::from_static("host"), HeaderValue::from_static("elsewhere.example")),
    ];
    for reused in [false, true] {
        let exchange = client.get(&target, &headers, PATIENCE).await;
        assert_eq!(exchange.reused, reused);
        assert_eq!(&answer(exchange).body[..], b"ok");
        let request = received.recv().await.unwrap();
        let mut lines: Vec<_> = request.trim_end().lines().collect();
        assert_eq!(lines.remove(0), "GET /status?a=b HTTP/1.1");
        lines.sort_unstable();
        let host = format!("host: {}", receiver.address);
        assert_eq!(lines, ["accept: application/json", &host, "user-agent: guarded-http"]);
    }
}

#[tokio::test]
async fn a_form_is_posted_like_any_body() {
    let (receiver, mut received) = Receiver::recording().await;
    let client = client();
    let target = client.target(&receiver.url()).unwrap();
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = [(HeaderName::from_static("content-type"), form)];
    answer(client.post(&target, &headers, vec![Bytes::from_static(b"grant_type=x&a=b+c")], PATIENCE).await);
    let request = received.recv().await.unwrap();
    assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\ngrant_type=x&a=b+c"), "{request}");
}

#[tokio::test]
async fn an_empty_body_is_announced_where_one_is_expected() {
    let (receiver, mut received) = Receiver::recording().await;
    let client = client();
    let target = client.target(&receiver.url()).unwrap();
    for (method, announced) in [
        (Method::POST, true),
        (Method::PUT, true),
        (Method::PATCH, true),
        (Method::from_bytes(b"QUERY").unwrap(), true),
        (Method::GET, false),
        (Method::DELETE, false),
        (Method::OPTIONS, false),
    ] {
        answer(client.request(method.clone(), &target, &[], vec![], PATIENCE).await);
        let request = received.recv().await.unwrap();
        assert!(request.starts_with(&format!("{method} /hook HTTP/1.1\r\n")), "{request}");
        assert_eq!(request.contains("content-length: 0\r\n"), announced, "{request}");
    }
    answer(client.request(Method::DELETE, &target, &[], vec![Bytes::from_static(b"why")], PATIENCE).await);
    assert!(received.recv().await.unwrap().ends_with("content-length: 3\r\n\r\nwhy"));
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn an_answer_to_head_has_no_body_whatever_its_length_says() {
    let receiver = Receiver::answering(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n").await;
    let client = client();
    let target = client.target(&receiver.url()).unwrap();
    for reused in [false, true] {
        let exchange = client.request(Method::HEAD, &target, &[], vec![], PATIENCE).await;
        assert_eq!(exchange.reused, reused);
        let answer = answer(exchange);
        assert_eq!((answer.header("content-length"), answer.body.len()), (Some("500"), 0));
        assert!(!answer.body_truncated);
    }
}

#[tokio::test]
async fn a_get_is_guarded_and_bounded_like_a_post() {
    let strict = guarded_http::Client::new(guarded_http::Config::default()).unwrap();
    let receiver = Receiver::start(|mut socket, _| async move {
        read_request(&mut socket).await;
        let head = b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 100000\r\n\r\n";
        socket.write_all(head).await.unwrap();
        let _ = socket.write_all(&[b'x'; 100_000]).await;
    })
    .await;
    let target = client().target(&receiver.url()).unwrap();
    assert_eq!(failure(&strict.get(&target, &[], PATIENCE).await).0, "blocked_ip");

    let small = guarded_http::Client::new(guarded_http::Config { max_body: 100, ..config() }).unwrap();
    let answer = answer(small.get(&target, &[], PATIENCE).await);
    assert_eq!((answer.status, answer.body.len(), answer.body_truncated), (302, 100, true));
}

#[tokio::test]
async fn a_tunnel_is_never_opened() {
    let receiver = Receiver::answering(OK).await;
    let client = client();
    let target = client.target(&receiver.url()).unwrap();
    let exchange = client.request(Method::CONNECT, &target, &[], vec![], PATIENCE).await;
    assert_eq!(failure(&exchange), ("protocol", "CONNECT asks for a tunnel, which is never opened"));
    assert_eq!(receiver.connections(), 0);
}
