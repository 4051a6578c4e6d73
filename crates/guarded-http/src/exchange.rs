//! What one exchange came to: the outcome, the times, the address.

use std::net::SocketAddr;

use bytes::Bytes;

use crate::failure::Failure;

/// Everything known about one request after it is over.
#[derive(Debug)]
pub struct Exchange {
    /// The answer, or why there is none.
    pub outcome: Result<Response, Failure>,
    /// How long each step took.
    pub timing: Timing,
    /// The address that was connected to, if it came to that.
    pub remote: Option<SocketAddr>,
    /// The TLS version, such as `TLS 1.3`; none without TLS.
    pub tls: Option<String>,
    /// Whether the request went out on a connection left over from an earlier one.
    pub reused: bool,
}

/// How long each step took, in microseconds. A step that did not happen, or did not end, has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timing {
    /// Resolving the name.
    pub dns_us: Option<i64>,
    /// Connecting by TCP, over all addresses tried.
    pub connect_us: Option<i64>,
    /// The TLS handshake.
    pub tls_us: Option<i64>,
    /// From the connection being ready to the head of the answer.
    pub first_byte_us: Option<i64>,
    /// From the call to its end.
    pub total_us: i64,
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, values as text (bytes that are not UTF-8 are replaced).
    pub headers: Vec<(String, String)>,
    /// The beginning of the body, at most `Config::max_body` bytes, as sent (never decompressed).
    pub body: Bytes,
    /// Whether the body was longer than what is kept.
    pub body_truncated: bool,
}

impl Response {
    /// The first value of a header, named in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}
