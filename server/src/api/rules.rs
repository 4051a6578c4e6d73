//! Rules: which events are told in which channel, how, and when.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use domain::id::{ConnectionId, EndpointId};
use domain::rule::{Estimate, NewRule, Rule, RuleChange, actions};
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::endpoints::DeliveryRef;
use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of rules.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_rules, create_rule))
        .routes(routes!(preview_rule))
        .routes(routes!(get_rule, update_rule, delete_rule))
        .routes(routes!(test_rule))
}

/// Which rules.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RuleQuery {
    /// Only those that send through this connection.
    connection_id: Option<ConnectionId>,
    /// Rows per page, 1 to 200; 50 when absent.
    limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    cursor: Option<String>,
}

/// Lists rules, oldest first.
#[utoipa::path(
    get, path = "/api/v1/rules", operation_id = "list_rules", tag = "Connections", params(RuleQuery, Shape),
    responses((status = 200, description = "A page of rules.", body = Page<Rule>)),
)]
async fn list_rules(api: ApiCaller, Asked(query, shape): Asked<RuleQuery, Shape>) -> ApiResult<Response> {
    let all = actions::list(&api.hub, &api.caller, query.connection_id.as_ref()).await?;
    let asked = PageQuery { limit: query.limit, cursor: query.cursor };
    shape::page(shape::part(all, &asked, |rule| rule.id.to_string())?, &shape)
}

/// Makes a rule. It is kept as an endpoint whose deliveries go to a channel: its id is an endpoint's, and the log knows it by that.
#[utoipa::path(
    post, path = "/api/v1/rules", operation_id = "create_rule", tag = "Connections",
    request_body(content = NewRule, example = json!({"channel_id": "chn_…", "event_types": ["invoice.*"], "format": "full"})),
    responses((status = 201, description = "The rule.", body = Rule)),
)]
async fn create_rule(api: ApiCaller, Body(new): Body<NewRule>) -> ApiResult<Response> {
    Ok((StatusCode::CREATED, Json(actions::create(&api.hub, &api.caller, new).await?)).into_response())
}

/// Tells how many messages a rule would have sent in the last seven days, by the newest 20,000 events. Nothing is made.
#[utoipa::path(
    post, path = "/api/v1/rules/estimate", operation_id = "preview_rule", tag = "Connections",
    request_body(content = NewRule, example = json!({"channel_id": "chn_…", "event_types": ["invoice.*"]})),
    responses((status = 200, description = "How many.", body = Estimate)),
)]
async fn preview_rule(api: ApiCaller, Body(new): Body<NewRule>) -> ApiResult<Json<Estimate>> {
    Ok(Json(actions::estimate(&api.hub, &api.caller, &new).await?))
}

/// Shows a rule.
#[utoipa::path(
    get, path = "/api/v1/rules/{id}", operation_id = "get_rule", tag = "Connections",
    params(("id" = EndpointId, Path, description = "The rule's id."), Fields),
    responses((status = 200, description = "The rule.", body = Rule)),
)]
async fn get_rule(
    api: ApiCaller,
    Id(id): Id<EndpointId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller, &id).await?, &fields)
}

/// Changes a rule; what is absent stays.
#[utoipa::path(
    patch, path = "/api/v1/rules/{id}", operation_id = "update_rule", tag = "Connections",
    params(("id" = EndpointId, Path, description = "The rule's id.")),
    request_body(content = RuleChange, example = json!({"batching": {"mode": "daily", "at": "09:00"}})),
    responses((status = 200, description = "The rule as it is now.", body = Rule)),
)]
async fn update_rule(api: ApiCaller, Id(id): Id<EndpointId>, Body(change): Body<RuleChange>) -> ApiResult<Json<Rule>> {
    Ok(Json(actions::update(&api.hub, &api.caller, &id, change).await?))
}

/// Deletes a rule. What waits for it ends as failed.
#[utoipa::path(
    delete, path = "/api/v1/rules/{id}", operation_id = "delete_rule", tag = "Connections",
    params(("id" = EndpointId, Path, description = "The rule's id.")),
    responses((status = 204, description = "It is gone.")),
)]
async fn delete_rule(api: ApiCaller, Id(id): Id<EndpointId>) -> ApiResult<StatusCode> {
    actions::delete(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What to send.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RuleTest {
    /// The event type whose sample is sent; the rule's first when absent.
    #[serde(default)]
    event_type: Option<String>,
}

/// Sends a sample to the rule's channel now, whatever its times.
#[utoipa::path(
    post, path = "/api/v1/rules/{id}/test", operation_id = "test_rule", tag = "Connections",
    params(("id" = EndpointId, Path, description = "The rule's id.")),
    request_body(content = RuleTest, example = json!({"event_type": "invoice.paid"})),
    responses((status = 202, description = "It is on its way.", body = DeliveryRef)),
)]
async fn test_rule(api: ApiCaller, Id(id): Id<EndpointId>, Body(test): Body<RuleTest>) -> ApiResult<Response> {
    let id = actions::test(&api.hub, &api.caller, &id, test.event_type.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, Json(DeliveryRef { id })).into_response())
}
