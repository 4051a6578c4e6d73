//! Logs as files: the answers that both doors give, REST and the pages. Lines go out as they are read, so that a long log takes no
//! memory.

use app::session::Visit;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use domain::Error;
use domain::audit::actions::{self, Export};
use domain::audit::query::AuditQuery;
use domain::source::export::LogExport;
use http::header;
use tokio_stream::wrappers::ReceiverStream;

use crate::api::error::ApiResult;
use crate::state::AppState;

/// Parts that are read ahead of a browser that takes its time.
const AHEAD: usize = 1;

/// Gives the audit log of the session's organization, with the filters that the address has. Needs `audit:read`.
pub async fn audit_page(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<AuditQuery>,
) -> ApiResult<Response> {
    let caller = visit.caller.ok_or_else(Error::unauthenticated)?;
    Ok(answer(File::Audit(actions::export(&state.hub, &caller, &asked).await?)))
}

/// Gives the delivery log of the session's organization, one direction or both, with the filters that the address has. Needs what
/// the log does.
pub async fn log_page(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    RawQuery(search): RawQuery,
) -> ApiResult<Response> {
    let caller = visit.caller.ok_or_else(Error::unauthenticated)?;
    let export = app::pages::deliveries::export::begin(&state.hub, &caller, &search.unwrap_or_default()).await?;
    Ok(answer(File::Log(Box::new(export))))
}

/// An export on its way out.
pub enum File {
    /// Of the audit log.
    Audit(Export),
    /// Of the delivery log.
    Log(Box<LogExport>),
}

impl File {
    fn name(&self) -> String {
        match self {
            Self::Audit(export) => export.file_name(),
            Self::Log(export) => export.file_name(),
        }
    }

    fn media_type(&self) -> &'static str {
        match self {
            Self::Audit(_) => "text/csv; charset=utf-8; header=present",
            Self::Log(export) => export.media_type(),
        }
    }

    async fn next(&mut self) -> domain::Result<Option<String>> {
        match self {
            Self::Audit(export) => export.next().await,
            Self::Log(export) => export.next().await,
        }
    }
}

/// The answer with an export as its body. If a part cannot be read, the body breaks off, which every client notices.
pub fn answer(mut file: File) -> Response {
    let attached = format!("attachment; filename=\"{}\"", file.name());
    let media_type = file.media_type();
    let (sender, receiver) = tokio::sync::mpsc::channel::<domain::Result<String>>(AHEAD);
    tokio::spawn(async move {
        while let Some(part) = file.next().await.transpose() {
            let failed = part.as_ref().err().map(|error| {
                tracing::error!(error = error as &dyn std::error::Error, "an export of a log broke off");
            });
            if sender.send(part).await.is_err() || failed.is_some() {
                break;
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, attached),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(ReceiverStream::new(receiver))).into_response()
}
