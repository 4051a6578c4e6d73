//! Numbers and states in words, where several pages say the same.

use domain::alert::{Alert, AlertKind};
use domain::connection::{ConnectionState, Provider};
use domain::delivery::{DeliveryStatus, ErrorClass};
use domain::source::{InboundRequestSummary, InboundState, InboundVerdict};

use crate::components::Tone;

/// A count with separators: `12,480`.
#[must_use]
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The share that arrived, in per cent with one digit; none when nothing ended. Never `100 %` while one failed.
#[must_use]
pub fn success(delivered: i64, failed: i64) -> Option<String> {
    let all = delivered + failed;
    if all == 0 {
        return None;
    }
    let tenths = delivered * 1000 / all;
    Some(if tenths % 10 == 0 { format!("{} %", tenths / 10) } else { format!("{}.{} %", tenths / 10, tenths % 10) })
}

/// A duration in microseconds: `0.4 ms`, `61 ms`, `1.2 s`.
#[must_use]
pub fn duration(us: i64) -> String {
    match us {
        ..10_000 => format!("{}.{} ms", us / 1000, us % 1000 / 100),
        10_000..1_000_000 => format!("{} ms", us / 1000),
        _ if us % 1_000_000 < 100_000 => format!("{} s", us / 1_000_000),
        _ => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
    }
}

/// A delivery's status: a tone and a word.
#[must_use]
pub const fn delivery_status(status: DeliveryStatus) -> (Tone, &'static str) {
    match status {
        DeliveryStatus::Pending => (Tone::Info, "Pending"),
        DeliveryStatus::Retrying => (Tone::Warn, "Retrying"),
        DeliveryStatus::Delivered => (Tone::Ok, "Delivered"),
        DeliveryStatus::Failed => (Tone::Bad, "Failed"),
        DeliveryStatus::Paused => (Tone::Off, "Paused"),
        DeliveryStatus::Skipped => (Tone::Off, "Skipped"),
    }
}

/// How a request that came to a source is: a tone and words.
#[must_use]
pub fn inbound_request(request: &InboundRequestSummary) -> (Tone, String) {
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

/// A class of failure in words.
#[must_use]
pub const fn error_word(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Dns => "dns",
        ErrorClass::Tls => "tls",
        ErrorClass::Connect => "connect",
        ErrorClass::Timeout => "timeout",
        ErrorClass::Http => "http",
        ErrorClass::BlockedIp => "blocked ip",
        ErrorClass::Reset => "reset",
        ErrorClass::Protocol => "protocol",
        ErrorClass::TooLarge => "too large",
        ErrorClass::Transformation => "transformation",
        ErrorClass::Auth => "auth",
        ErrorClass::Provider => "refused",
    }
}

/// How a connection is, as a status.
#[must_use]
pub const fn connection_state(state: ConnectionState) -> (Tone, &'static str) {
    match state {
        ConnectionState::Healthy => (Tone::Ok, "Connected"),
        ConnectionState::Expiring => (Tone::Warn, "Expiring"),
        ConnectionState::NeedsReconnect => (Tone::Bad, "Needs reconnect"),
        ConnectionState::NeedsSite => (Tone::Warn, "Choose a site"),
        ConnectionState::RateLimited => (Tone::Warn, "Rate limited"),
        ConnectionState::Paused => (Tone::Off, "Paused"),
    }
}

/// What stands before the name of a channel.
#[must_use]
pub const fn channel_mark(provider: Provider) -> &'static str {
    match provider {
        Provider::Slack => "#",
        Provider::Teams | Provider::Jira => "",
    }
}

/// Where an alert leads, and what that is called.
#[must_use]
pub fn alert_place(alert: &Alert) -> (String, &'static str) {
    match alert.kind {
        AlertKind::EndpointFailing | AlertKind::EndpointDisabled => {
            (format!("/endpoints/{}", alert.target), "Open the endpoint")
        }
        AlertKind::HealthDegraded => ("/health".to_owned(), "Open health"),
        AlertKind::ConnectionBroken | AlertKind::ConnectionSilent => {
            (format!("/connections/{}", alert.target), "Open the connection")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_never_flatter() {
        assert_eq!(success(0, 0), None);
        assert_eq!(success(99_999, 1).as_deref(), Some("99.9 %"));
        assert_eq!(success(5, 0).as_deref(), Some("100 %"));
    }

    #[test]
    fn durations_use_the_unit_that_fits() {
        assert_eq!([430, 61_400, 1_250_000, 10_000_000].map(duration), ["0.4 ms", "61 ms", "1.2 s", "10 s"]);
        assert_eq!([12, 12_480, -1_000_000].map(count), ["12", "12,480", "-1,000,000"]);
    }
}
