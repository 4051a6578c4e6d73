//! Sources: addresses that providers post to, and the requests that came to them.

use axum::Json;
use axum::response::Response;
use domain::id::{InboundRequestId, SourceId};
use domain::source::export as files;
use domain::source::fields;
use domain::source::requests::{self, RequestQuery};
use domain::source::{
    EmailFact, FieldReport, InboundFigures, InboundRequest, InboundRequestSummary, InboundState, InboundVerdict,
    NewSource, RequestFacets, SecretRotation, Source, SourceChange, SourcePreset, SourceSummary, SourceWithSecret,
    TokenRotation, actions, history, log, presets, secrets,
};
use domain::{Page, PageQuery};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::deliveries::FileKind;
use super::error::ApiResult;
use super::extract::{ApiCaller, Body, Id, MaybeBody};
use super::shape::{self, Asked, Fields, Nothing, Shape};
use crate::export::{self, File};
use crate::state::AppState;

/// The routes of sources and of what came to them.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_sources, create_source))
        .routes(routes!(get_source, update_source, delete_source))
        .routes(routes!(get_source_figures))
        .routes(routes!(get_source_fields))
        .routes(routes!(get_email_history))
        .routes(routes!(rotate_source_token))
        .routes(routes!(rotate_source_secret))
        .routes(routes!(get_source_presets))
        .routes(routes!(list_inbound_requests))
        .routes(routes!(export_inbound_requests))
        .routes(routes!(get_inbound_request_stats))
        .routes(routes!(get_inbound_request))
        .routes(routes!(replay_inbound_request))
}

/// Lists sources, oldest first, without their addresses and secrets.
#[utoipa::path(
    get, path = "/api/v1/sources", operation_id = "list_sources", tag = "Sources", params(PageQuery, Shape),
    responses((status = 200, description = "A page of sources.", body = Page<SourceSummary>)),
)]
async fn list_sources(api: ApiCaller, Asked(asked, shape): Asked<PageQuery, Shape>) -> ApiResult<Response> {
    let all = actions::list(&api.hub, &api.caller).await?;
    shape::page(shape::part(all, &asked, |source| source.id.to_string())?, &shape)
}

/// Makes a source. Its address is to be given to the provider; a secret that is made for it is shown this once.
#[utoipa::path(
    post, path = "/api/v1/sources", operation_id = "create_source", tag = "Sources",
    request_body(content = NewSource, example = json!({"provider": "stripe", "name": "Billing", "secret": "whsec_…"})),
    responses((status = 201, description = "The source.", body = SourceWithSecret)),
)]
async fn create_source(api: ApiCaller, Body(new): Body<NewSource>) -> ApiResult<(StatusCode, Json<SourceWithSecret>)> {
    Ok((StatusCode::CREATED, Json(actions::create(&api.hub, &api.caller, new).await?)))
}

/// Shows a source.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}", operation_id = "get_source", tag = "Sources",
    params(("id" = SourceId, Path, description = "The source's id."), Fields),
    responses((status = 200, description = "The source.", body = Source)),
)]
async fn get_source(
    api: ApiCaller,
    Id(id): Id<SourceId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::get(&api.hub, &api.caller, &id).await?, &fields)
}

/// Renames a source, switches it on or off, or changes how its requests are verified; what is absent stays.
#[utoipa::path(
    patch, path = "/api/v1/sources/{id}", operation_id = "update_source", tag = "Sources",
    params(("id" = SourceId, Path, description = "The source's id.")),
    request_body(content = SourceChange, example = json!({"status": "disabled"})),
    responses((status = 200, description = "The source as it is now.", body = Source)),
)]
async fn update_source(
    api: ApiCaller,
    Id(id): Id<SourceId>,
    Body(change): Body<SourceChange>,
) -> ApiResult<Json<Source>> {
    Ok(Json(actions::update(&api.hub, &api.caller, &id, change).await?))
}

/// Deletes a source and the requests that came to it; the events that they became stay.
#[utoipa::path(
    delete, path = "/api/v1/sources/{id}", operation_id = "delete_source", tag = "Sources",
    params(("id" = SourceId, Path, description = "The source's id.")),
    responses((status = 204, description = "It is deleted.")),
)]
async fn delete_source(api: ApiCaller, Id(id): Id<SourceId>) -> ApiResult<StatusCode> {
    actions::delete(&api.hub, &api.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Counts what came to a source in the last seven days: verified, refused by cause, dropped as duplicates.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/figures", operation_id = "get_source_figures", tag = "Sources",
    params(("id" = SourceId, Path, description = "The source's id."), Fields),
    responses((status = 200, description = "The figures.", body = InboundFigures)),
)]
async fn get_source_figures(
    api: ApiCaller,
    Id(id): Id<SourceId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&actions::figures(&api.hub, &api.caller, &id).await?, &fields)
}

