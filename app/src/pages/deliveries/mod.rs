//! The delivery log and the page of one delivery; and the log of what came in, alone ([`inbound`]) or with what goes out.
//!
//! All state is in the URL ([`crate::log_url`], [`place`]), so that every view can be linked, works without scripts and survives
//! a reload. The rows live in the browser: [`tail`] keeps them current from the live stream. What changes only
//! together with its data is drawn on the server and travels as HTML ([`drawn`]): [`side`] and [`views`] stand around the
//! rows, [`sheet`] is the page of one delivery. What is shown is computed by pure functions beside the views: [`text`],
//! [`bars`], [`tokens`], [`steps`], [`explain`], [`curl`], [`verify`].

// Drawn on the server only: public, because the browser's half never calls them.
pub mod attempt;
pub mod bars;
pub mod curl;
pub mod direction;
pub mod empty;
pub mod explain;
pub mod export;
pub mod facets;
pub mod histogram;
pub mod inbound_histogram;
mod inbound_query;
pub mod inbound_sheet;
pub mod lifecycle;
pub mod place;
pub mod reasons;
pub mod sheet;
pub mod side;
pub mod signature;
pub mod steps;
pub mod tabs;
pub mod text;
pub mod tokens;
pub mod verify;
pub mod views;

mod brush;
mod bulk;
mod calls;
mod detail;
mod drawn;
mod inbound;
mod keys;
mod list;
mod row;
#[cfg(test)]
mod samples;
mod search_box;
mod suggest;
mod table;
mod tail;

use crate::log_url as url;

pub use detail::DeliveryPage;
pub use inbound::{BothPage, InboundPage};
pub use list::DeliveriesPage;
