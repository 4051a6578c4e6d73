//! What goes to a token server and what comes back. Sending it is the caller's business.

use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

/// A form to be posted.
#[derive(Clone)]
pub struct FormRequest {
    /// Where to.
    pub url: String,
    /// All headers that matter, the content type among them.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The form.
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

impl fmt::Debug for FormRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormRequest").field("url", &self.url).field("headers", &self.headers).finish_non_exhaustive()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}
