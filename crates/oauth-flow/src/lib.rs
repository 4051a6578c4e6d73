//! OAuth 2 for programs that call other programs, over any HTTP client.
//!
//! - [`ClientCredentials`] asks a token server for a token (RFC 6749, section 4.4). It makes the
//!   [`FormRequest`]; a function of the caller's sends it and gives back the [`Answer`]. So the
//!   caller's own client decides what may be reached, how long it may take and how much is read.
//! - [`Token`] is what came of it, ready to be sent; [`TokenError`] says in one sentence why there
//!   is none.
//! - [`TokenCache`] keeps one token per key, renews it ahead of its expiry, asks once however many
//!   wait, and spares a token server that fails.
//!
//! # The way of one token
//!
//! [`TokenCache::get`] → a token that is still young? → else one caller per key goes on, through
//! [`ClientCredentials::fetch`] → the caller's function → [`Token::parse`] → back into the cache.
//!
//! Secrets and tokens are wiped when dropped and appear in no `Debug` and no error. Time is an
//! argument. What does not live here: HTTP, the storing of secrets, and grants with a user in front
//! of a browser.

mod cache;
mod client_credentials;
mod error;
mod exchange;
mod form;
mod secret;
mod token;

pub use cache::TokenCache;
pub use client_credentials::{ClientAuthentication, ClientCredentials};
pub use error::TokenError;
pub use exchange::{Answer, FormRequest};
pub use secret::Secret;
pub use token::Token;

pub use bytes::Bytes;
pub use http::{HeaderName, HeaderValue};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
