//! Listens on loopback and serves one router. Its own accept loop, because a simulator must be able to close a
//! connection without an answer.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt as _;

/// How long to wait after a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(10);

/// A listener that serves until it is dropped.
#[derive(Debug)]
pub(crate) struct Host {
    _stop: DropGuard,
}

/// The connection that a request came by; it is an extension of the request.
#[derive(Debug, Clone)]
pub(crate) struct Connection(CancellationToken);

impl Connection {
    /// Closes the connection now; whoever waits for an answer gets none.
    pub(crate) fn close(&self) {
        self.0.cancel();
    }
}

/// Takes a port of 127.0.0.1; 0 is any free one.
pub(crate) async fn bind(port: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves `router` to whoever connects.
pub(crate) fn serve(listener: TcpListener, router: Router) -> Host {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
        loop {
            // Accepting fails for a connection that is gone already, or for lack of files: the next may do.
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(connection(stream, router.clone(), stopped.child_token()))),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }));
    Host { _stop: stop.drop_guard() }
}

async fn connection(stream: TcpStream, router: Router, closed: CancellationToken) {
    stream.set_nodelay(true).ok();
    let handle = Connection(closed.clone());
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(handle.clone());
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {}))
        }
    });
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // An error here is a client that went away.
    closed.run_until_cancelled(serving).await;
}
