//! The crate from the outside: published signatures, published payloads, changed bytes, old times, and anything at all.

mod accounts;
mod email;
mod events;
mod examples;
mod presets;
mod properties;
mod signing;
mod slack;
mod specs;
mod times;
mod tokens;
mod vectors;
mod vendors;
