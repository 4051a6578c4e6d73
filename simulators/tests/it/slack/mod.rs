//! Slack.

mod channels;
mod chat;
mod commands;
mod consent;
mod enterprise;
mod events;
mod faults;
mod limits;
mod panel;
mod people;
mod published;
mod sdk;
mod tokens;
mod understood;
