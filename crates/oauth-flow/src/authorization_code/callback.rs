//! The way back: what a person's browser brings along.

use form_urlencoded::parse;

use super::authorization::{Authorization, is_state};
use super::provider::Provider;
use crate::error::tidy;
use crate::secret::Secret;

/// With what a person came back.
#[derive(Debug, Clone)]
pub enum Callback {
    /// With a code, to be exchanged soon and once.
    Code(Secret),
    /// With a no: the person's own (`access_denied`), or the provider's.
    Denied {
        /// The error code.
        error: String,
        /// What the provider adds for people. Foreign words: one line, of bounded length.
        description: Option<String>,
    },
    /// With something that is no answer to what this person was sent away with.
    Malformed(Flaw),
}

/// What is wrong with the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A parameter came twice.
    #[error("the answer names \"{0}\" more than once")]
    Repeated(&'static str),
    /// There is no state.
    #[error("the answer has no state")]
    StateMissing,
    /// It is another state than the person was sent away with.
    #[error("the answer belongs to another attempt, or to another browser")]
    StateWrong,
    /// Another issuer sent the person back (RFC 9207).
    #[error("the answer comes from another issuer")]
    IssuerWrong,
    /// There is neither a code nor an error.
    #[error("the answer holds neither a code nor an error")]
    Empty,
}

/// The parameters that mean something.
const PARAMETERS: [&str; 5] = ["state", "iss", "error", "error_description", "code"];

impl Authorization {
    /// Reads what a person came back with, from the URL's query as it was received. Nothing of it is
    /// believed unless its state is the one with the hash that was kept.
    #[must_use]
    pub fn callback(provider: &Provider, state_hash: &str, query: &str) -> Callback {
        read(provider, state_hash, query).unwrap_or_else(Callback::Malformed)
    }
}

fn read(provider: &Provider, state_hash: &str, query: &str) -> Result<Callback, Flaw> {
    let [state, issuer, error, description, code] = parameters(query)?;
    if !is_state(&state.ok_or(Flaw::StateMissing)?, state_hash) {
        return Err(Flaw::StateWrong);
    }
    if let (Some(expected), Some(given)) = (&provider.issuer, issuer)
        && *expected != given
    {
        return Err(Flaw::IssuerWrong);
    }
    match (error, code) {
        (Some(error), _) => Ok(Callback::Denied {
            error: tidy(&error),
            description: description.map(|text| tidy(&text)).filter(|text| !text.is_empty()),
        }),
        (None, Some(code)) => Ok(Callback::Code(Secret::from(code))),
        (None, None) => Err(Flaw::Empty),
    }
}

/// The values of [`PARAMETERS`]; an empty one counts as none.
fn parameters(query: &str) -> Result<[Option<String>; 5], Flaw> {
    let mut values = [const { None }; 5];
    for (name, value) in parse(query.strip_prefix('?').unwrap_or(query).as_bytes()) {
        let Some(place) = PARAMETERS.iter().position(|known| *known == name) else { continue };
        if values[place].replace(value.into_owned()).is_some() {
            return Err(Flaw::Repeated(PARAMETERS[place]));
        }
    }
    Ok(values.map(|value| value.filter(|text| !text.is_empty())))
}
