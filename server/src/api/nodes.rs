//! The nodes of the installation, for operators.

use axum::response::Response;
use domain::node::{Node, actions};
use domain::{Page, PageQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::ApiCaller;
use super::shape::{self, Asked, Shape};
use crate::state::AppState;

/// The routes of nodes.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_nodes))
}

/// Lists the nodes that were seen within the last hour, newest first; one that was last seen more than 15 seconds ago is
/// gone. Empty with SQLite, where there is one process. For operators.
#[utoipa::path(
    get, path = "/api/v1/nodes", operation_id = "list_nodes", tag = "Installation", params(PageQuery, Shape),
    responses((status = 200, description = "A page of nodes.", body = Page<Node>)),
)]
async fn list_nodes(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    shape::page(actions::list(&api.hub, &api.caller, &asked).await?, &shape)
}
