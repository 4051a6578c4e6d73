//! OAuth 2 for programs that call other programs, over any HTTP client.
//!
//! Two grants, and what they have in common: they make a [`FormRequest`], a function of the caller's
//! sends it and gives back the [`Answer`]. So the caller's own client decides what may be reached,
//! how long it may take and how much is read. [`TokenError`] says in one sentence why there is no
//! token.
//!
//! # In the program's own name
//!
//! - [`ClientCredentials`] asks a token server for a token (RFC 6749, section 4.4).
//! - [`Token`] is what came of it, ready to be sent.
//! - [`TokenCache`] keeps one token per key, renews it ahead of its expiry, asks once however many
//!   wait, and spares a token server that fails.
//!
//! The way of one token: [`TokenCache::get`] → a token that is still young? → else one caller per key
//! goes on, through [`ClientCredentials::fetch`] → the caller's function → [`Token::parse`] → back into
//! the cache.
//!
//! # In a person's name
//!
//! - [`Provider`] is what one provider does differently from the standard, as data.
//! - [`Authorization::begin`] makes the URL where a person consents; [`Authorization::callback`] reads
//!   with what they come back.
//! - [`exchange()`] turns the code into a [`Grant`], [`refresh`] one grant into the next, and [`revoke`]
//!   ends it. [`Grant::refresh_at`] says when; [`TokenError::verdict`] what to do if it fails.
//!
//! The way of one consent: `begin` → the person's browser → `callback` → `exchange` → the caller's
//! store → `refresh`, again and again → `revoke`.
//!
//! # Everywhere
//!
//! Secrets and tokens are wiped when dropped and appear in no `Debug` and no error. Time and
//! randomness are arguments. What does not live here: HTTP, and the storing of secrets.

mod authorization_code;
mod cache;
mod client_credentials;
mod error;
mod exchange;
mod form;
mod secret;
mod token;

pub use authorization_code::authorization::{Authorization, is_state, state_hash};
pub use authorization_code::callback::{Callback, Flaw};
pub use authorization_code::grant::Grant;
pub use authorization_code::provider::{BodyEncoding, Provider, Revocation, Rotation};
pub use authorization_code::revocation::revoke;
pub use authorization_code::{Client, Consent, exchange, refresh};
pub use cache::TokenCache;
pub use client_credentials::{ClientAuthentication, ClientCredentials};
pub use error::{TokenError, Verdict};
pub use exchange::{Answer, FormRequest, NoAnswer};
pub use secret::Secret;
pub use token::Token;

pub use bytes::Bytes;
pub use http::{HeaderName, HeaderValue, Method};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
