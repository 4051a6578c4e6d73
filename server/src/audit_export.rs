//! The audit log as a file: the answer that both doors give, REST and the page. Lines go out as they are read, so that a long log
//! takes no memory.

use app::session::Visit;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use domain::Error;
use domain::audit::actions::{self, Export};
use domain::audit::query::AuditQuery;
use http::header;
use tokio_stream::wrappers::ReceiverStream;

use crate::api::error::ApiResult;
use crate::state::AppState;

/// Parts that are read ahead of a browser that takes its time.
const AHEAD: usize = 1;

/// Gives the export of the session's organization, with the filters that the address has. Needs `audit:read`.
pub async fn page(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<AuditQuery>,
) -> ApiResult<Response> {
    let caller = visit.caller.ok_or_else(Error::unauthenticated)?;
    Ok(answer(actions::export(&state.hub, &caller, &asked).await?))
}

/// The answer with an export as its body. If a part cannot be read, the body breaks off, which every client notices.
pub fn answer(mut export: Export) -> Response {
    let attached = format!("attachment; filename=\"{}\"", export.file_name());
    let (sender, receiver) = tokio::sync::mpsc::channel::<domain::Result<String>>(AHEAD);
    tokio::spawn(async move {
        while let Some(part) = export.next().await.transpose() {
            let failed = part.as_ref().err().map(|error| {
                tracing::error!(error = error as &dyn std::error::Error, "an export of the audit log broke off");
            });
            if sender.send(part).await.is_err() || failed.is_some() {
                break;
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, attached),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(ReceiverStream::new(receiver))).into_response()
}
