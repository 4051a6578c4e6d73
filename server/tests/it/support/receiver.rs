//! A real receiver: an HTTP server on loopback that records what arrives and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// One request as it arrived.
#[derive(Debug)]
pub struct Arrival {
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The receiver.
pub struct Receiver {
    pub url: String,
    arrivals: UnboundedReceiver<Arrival>,
    task: tokio::task::JoinHandle<()>,
}

type Shared = (UnboundedSender<Arrival>, Arc<Mutex<VecDeque<u16>>>);

impl Receiver {
    /// Starts one that answers with these codes in turn, then with 200.
    pub async fn start(codes: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (sender, arrivals) = unbounded_channel();
        let shared: Shared = (sender, Arc::new(Mutex::new(codes.iter().copied().collect())));
        let router = Router::new().fallback(take).with_state(shared);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("a receiver that runs") });
        Self { url, arrivals, task }
    }

    /// The next request, waited for.
    pub async fn next(&mut self) -> Arrival {
        let next = tokio::time::timeout(std::time::Duration::from_secs(10), self.arrivals.recv());
        next.await.expect("nothing arrived in ten seconds").expect("the receiver runs")
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State((sender, codes)): State<Shared>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    let code = codes.lock().expect("a lock").pop_front().unwrap_or(200);
    sender.send(Arrival { headers, body }).expect("somebody listens");
    (StatusCode::from_u16(code).expect("a code"), "thank you")
}
