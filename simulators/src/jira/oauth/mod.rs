//! OAuth 2 (3LO): the page that asks a person, the exchange of what it gives, and the sites that it is good for.

mod consent;
mod request;
pub(crate) mod token;

pub use consent::Consent;
pub(crate) use consent::decide;
pub(super) use consent::{answer, ask};
