//! What REST handlers take in: who asks, ids, bodies and queries; each refusal in the one error form.

use std::net::IpAddr;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use bytes::Bytes;
use domain::id::{
    AlertId, ApiKeyId, ConnectionId, DeliveryId, EndpointId, EventId, InboundRequestId, InvitationId, LinkedIssueId,
    ReplayId, SourceId, UserId, ViewId,
};
use domain::{Caller, Error, Hub};
use http::request::Parts;
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::middleware::client_ip;
use crate::state::AppState;

/// The largest body that any route takes, in bytes.
pub const MAX_BODY: usize = domain::event::MAX_BODY;
/// A body over the limit is read on up to here, so that the sender gets to see the answer.
const MAX_DRAIN: usize = 4 * 1024 * 1024;

/// A program with a valid API key, and the hub it talks to.
#[derive(Clone)]
pub struct ApiCaller {
    /// The hub.
    pub hub: Hub,
    /// Whose key it is, in which organization, with which rights.
    pub caller: Caller,
}

impl FromRequestParts<AppState> for ApiCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let hub = state.hub.clone();
        let header =
            |name: &str| parts.headers.get(name).map(|value| value.to_str().map_err(|_| Error::unauthenticated()));
        let bearer = header("authorization").transpose()?.ok_or_else(Error::unauthenticated)?;
        let key = match bearer.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
            _ => return Err(Error::unauthenticated().into()),
        };
        let org = header("patchbay-org").transpose()?;
        let ip = client_ip::of(parts, state).map(|ip: IpAddr| ip.to_string());
        let caller = domain::api_key::actions::resolve(&hub, key, org, ip).await?;
        Ok(Self { hub, caller })
    }
}

/// A body as it was received, at most [`MAX_BODY`] bytes.
pub struct Raw(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Ok(Self(read(request, MAX_BODY).await?))
    }
}

/// Reads a whole body of at most `limit` bytes.
pub async fn read(request: Request, limit: usize) -> Result<Bytes, Error> {
    let broken = |_| Error::malformed("The body ended before it was complete.");
    let mut body = request.into_body();
    let mut whole: Option<Bytes> = None;
    let mut rest: Vec<u8> = Vec::new();
    let mut seen = 0usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        seen = seen.saturating_add(data.len());
        if seen > limit.max(MAX_DRAIN) {
            break;
        }
        if seen > limit {
            continue;
        }
        // Most bodies arrive in one piece, which is handed on without copying.
        match whole.take() {
            None if rest.is_empty() => whole = Some(data),
            None => rest.extend_from_slice(&data),
            Some(first) => {
                rest.extend_from_slice(&first);
                rest.extend_from_slice(&data);
            }
        }
    }
    if seen > limit {
        return Err(Error::too_large(format!("The body is larger than {} KiB.", limit / 1024)));
    }
    Ok(whole.unwrap_or_else(|| rest.into()))
}

/// A JSON body of a known shape.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Ok(Self(parse(&read(request, MAX_BODY).await?)?))
    }
}

/// A JSON body of a known shape, or no body at all.
pub struct MaybeBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for MaybeBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = read(request, MAX_BODY).await?;
        Ok(Self(if bytes.is_empty() { T::default() } else { parse(&bytes)? }))
    }
}

/// Reads JSON: what is not JSON is malformed, with line and column; what is JSON of another shape is invalid, with
/// the path of the field.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        refuse(&path, error.inner())
    })?;
    deserializer.end().map_err(|error| refuse(".", &error))?;
    Ok(parsed)
}

fn refuse(path: &str, error: &serde_json::Error) -> Error {
    let place = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    if !error.is_data() {
        return Error::malformed(format!("The body is not valid JSON: {what} at {place}."));
    }
    // A field that is missing or unknown is named in the message, not in the path.
    let named =
        ["missing field `", "unknown field `"].iter().find_map(|start| what.strip_prefix(start)?.split('`').next());
    let field = match (path, named) {
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) if !path.split('.').any(|part| part == name) => format!("{path}.{name}"),
        (".", None) => "body".to_owned(),
        (path, _) => path.to_owned(),
    };
    Error::invalid(field, format!("{what} ({place})."))
}

/// An id from the path. One that cannot be an id of this kind is not found, like any other unknown one.
pub struct Id<T>(pub T);

/// The name of what an id names.
pub trait Noun: std::str::FromStr {
    /// As in `endpoint`.
    const NOUN: &'static str;
}

macro_rules! nouns {
    ($($id:ty = $noun:literal),+ $(,)?) => { $(impl Noun for $id { const NOUN: &'static str = $noun; })+ };
}

nouns! {
    AlertId = "alert", ApiKeyId = "api key", ConnectionId = "connection", DeliveryId = "delivery", EndpointId = "endpoint", EventId = "event",
    InboundRequestId = "inbound request", InvitationId = "invitation", LinkedIssueId = "linked issue", ReplayId = "replay",
    SourceId = "source", UserId = "member", ViewId = "view",
}

impl<S: Send + Sync, T: Noun> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| Error::not_found(T::NOUN))?;
        Ok(Self(text.parse().map_err(|_| Error::not_found(T::NOUN))?))
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use domain::endpoint::NewEndpoint;

    #[test]
    fn malformed_json_names_line_and_column() {
        let error = parse::<NewEndpoint>(b"{\n  \"name\": oops}").unwrap_err();
        assert_eq!(error.status(), 400);
        assert_eq!(error.problem().message, "The body is not valid JSON: expected value at line 2, column 11.");
        assert_eq!(parse::<NewEndpoint>(b"").unwrap_err().status(), 400);
    }

    #[test]
    fn a_wrong_shape_names_the_field() {
        for (body, field) in [
            (r#"{"name":"a","url":"b"}"#, "event_types"),
            (r#"{"name":"a","url":"b","event_types":["*"],"colour":1}"#, "colour"),
            (r#"{"name":"a","url":"b","event_types":["*"],"timeout_ms":"x"}"#, "timeout_ms"),
            (r#"{"name":"a","url":"b","event_types":["*", 1]}"#, "event_types[1]"),
            ("[]", "body"),
        ] {
            let error = parse::<NewEndpoint>(body.as_bytes()).unwrap_err();
            assert_eq!((error.status(), error.problem().details[0].field.as_str()), (422, field), "{body}");
        }
    }

    #[test]
    fn what_follows_the_json_is_refused() {
        assert_eq!(parse::<domain::endpoint::EndpointChange>(b"{} {}").unwrap_err().status(), 400);
    }
}
