//! Addresses at which an app posts without a token: the `response_url` of commands and buttons, incoming webhooks.

use axum::extract::{Request, State as Axum};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::Value;

use super::Shared;
use super::check;
use super::state::{Hook, State};
use crate::specs::Specs;

/// What may be said at such an address.
const KNOWN: [&str; 14] = [
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "mrkdwn",
    "metadata",
    "unfurl_links",
    "unfurl_media",
    "username",
    "icon_emoji",
    "icon_url",
];

/// `/commands/…`, `/actions/…` and `/services/…`.
pub(super) async fn post(Axum(shared): Axum<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 1024 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let json = match kind.starts_with("application/x-www-form-urlencoded") {
        true => form_urlencoded::parse(&body).find(|(name, _)| name == "payload").map(|(_, json)| json.into_owned()),
        false => String::from_utf8(body.to_vec()).ok(),
    };
    let message = json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    let complaints = complaints(&message, shared.specs());
    let key = parts.uri.path().trim_start_matches('/');
    // The secret part of the address stays out of what is remembered.
    let name = key.split('/').next().unwrap_or_default();
    shared.change(|state| {
        complaints.iter().for_each(|what| state.journal.violation(name, what.as_str()));
        match usable(state, key) {
            Err(refusal) => refusal.into_response(),
            Ok(_) if !complaints.is_empty() => (StatusCode::BAD_REQUEST, "invalid_payload").into_response(),
            Ok(hook) => {
                carry_out(state, &hook, &message);
                "ok".into_response()
            }
        }
    })
}

fn complaints(message: &Value, specs: &Specs) -> Vec<String> {
    if !message.is_object() {
        return vec!["the body is no JSON object".to_owned()];
    }
    let mut found = unknown(message);
    if message["delete_original"] != true {
        found.extend(check::message(message, specs).into_iter().map(|complaint| complaint.what));
    }
    found
}

fn unknown(message: &Value) -> Vec<String> {
    let names = message.as_object().into_iter().flatten().map(|(name, _)| name);
    names
        .filter(|name| !KNOWN.contains(&name.as_str()))
        .map(|name| format!("{name:?} is no field of a response"))
        .collect()
}

/// The hook of an address, used once more.
fn usable(state: &mut State, key: &str) -> Result<Hook, (StatusCode, &'static str)> {
    let now_ms = state.now_ms();
    let hook = state.hooks.get_mut(key).ok_or((StatusCode::NOT_FOUND, "no_service"))?;
    if hook.expires_at_ms.is_some_and(|at| now_ms >= at) {
        return Err((StatusCode::NOT_FOUND, "expired_url"));
    }
    match &mut hook.left {
        Some(0) => return Err((StatusCode::NOT_FOUND, "used_url")),
        Some(left) => *left -= 1,
        None => {}
    }
    Ok(hook.clone())
}

fn carry_out(state: &mut State, hook: &Hook, message: &Value) {
    let original = hook.message.as_deref();
    match original {
        Some(ts) if message["delete_original"] == true => {
            if let Some(message) = state.message_mut(&hook.channel, ts) {
                message.is_deleted = true;
            }
        }
        Some(ts) if message["replace_original"] == true => {
            let blocks = state.kept_blocks(message["blocks"].as_array().cloned().unwrap_or_default());
            if let Some(kept) = state.message_mut(&hook.channel, ts) {
                kept.text = message["text"].as_str().unwrap_or_default().to_owned();
                kept.blocks = blocks;
                kept.edits += 1;
            }
        }
        _ => state.post_by_hook(hook, message),
    }
}
