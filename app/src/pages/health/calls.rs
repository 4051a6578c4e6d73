//! What the pages of health ask the server.

use leptos::prelude::*;

use crate::error::UiError;

/// The figures of the organization or of the installation, drawn by [`super::sheet`]; `span` says how far back.
#[server]
pub async fn load_health(
    #[server(default)] span: Option<String>,
    #[server(default)] installation: bool,
) -> Result<String, UiError> {
    use domain::health::{Span, actions};
    let (hub, caller) = crate::session::caller()?;
    let span = span.and_then(|word| word.parse().ok()).unwrap_or(Span::Day);
    let report = if installation {
        actions::get_installation(&hub, &caller, span).await?
    } else {
        actions::get(&hub, &caller, span).await?
    };
    Ok(super::sheet::draw(&report, span, installation, hub.now()))
}
