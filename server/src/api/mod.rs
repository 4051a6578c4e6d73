//! REST v1: one file per noun, each route registered together with its description.

mod alerts;
mod api_keys;
mod audit_entries;
mod connections;
mod deliveries;
mod endpoints;
pub mod error;
mod event_types;
mod events;
pub mod extract;
mod health;
mod inbox;
mod integrations;
mod invitations;
mod issues;
mod log_entries;
mod members;
mod messages;
mod nodes;
mod openapi;
mod orgs;
mod replays;
mod rules;
mod shape;
mod sources;
mod views;

pub use openapi::{parts, text};

use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// Every route of the API with its description.
fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(events::router())
        .merge(endpoints::router())
        .merge(messages::router())
        .merge(deliveries::router())
        .merge(log_entries::router())
        .merge(event_types::router())
        .merge(inbox::router())
        .merge(api_keys::router())
        .merge(members::router())
        .merge(invitations::router())
        .merge(orgs::router())
        .merge(nodes::router())
        .merge(audit_entries::router())
        .merge(alerts::router())
        .merge(replays::router())
        .merge(health::router())
        .merge(views::router())
        .merge(connections::router())
        .merge(integrations::router())
        .merge(rules::router())
        .merge(issues::router())
        .merge(sources::router())
}