/// Which type of event.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FieldQuery {
    /// A type of the provider's, as it came: `invoice.paid`.
    provider_event_type: Option<String>,
}

/// Holds the fields of a source's newest events of a type against those that are read of them: seen, missing, of another kind, or there
/// and not read.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/fields", operation_id = "get_source_fields", tag = "Sources",
    params(("id" = SourceId, Path, description = "The source's id."), FieldQuery, Fields),
    responses((status = 200, description = "The fields.", body = FieldReport)),
)]
async fn get_source_fields(
    api: ApiCaller,
    Id(id): Id<SourceId>,
    Asked(query, only): Asked<FieldQuery>,
) -> ApiResult<Response> {
    let kind = query.provider_event_type.unwrap_or_default();
    shape::one(&fields::report(&api.hub, &api.caller, &id, &kind).await?, &only)
}

/// Which e-mail.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EmailQuery {
    /// The provider's id of the message.
    message_id: Option<String>,
    /// An address it went to.
    recipient: Option<String>,
}

/// What became of e-mail.
#[derive(Debug, Serialize, ToSchema)]
struct EmailHistory {
    /// What was told, newest first.
    data: Vec<EmailFact>,
}

/// Shows what became of e-mail that was sent, by message, by recipient, or both; newest first, the newest 500. Resend's sources have such
/// a history.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/email-history", operation_id = "get_email_history", tag = "Sources",
    params(("id" = SourceId, Path, description = "The source's id."), EmailQuery),
    responses((status = 200, description = "The history.", body = EmailHistory)),
)]
async fn get_email_history(
    api: ApiCaller,
    Id(id): Id<SourceId>,
    Asked(query, Nothing {}): Asked<EmailQuery, Nothing>,
) -> ApiResult<Json<EmailHistory>> {
    let (message, recipient) = (query.message_id.as_deref(), query.recipient.as_deref());
    Ok(Json(EmailHistory { data: history::list(&api.hub, &api.caller, &id, message, recipient).await? }))
}

/// Gives a source another address; the older one is taken for the overlap, 24 hours when absent.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/rotate-token", operation_id = "rotate_source_token", tag = "Sources",
    params(("id" = SourceId, Path, description = "The source's id.")),
    request_body(content = Option<TokenRotation>, example = json!({"overlap_hours": 48})),
    responses((status = 200, description = "The source with its new address.", body = Source)),
)]
async fn rotate_source_token(
    api: ApiCaller,
    Id(id): Id<SourceId>,
    MaybeBody(rotation): MaybeBody<TokenRotation>,
) -> ApiResult<Json<Source>> {
    Ok(Json(secrets::rotate_token(&api.hub, &api.caller, &id, &rotation).await?))
}

/// Enters a secret, or makes one, shown this once; the one before it verifies for the overlap, 24 hours when absent. Of a provider
/// that posts its secret, the next one that it posts is taken.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/rotate-secret", operation_id = "rotate_source_secret", tag = "Sources",
    params(("id" = SourceId, Path, description = "The source's id.")),
    request_body(content = Option<SecretRotation>, example = json!({"secret": "whsec_…", "overlap_hours": 48})),
    responses((status = 200, description = "The source, with the secret if it was made here.", body = SourceWithSecret)),
)]
async fn rotate_source_secret(
    api: ApiCaller,
    Id(id): Id<SourceId>,
    MaybeBody(rotation): MaybeBody<SecretRotation>,
) -> ApiResult<Json<SourceWithSecret>> {
    Ok(Json(secrets::rotate_secret(&api.hub, &api.caller, &id, &rotation).await?))
}

/// What sources can be made of.
#[derive(Debug, Serialize, ToSchema)]
struct Presets {
    /// One per provider.
    data: Vec<SourcePreset>,
}

