//! The signature debugger: paste a message, learn whether its signature holds, and if not, why.
//!
//! The check runs in the browser (`signature::diagnose`): nothing that is typed here leaves it. So there is no server
//! function, the fields have no names that a form could send, and what an attempt's page hands over travels behind the
//! `#` of the address ([`crate::handed`]).

mod fields;
mod given;
mod page;
mod report;

pub use page::DebuggerPage;
