//! Connections: an organization's accounts at third parties. They are made by people in a browser; workflows of Microsoft Teams,
//! which are an address, here too.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use domain::channel::{Channel, Choices};
use domain::connection::workflow::{self, NewWorkflow};
use domain::connection::{Connection, ConnectionCall, ConnectionChange, actions};
use domain::id::ConnectionId;
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of connections.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_connections, create_connection))
        .routes(routes!(get_connection, update_connection, delete_connection))
        .routes(routes!(test_connection))
        .routes(routes!(update_workflow))
        .routes(routes!(get_connection_calls))
        .routes(routes!(get_channels))
        .routes(routes!(fetch_channels))
        .routes(routes!(get_channel))
}

/// The last calls through a connection.
#[derive(Debug, Serialize, ToSchema)]
struct Calls {
    /// Newest first.
    data: Vec<ConnectionCall>,
}

/// Lists connections, oldest first.
#[utoipa::path(
    get, path = "/api/v1/connections", operation_id = "list_connections", tag = "Connections", params(PageQuery, Shape),
    responses((status = 200, description = "A page of connections.", body = Page<Connection>)),
)]
async fn list_connections(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    let all = actions::list(&api.hub, &api.caller).await?;
    shape::page(shape::part(all, &asked, |connection| connection.id.to_string())?, &shape)
}

/// Connects a workflow of Microsoft Teams by its address. Accounts at other providers are connected in the browser.
#[utoipa::path(
    post, path = "/api/v1/connections", operation_id = "create_connection", tag = "Connections",
    request_body(content = NewWorkflow, example = json!({
        "name": "Finance",
        "workflow_url": "https://prod-01.westeurope.logic.azure.com/workflows/…/triggers/manual/paths/invoke?api-version=2016-06-01&sig=…",
    })),
    responses((status = 201, description = "The connection.", body = Connection)),
)]
async fn create_connection(api: ApiCaller, Body(new): Body<NewWorkflow>) -> ApiResult<(StatusCode, Json<Connection>)> {
    Ok((StatusCode::CREATED, Json(workflow::connect(&api.hub, &api.caller, &new).await?)))
}

/// The address of a workflow.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WorkflowAddress {
    /// As Teams shows it. It is kept sealed and never shown again.
    workflow_url: String,
}

/// Gives a connection to Microsoft Teams another workflow's address. Its rules stay, and what was kept is sent.
#[utoipa::path(
    put, path = "/api/v1/connections/{id}/workflow", operation_id = "update_workflow", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id.")),
    request_body(content = WorkflowAddress, example = json!({
        "workflow_url": "https://prod-01.westeurope.logic.azure.com/workflows/…/triggers/manual/paths/invoke?api-version=2016-06-01&sig=…",
    })),
    responses((status = 200, description = "The connection as it is now.", body = Connection)),
)]
async fn update_workflow(
    api: ApiCaller,
    Id(id): Id<ConnectionId>,
    Body(address): Body<WorkflowAddress>,
) -> ApiResult<Json<Connection>> {
    Ok(Json(workflow::replace(&api.hub, &api.caller, &id, &address.workflow_url).await?))
}

/// Shows a connection.
#[utoipa::path(
    get, path = "/api/v1/connections/{id}", operation_id = "get_connection", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id."), Fields),
    responses((status = 200, description = "The connection.", body = Connection)),
)]
async fn get_connection(
    api: ApiCaller,
    Id(id): Id<ConnectionId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller, &id).await?, &fields)
}

/// Renames a connection, pauses or resumes it, or sets its default channel.
#[utoipa::path(
    patch, path = "/api/v1/connections/{id}", operation_id = "update_connection", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id.")),
    request_body(content = ConnectionChange, example = json!({"paused": true})),
    responses((status = 200, description = "The connection as it is now.", body = Connection)),
)]
async fn update_connection(
    api: ApiCaller,
    Id(id): Id<ConnectionId>,
    Body(change): Body<ConnectionChange>,
) -> ApiResult<Json<Connection>> {
    Ok(Json(actions::update(&api.hub, &api.caller, &id, change).await?))
}

/// Disconnects: the token is revoked at the provider unless another connection goes by it, and rules that send through the connection are deleted.
#[utoipa::path(
    delete, path = "/api/v1/connections/{id}", operation_id = "delete_connection", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id.")),
    responses((status = 204, description = "It is disconnected.")),
)]
async fn delete_connection(api: ApiCaller, Id(id): Id<ConnectionId>) -> ApiResult<StatusCode> {
    actions::disconnect(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries a connection out now.
#[utoipa::path(
    post, path = "/api/v1/connections/{id}/check", operation_id = "test_connection", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id.")),
    responses((status = 200, description = "It works; the connection as it is now.", body = Connection)),
)]
async fn test_connection(api: ApiCaller, Id(id): Id<ConnectionId>) -> ApiResult<Json<Connection>> {
    Ok(Json(actions::check(&api.hub, &api.caller, &id).await?))
}

/// Shows the last 50 calls through a connection other than deliveries, newest first.
#[utoipa::path(
    get, path = "/api/v1/connections/{id}/calls", operation_id = "get_connection_calls", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id.")),
    responses((status = 200, description = "The calls.", body = Calls)),
)]
async fn get_connection_calls(api: ApiCaller, Id(id): Id<ConnectionId>) -> ApiResult<Response> {
    Ok(Json(Calls { data: actions::calls(&api.hub, &api.caller, &id).await? }).into_response())
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChannelQuery {
    /// A name, a part of one, an id or a link; all channels when absent.
    #[serde(default)]
    q: String,
}

/// Finds channels by what somebody types, best first; the first 50 and how many there are.
#[utoipa::path(
    get, path = "/api/v1/connections/{id}/channels", operation_id = "get_channels", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id."), ChannelQuery),
    responses((status = 200, description = "The channels.", body = Choices)),
)]
async fn get_channels(
    api: ApiCaller,
    Id(id): Id<ConnectionId>,
    Asked(query, Nothing {}): Asked<ChannelQuery, Nothing>,
) -> ApiResult<Json<Choices>> {
    Ok(Json(actions::channels(&api.hub, &api.caller, &id, &query.q).await?))
}

/// Reads the list of channels anew, in the background.
#[utoipa::path(
    post, path = "/api/v1/connections/{id}/channels/refresh", operation_id = "fetch_channels", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id.")),
    responses((status = 204, description = "It begins at once.")),
)]
async fn fetch_channels(api: ApiCaller, Id(id): Id<ConnectionId>) -> ApiResult<StatusCode> {
    actions::refresh_channels(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows a channel by its id at the provider; one that is not known yet is asked for there.
#[utoipa::path(
    get, path = "/api/v1/connections/{id}/channels/{provider_id}", operation_id = "get_channel", tag = "Connections",
    params(
        ("id" = ConnectionId, Path, description = "The connection's id."),
        ("provider_id" = String, Path, description = "The channel's id at the provider: `C061EG9R6`."),
    ),
    responses((status = 200, description = "The channel.", body = Channel)),
)]
async fn get_channel(
    api: ApiCaller,
    axum::extract::Path((id, provider_id)): axum::extract::Path<(String, String)>,
) -> ApiResult<Json<Channel>> {
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    Ok(Json(actions::channel(&api.hub, &api.caller, &id, &provider_id).await?))
}
