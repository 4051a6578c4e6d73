//! What goes into the lanes, what they say of it, and what comes out.

use std::sync::Arc;

use bytes::Bytes;

use super::LEASE_MARGIN_MS;
use crate::delivery::store::Row;
use crate::directory::Route;
use crate::id::EndpointId;
use crate::time::Timestamp;

/// One delivery, ready to be sent.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) row: Row,
    pub(crate) route: Arc<Route>,
    /// The body that receivers get, shared by all deliveries of the event.
    pub(crate) body: Bytes,
    /// When the lease ends; also the value of `due_at` that proves it.
    pub(crate) lease: Timestamp,
}

/// How long a lease of a new delivery to this endpoint lasts, in milliseconds. (A claim gives no time for waiting: what is
/// claimed takes along what is there. A digest waits within the time for the wait in the lane.)
pub(crate) fn lease_ms(route: &Route) -> i64 {
    route.timeout_ms + LEASE_MARGIN_MS + route.controls.delivery.wait_ms()
}

/// Where a delivery goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into the lane's queue, now.
    Lane,
    /// Into the database until this time.
    Later(Timestamp),
    /// Into the database until the endpoint's circuit breaker closes.
    Held,
}

/// What an attempt says about its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It takes deliveries.
    Good,
    /// It answered on purpose, neither well nor ill: asked for a pause, or refused for good.
    Neutral,
    /// It failed to answer well.
    Bad,
}

/// What the end of an attempt changed.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// The circuit breaker opened (again) until then, with this pause in milliseconds.
    pub(crate) opened: Option<(Timestamp, i64)>,
    /// This success followed failures.
    pub(crate) recovered: bool,
    /// What waited in the lane and must be held in the database now.
    pub(crate) held: Vec<Job>,
    /// It was to be a probe and said nothing: another may go.
    pub(crate) no_probe: bool,
}

/// What comes next out of the lanes.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Send this.
    Send(Box<Job>),
    /// Send these in one request.
    Batch(Vec<Job>),
    /// The target host is not reachable: these wait in the database until then.
    Back(Vec<Job>, Timestamp),
    /// The circuit breaker of their endpoint is open: these are held in the database.
    Hold(Vec<Job>),
    /// The nodes hold this endpoint's rate limit together: ask how many may go. [`super::Lanes::grant`] must follow.
    Ask(Request),
}

/// A question to what holds the rate limits of all nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// Whose limit.
    pub(crate) endpoint_id: EndpointId,
    /// Milliseconds between two deliveries.
    pub(crate) interval_ms: i64,
    /// Milliseconds of the rate that may go at once after a quiet time.
    pub(crate) burst_ms: i64,
    /// Deliveries that are ready to go.
    pub(crate) wanted: u32,
}
