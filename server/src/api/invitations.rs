//! Invitations to join an organization.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::account::{Invitation, NewInvitation, members};
use domain::caller::Role;
use domain::id::InvitationId;
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::state::AppState;

/// The routes of invitations.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_invitation, list_invitations))
        .routes(routes!(get_invitation, revoke_invitation))
}

/// Lists open invitations, newest first. Sorted by `created_at`, `email` or `expires_at`.
#[utoipa::path(
    get, path = "/api/v1/invitations", operation_id = "list_invitations", tag = "Members", params(PageQuery, Shape),
    responses((status = 200, description = "A page of invitations.", body = Page<Invitation>)),
)]
async fn list_invitations(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    shape::whole(
        members::list_invitations(&api.hub, &api.caller).await?,
        "id",
        &["created_at", "email", "expires_at"],
        &asked,
        &shape,
    )
}

/// Shows an open invitation.
#[utoipa::path(
    get, path = "/api/v1/invitations/{id}", operation_id = "get_invitation", tag = "Members",
    params(("id" = InvitationId, Path, description = "The invitation's id."), Fields),
    responses((status = 200, description = "The invitation.", body = Invitation)),
)]
async fn get_invitation(
    api: ApiCaller,
    Id(id): Id<InvitationId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&members::get_invitation(&api.hub, &api.caller, &id).await?, &fields)
}

/// Who is invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Invite {
    /// Their e-mail address.
    email: String,
    /// The role they will have.
    role: Role,
}

/// An invitation with its link, shown this once.
#[derive(Debug, Serialize, ToSchema)]
struct InvitationWithUrl {
    /// The invitation.
    #[serde(flatten)]
    invitation: Invitation,
    /// The link to hand to the person.
    url: String,
}

/// Invites somebody; the link to hand over is in the answer, this once.
#[utoipa::path(
    post, path = "/api/v1/invitations", operation_id = "create_invitation", tag = "Members",
    request_body(content = Invite, example = json!({"email": "grace@example.com", "role": "member"})),
    responses((status = 201, description = "The invitation with its link.", body = InvitationWithUrl)),
)]
async fn create_invitation(api: ApiCaller, Body(invite): Body<Invite>) -> ApiResult<Response> {
    let NewInvitation { invitation, url } = members::invite(&api.hub, &api.caller, &invite.email, invite.role).await?;
    Ok((StatusCode::CREATED, Json(InvitationWithUrl { invitation, url })).into_response())
}

/// Withdraws an invitation.
#[utoipa::path(
    delete, path = "/api/v1/invitations/{id}", operation_id = "revoke_invitation", tag = "Members",
    params(("id" = InvitationId, Path, description = "The invitation's id.")),
    responses((status = 204, description = "It is withdrawn.")),
)]
async fn revoke_invitation(api: ApiCaller, Id(id): Id<InvitationId>) -> ApiResult<StatusCode> {
    members::revoke_invitation(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
