//! Receivers written by hand, byte by byte, and a client that may reach them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use guarded_http::{Bytes, Client, Config, Exchange, HeaderName, HeaderValue, Response, Target};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Long enough for a loaded machine, and never waited for where all goes well.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A receiver that treats each connection as `script` says; the script gets the connection's number.
pub struct Receiver {
    pub address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Receiver {
    pub async fn start<F, R>(script: F) -> Self
    where
        F: Fn(TcpStream, usize) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = accepted.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(script(socket, count.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { address, accepted }
    }

    /// Answers every request on every connection with the same bytes.
    pub async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::start(move |mut socket, _| {
            let answer = answer.clone();
            async move {
                while read_request(&mut socket).await.is_some() {
                    socket.write_all(&answer).await.unwrap();
                }
            }
        })
        .await
    }

    /// Answers one request with these bytes, then closes the connection.
    pub async fn answering_once(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::start(move |mut socket, _| {
            let answer = answer.clone();
            async move {
                read_request(&mut socket).await;
                let _ = socket.write_all(&answer).await;
                let _ = socket.shutdown().await;
            }
        })
        .await
    }

    /// Answers every request, and hands on what it was sent.
    pub async fn recording() -> (Self, mpsc::UnboundedReceiver<String>) {
        let (sent, received) = mpsc::unbounded_channel();
        let receiver = Self::start(move |mut socket, _| {
            let sent = sent.clone();
            async move {
                while let Some(request) = read_request(&mut socket).await {
                    sent.send(request).unwrap();
                    socket.write_all(OK).await.unwrap();
                }
            }
        })
        .await;
        (receiver, received)
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn connections(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// Reads one request, with or without `Content-Length`; none once the client has closed.
pub async fn read_request(socket: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if bytes.len() >= end + 4 + length.parse::<usize>().unwrap() {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// The settings of a client that may reach loopback.
pub fn config() -> Config {
    Config { allow: vec!["127.0.0.0/8".parse().unwrap()], ..Config::default() }
}

pub fn client() -> Client {
    Client::new(config()).unwrap()
}

pub async fn post(client: &Client, url: &str) -> Exchange {
    post_within(client, url, PATIENCE).await
}

pub async fn post_within(client: &Client, url: &str, timeout: Duration) -> Exchange {
    let target = client.target(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    post_to(client, &target, timeout).await
}

pub async fn post_to(client: &Client, target: &Target, timeout: Duration) -> Exchange {
    let json = (HeaderName::from_static("content-type"), HeaderValue::from_static("application/json"));
    client.post(target, &[json], vec![Bytes::from_static(b"{}")], timeout).await
}

/// The answer, which must be there.
pub fn answer(exchange: Exchange) -> Response {
    exchange.outcome.expect("an answer")
}

/// Class and sentence of the failure, which must be there.
pub fn failure(exchange: &Exchange) -> (&'static str, &str) {
    let failure = exchange.outcome.as_ref().expect_err("a failure");
    (failure.class.as_str(), &failure.message)
}
