//! A token, and how it is read out of a token server's answer (RFC 6749, section 5).
//!
//! Read with some patience: token servers leave out `token_type`, write numbers as strings, and
//! report errors with status 200. Only a token of another type than Bearer is not used.

use std::time::Duration;

use http::HeaderValue;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::{TokenError, tidy};
use crate::exchange::Answer;
use crate::secret::{Secret, header};
use field::Field;

mod field;

const BEARER: &str = "Bearer ";

/// What is believed of a lifetime at most, in seconds: a year.
const LONGEST_LIFE: f64 = 31_536_000.0;

/// A Bearer token, wiped when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Token {
    authorization: HeaderValue,
    expires_in: Option<Duration>,
    scope: Option<String>,
}

/// The parts of an answer that matter, good and bad.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    access_token: Field,
    token_type: Field,
    expires_in: Field,
    scope: Field,
    error: Field,
    error_description: Field,
    /// What some say in place of `error_description`.
    message: Field,
}

impl Token {
    /// A token known from elsewhere.
    ///
    /// # Errors
    /// Fails if it is empty or cannot be sent in a header.
    pub fn new(access_token: &Secret, expires_in: Option<Duration>) -> Result<Self, TokenError> {
        let text = access_token.expose();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::UnusableToken);
        }
        let mut value = Zeroizing::new(String::with_capacity(BEARER.len() + text.len()));
        value.push_str(BEARER);
        value.push_str(text);
        let authorization = header(value).map_err(|_| TokenError::UnusableToken)?;
        Ok(Self { authorization, expires_in, scope: None })
    }

    /// Reads a token server's answer.
    ///
    /// # Errors
    /// Says why there is no token in it.
    pub fn parse(answer: &Answer) -> Result<Self, TokenError> {
        let status = answer.status;
        let good = (200..300).contains(&status);
        let Some(body) = read(&answer.body) else {
            return Err(if good { TokenError::Unreadable { status } } else { TokenError::Status(status) });
        };
        match body.access_token.text() {
            Some(text) if good => body.token(&Secret::new(text)),
            _ => Err(body.refusal(status, good)),
        }
    }

    /// The value of the `Authorization` header, `Bearer …`. Marked as sensitive.
    #[must_use]
    pub fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }

    /// The bare token.
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.authorization.to_str().unwrap_or_default().strip_prefix(BEARER).unwrap_or_default()
    }

    /// How long it is good for, from the moment it was asked for; none if the server does not say.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }

    /// What it is good for, if the server says.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }
}

impl Body {
    fn token(&self, access_token: &Secret) -> Result<Token, TokenError> {
        if let Some(other) = self.token_type.text().filter(|given| !given.trim().eq_ignore_ascii_case("bearer")) {
            return Err(TokenError::TokenType(tidy(other)));
        }
        let token = Token::new(access_token, self.lifetime())?;
        Ok(Token { scope: self.scope.text().map(tidy), ..token })
    }

    /// Zero is taken for "does not say", which is what those who send it mean.
    fn lifetime(&self) -> Option<Duration> {
        let seconds = self.expires_in.number().filter(|seconds| *seconds >= 1.0)?;
        Some(Duration::from_secs_f64(seconds.min(LONGEST_LIFE)))
    }

    fn refusal(&self, status: u16, good: bool) -> TokenError {
        let description = self.error_description.text().or(self.message.text());
        match (self.error.text(), description) {
            (Some(code), _) => TokenError::Refused { status, code: tidy(code), description: description.map(tidy) },
            (None, _) if good => TokenError::MissingToken,
            (None, Some(text)) => {
                TokenError::Refused { status, code: status.to_string(), description: Some(tidy(text)) }
            }
            (None, None) => TokenError::Status(status),
        }
    }
}

/// Reads a JSON object; serde would also take a list for the fields in order.
fn read(bytes: &[u8]) -> Option<Body> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    if bytes.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(bytes).ok()
}
