//! What a broken connection means.

use std::error::Error as _;
use std::io;

use crate::failure::{Failure, FailureClass};
use crate::tls::{self, Asked};

/// An exchange that came to no answer.
pub(crate) struct Broken {
    pub(crate) failure: Failure,
    /// Whether the connection was closed before a single byte came back: on a reused connection,
    /// the receiver has most likely closed it for lack of use.
    pub(crate) silently: bool,
}

impl Broken {
    /// `asked` is what the receiver asked for in the handshake, if this is the first exchange since.
    pub(crate) fn before_head(error: &hyper::Error, nothing_received: bool, asked: Asked) -> Self {
        let closed = is_closed(error);
        if error.is_parse_too_large() {
            return Self::too_large();
        }
        let failure = if let Some(alert) = io_error(error).and_then(tls::alert) {
            Failure::new(FailureClass::Tls, tls::after_alert(asked, alert))
        } else if error.is_parse() {
            Failure::new(FailureClass::Protocol, "what the receiver answered is not HTTP")
        } else if closed && nothing_received {
            silence(asked)
        } else if closed {
            Failure::new(
                FailureClass::Reset,
                "the receiver closed the connection in the middle of its answer's headers",
            )
        } else {
            Failure::new(FailureClass::Protocol, format!("the exchange broke off: {}", deepest(error)))
        };
        Self { silently: closed && nothing_received, failure }
    }

    pub(crate) fn too_large() -> Self {
        let message = "the receiver answered with too many or too large headers";
        Self { failure: Failure::new(FailureClass::TooLarge, message), silently: false }
    }

    pub(crate) fn in_body(error: &hyper::Error) -> Self {
        let garbled = io_error(error).is_some_and(|io| {
            matches!(io.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::Other)
        });
        let failure = if garbled {
            Failure::new(FailureClass::Protocol, format!("the body of the answer is garbled: {}", deepest(error)))
        } else {
            Failure::new(FailureClass::Reset, "the receiver closed the connection before its answer was complete")
        };
        Self { failure, silently: false }
    }
}

/// The connection was closed before a single byte of an answer. The alert that explains it may be
/// lost on the way when the receiver closes without having read the request.
fn silence(asked: Asked) -> Failure {
    let class = match asked {
        Asked::NoneGiven | Asked::NoneFits => FailureClass::Tls,
        Asked::No | Asked::Given => FailureClass::Reset,
    };
    let message = tls::after_silence(asked);
    Failure::new(class, message.unwrap_or_else(|| "the receiver closed the connection without answering".to_owned()))
}

fn is_closed(error: &hyper::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    let by_io = |kind| matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof);
    error.is_incomplete_message()
        || error.is_closed()
        || error.is_canceled()
        || io_error(error).is_some_and(|io| by_io(io.kind()))
}

fn io_error(error: &hyper::Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref() {
            return Some(io);
        }
        source = cause.source();
    }
    None
}

fn deepest(error: &hyper::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
