//! `/_control`: what a newcomer clicks instead of an administrator's Slack. Server-rendered, forms only.

mod acts;
mod channel;
mod markup;
mod message;
mod overview;
mod team;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use http::header;

use super::Shared;

/// Where the forms go.
const ACT: &str = "/_control/act";

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(async || Redirect::to("/_control")))
        .route("/_control", get(overview::show))
        .route("/_control/teams/{id}", get(team::show))
        .route("/_control/channels/{id}", get(channel::show))
        .route(ACT, post(acts::act))
        .route("/icons/{name}", get(icon))
}

/// A square for a workspace or app: the two characters of its id that differ most.
async fn icon(Path(name): Path<String>) -> impl IntoResponse {
    let id: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
    let hue = id.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 360);
    let letters: String = id.chars().rev().take(2).collect();
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72"><rect width="72" height="72" rx="12" fill="hsl({hue} 55% 40%)"/>
<text x="36" y="46" text-anchor="middle" font-family="sans-serif" font-size="28" fill="white">{letters}</text></svg>"#
    );
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg)
}

/// A time in words that need no calendar: seconds ago.
fn ago(now_ms: i64, at_ms: i64) -> String {
    match (now_ms - at_ms) / 1000 {
        seconds @ ..=119 => format!("{seconds} s ago"),
        seconds @ 120..=7199 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3600),
    }
}
