//! The request as it goes out.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Request};
use http_body::{Body, Frame, SizeHint};

use crate::target::Target;

/// Whether a header is written by the client itself, since it steers the connection and not the
/// receiver; a request's own value for it is left out.
#[must_use]
pub fn is_reserved_header(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "host"
            | "content-length"
            | "transfer-encoding"
            | "connection"
            | "keep-alive"
            | "upgrade"
            | "te"
            | "trailer"
            | "expect"
            | "proxy-authorization"
            | "proxy-connection"
    )
}

/// Puts a request together.
pub(crate) fn build(
    method: Method,
    target: &Target,
    user_agent: &HeaderValue,
    headers: &[(HeaderName, HeaderValue)],
    body: Vec<Bytes>,
) -> Request<Parts> {
    let body = Parts::new(body);
    // A server may wait for, or insist on, the length of a body that its method makes it expect.
    let bodiless = matches!(method, Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS | Method::TRACE);
    let says_empty = body.is_end_stream() && !bodiless;
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = target.uri().clone();
    let map = request.headers_mut();
    map.reserve(headers.len() + 3);
    map.insert(header::HOST, target.host_header().clone());
    map.insert(header::USER_AGENT, user_agent.clone());
    for (name, value) in headers {
        if *name == header::USER_AGENT {
            map.insert(header::USER_AGENT, value.clone());
        } else if !is_reserved_header(name) {
            map.append(name, value.clone());
        }
    }
    if says_empty {
        map.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    request
}

/// A body in pieces, of known length, sent without being concatenated.
pub(crate) struct Parts {
    parts: vec::IntoIter<Bytes>,
    left: u64,
}

impl Parts {
    fn new(parts: Vec<Bytes>) -> Self {
        let left = parts.iter().map(|part| part.len() as u64).sum();
        Self { parts: parts.into_iter(), left }
    }
}

impl Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let part = self.parts.find(|part| !part.is_empty());
        Poll::Ready(part.map(|part| {
            self.left -= part.len() as u64;
            Ok(Frame::data(part))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
