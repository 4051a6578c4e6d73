//! Accepting connections. axum's own server sets no time limit on a request's head; this one does, bounds the number
//! of connections, and ends within a given time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// Open connections at most; the next one waits.
const CONNECTIONS: usize = 8192;
/// How long a request's head may take; a connection without a request is closed after this, too.
const HEAD: Duration = Duration::from_secs(75);

/// Serves until `stopping`, then lets what is under way end, for `within` at most.
pub async fn serve(listener: TcpListener, router: Router, stopping: CancellationToken, within: Duration) {
    let open = TaskTracker::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = stopping.cancelled() => break,
        };
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { break };
        let (router, stopping) = (router.clone(), stopping.clone());
        open.spawn(async move {
            converse(stream, peer, router, stopping).await;
            drop(place);
        });
    }
    drop(listener);
    open.close();
    if tokio::time::timeout(within, open.wait()).await.is_err() {
        tracing::warn!(connections = open.len(), "stopped before every request had been answered");
    }
}

/// The next connection. Running out of file descriptors is waited out, not fatal.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, peer: SocketAddr, router: Router, stopping: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was closed at once");
        return;
    }
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(Body::new)
    });
    let service = TowerToHyperService::new(service);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).pipeline_flush(true);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}
