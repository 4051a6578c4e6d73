//! Every HTTP door of Patchbay and the commands of its binary.
//!
//! A request comes in at `listen.rs`, passes `middleware/`, and is routed by `router.rs`, where every route stands:
//! to `api/` (REST, for programs with a key), to the pages of the `app` crate (`pages.rs`), or to one of the small
//! doors beside them. Handlers build a caller and call one action of `domain`; no business is decided here.

mod api;
mod assets;
pub mod cli;
mod commands;
pub mod config;
mod export;
mod health;
mod inbound;
mod inbox;
mod jira;
mod listen;
mod live;
mod master_key;
mod metrics;
mod middleware;
mod oauth;
mod pages;
pub mod router;
mod scalar;
mod slack;
pub mod startup;
pub mod state;
mod teams;
mod telemetry;

pub use api::text as openapi;
pub use commands::{exit_code, run};
