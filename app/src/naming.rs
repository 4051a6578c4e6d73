//! Names of things that a page knows by their ids.

use domain::{Caller, Hub};

/// The name of the endpoint that a filter names by its id, if it does and the endpoint may be seen.
pub async fn endpoint(hub: &Hub, caller: &Caller, id: Option<&str>) -> Option<String> {
    let id = id?.parse().ok()?;
    domain::endpoint::actions::get(hub, caller, &id).await.ok().map(|endpoint| endpoint.name)
}
