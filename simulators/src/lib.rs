//! Third parties on loopback, for tests and the demo. Never linked into the product.
//!
//! A simulator is a provider as its documentation describes it: consent pages that people click, tokens that expire, lists
//! that come in pages, limits that are enforced, faults that happen when a test asks for them. It checks every request
//! against the provider's published schemas and remembers each one the provider would not have understood.
//!
//! One module per provider: [`slack`], [`jira`], [`teams`], [`entra`], and [`vault`], which keeps keys. What they share lives beside them: where the time comes from ([`clock`]), what goes
//! wrong ([`fault`]), what is remembered ([`journal`]), the published schemas ([`specs`]), listening, posting, pages.
//! Nothing here knows a type of the product: what is sent to it is made from the provider's description alone.

mod card;
mod chance;
pub mod clock;
pub mod entra;
pub mod fault;
mod host;
mod html;
pub mod jira;
pub mod journal;
mod loopback;
mod panel;
pub mod slack;
pub mod specs;
pub mod teams;
pub mod vault;
mod watched;

pub use clock::Clock;
pub use fault::Fault;
pub use loopback::{Answer, PostError};
pub use specs::Specs;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
