//! What providers post to us: how a source is set up, how its requests are verified, and what events they become.
//!
//! A *source* is an address of ours that a provider posts to. This crate is the pure half of it, in three parts:
//!
//! - [`Preset`]: per provider, what a person has to know and do, as constant data for a page;
//! - [`verify()`]: whether an [`InboundRequest`] is the provider's, with the cause where it is not, and what was
//!   signed;
//! - [`read()`]: the events in it ([`Item`]), and what each becomes in the hub ([`HubEvent`]), by a table ([`Layout`])
//!   that a page can show as well. E-mail of four providers becomes one model ([`Email`]).
//!
//! [`challenge()`] recognises the requests by which a provider tries an address.
//!
//! What does not live here: the network, the clock, the store. Whoever calls keeps the request first, byte by byte,
//! then verifies, then reads; de-duplicates by the idempotency key, or by the content where there is none; and tells
//! late news by [`State`].

mod account;
mod base_string;
mod challenge;
mod email;
mod expected;
mod mapping;
mod mime;
mod preset;
mod provider;
mod read;
mod request;
pub mod scheme;
mod template;
pub mod time;
mod verify;

pub use account::{AccountFacts, accounts};
pub use base_string::BaseString;
pub use challenge::{Challenge, challenge};
pub use email::{Address, Attachment, Email};
pub use expected::{Expected, event_values, kind_of, other_places};
pub use mapping::{Field, Form, Layout, Mapping, Place, StateRule};
pub use preset::{EventFacts, MadeBy, Preset, Retries, SecretFacts};
pub use provider::{Provider, UnknownProvider};
pub use read::{HubEvent, Item, Outcome, Passed, ReadError, State, read};
pub use request::InboundRequest;
pub use scheme::{HmacScheme, Scheme, SchemeError};
pub use signature::Algorithm;
pub use template::{Template, TemplateError};
pub use verify::{Cause, Source, Verdict, Verification, verify};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
