//! What goes to a token server and what comes back. Sending it is the caller's business.

use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};

/// A form to be sent.
#[derive(Clone)]
pub struct FormRequest {
    /// How: by POST, but for one provider's way to revoke a token.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// All headers that matter, the content type among them.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The form; in JSON, for the providers who want it so.
    pub body: Bytes,
}

/// What the token server answered. Redirects must not have been followed.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, as far as it was read.
    pub body: Bytes,
}

/// Why there is no answer, in one sentence, and whether the request may have arrived all the same.
///
/// The difference decides what becomes of a token that can be used once: a request that was never
/// sent may be sent again, one whose answer was lost may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Not a byte of the request was sent: there was no name, no address, no connection.
    #[error("{0}")]
    NotSent(String),
    /// The request, or a part of it, was sent, and no whole answer came back.
    #[error("{0}")]
    Lost(String),
}

impl fmt::Debug for FormRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}
