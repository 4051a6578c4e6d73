//! The client against real receivers on loopback, each of them misbehaving in its own way.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests do")]

mod answers;
mod authority;
mod client_certificate;
mod guard;
mod limits;
mod methods;
mod pooling;
mod receiver;
mod tls;
