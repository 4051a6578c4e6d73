//! Verdicts and states in words.

use domain::source::{InboundRequestSummary, InboundState, InboundVerdict, OutcomeKind, Source, SourceStatus};

use crate::components::Tone;

/// How a source is.
pub fn source(source: &Source) -> (Tone, &'static str) {
    match source.status {
        SourceStatus::Disabled => (Tone::Off, "Disabled"),
        SourceStatus::Active if source.secrets.is_empty() => (Tone::Warn, "Needs its secret"),
        SourceStatus::Active if source.last_verified_at.is_none() => (Tone::Info, "Waiting for the first event"),
        SourceStatus::Active => (Tone::Ok, "Active"),
    }
}

/// How a request is.
pub fn request(request: &InboundRequestSummary) -> (Tone, String) {
    match (request.verdict, request.state) {
        (InboundVerdict::Rejected, _) => {
            let cause = request.cause.as_deref().unwrap_or("refused").replace('_', " ");
            (Tone::Bad, format!("Refused: {cause}"))
        }
        (InboundVerdict::Challenge, _) => (Tone::Ok, "Handshake".into()),
        (_, InboundState::Failed) => (Tone::Bad, "Failed".into()),
        (_, InboundState::Pending) if request.error.is_some() => (Tone::Warn, "Is tried again".into()),
        (_, InboundState::Pending) => (Tone::Info, "Pending".into()),
        _ if request.duplicate_of.is_some() => (Tone::Off, "Duplicate".into()),
        _ => (Tone::Ok, "Verified".into()),
    }
}

/// What an event came to.
pub const fn outcome(kind: OutcomeKind) -> (Tone, &'static str) {
    match kind {
        OutcomeKind::Published => (Tone::Ok, "Published"),
        OutcomeKind::Duplicate => (Tone::Off, "Duplicate"),
        OutcomeKind::Late => (Tone::Warn, "Came late"),
        OutcomeKind::PassedOver => (Tone::Off, "Passed over"),
        OutcomeKind::Unknown => (Tone::Off, "Not mapped"),
    }
}
