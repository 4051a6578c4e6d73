//! Slack: addresses and permissions ([`facts`]), the app's manifest, what errors mean ([`error`]), answers of its API,
//! requests that it sends us, messages that we send there, and what people paste to name a channel ([`link`]).
//!
//! What it expects is held against its own published schemas by tests, which read them where they lie
//! (`PATCHBAY_PROVIDER_SPECS`) and say so when they are not there.

#[cfg(feature = "server")]
pub mod action;
#[cfg(feature = "server")]
pub mod answer;
#[cfg(feature = "server")]
mod blocks;
pub mod error;
pub mod facts;
#[cfg(feature = "server")]
pub mod inbound;
pub mod link;
#[cfg(feature = "server")]
pub mod manifest;
mod meaning;
#[cfg(feature = "server")]
pub mod message;
#[cfg(all(test, feature = "server"))]
mod published;
#[cfg(feature = "server")]
pub mod text;
