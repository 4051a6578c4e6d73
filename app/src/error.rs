//! What a page shows when an action says no: a [`domain::Problem`] on its way to the browser.

use domain::Problem;
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

use crate::session;

/// Why a page or a server function has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UiError {
    /// The HTTP status; 0 when the server was not reached.
    pub status: u16,
    /// What went wrong.
    pub problem: Problem,
    /// The id that the logs know the request by.
    pub request_id: String,
}

impl UiError {
    /// An error with a code and a sentence of its own.
    #[must_use]
    pub fn plain(status: u16, code: &str, message: &str) -> Self {
        let problem = Problem { code: code.to_owned(), message: message.to_owned(), details: Vec::new() };
        Self { status, problem, request_id: request_id_for(status) }
    }

    /// The server was not reached.
    #[must_use]
    pub fn unreachable() -> Self {
        Self::plain(0, "unreachable", "The server cannot be reached. Check the connection and try again.")
    }

    /// The answer is of a form that this version of the page does not know.
    #[must_use]
    pub fn unreadable() -> Self {
        Self::plain(
            0,
            "unreadable",
            "The server answered in an unknown form, perhaps because it was updated. Reload the page.",
        )
    }

    /// The message about one field, if there is one. A detail of `headers.0.name` belongs to `headers` too.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let belongs =
            |field: &str| field == name || field.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[']));
        self.problem.details.iter().find(|detail| belongs(&detail.field)).map(|detail| detail.message.as_str())
    }
}

/// The request id; not asked for status 500, which is also what a missing request is answered with.
fn request_id_for(status: u16) -> String {
    if status == 500 { String::new() } else { session::request_id() }
}

impl From<domain::Error> for UiError {
    /// Sets the status of the answer as well, and logs what is our fault.
    fn from(error: domain::Error) -> Self {
        session::log_internal(&error);
        session::set_status(error.status());
        Self { status: error.status(), problem: error.problem(), request_id: session::request_id() }
    }
}

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        let (status, code, message) = match error {
            E::Request(_) => return Self::unreachable(),
            E::Deserialization(_) => return Self::unreadable(),
            E::Args(_) | E::MissingArg(_) | E::Serialization(_) => {
                (400, "malformed", "The form was not complete. Reload the page and try again.")
            }
            _ => (500, "internal", "Something went wrong on our side. Try again."),
        };
        session::set_status(status);
        Self::plain(status, code, message)
    }
}

impl std::fmt::Display for UiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for UiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_by_its_field_or_the_field_above() {
        let error = UiError::from(domain::Error::invalid("headers.0.name", "is reserved."));
        assert_eq!(error.field("headers"), Some("is reserved."));
        assert_eq!(error.field("headers.0.name"), Some("is reserved."));
        assert_eq!(error.field("head"), None);
    }
}
