//! States and outcomes in words.

use domain::source::{OutcomeKind, Source, SourceStatus};

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
