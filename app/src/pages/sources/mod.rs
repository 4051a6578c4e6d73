//! Sources: addresses that providers post to. The list with the presets to choose from, one source with its setup and what came to it,
//! and one request.

mod activity;
mod calls;
mod channels;
mod detail;
mod emails;
pub mod fields;
mod list;
mod request;
mod scheme;
pub mod scheme_form;
mod setup;
mod words;

pub use detail::SourcePage;
pub use emails::SourceEmailsPage;
pub use list::SourcesPage;
pub use request::SourceRequestPage;
