//! The OpenAPI 3.1 document, made from the handlers. What all operations share (who may call, which header, which
//! refusals) is added here, so that no handler can forget it.

use axum::Router;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{OpenApi as _, PartialSchema as _};

use super::error::ErrorBody;
use crate::state::AppState;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Patchbay",
        description = "Events in, signed webhooks out.\n\n\
            Every request carries an API key as `Authorization: Bearer pb_…`. Lists come in pages: pass `next_cursor` \
            as `cursor` for the rows that follow. Every error has the same form: \
            `{\"error\": {\"code\", \"message\", \"details\", \"request_id\"}}`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This installation")),
    tags(
        (name = "Events", description = "Facts that your programs post."),
        (name = "Endpoints", description = "URLs that events are delivered to."),
        (name = "Messages", description = "Deliveries that their receiver fetches: for receivers behind a firewall."),
        (name = "Deliveries", description = "The log: every event at every endpoint with every attempt."),
        (name = "Connections", description = "Accounts at third parties, their channels, and the rules that say what is told there."),
        (name = "Sources", description = "Addresses that providers post webhooks to, and every request that came."),
        (name = "Event types", description = "The standard catalogue and your own."),
        (name = "Inbox", description = "A throw-away receiver of the hub itself."),
        (name = "API keys", description = "Keys for programs."),
        (name = "Members", description = "People and invitations."),
        (name = "Organization", description = "The organization and its audit log."),
        (name = "Installation", description = "All organizations, for operators."),
    ),
    components(schemas(ErrorBody)),
)]
struct Head;

/// The routes and the document that describes them.
pub fn parts() -> (Router<AppState>, OpenApi) {
    let (router, mut document) =
        utoipa_axum::router::OpenApiRouter::with_openapi(Head::openapi()).merge(super::routes()).split_for_parts();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("pb_…")
        .description(Some("An API key."))
        .build();
    document
        .components
        .get_or_insert_default()
        .security_schemes
        .insert("api_key".into(), SecurityScheme::Http(scheme).into());
    document.security = Some(vec![SecurityRequirement::new("api_key", Vec::<String>::new())]);
    for item in document.paths.paths.values_mut() {
        for operation in
            [&mut item.get, &mut item.post, &mut item.patch, &mut item.put, &mut item.delete].into_iter().flatten()
        {
            complete(operation);
        }
    }
    (router, document)
}

/// The document that describes every route.
pub fn document() -> OpenApi {
    parts().1
}

/// The document as it is committed and served.
///
/// # Errors
/// Never for a document made from handlers; the caller reports it all the same.
pub fn text() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&document()).map(|text| text + "\n")
}

/// Adds what every operation has: the header for operators' keys, and the refusals.
fn complete(operation: &mut Operation) {
    // The first line of a handler's comment is a sentence; a title has no full stop.
    operation.summary = operation.summary.take().map(|text| text.trim_end_matches('.').to_owned());
    let parameters = operation.parameters.get_or_insert_default();
    let has = |place: ParameterIn| {
        parameters.iter().any(|parameter| matches!(parameter, RefOr::T(known) if known.parameter_in == place))
    };
    let (by_path, by_query) = (has(ParameterIn::Path), has(ParameterIn::Query));
    parameters.push(org_header().into());
    let refusals = [
        (true, "401", "The key is missing, unknown, lapsed or revoked."),
        (true, "403", "The key lacks the scope."),
        (by_path, "404", "There is no such thing in this organization."),
        (operation.request_body.is_some(), "400", "The body is not JSON; the message has line and column."),
        (operation.request_body.is_some(), "409", "The request contradicts what is stored."),
        (operation.request_body.is_some(), "413", "The body is larger than 256 KiB."),
        (by_query || operation.request_body.is_some(), "422", "A value is wrong; `details` names the field."),
        (true, "429", "Too many requests; `Retry-After` says when to come back."),
        (true, "503", "The hub cannot do this now; nothing was accepted."),
    ];
    for (_, status, description) in refusals.into_iter().filter(|(applies, ..)| *applies) {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
        let response = ResponseBuilder::new().description(description).content("application/json", content).build();
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
    }
}

fn org_header() -> Parameter {
    ParameterBuilder::new()
        .name("Patchbay-Org")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The organization to act in, for an operator's key: `org_…`."))
        .schema(Some(String::schema()))
        .build()
}
