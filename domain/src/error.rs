//! The short list of errors that a caller can act on, and the one body they all become.

use serde::{Deserialize, Serialize};

/// What an action answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Detail {
    /// The field, as a path in the request (`url`, `data.customer.password`).
    pub field: String,
    /// What is wrong with it and what to do.
    pub message: String,
}

/// What went wrong, towards people and programs. Never carries internal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A word of the closed, documented set.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// The fields that are wrong, if it is about fields.
    #[serde(default)]
    pub details: Vec<Detail>,
}

/// Why an action did not happen. Each variant is one kind of answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the key is unknown, expired or revoked.
    #[error("not signed in")]
    Unauthenticated(Problem),
    /// Somebody is signed in but may not do this.
    #[error("forbidden")]
    Forbidden(Problem),
    /// There is no such thing, or it is another tenant's.
    #[error("not found")]
    NotFound(Problem),
    /// The request cannot be understood (malformed).
    #[error("malformed")]
    Malformed(Problem),
    /// The request is understood, but a value is wrong.
    #[error("invalid")]
    Invalid(Problem),
    /// The request contradicts what is stored.
    #[error("conflict")]
    Conflict(Problem),
    /// The body is larger than allowed.
    #[error("too large")]
    TooLarge(Problem),
    /// The body is of a type that is not taken.
    #[error("wrong type")]
    WrongType(Problem),
    /// Too many requests; try again after so many seconds.
    #[error("limit reached")]
    LimitReached(Problem, i64),
    /// The hub cannot do this now (stopping, disk full, database gone).
    #[error("unavailable")]
    Unavailable(Problem),
    /// A fault of ours. The source is logged once, at the door.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn problem(code: &str, message: impl Into<String>) -> Problem {
    Problem { code: code.to_owned(), message: message.into(), details: Vec::new() }
}

impl Error {
    /// Nobody is signed in.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::Unauthenticated(problem(
            "unauthenticated",
            "Sign in, or send a valid API key as `Authorization: Bearer pb_…`.",
        ))
    }

    /// The caller lacks a permission.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::Forbidden(problem("forbidden", message))
    }

    /// There is no such thing; `noun` as in `endpoint`, which gives the code `endpoint_not_found`.
    #[must_use]
    pub fn not_found(noun: &str) -> Self {
        Self::NotFound(problem(
            &format!("{}_not_found", noun.replace(' ', "_").to_lowercase()),
            format!("There is no such {noun}."),
        ))
    }

    /// One field has a wrong value.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![Detail { field: field.into(), message: message.into() }])
    }

    /// Several fields have wrong values; the message is built from them.
    #[must_use]
    pub fn invalid_fields(details: Vec<Detail>) -> Self {
        let message = details.iter().map(|d| format!("`{}`: {}", d.field, d.message)).collect::<Vec<_>>().join(" ");
        Self::Invalid(Problem { code: "invalid".into(), message, details })
    }

    /// A wrong value with a code of its own.
    #[must_use]
    pub fn invalid_as(code: &str, field: impl Into<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Invalid(Problem {
            code: code.into(),
            message: message.clone(),
            details: vec![Detail { field: field.into(), message }],
        })
    }

    /// The request contradicts what is stored.
    #[must_use]
    pub fn conflict(code: &str, message: impl Into<String>) -> Self {
        Self::Conflict(problem(code, message))
    }

    /// The request contradicts what is stored, because of one field.
    #[must_use]
    pub fn conflict_at(code: &str, field: impl Into<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        let details = vec![Detail { field: field.into(), message: message.clone() }];
        Self::Conflict(Problem { details, ..problem(code, message) })
    }

    /// The body cannot be read.
    #[must_use]
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::Malformed(problem("malformed_json", message))
    }

    /// The body is larger than allowed.
    #[must_use]
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::TooLarge(problem("body_too_large", message))
    }

    /// Too many tries; `retry_after_s` says when to come back.
    #[must_use]
    pub fn limit_reached(message: impl Into<String>, retry_after_s: i64) -> Self {
        Self::LimitReached(problem("limit_reached", message), retry_after_s)
    }

    /// The hub cannot do this now.
    #[must_use]
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::Unavailable(problem("unavailable", message))
    }

    /// A fault of ours.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// Whether it is a fault of the database that may be another next time.
    #[cfg(feature = "server")]
    #[must_use]
    pub fn is_of_database(&self) -> bool {
        matches!(self, Self::Internal(source) if source.is::<sqlx::Error>())
    }

    /// The HTTP status that goes with this error on every door.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated(_) => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::Malformed(_) => 400,
            Self::Invalid(_) => 422,
            Self::Conflict(_) => 409,
            Self::TooLarge(_) => 413,
            Self::WrongType(_) => 415,
            Self::LimitReached(..) => 429,
            Self::Unavailable(_) => 503,
            Self::Internal(_) => 500,
        }
    }

    /// The body for the caller. Internal text stays here.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unauthenticated(p)
            | Self::Forbidden(p)
            | Self::NotFound(p)
            | Self::Malformed(p)
            | Self::Invalid(p)
            | Self::Conflict(p)
            | Self::TooLarge(p)
            | Self::WrongType(p)
            | Self::LimitReached(p, _)
            | Self::Unavailable(p) => p.clone(),
            Self::Internal(_) => problem(
                "internal",
                "Something went wrong on our side. Try again; if it stays, tell support the request id.",
            ),
        }
    }
}

#[cfg(feature = "server")]
impl From<sqlx::Error> for Error {
    /// Disk full and a lost or read-only database are *unavailable*; all else is a fault of ours.
    fn from(error: sqlx::Error) -> Self {
        let cause = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                Some("The database does not answer.")
            }
            sqlx::Error::Database(db) => {
                let text = db.message();
                let full = text.contains("disk is full") || db.code().as_deref() == Some("53100");
                let read_only = text.contains("readonly database")
                    || text.contains("disk I/O error")
                    || text.contains("unable to open")
                    || db.code().as_deref() == Some("25006");
                let gone = db.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"));
                match (full, read_only, gone) {
                    (true, _, _) => Some("The disk of the database is full."),
                    (_, true, _) => Some("The database cannot be written to."),
                    (_, _, true) => Some("The database does not answer."),
                    _ => None,
                }
            }
            _ => None,
        };
        match cause {
            Some(sentence) => {
                tracing::error!(error = %error, "database unavailable");
                Self::unavailable(format!("{sentence} Nothing was accepted; try again."))
            }
            None => Self::Internal(Box::new(error)),
        }
    }
}
