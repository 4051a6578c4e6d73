//! The client of a simulator: posts to programs on this machine, and to no other.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Answers longer than this are not for people or tests.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// What a program answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as text.
    pub body: String,
}

impl Answer {
    /// The body as JSON, if it is.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_str(&self.body).ok()
    }

    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The URL leads away from this machine, or is none.
    #[error("{0:?} is not an http URL of this machine: a simulator talks to nobody else")]
    NotLoopback(String),
    /// Nobody there, or the connection broke.
    #[error("no answer from {url}")]
    Unreachable {
        /// Where it was sent.
        url: String,
        /// What happened.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No answer in time.
    #[error("no answer from {url} within {} ms", within.as_millis())]
    TimedOut {
        /// Where it was sent.
        url: String,
        /// How long it had.
        within: Duration,
    },
}

/// Posts a body and reads the answer. Redirects are not followed.
pub(crate) async fn post(
    url: &str,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    within: Duration,
) -> Result<Answer, PostError> {
    let (uri, host, port) = target(url).ok_or_else(|| PostError::NotLoopback(url.to_owned()))?;
    let exchange = exchange(uri, host, port, headers, body);
    match tokio::time::timeout(within, exchange).await {
        Ok(answer) => answer.map_err(|source| PostError::Unreachable { url: url.to_owned(), source }),
        Err(_) => Err(PostError::TimedOut { url: url.to_owned(), within }),
    }
}

async fn exchange(
    uri: Uri,
    host: String,
    port: u16,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::post(path).header(header::HOST, format!("{host}:{port}")).body(Full::new(body))?;
    request.headers_mut().extend(headers);
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, LONGEST_ANSWER).collect().await?.to_bytes();
    connection.abort();
    Ok(Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// The URL, its host and port, if it is one of this machine.
fn target(url: &str) -> Option<(Uri, String, u16)> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let is_local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let port = uri.port_u16().unwrap_or(80);
    (uri.scheme_str() == Some("http") && is_local).then_some((uri, host, port))
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn only_plain_http_on_this_machine_is_a_target() {
        for (url, port) in [("http://127.0.0.1:4000/a?b=c", 4000), ("http://localhost/", 80), ("http://[::1]:1/", 1)] {
            assert_eq!(target(url).map(|(_, _, port)| port), Some(port), "{url}");
        }
        for url in ["https://127.0.0.1/", "http://10.0.0.1/", "http://localhost.example/", "http://example.com/", "x"] {
            assert!(target(url).is_none(), "{url}");
        }
    }
}
