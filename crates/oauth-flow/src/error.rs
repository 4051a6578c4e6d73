//! Why there is no token: kinds for programs, one sentence for people.

use std::fmt;

use crate::secret::Secret;
pub use verdict::Verdict;

mod verdict;

/// How much of the token server's own words is kept.
const LONGEST: usize = 200;

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There was no answer.
    #[error("the token server could not be asked: {0}")]
    Unreachable(String),
    /// The token server said no, and why.
    #[error("{}", refusal(.code, .description.as_deref()))]
    Refused {
        /// The HTTP status it came with.
        status: u16,
        /// The error code, such as `invalid_client`.
        code: String,
        /// What the token server adds for people.
        description: Option<String>,
    },
    /// The token server said no, and not why.
    #[error("the token server answered {0}{hint}", hint = hint(.0))]
    Status(u16),
    /// The answer is not what a token server says.
    #[error("the token server answered {status}, but not with a token in JSON; is the token URL right?")]
    Unreadable {
        /// The HTTP status it came with.
        status: u16,
    },
    /// The answer is in order, but holds no access token.
    #[error("the token server answered without an access token")]
    MissingToken,
    /// The token is of a type that cannot be used.
    #[error("the token server gave out a token of type \"{0}\"; only Bearer tokens can be used")]
    TokenType(String),
    /// The token holds characters that cannot be sent.
    #[error("the token server gave out a token that cannot be sent in a header")]
    UnusableToken,
    /// What was sent, a code or a refresh token, is not or no longer good: a person must consent anew.
    #[error("the token server accepts the code or refresh token no more ({})", words(.code, .description.as_deref()))]
    Ended {
        /// The error code, such as `invalid_grant`.
        code: String,
        /// What the token server adds for people.
        description: Option<String>,
    },
    /// The request may have been honoured, but its answer did not arrive whole; what was sent can be
    /// used once and may be spent.
    #[error("the request may have reached the token server, but its answer was lost: {0}")]
    AnswerLost(String),
    /// There is nothing to refresh with.
    #[error("there is no refresh token")]
    NoRefreshToken,
    /// One of the URLs in the settings is none.
    #[error("the {0} URL is not a URL")]
    Url(&'static str),
}

/// Error codes that may pass by themselves: the standard's, and those of Slack and Salesforce.
const PASSING: [&str; 9] = [
    "temporarily_unavailable",
    "server_error",
    "slow_down",
    "ratelimited",
    "rate_limit_exceeded",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
];

impl TokenError {
    /// Whether the same question may be answered otherwise a little later, without anyone changing
    /// the settings.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        let by_status = |status: u16| matches!(status, 408 | 429 | 500..);
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { status, code, .. } => by_status(*status) || PASSING.contains(&code.as_str()),
            Self::Status(status) | Self::Unreadable { status } => by_status(*status),
            Self::MissingToken | Self::TokenType(_) | Self::UnusableToken => false,
            Self::Ended { .. } | Self::AnswerLost(_) | Self::NoRefreshToken | Self::Url(_) => false,
        }
    }

    /// The same error with every mention of a secret blotted out: token servers may repeat what
    /// they were sent.
    pub(crate) fn without(self, secret: &str) -> Self {
        let blot = |text: String| blotted(&text, [secret].into_iter());
        match self {
            Self::Unreachable(text) => Self::Unreachable(blot(text)),
            Self::Refused { status, code, description } => {
                Self::Refused { status, code: blot(code), description: description.map(blot) }
            }
            Self::TokenType(text) => Self::TokenType(blot(text)),
            Self::Ended { code, description } => Self::Ended { code: blot(code), description: description.map(blot) },
            Self::AnswerLost(text) => Self::AnswerLost(blot(text)),
            other => other,
        }
    }

    /// The same for several secrets.
    pub(crate) fn without_any(self, secrets: &[&Secret]) -> Self {
        secrets.iter().fold(self, |error, secret| error.without(secret.expose()))
    }
}

/// The text with every mention of a secret blotted out.
pub(crate) fn blotted<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> String {
    secrets.filter(|secret| !secret.is_empty()).fold(text.to_owned(), |text, secret| text.replace(secret, "[secret]"))
}

/// The token server's words, in one line of bounded length.
pub(crate) fn tidy(text: &str) -> String {
    let line: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST + 1).collect();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The standard's error codes in plain words, then what the token server said itself.
const fn refusal<'a>(code: &'a str, description: Option<&'a str>) -> Refusal<'a> {
    Refusal { code, description }
}

struct Refusal<'a> {
    code: &'a str,
    description: Option<&'a str>,
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.code {
            "invalid_client" => "the token server does not accept the client id or its secret",
            "invalid_grant" | "access_denied" => "the token server does not let this client in",
            "invalid_request" => "the token server finds the request incomplete or wrong",
            "invalid_scope" => "the token server does not grant the scope",
            "invalid_target" => "the token server does not know the audience or resource",
            "unauthorized_client" => "the token server does not allow this client to ask for a token in this way",
            "unsupported_grant_type" => "the token server does not give out tokens in this way",
            "server_error" | "temporarily_unavailable" => "the token server is out of order at the moment",
            "slow_down" => "the token server asks for fewer requests",
            _ => "the token server refused",
        })?;
        write!(f, " ({})", words(self.code, self.description))
    }
}

fn words(code: &str, description: Option<&str>) -> String {
    match description {
        Some(description) => format!("{code}: {description}"),
        None => code.to_owned(),
    }
}

fn hint(status: &u16) -> &'static str {
    match status {
        300..=399 => " (a redirect, which is not followed); is the token URL right?",
        401 | 403 => "; it does not accept the client id or its secret",
        404 | 405 => "; is the token URL right?",
        429 => "; it asks for fewer requests",
        500.. => "; it is out of order at the moment",
        _ => " and did not say why",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_are_one_line_of_bounded_length() {
        assert_eq!(tidy(" a\r\nb\u{7}c "), "a  b c");
        assert_eq!(tidy(&"ä".repeat(200)), "ä".repeat(200));
        assert_eq!(tidy(&"ä".repeat(201)), format!("{}…", "ä".repeat(200)));
    }

    #[test]
    fn only_what_may_pass_by_itself_is_temporary() {
        let refused = |status, code: &str| TokenError::Refused { status, code: code.to_owned(), description: None };
        for (error, temporary) in [
            (TokenError::Unreachable("x".to_owned()), true),
            (TokenError::Status(503), true),
            (TokenError::Status(429), true),
            (TokenError::Status(401), false),
            (TokenError::Unreadable { status: 200 }, false),
            (TokenError::Unreadable { status: 502 }, true),
            (refused(400, "temporarily_unavailable"), true),
            (refused(500, "invalid_request"), true),
            (refused(401, "invalid_client"), false),
            (TokenError::MissingToken, false),
        ] {
            assert_eq!(error.is_temporary(), temporary, "{error}");
        }
    }
}
