//! The business of Patchbay: rules and types for everyone, and behind the feature `server` the
//! actions, the SQL and the workers. This is the only list of modules and the place where
//! `server` is switched; nothing in here names axum, Leptos or a cookie.

pub mod account;
pub mod alert;
pub mod api_key;
pub mod audit;
pub mod caller;
pub mod channel;
pub mod connection;
pub mod delivery;
pub mod endpoint;
mod error;
pub mod event;
pub mod event_type;
pub mod filter;
pub mod health;
pub mod id;
pub mod inbox;
pub mod issue;
pub mod live;
pub mod node;
pub mod org;
mod page;
pub mod provider;
pub mod replay;
pub mod rule;
pub mod source;
mod text_enum;
mod time;
pub mod view;

#[cfg(feature = "server")]
pub mod bus;
#[cfg(feature = "server")]
mod commit;
#[cfg(feature = "server")]
pub mod db;
#[cfg(feature = "server")]
mod directory;
#[cfg(feature = "server")]
mod failure;
#[cfg(feature = "server")]
pub mod figures;
#[cfg(feature = "server")]
pub mod hub;
#[cfg(feature = "server")]
pub mod key;
#[cfg(feature = "server")]
pub mod retention;
#[cfg(feature = "server")]
mod search;
#[cfg(all(test, feature = "server"))]
mod testing;
#[cfg(feature = "server")]
mod transformation;
#[cfg(feature = "server")]
pub mod worker;

pub use caller::{Caller, Permission};
pub use error::{Detail, Error, Problem, Result};
#[cfg(feature = "server")]
pub use hub::Hub;
pub use page::{Cursor, Page, PageQuery};
#[cfg(feature = "server")]
pub use time::Clock;
pub use time::Timestamp;
