//! Jira Cloud: addresses and permissions ([`facts`], [`address`]), what its authorization server does differently ([`oauth`]), requests as
//! data ([`request`]), what failures mean ([`failure`]), what the screens of a project ask for ([`screen`]), rich text
//! ([`adf`]) and events told in it ([`message`]), and webhooks that it sends us ([`inbound`]).
//!
//! What it expects is held against the published description and
//! example payloads by tests, which read them where they lie (`PATCHBAY_PROVIDER_SPECS`) and say so when they are not there,
//! and against the simulator.

#[cfg(feature = "server")]
pub mod address;
#[cfg(feature = "server")]
pub mod adf;
pub mod facts;
#[cfg(feature = "server")]
pub mod failure;
#[cfg(feature = "server")]
pub mod inbound;
#[cfg(feature = "server")]
pub mod message;
#[cfg(feature = "server")]
pub mod oauth;
#[cfg(feature = "server")]
pub mod request;
#[cfg(feature = "server")]
pub mod screen;
#[cfg(all(test, feature = "server"))]
mod simulated;
