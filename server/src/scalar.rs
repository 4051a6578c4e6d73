//! The API reference at `/docs/api`: Scalar, from our own files, on our own document.

use app::session::Visit;
use axum::extract::Request;
use axum::response::{Html, IntoResponse as _, Response};
use domain::hub::Random;

use crate::middleware::security_headers::policy;

/// The script's name before its hash is added.
const SCRIPT: &str = "/vendor/scalar.js";

/// No other host is asked for anything: no fonts, no proxy, no telemetry, no assistant.
const CONFIGURATION: &str = r#""url": "/api/v1/openapi.json", "withDefaultFonts": false, "telemetry": false,
    "agent": {"disabled": true}, "mcp": {"disabled": true}, "hideClientButton": true, "showDeveloperTools": "never",
    "documentDownloadType": "json", "defaultHttpClient": {"targetKey": "shell", "clientKey": "curl"}"#;

/// The page. Scalar styles itself by `<style>` elements, which this page's policy allows and no other's.
pub async fn page(request: Request) -> Response {
    let theme = request.extensions().get::<Visit>().map(|visit| visit.theme.clone()).unwrap_or_default();
    let nonce = Random::System.token();
    let script = crate::assets::url(SCRIPT).unwrap_or(SCRIPT);
    let mode = match theme.as_str() {
        "dark" => r#", "darkMode": true"#,
        "light" => r#", "darkMode": false"#,
        _ => "",
    };
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>API reference · Patchbay</title>\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"></head>\
         <body><nav style=\"padding: 8px 16px; font: 14px system-ui, sans-serif\"><a href=\"/\" \
         style=\"color: inherit\">← Patchbay</a></nav><main id=\"reference\"><noscript>This page needs JavaScript. The document itself is at \
         <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</noscript></main>\
         <script nonce=\"{nonce}\" src=\"{script}\"></script>\
         <script nonce=\"{nonce}\">Scalar.createApiReference('#reference', {{{CONFIGURATION}{mode}}})</script></body></html>"
    );
    let mut response = Html(html).into_response();
    policy(
        response.headers_mut(),
        &format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
             font-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
        ),
    );
    response
}
