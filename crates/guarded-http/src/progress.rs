//! What is known about an exchange while it is under way, so that a deadline can tell how far it came.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::exchange::{Exchange, Response, Timing};
use crate::failure::{Failure, FailureClass};

/// Filled in step by step; outlives the steps when they are cut off.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) phase: Phase,
    pub(crate) timing: Timing,
    pub(crate) remote: Option<SocketAddr>,
    pub(crate) tls: Option<&'static str>,
    pub(crate) reused: bool,
}

/// The step that is under way.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) enum Phase {
    #[default]
    Resolving,
    Connecting,
    Securing,
    Waiting,
    /// The head has come, with this status; the body has not ended.
    Reading(u16),
}

impl Progress {
    /// Says where the deadline struck.
    pub(crate) fn timed_out(&self, limit: Duration) -> Failure {
        let message = match self.phase {
            Phase::Resolving => format!("the name servers did not answer within {limit:?}"),
            Phase::Connecting => format!("no connection came about within {limit:?}"),
            Phase::Securing => format!("the TLS handshake did not finish within {limit:?}"),
            Phase::Waiting => format!("the receiver did not answer within {limit:?}"),
            Phase::Reading(status) => {
                format!("the receiver answered {status} but did not finish its answer within {limit:?}")
            }
        };
        Failure::new(FailureClass::Timeout, message)
    }

    pub(crate) fn finish(self, outcome: Result<Response, Failure>, start: Instant) -> Exchange {
        Exchange {
            outcome,
            timing: Timing { total_us: micros(start), ..self.timing },
            remote: self.remote,
            tls: self.tls.map(str::to_owned),
            reused: self.reused,
        }
    }
}

/// Microseconds since `start`.
pub(crate) fn micros(start: Instant) -> i64 {
    i64::try_from(start.elapsed().as_micros()).unwrap_or(i64::MAX)
}
