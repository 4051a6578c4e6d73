//! The crate from the outside: published signatures, changed bytes and old times.

mod signing;
mod specs;
mod times;
mod tokens;
mod vectors;
