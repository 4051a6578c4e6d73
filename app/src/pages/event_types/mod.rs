//! Event types: the standard catalogue and the organization's own.

mod calls;
mod detail;
mod editor;
pub mod form;
mod list;

pub use detail::EventTypePage;
pub use list::EventTypesPage;