/// Shows what there is to know of each provider: how its requests are verified, what to do there, what its events become.
#[utoipa::path(
    get, path = "/api/v1/source-presets", operation_id = "get_source_presets", tag = "Sources",
    responses((status = 200, description = "The presets.", body = Presets)),
)]
async fn get_source_presets(api: ApiCaller) -> ApiResult<Json<Presets>> {
    Ok(Json(Presets { data: presets::list(&api.caller)? }))
}

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InboundRequestQuery {
    /// Only those that came to this source.
    source_id: Option<SourceId>,
    /// Only those that are the provider's, or that are not.
    verdict: Option<InboundVerdict>,
    /// Only those that were refused for this cause: `bad_signature`.
    cause: Option<String>,
    /// Only those that have come so far.
    state: Option<InboundState>,
    /// Only those with this type of the provider's, or with a pattern like `invoice.*`.
    provider_event_type: Option<String>,
    /// Only those in which all these words are: ids, headers, body, what it came to. The last may be the beginning of one.
    q: Option<String>,
    /// Only those that came since: RFC 3339, or an age like `15m`, `24h`, `7d`.
    since: Option<String>,
    /// Only those that came before: RFC 3339, or an age.
    until: Option<String>,
    /// Rows per page, 1 to 200; 50 when absent.
    limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    cursor: Option<String>,
}

impl From<InboundRequestQuery> for RequestQuery {
    fn from(query: InboundRequestQuery) -> Self {
        Self {
            source_id: query.source_id,
            verdict: query.verdict,
            cause: query.cause,
            state: query.state,
            provider_event_type: query.provider_event_type,
            q: query.q,
            since: query.since,
            until: query.until,
            page: PageQuery { limit: query.limit, cursor: query.cursor },
        }
    }
}

/// Lists requests that came to sources, accepted or refused, newest first.
#[utoipa::path(
    get, path = "/api/v1/inbound-requests", operation_id = "list_inbound_requests", tag = "Sources",
    params(InboundRequestQuery, Shape),
    responses((status = 200, description = "A page of requests.", body = Page<InboundRequestSummary>)),
)]
async fn list_inbound_requests(
    api: ApiCaller,
    Asked(query, shape): Asked<InboundRequestQuery, Shape>,
) -> ApiResult<Response> {
    shape::page(requests::list(&api.hub, &api.caller, &query.into()).await?, &shape)
}

/// Exports requests that came to sources, newest first, as CSV or as lines of JSON. There are no pages.
#[utoipa::path(
    get, path = "/api/v1/inbound-requests/export", operation_id = "export_inbound_requests", tag = "Sources",
    params(InboundRequestQuery, FileKind),
    responses((status = 200, description = "The requests.", content((String = "text/csv"), (String = "application/x-ndjson")))),
)]
async fn export_inbound_requests(
    api: ApiCaller,
    Asked(query, kind): Asked<InboundRequestQuery, FileKind>,
) -> ApiResult<Response> {
    Ok(export::answer(File::Log(Box::new(files::requests(&api.hub, &api.caller, &query.into(), kind.format()).await?))))
}

/// Counts requests for the same filters by source, verdict, state, type and cause.
#[utoipa::path(
    get, path = "/api/v1/inbound-requests/stats", operation_id = "get_inbound_request_stats", tag = "Sources",
    params(InboundRequestQuery, Fields),
    responses((status = 200, description = "The figures.", body = RequestFacets)),
)]
async fn get_inbound_request_stats(
    api: ApiCaller,
    Asked(query, fields): Asked<InboundRequestQuery>,
) -> ApiResult<Response> {
    shape::one(&log::facets(&api.hub, &api.caller, &query.into()).await?, &fields)
}

/// Shows a request as it came, without credentials: the verdict with the text that was signed, and what became of its events.
#[utoipa::path(
    get, path = "/api/v1/inbound-requests/{id}", operation_id = "get_inbound_request", tag = "Sources",
    params(("id" = InboundRequestId, Path, description = "The request's id."), Fields),
    responses((status = 200, description = "The request.", body = InboundRequest)),
)]
async fn get_inbound_request(
    api: ApiCaller,
    Id(id): Id<InboundRequestId>,
    Asked(Nothing {}, fields): Asked<Nothing>,
) -> ApiResult<Response> {
    shape::one(&requests::get(&api.hub, &api.caller, &id).await?, &fields)
}

/// Has a request handled once more: one that failed as if it had just come, one that was handled tells its events again.
#[utoipa::path(
    post, path = "/api/v1/inbound-requests/{id}/replay", operation_id = "replay_inbound_request", tag = "Sources",
    params(("id" = InboundRequestId, Path, description = "The request's id.")),
    responses((status = 202, description = "The request, which waits to be handled.", body = InboundRequest)),
)]
async fn replay_inbound_request(
    api: ApiCaller,
    Id(id): Id<InboundRequestId>,
) -> ApiResult<(StatusCode, Json<InboundRequest>)> {
    Ok((StatusCode::ACCEPTED, Json(requests::replay(&api.hub, &api.caller, &id).await?)))
}
