//! The pages, by noun. Pages do not import other pages; what two share is a component.

pub mod account;
pub mod alerts;
pub mod audit;
pub mod auth;
pub mod connections;
pub mod controls;
pub mod debugger;
pub mod deliveries;
pub mod endpoints;
pub mod event_types;
pub mod health;
pub mod home;
pub mod inbox;
pub mod integrations;
pub mod issues;
pub mod keys;
pub mod members;
pub mod operator;
pub mod replays;
pub mod settings;
pub mod sources;
