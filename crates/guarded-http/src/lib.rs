//! An outbound HTTP client for addresses that strangers choose.
//!
//! A customer types a URL, and this crate posts to it (or sends any other request): without
//! reaching into the private network, without being held up, flooded or redirected, and with a
//! record of what happened.
//!
//! - **Guarded.** A [`Target`] is parsed once and refuses at that moment what can be refused then.
//!   On every new connection the name is resolved, each address is held against the refusal table
//!   of [`Policy`], and the very address that was checked is the one connected to. Redirects are
//!   never followed: a 3xx is an answer like any other.
//! - **Bounded.** One deadline covers DNS, connecting, TLS, the request and the whole answer;
//!   header and body sizes are limited.
//! - **Measured.** An [`Exchange`] tells the outcome, how long each step took, and which address
//!   and TLS version were used. A [`Failure`] has a class for programs and a sentence for people.
//! - **Known, if need be.** A [`ClientCertificate`] goes with a target
//!   ([`Target::with_certificate`]) and is shown to receivers that ask who is calling.
//!
//! # At least once
//!
//! Connections are kept and reused. A receiver may close an idle one just as a request goes out on
//! it. When a *reused* connection is closed before a single byte of an answer has come back, the
//! request is sent once more on a fresh connection. The receiver may in rare cases have seen both:
//! it must be ready to see a request twice. On a fresh connection nothing is ever sent again.
//!
//! # The way of one request
//!
//! [`Client::request`] → `pool` (an idle connection?) → else `dial` (`resolve` → [`Policy`] → TCP →
//! `tls`) → `live` (head, body) → back to the `pool`. The connection is driven by the very task
//! that asks: no task per connection, no hand-over between tasks on the hot path.
//!
//! What does not live here: retries by schedule, signatures, and who may post to what.

mod address;
mod certificate;
mod client;
mod config;
mod dial;
mod exchange;
mod failure;
mod live;
mod pool;
mod progress;
mod request;
mod resolve;
mod target;
mod tls;

pub use address::{Blocked, Policy};
pub use certificate::{ClientCertificate, ClientCertificateError};
pub use client::{Client, SetupError};
pub use config::{Config, Lookup, Resolver};
pub use exchange::{Exchange, Response, Timing};
pub use failure::{Failure, FailureClass};
pub use request::is_reserved_header;
pub use target::{Target, TargetError};

pub use bytes::Bytes;
pub use http::{HeaderName, HeaderValue, Method};
pub use ipnet::IpNet;
pub use tokio_rustls::rustls::pki_types::CertificateDer;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
