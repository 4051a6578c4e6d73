//! What providers post to us: how a source is set up, and how its requests are verified.
//!
//! A *source* is an address of ours that a provider posts to. [`Preset`] tells per provider what a person has to know and
//! do, as constant data for a page; [`verify()`] whether an [`InboundRequest`] is the provider's, with the cause where it is
//! not, and what was signed; [`challenge`] recognises the requests by which a provider tries an address.
//!
//! What does not live here: the network, the clock, the store.

mod base_string;
mod challenge;
mod preset;
mod provider;
mod request;
pub mod scheme;
mod template;
mod verify;

pub use base_string::BaseString;
pub use challenge::{Challenge, challenge};
pub use preset::{EventFacts, MadeBy, Preset, Retries, SecretFacts};
pub use provider::{Provider, UnknownProvider};
pub use request::InboundRequest;
pub use scheme::{HmacScheme, Scheme, SchemeError};
pub use signature::Algorithm;
pub use template::{Template, TemplateError};
pub use verify::{Cause, Source, Verdict, Verification, verify};
