//! One open connection, and one exchange on it.
//!
//! The connection is not handed to a task of its own: whoever waits for the answer drives it, and
//! nobody drives it while it lies in the pool. That saves two hand-overs per request.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, header};
use http_body::{Body as _, Frame};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use crate::exchange::Response;
use crate::failure::{Failure, FailureClass};
use crate::progress::{Phase, Progress, micros};
use crate::request::Parts;
use crate::tls::Asked;

mod broken;
mod stream;

pub(crate) use broken::Broken;
use stream::Counted;
pub(crate) use stream::Stream;

/// An open connection to a receiver.
pub(crate) struct Live {
    sender: SendRequest<Parts>,
    /// None once it has ended; it must be dropped then, so that waiting senders hear of it.
    connection: Option<Connection<TokioIo<Counted>, Parts>>,
    received: stream::Received,
    remote: Option<SocketAddr>,
    tls: Option<&'static str>,
    /// For a client certificate, in the handshake.
    asked: Asked,
    born: Instant,
    /// How long the receiver has promised to keep the connection.
    promised: Option<Duration>,
}

/// How much of an answer is read and kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// All that may come before the answer proper, interim answers (1xx) included.
    pub(crate) max_before_body: u64,
    pub(crate) max_body: usize,
    pub(crate) max_read: usize,
}

impl Live {
    /// Makes a stream ready for requests; nothing is sent yet.
    pub(crate) async fn start(
        http1: &Builder,
        stream: Stream,
        remote: Option<SocketAddr>,
        tls: Option<&'static str>,
        asked: Asked,
    ) -> Result<Box<Self>, Failure> {
        let (stream, received) = Counted::new(stream);
        let (sender, connection) = http1
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Failure::new(FailureClass::Protocol, error.to_string()))?;
        let born = Instant::now();
        let connection = Some(connection);
        Ok(Box::new(Self { sender, connection, received, remote, tls, asked, born, promised: None }))
    }

    /// Sends a request and reads the answer. The flag tells whether the connection can be used again.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Parts>,
        limits: Limits,
        progress: &mut Progress,
    ) -> Result<(Response, bool), Broken> {
        progress.phase = Phase::Waiting;
        progress.remote = self.remote;
        progress.tls = self.tls;
        let start = Instant::now();
        let before = self.received.count();
        let asked = if before == 0 { self.asked } else { Asked::No };

        let mut pending = pin!(self.sender.send_request(request));
        let head = std::future::poll_fn(|cx| {
            self.turn(cx);
            match pending.as_mut().poll(cx) {
                Poll::Pending if self.received.count() - before > limits.max_before_body => {
                    Poll::Ready(Err(Broken::too_large()))
                }
                result => result.map_err(|error| Broken::before_head(&error, self.received.count() == before, asked)),
            }
        });
        let answer = head.await?;
        progress.timing.first_byte_us = Some(micros(start));

        let (head, incoming) = answer.into_parts();
        let status = head.status.as_u16();
        progress.phase = Phase::Reading(status);
        self.promised = promised_keep_alive(&head.headers);
        let (body, body_truncated, ended) = self.read_body(incoming, limits).await?;
        let response = Response { status, headers: texts(&head.headers), body, body_truncated };
        // 101 would hand the connection over to another protocol.
        let reusable = ended && status != 101 && self.is_usable();
        Ok((response, reusable))
    }

    /// Reads the body within its limits: what is kept, whether that is not all, whether it ended.
    async fn read_body(&mut self, mut incoming: Incoming, limits: Limits) -> Result<(Bytes, bool, bool), Broken> {
        // Copied out, since a piece of the connection's buffer would keep all of it alive.
        let expected = incoming.size_hint().lower().min(limits.max_body as u64);
        let mut kept = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
        let mut read = 0;
        // A body known to be too long to finish is not read further than it is kept.
        let hopeless = incoming.size_hint().lower() > limits.max_read as u64;
        let enough = if hopeless { limits.max_body } else { limits.max_read };
        while !incoming.is_end_stream() {
            let frame = std::future::poll_fn(|cx| self.poll_frame(&mut incoming, cx)).await;
            let Some(frame) = frame else { break };
            let frame = frame.map_err(|error| Broken::in_body(&error))?;
            let Ok(data) = frame.into_data() else { continue };
            read += data.len();
            let room = limits.max_body - kept.len();
            kept.extend_from_slice(&data[..data.len().min(room)]);
            if read > enough {
                return Ok((kept.into(), true, false));
            }
        }
        Ok((kept.into(), read > limits.max_body, true))
    }

    fn poll_frame(
        &mut self,
        incoming: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut *incoming).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        self.turn(cx);
        Pin::new(incoming).poll_frame(cx)
    }

    /// Lets the connection read and write what it can.
    fn turn(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && Pin::new(connection).poll(cx).is_ready()
        {
            // Errors reach the one who waits for the answer; without one they do not matter.
            self.connection = None;
        }
    }

    /// Whether another request can go out: still open, nothing unasked received, nothing unsent.
    pub(crate) fn is_usable(&mut self) -> bool {
        self.turn(&mut Context::from_waker(Waker::noop()));
        self.connection.is_some() && self.sender.is_ready()
    }

    /// How long the connection may wait for the next request.
    pub(crate) fn patience(&self, idle_timeout: Duration, max_age: Duration) -> Duration {
        let limit = idle_timeout.min(max_age.saturating_sub(self.born.elapsed()));
        self.promised.map_or(limit, |promised| promised.min(limit))
    }
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// Reads `Keep-Alive: timeout=5`, less a second, so that we are the one who closes first.
fn promised_keep_alive(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("keep-alive")?.to_str().ok()?;
    let seconds = value.split(',').find_map(|part| part.trim().strip_prefix("timeout="))?;
    Some(Duration::from_secs(seconds.trim().parse::<u64>().ok()?.saturating_sub(1)))
}
