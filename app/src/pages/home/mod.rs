//! Home: the first five minutes, then how things are.

mod calls;
mod dashboard;
mod page;
pub mod progress;
mod steps;

pub use page::HomePage;
