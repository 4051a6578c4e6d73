//! Entra ID and Graph.

mod consent;
mod faults;
mod limits;
mod messages;
mod panel;
mod published;
mod subscriptions;
mod teams;
mod tokens;
mod understood;
