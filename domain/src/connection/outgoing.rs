//! Requests to providers, about to go out, and what their answers mean.

use bytes::Bytes;
use guarded_http::Response;
use http::{HeaderName, HeaderValue, Method, header};
use serde_json::Value;

use super::api_token;
use super::call::{CallError, SECRET, cut};
use crate::provider::slack::error::SlackError;
use crate::provider::{Standing, jira, teams};
use crate::{Error, Hub, Result};

/// How long a pause lasts that a provider asks for without saying how long, in milliseconds.
const PAUSE_MS: i64 = 30_000;
/// Words of Graph's paths are shorter than this, ids are not.
const LONGEST_WORD: usize = 30;

/// What is asked of Slack.
pub(crate) struct Ask<'a> {
    /// The method of Slack's Web API: `auth.test`.
    pub(crate) operation: &'a str,
    /// Its arguments.
    pub(crate) arguments: &'a [(&'a str, String)],
    /// The token that allows it.
    pub(crate) token: &'a oauth_flow::Secret,
}

/// A request about to go out.
pub(crate) struct Outgoing {
    /// What is asked, in the provider's words.
    pub(super) operation: String,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Option<Bytes>,
    /// The body as it is kept.
    pub(super) record: String,
    pub(super) read: Read,
}

/// Reads an answer.
pub(super) type Read = fn(&Response, Option<i64>) -> Result<Value, CallError>;

/// A request to Slack's Web API.
///
/// # Errors
/// There is no app.
pub(crate) fn to_slack(hub: &Hub, ask: &Ask<'_>) -> Result<Outgoing> {
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    Ok(Outgoing {
        operation: ask.operation.to_owned(),
        method: Method::POST,
        url: format!("{}/api/{}", super::apps::slack(hub)?.url, ask.operation),
        headers: vec![(header::CONTENT_TYPE, form), (header::AUTHORIZATION, bearer(ask.token)?)],
        body: Some(Bytes::from(encode(ask.arguments))),
        record: masked_form(ask.arguments),
        read: |response, wait| read(response.status, serde_json::from_slice(&response.body).ok(), wait),
    })
}

fn bearer(token: &oauth_flow::Secret) -> Result<HeaderValue> {
    sensitive(format!("Bearer {}", token.expose()))
}

fn sensitive(text: String) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(text).map_err(Error::internal)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What proves a connection to Atlassian: the token of a consent, or a person's API token with their e-mail address.
fn atlassian(grant: &oauth_flow::Grant) -> Result<HeaderValue> {
    use base64::Engine as _;
    let token = grant.access_token.expose();
    if grant.token_type == api_token::TYPE {
        return sensitive(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(token)));
    }
    bearer(&grant.access_token)
}

/// A request to a URL of Atlassian's, whose body is JSON. In the log it goes by its method and its `name`.
///
/// # Errors
/// The token is none.
pub(crate) fn to_jira(
    url: String,
    name: &str,
    request: &jira::request::Request,
    grant: &oauth_flow::Grant,
) -> Result<Outgoing> {
    let json = HeaderValue::from_static("application/json");
    let mut headers = vec![(header::ACCEPT, json.clone()), (header::AUTHORIZATION, atlassian(grant)?)];
    let text = request.body.as_ref().map(Value::to_string);
    if text.is_some() {
        headers.push((header::CONTENT_TYPE, json));
    }
    Ok(Outgoing {
        operation: format!("{} {name}", request.method),
        method: request.method.clone(),
        url,
        headers,
        record: text.as_deref().map(cut).unwrap_or_default().to_owned(),
        body: text.map(Bytes::from),
        read: read_jira,
    })
}

/// A request to Microsoft Graph. In the log it goes by its method and its path without ids: what it asks for, of whatever team.
///
/// # Errors
/// The token is none.
pub(crate) fn to_graph(
    urls: &teams::entra::Urls,
    request: &teams::graph::Request,
    grant: &oauth_flow::Grant,
) -> Result<Outgoing> {
    let json = HeaderValue::from_static("application/json");
    let mut headers = vec![(header::ACCEPT, json.clone()), (header::AUTHORIZATION, bearer(&grant.access_token)?)];
    let text = request.body.as_ref().map(Value::to_string);
    if text.is_some() {
        headers.push((header::CONTENT_TYPE, json));
    }
    let path = request.path.split('?').next().unwrap_or_default();
    let name: Vec<&str> = path.split('/').map(|part| if part.len() < LONGEST_WORD { part } else { "…" }).collect();
    Ok(Outgoing {
        operation: format!("{} {}", request.method, name.join("/")),
        method: request.method.clone(),
        url: urls.graph(&request.path),
        headers,
        record: text.as_deref().map(cut).unwrap_or_default().to_owned(),
        body: text.map(Bytes::from),
        read: read_graph,
    })
}

