//! Endpoints: the list, the page of one with its health, and the editor.
//!
//! `form`, `schedule`, `tree`, `figures` and `chart` are plain functions with tests; `list`, `detail` and the
//! `editor_*` files draw with them; `calls` is what they ask the server.

mod backlog;
mod calls;
mod chart;
pub mod delivery_form;
mod detail;
mod editor;
mod editor_delivery;
mod editor_events;
mod editor_headers;
pub mod figures;
pub mod form;
mod guard;
mod list;
mod row;
mod schedule;
mod secret;
mod test;
mod tree;
pub mod verify;
mod verify_panel;

pub use detail::EndpointPage;
pub use editor::{EndpointEditPage, EndpointNewPage};
pub use list::EndpointsPage;
