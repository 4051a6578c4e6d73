//! Why a request is refused: a word for programs and figures, a sentence for people.

use serde::{Deserialize, Serialize};
use signature::{JwtError, VerifyError};

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// The source has no secret yet.
    #[error("this source has no secret to verify with")]
    NoSecret,
    /// No live secret has the form that the scheme needs.
    #[error("the secret of this source does not have the form that its scheme needs")]
    BadSecret,
    /// The scheme itself is unusable: it was kept without being checked.
    #[error("the scheme of this source cannot be used")]
    BadScheme,
    /// The header with the signature, token or credentials is absent.
    #[error("the request is not signed: the header with the signature or credentials is missing")]
    MissingSignature,
    /// The header is there, but cut or in another form.
    #[error("the signature is not readable: it is cut, or in another form than that of the scheme")]
    MalformedSignature,
    /// The signature belongs to another secret or other bytes.
    #[error("the signature does not match: the secret differs, or the request was changed on the way")]
    BadSignature,
    /// The token, or user and password, are others than ours.
    #[error("the token, or the user and password, are not those of this source")]
    WrongCredentials,
    /// The message id, which is signed, is absent.
    #[error("the message id is missing")]
    MissingId,
    /// The time, which is signed, is absent.
    #[error("the timestamp is missing")]
    MissingTimestamp,
    /// The time is not a number in the expected unit.
    #[error("the timestamp is not a number in the unit expected")]
    BadTimestamp,
    /// The time lies too far from our clock.
    #[error(
        "the timestamp differs from our clock by {skew_s} s (positive: it is old); at most {tolerance_s} s are accepted"
    )]
    StaleTimestamp {
        /// Our clock less the timestamp, in seconds: positive for an old request, negative for one from the future.
        skew_s: i64,
        /// What is accepted either way, in seconds.
        tolerance_s: i64,
    },
    /// The token in the request is over.
    #[error("the token of the request ended {ago_s} s ago")]
    ExpiredToken {
        /// For how long, in seconds.
        ago_s: i64,
    },
    /// The request is the provider's, but of another account than the one that is set.
    #[error("the request is of another account than the one that is set for this source")]
    UnknownAccount,
    /// The body is of a type that the provider does not send.
    #[error("the Content-Type is none that this provider sends")]
    WrongContentType,
    /// The body is said to be JSON and is not.
    #[error("the body is not JSON")]
    BadJson,
}

impl Cause {
    /// The word for it: `bad_signature`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSecret => "no_secret",
            Self::BadSecret => "bad_secret",
            Self::BadScheme => "bad_scheme",
            Self::MissingSignature => "missing_signature",
            Self::MalformedSignature => "malformed_signature",
            Self::BadSignature => "bad_signature",
            Self::WrongCredentials => "wrong_credentials",
            Self::MissingId => "missing_id",
            Self::MissingTimestamp => "missing_timestamp",
            Self::BadTimestamp => "bad_timestamp",
            Self::StaleTimestamp { .. } => "stale_timestamp",
            Self::ExpiredToken { .. } => "expired_token",
            Self::UnknownAccount => "unknown_account",
            Self::WrongContentType => "wrong_content_type",
            Self::BadJson => "bad_json",
        }
    }

    /// The HTTP status that answers such a request. What is our own fault is 503, so that the provider tries again.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NoSecret | Self::BadSecret | Self::BadScheme => 503,
            Self::UnknownAccount => 403,
            Self::WrongContentType => 415,
            Self::BadJson => 400,
            _ => 401,
        }
    }
}

impl From<VerifyError> for Cause {
    fn from(error: VerifyError) -> Self {
        let stale = |skew_s| Self::StaleTimestamp { skew_s, tolerance_s: signature::TOLERANCE_S };
        match error {
            VerifyError::NoSecret => Self::NoSecret,
            VerifyError::MissingId => Self::MissingId,
            VerifyError::MissingTimestamp => Self::MissingTimestamp,
            VerifyError::BadTimestamp => Self::BadTimestamp,
            VerifyError::TooOld(age_s) => stale(age_s),
            VerifyError::TooNew(ahead_s) => stale(ahead_s.saturating_neg()),
            VerifyError::MissingSignature => Self::MissingSignature,
            VerifyError::UnknownVersion | VerifyError::Malformed => Self::MalformedSignature,
            VerifyError::Mismatch => Self::BadSignature,
        }
    }
}

impl From<JwtError> for Cause {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::NoSecret => Self::NoSecret,
            JwtError::Malformed | JwtError::OtherAlgorithm | JwtError::NoExpiry => Self::MalformedSignature,
            JwtError::Mismatch => Self::BadSignature,
            JwtError::Expired(ago_s) => Self::ExpiredToken { ago_s },
        }
    }
}