/// What an answer of Jira's means.
fn read_jira(response: &Response, wait_ms: Option<i64>) -> Result<Value, CallError> {
    use jira::failure::{Headers, Kind};
    let headers = Headers { retry_after: response.header("retry-after"), reason: response.header("ratelimit-reason") };
    jira::failure::read(response.status, headers, &response.body).map_err(|failure| match failure.kind {
        Kind::Burst | Kind::IssueWrites | Kind::Quota => CallError::RateLimited(wait_ms.unwrap_or(PAUSE_MS)),
        _ => CallError::Refused(failure.word(), failure.meaning()),
    })
}

/// What an answer of Graph's means.
fn read_graph(response: &Response, wait_ms: Option<i64>) -> Result<Value, CallError> {
    let answer = teams::failure::read(response.status, response.header("retry-after"), &response.body);
    answer.map_err(|failure| match failure.kind {
        teams::failure::Kind::TooMany => CallError::RateLimited(wait_ms.unwrap_or(PAUSE_MS)),
        _ => CallError::Refused(failure.word(), failure.meaning()),
    })
}

/// What an answer of Slack's means: errors come with status 200 and `ok: false`, too many requests with 429.
fn read(status: u16, body: Option<Value>, wait_ms: Option<i64>) -> Result<Value, CallError> {
    let word = body.as_ref().and_then(|body| body["error"].as_str()).map(str::to_owned);
    match (status, body, word) {
        (429, ..) => Err(CallError::RateLimited(wait_ms.unwrap_or(PAUSE_MS))),
        (_, Some(body), Some(word)) if body["ok"] != true => {
            let meaning = SlackError::of(&word).meaning(body["needed"].as_str(), None);
            match meaning.connection {
                Some(Standing::RateLimited) => Err(CallError::RateLimited(wait_ms.unwrap_or(PAUSE_MS))),
                _ => Err(CallError::Refused(word, meaning)),
            }
        }
        (200..=299, Some(body), _) if body["ok"] == true => Ok(body),
        (status, ..) => Err(CallError::NoAnswer(format!("it answered {status} without saying why."))),
    }
}

/// Arguments as a form.
fn encode(arguments: &[(&str, String)]) -> String {
    let pairs: Vec<_> = arguments.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    pairs.join("&")
}

fn percent(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The same as it is kept.
pub(super) fn masked_form(arguments: &[(&str, String)]) -> String {
    let value =
        |name: &str, value: &str| if SECRET.contains(&name) { "••••".to_owned() } else { value.to_owned() };
    let pairs: Vec<_> = arguments.iter().map(|(name, text)| format!("{name}={}", value(name, text))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_come_with_200_and_are_told_apart() {
        let no = |word: &str| json!({ "ok": false, "error": word });
        assert!(read(200, Some(json!({ "ok": true })), None).is_ok());
        assert_eq!(read(429, None, Some(2000)), Err(CallError::RateLimited(2000)));
        assert_eq!(read(200, Some(no("ratelimited")), None), Err(CallError::RateLimited(PAUSE_MS)));
        assert!(matches!(read(200, Some(no("token_revoked")), None), Err(CallError::Refused(..))));
        assert!(matches!(read(200, Some(no("never_heard_of")), None), Err(CallError::Refused(..))));
        assert!(matches!(read(502, None, None), Err(CallError::NoAnswer(_))));
        assert!(matches!(read(200, Some(json!([])), None), Err(CallError::NoAnswer(_))));
    }
    #[test]
    fn a_form_is_kept_without_its_secrets() {
        assert_eq!(masked_form(&[("code", "abc".into()), ("limit", "200".into())]), "code=••••&limit=200");
    }
}
