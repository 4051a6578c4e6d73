//! The controls of an endpoint, each on a page of its own below it: which events it gets and in what form, how it is
//! secured, what answers mean, and who changed it when.
//!
//! Every form is answered by its own page where there are no scripts (`crate::session::posted`), so that nothing that
//! was typed is lost, however long it is; with scripts the same fields go to a server function. `*_form` are plain
//! functions with tests; `preview` and `history` are drawn on the server.

mod auth_fields;
mod calls;
pub mod filter_form;
mod filter_page;
mod filter_rows;
pub mod history;
mod history_page;
mod open;
pub mod preview;
pub mod rules_form;
mod rules_page;
mod rules_rows;
mod script;
mod secrets;
pub mod security_form;
mod security_page;

pub use calls::{FilterAnswer, Head};
pub use filter_page::FilterPage;
pub use history_page::HistoryPage;
pub use rules_page::RulesPage;
pub use security_page::SecurityPage;
