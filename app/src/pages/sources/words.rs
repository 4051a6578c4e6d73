//! States and outcomes in words.

use domain::source::{OutcomeKind, SourceStatus};

use crate::components::Tone;

/// How a source is, by whether it has a secret and whether something was ever verified.
pub const fn source(status: SourceStatus, has_secret: bool, is_used: bool) -> (Tone, &'static str) {
    match status {
        SourceStatus::Disabled => (Tone::Off, "Disabled"),
        SourceStatus::Active if !has_secret => (Tone::Warn, "Needs its secret"),
        SourceStatus::Active if !is_used => (Tone::Info, "Waiting for the first event"),
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
