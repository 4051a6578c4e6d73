//! Server-sent events of one organization, for the pages that are open.
//!
//! First comes `hello`, whose id is the newest notice; or, for a page that comes back, what it missed. Notices
//! follow as `notices`, a JSON list of them, at most every 200 ms and 50 a piece, each event's id being its newest
//! notice's. `reset` means that the page missed something that is no longer kept and must load its list again.
//! The stream ends with the program, with the session, and when the session moves to another organization.

use std::convert::Infallible;
use std::time::Duration;

use app::session::Visit;
use axum::extract::{Query, Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use domain::account::actions::{Client, resolve_session};
use domain::bus::Stream;
use domain::id::OrgId;
use domain::live::Numbered;
use domain::{Error, Permission};
use http::{HeaderValue, header};
use serde::Deserialize;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, interval_at, sleep, timeout_at};
use tokio_stream::wrappers::ReceiverStream;

use crate::api::error::ApiResult;
use crate::middleware::session::SessionSecret;
use crate::state::AppState;

const BATCH: usize = 50;
const PAUSE: Duration = Duration::from_millis(200);
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where a page that comes back left off, when it cannot send `Last-Event-ID`.
#[derive(Deserialize)]
pub struct LastSeen {
    last_id: Option<String>,
}

/// Opens the stream of the session's organization. Needs `deliveries:read`; a look by staff is recorded.
pub async fn open(
    State(state): State<AppState>,
    Query(seen): Query<LastSeen>,
    request: Request,
) -> ApiResult<Response> {
    let (visit, secret) = match (request.extensions().get::<Visit>(), request.extensions().get::<SessionSecret>()) {
        (Some(visit), Some(secret)) => (visit.clone(), secret.clone()),
        _ => return Err(Error::unauthenticated().into()),
    };
    let caller = visit.caller.ok_or_else(Error::unauthenticated)?;
    let org_id = caller.require(Permission::DeliveriesRead)?.clone();
    if caller.is_outside_look() {
        domain::audit::actions::record_look(&state.hub, &caller, "delivery.watched", None).await?;
    }
    let header = request.headers().get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let stream = state.hub.bus.subscribe(&org_id, header.or(seen.last_id).as_deref());
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let watch = Watch { state, org_id, secret, client: visit.client, sender };
    tokio::spawn(watch.run(stream));
    let sse =
        Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("keep-alive"));
    let mut response = sse.into_response();
    // Proxies must not collect what should be seen at once.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// One open page.
struct Watch {
    state: AppState,
    org_id: OrgId,
    secret: SessionSecret,
    client: Client,
    sender: Sender<Result<Event, Infallible>>,
}

/// The page is gone, or is to be sent away.
struct Ended;

impl Watch {
    async fn run(self, stream: Stream) {
        let (stopping, shutdown) = (self.state.stopping.clone(), self.state.hub.shutdown.clone());
        tokio::select! {
            _ended = self.follow(stream) => {}
            () = self.sender.closed() => {}
            () = stopping.cancelled() => {}
            () = shutdown.cancelled() => {}
            () = self.until_signed_out() => {}
        }
    }

    /// Sends what was missed, then what happens.
    async fn follow(&self, stream: Stream) -> Result<(), Ended> {
        let Stream { missed, last_id, mut receiver } = stream;
        match missed {
            None => self.send(Event::default().event("reset").id(&last_id).data(&last_id)).await?,
            Some(missed) if missed.is_empty() => {
                self.send(Event::default().event("hello").id(&last_id).data(&last_id)).await?
            }
            Some(missed) => {
                for batch in missed.chunks(BATCH) {
                    self.send_notices(batch).await?;
                }
            }
        }
        loop {
            let first = match receiver.recv().await {
                Ok(first) => first,
                Err(RecvError::Lagged(_)) => {
                    self.reset().await?;
                    receiver = receiver.resubscribe();
                    continue;
                }
                Err(RecvError::Closed) => return Err(Ended),
            };
            let mut batch = vec![first];
            let end = Instant::now() + PAUSE;
            while batch.len() < BATCH {
                match receiver.try_recv() {
                    Ok(notice) => batch.push(notice),
                    Err(TryRecvError::Empty) => break,
                    // The next `recv` tells the same.
                    Err(TryRecvError::Lagged(_) | TryRecvError::Closed) => break,
                }
            }
            self.send_notices(&batch).await?;
            // What happens meanwhile waits in the receiver and goes out as one batch.
            let _elapsed = timeout_at(end, std::future::pending::<()>()).await;
        }
    }

    /// The page must load its list again; it goes on from the newest notice.
    async fn reset(&self) -> Result<(), Ended> {
        let newest = self.state.hub.bus.subscribe(&self.org_id, None).last_id;
        self.send(Event::default().event("reset").id(&newest).data(newest)).await
    }

    async fn send_notices(&self, batch: &[Numbered]) -> Result<(), Ended> {
        let (Some(newest), Ok(text)) = (batch.last(), serde_json::to_string(batch)) else { return Ok(()) };
        self.send(Event::default().event("notices").id(&newest.id).data(text)).await
    }

    async fn send(&self, event: Event) -> Result<(), Ended> {
        self.sender.send(Ok(event)).await.map_err(|_| Ended)
    }

    /// Returns when the session has ended, acts in another organization, or may no longer read.
    async fn until_signed_out(&self) {
        let pause = self.state.session_look;
        let mut look = interval_at(Instant::now() + pause, pause);
        loop {
            look.tick().await;
            match resolve_session(&self.state.hub, &self.secret.0, &self.client).await {
                Ok(Some(caller)) if caller.require(Permission::DeliveriesRead).is_ok_and(|org| *org == self.org_id) => {
                }
                Ok(_) => return,
                // The database is gone for a moment: the page keeps its stream, the next look decides.
                Err(error) => {
                    tracing::warn!(%error, "a session could not be looked up");
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}
