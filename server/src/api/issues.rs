//! Issues at Jira that rules made, and what a site asks of the rule that is to make them.

use axum::Json;
use axum::response::Response;
use domain::connection::api_token::{self, NewApiToken};
use domain::connection::{Connection, jira};
use domain::id::{ChannelId, ConnectionId, EndpointId, LinkedIssueId};
use domain::issue::{Choice, IssueScreen, LinkedIssue, LinkedIssueLog, actions};
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

/// The routes of linked issues.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_linked_issues))
        .routes(routes!(get_linked_issue))
        .routes(routes!(get_issue_types))
        .routes(routes!(get_issue_screen))
        .routes(routes!(update_site))
        .routes(routes!(create_jira_connection))
        .routes(routes!(get_webhook_setup))
}

/// Which linked issues.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LinkedIssueQuery {
    /// Only those of this connection.
    connection_id: Option<ConnectionId>,
    /// Only those of this rule.
    rule_id: Option<EndpointId>,
    /// Rows per page, 1 to 200; 50 when absent.
    limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    cursor: Option<String>,
}

/// Lists the issues that rules made at Jira and keep in step, newest first.
#[utoipa::path(
    get, path = "/api/v1/linked-issues", operation_id = "list_linked_issues", tag = "Connections",
    params(LinkedIssueQuery, Shape),
    responses((status = 200, description = "A page of linked issues.", body = Page<LinkedIssue>)),
)]
async fn list_linked_issues(
    api: ApiCaller,
    Asked(query, shape): Asked<LinkedIssueQuery, Shape>,
) -> ApiResult<Response> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (connection, rule) = (query.connection_id.as_ref(), query.rule_id.as_ref());
    shape::page(actions::list(&api.hub, &api.caller, connection, rule, &page).await?, &shape)
}

/// Shows a linked issue with its sync log: what was written to Jira, what came back, conflicts and how they ended.
#[utoipa::path(
    get, path = "/api/v1/linked-issues/{id}", operation_id = "get_linked_issue", tag = "Connections",
    params(("id" = LinkedIssueId, Path, description = "The linked issue's id."), Fields),
    responses((status = 200, description = "The linked issue.", body = LinkedIssueLog)),
)]
async fn get_linked_issue(
    api: ApiCaller,
    Id(id): Id<LinkedIssueId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller, &id).await?, &fields)
}

/// Which project.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProjectQuery {
    /// The project: one of the connection's channels, by its id here.
    channel_id: ChannelId,
}

/// Types of issue.
#[derive(Debug, Serialize, ToSchema)]
struct IssueTypes {
    /// Those that rules can make.
    data: Vec<Choice>,
}

/// Shows the types of issue that can be made in a project. They are asked for at Jira now.
#[utoipa::path(
    get, path = "/api/v1/connections/{id}/issue-types", operation_id = "get_issue_types", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id."), ProjectQuery),
    responses((status = 200, description = "The types.", body = IssueTypes)),
)]
async fn get_issue_types(
    api: ApiCaller,
    Id(id): Id<ConnectionId>,
    Asked(query, Nothing {}): Asked<ProjectQuery, Nothing>,
) -> ApiResult<Json<IssueTypes>> {
    Ok(Json(IssueTypes { data: actions::issue_types(&api.hub, &api.caller, &id, &query.channel_id).await? }))
}

/// Which project and type.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ScreenQuery {
    /// The project: one of the connection's channels, by its id here.
    channel_id: ChannelId,
    /// The type of issue, by its id at Jira.
    issue_type_id: String,
}

/// Shows the fields that an issue of a type is made with, and the statuses that it can have. They are asked for at Jira now.
#[utoipa::path(
    get, path = "/api/v1/connections/{id}/issue-screen", operation_id = "get_issue_screen", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id."), ScreenQuery),
    responses((status = 200, description = "Fields and statuses.", body = IssueScreen)),
)]
async fn get_issue_screen(
    api: ApiCaller,
    Id(id): Id<ConnectionId>,
    Asked(query, Nothing {}): Asked<ScreenQuery, Nothing>,
) -> ApiResult<Json<IssueScreen>> {
    let (channel, kind) = (&query.channel_id, query.issue_type_id.as_str());
    Ok(Json(actions::screen(&api.hub, &api.caller, &id, channel, kind).await?))
}

/// Connects a site by a person's API token, or gives a site that is connected so another token. The token is tried out first.
#[utoipa::path(
    post, path = "/api/v1/connections/jira", operation_id = "create_jira_connection", tag = "Connections",
    request_body(content = NewApiToken, example = json!({
        "site_url": "https://example.atlassian.net", "email": "ops@acme.example", "api_token": "ATATT…",
    })),
    responses((status = 201, description = "The connection.", body = Connection)),
)]
async fn create_jira_connection(
    api: ApiCaller,
    Body(new): Body<NewApiToken>,
) -> ApiResult<(StatusCode, Json<Connection>)> {
    Ok((StatusCode::CREATED, Json(api_token::connect(&api.hub, &api.caller, &new).await?)))
}

/// A webhook to enter in Jira.
#[derive(Debug, Serialize, ToSchema)]
struct Setup {
    /// Where it is posted to.
    url: String,
    /// What it is signed with.
    secret: String,
}

/// Shows the webhook that an administrator of a site enters by hand, where the site is connected by an API token.
#[utoipa::path(
    get, path = "/api/v1/connections/{id}/webhook", operation_id = "get_webhook_setup", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id.")),
    responses((status = 200, description = "The webhook.", body = Setup)),
)]
async fn get_webhook_setup(api: ApiCaller, Id(id): Id<ConnectionId>) -> ApiResult<Json<Setup>> {
    let setup = api_token::webhook_setup(&api.hub, &api.caller, &id).await?;
    Ok(Json(Setup { url: setup.url, secret: setup.secret }))
}

/// The site to use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SiteChoice {
    /// One of the connection's `sites`, by its id.
    site_id: String,
}

/// Chooses the site of a connection whose consent is good for several.
#[utoipa::path(
    put, path = "/api/v1/connections/{id}/site", operation_id = "update_site", tag = "Connections",
    params(("id" = ConnectionId, Path, description = "The connection's id.")),
    request_body(content = SiteChoice, example = json!({"site_id": "11223344-a1b2-3b33-c444-def123456789"})),
    responses((status = 200, description = "The connection as it is now.", body = Connection)),
)]
async fn update_site(
    api: ApiCaller,
    Id(id): Id<ConnectionId>,
    Body(choice): Body<SiteChoice>,
) -> ApiResult<Json<Connection>> {
    Ok(Json(jira::choose_site(&api.hub, &api.caller, &id, &choice.site_id).await?))
}
