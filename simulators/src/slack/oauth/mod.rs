//! OAuth v2: the page that asks a person, and the exchange of what it gives.

pub(crate) mod access;
mod consent;
mod request;

pub use consent::Consent;
pub(crate) use consent::decide;
pub(super) use consent::{answer, ask};
