//! The members of an organization.

use axum::Json;
use axum::response::Response;
use domain::account::{Member, members};
use domain::caller::Role;
use domain::id::UserId;
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of members.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_members)).routes(routes!(get_member, update_member, remove_member))
}

/// Lists members, owners first, then by name. Sorted by `name`, `email`, `role` or `joined_at`.
#[utoipa::path(
    get, path = "/api/v1/members", operation_id = "list_members", tag = "Members", params(PageQuery, Shape),
    responses((status = 200, description = "A page of members.", body = Page<Member>)),
)]
async fn list_members(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    shape::whole(
        members::list(&api.hub, &api.caller).await?,
        "user_id",
        &["name", "email", "role", "joined_at"],
        &asked,
        &shape,
    )
}

/// Shows a member.
#[utoipa::path(
    get, path = "/api/v1/members/{user_id}", operation_id = "get_member", tag = "Members",
    params(("user_id" = UserId, Path, description = "The member's account."), Fields),
    responses((status = 200, description = "The member.", body = Member)),
)]
async fn get_member(
    api: ApiCaller,
    Id(user_id): Id<UserId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&members::get(&api.hub, &api.caller, &user_id).await?, &fields)
}

/// A change of a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberChange {
    /// Their new role.
    role: Role,
}

/// Changes a member's role. Only owners make or unmake owners; the last owner stays.
#[utoipa::path(
    patch, path = "/api/v1/members/{user_id}", operation_id = "update_member", tag = "Members",
    params(("user_id" = UserId, Path, description = "The member's account.")),
    request_body(content = MemberChange, example = json!({"role": "admin"})),
    responses((status = 200, description = "The member as they are now.", body = Member)),
)]
async fn update_member(
    api: ApiCaller,
    Id(user_id): Id<UserId>,
    Body(change): Body<MemberChange>,
) -> ApiResult<Json<Member>> {
    Ok(Json(members::change_role(&api.hub, &api.caller, &user_id, change.role).await?))
}

/// Removes a member. The last owner stays.
#[utoipa::path(
    delete, path = "/api/v1/members/{user_id}", operation_id = "remove_member", tag = "Members",
    params(("user_id" = UserId, Path, description = "The member's account.")),
    responses((status = 204, description = "They are removed.")),
)]
async fn remove_member(api: ApiCaller, Id(user_id): Id<UserId>) -> ApiResult<StatusCode> {
    members::remove(&api.hub, &api.caller, &user_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
