//! Replays of many deliveries: the plan and its start, the list, and the page of one.
//!
//! The plan's address holds everything ([`asked`]): the filters as the delivery log has them, and how to send. What is
//! shown changes only together with its data, so the server draws it ([`plan`], [`sheet`], [`rows`]) in the words of
//! [`words`].

// Drawn on the server only: public, because the browser's half never calls them.
pub mod asked;
pub mod plan;
pub mod rows;
pub mod sheet;
pub mod words;

mod calls;
mod detail;
mod list;
mod new;

pub use detail::ReplayPage;
pub use list::ReplaysPage;
pub use new::ReplayNewPage;
