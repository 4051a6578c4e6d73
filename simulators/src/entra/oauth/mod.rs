//! Signing in and consenting: the pages that ask a person or an administrator, and the exchange of what they give.

mod admin;
mod consent;
pub(crate) mod errors;
mod id_token;
mod page;
mod request;
pub(crate) mod token;

pub use consent::Consent;

pub(super) use admin::{answer_admin, ask_admin};
pub(crate) use consent::decide_at;
pub(super) use consent::{answer, ask};
