//! What an attempt's failure means and what to do about it, in plain sentences.

use domain::delivery::{Attempt, ErrorClass, Outcome};

use super::text;

/// A failure in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What happened.
    pub what: String,
    /// What to do.
    pub fix: &'static str,
}

/// Explains a failed attempt; nothing to say about one that succeeded.
#[must_use]
pub fn explain(attempt: &Attempt) -> Option<Explanation> {
    if attempt.outcome == Outcome::Succeeded {
        return None;
    }
    let host = host(&attempt.url);
    let took = text::duration(attempt.total_us);
    let (what, fix) = match (attempt.error_class, attempt.code) {
        (Some(ErrorClass::Http) | None, Some(code)) => return Some(answered(code)),
        (Some(ErrorClass::Dns), _) => (
            format!("The name {host} could not be resolved."),
            "Check the URL for a typing error, and that the name has an A or AAAA record in public DNS.",
        ),
        (Some(ErrorClass::Tls), _) => (
            format!("{host} could not prove who it is: the TLS handshake failed."),
            "Check that the certificate covers this name, has not expired and comes with its intermediate certificates.",
        ),
        (Some(ErrorClass::Connect), _) => (
            format!("No connection to {host} could be made."),
            "Check that the server is running, that the port is right and that no firewall refuses connections from here.",
        ),
        (Some(ErrorClass::Timeout), Some(code)) => (
            format!("The receiver began to answer {code} but did not finish within {took}."),
            "Answer with a short body as soon as the event is stored, or raise the endpoint's timeout.",
        ),
        (Some(ErrorClass::Timeout), None) if attempt.connect_us.is_none() && attempt.dns_us.is_some() => (
            format!("{host} did not accept a connection within {took}."),
            "Check that the server is reachable from the internet; a firewall that drops packets looks like this.",
        ),
        (Some(ErrorClass::Timeout), None) => (
            format!("The receiver accepted the connection but sent no answer in {took}."),
            "Answer 2xx first and process the event afterwards, or raise the endpoint's timeout (30 s at most).",
        ),
        (Some(ErrorClass::BlockedIp), _) => (
            format!("{host} points to a private or reserved address, so nothing was sent."),
            "Use a public address, or ask the operator of this installation to allow the network.",
        ),
        (Some(ErrorClass::Reset), _) => (
            "The receiver closed the connection before it had answered.".to_owned(),
            "Look into the receiver's log at this time: a crash, a proxy's limit or a restart looks like this.",
        ),
        (Some(ErrorClass::Protocol), _) => (
            "What came back is not a valid HTTP answer.".to_owned(),
            "Check that the URL's port speaks HTTP, and https where the URL says so.",
        ),
        (Some(ErrorClass::TooLarge), _) => (
            "The headers of the answer are larger than allowed.".to_owned(),
            "Answer with few headers; cookies are of no use to a webhook.",
        ),
        (Some(ErrorClass::Transformation), _) => (
            attempt.error.clone().unwrap_or_else(|| "The transformation failed.".to_owned()),
            "Mend the endpoint's transformation and try it on this event; nothing was sent and nothing is lost.",
        ),
        (Some(ErrorClass::Auth), _) => (
            attempt.error.clone().unwrap_or_else(|| "There were no credentials to send.".to_owned()),
            "Check the endpoint's authentication: its token endpoint, client and secret.",
        ),
        (Some(ErrorClass::Provider), _) => (
            attempt.error.clone().unwrap_or_else(|| "The provider refused the message.".to_owned()),
            "The page of the connection says what to do.",
        ),
        (Some(ErrorClass::Http) | None, None) => (
            attempt.error.clone().unwrap_or_else(|| "The attempt failed.".to_owned()),
            "Replay the delivery; if it fails again, look into the receiver's log at this time.",
        ),
    };
    Some(Explanation { what, fix })
}

/// Explains an answer that is not 2xx.
fn answered(code: i64) -> Explanation {
    let (why, fix) = match code {
        100..=199 => ("an interim answer only", "Answer with a final status; 200 or 204 with an empty body is best."),
        300..=399 => ("redirects are not followed", "Set the endpoint's URL to the final address."),
        401 | 403 => (
            "the receiver refused access",
            "Add the credentials it expects as a custom header, or exempt the webhook's path; check the signature with the current secret.",
        ),
        404 => {
            ("there is nothing at this path", "Check the path of the endpoint's URL and that the route is deployed.")
        }
        405 => ("the path does not take POST", "Deliveries are POST requests: let the route accept them."),
        408 | 504 => {
            ("the receiver or its gateway ran out of time", "Answer 2xx first and process the event afterwards.")
        }
        410 => (
            "the receiver is gone for good",
            "The endpoint was disabled. Point it to a new URL and set it active, then replay what failed.",
        ),
        413 => (
            "the body is too large for the receiver",
            "Raise the body limit of the receiver or its proxy to at least 512 KiB.",
        ),
        415 | 400 | 422 => (
            "the receiver did not accept the body",
            "The response below may say why. Deliveries are JSON with the type in event_type and the payload in data.",
        ),
        429 => ("too many requests", "Set a lower rate limit on the endpoint; Retry-After is honoured."),
        400..=499 => (
            "the receiver refused the request",
            "The response below may say why; it will be tried again by the schedule.",
        ),
        502 | 503 => (
            "the receiver is down or restarting",
            "It will be tried again by the schedule. Check the service behind the proxy.",
        ),
        500..=599 => (
            "the receiver failed while handling the event",
            "Look for the error in the receiver's log at this time, then replay.",
        ),
        _ => ("that is not a status that HTTP knows", "Answer 200 or 204 when the event is stored."),
    };
    Explanation { what: format!("The receiver answered {code}: {why}."), fix }
}

/// The host of a URL, for a sentence.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn every_class_of_failure_has_a_sentence_and_a_fix() {
        for class in ErrorClass::ALL {
            let attempt = Attempt { code: None, ..samples::failed(*class) };
            let words = explain(&attempt).expect("a failure");
            assert!(words.what.ends_with('.') && words.fix.ends_with('.'), "{class}: {words:?}");
        }
        assert_eq!(explain(&samples::succeeded()), None);
    }

    #[test]
    fn every_code_has_a_sentence() {
        for code in [101, 301, 400, 401, 404, 405, 410, 413, 418, 422, 429, 500, 503, 504, 599, 999] {
            let attempt = Attempt { code: Some(code), ..samples::failed(ErrorClass::Http) };
            assert!(explain(&attempt).expect("a failure").what.starts_with(&format!("The receiver answered {code}: ")));
        }
    }

    #[test]
    fn a_silent_receiver_is_told_from_one_that_never_connected() {
        let silent = Attempt {
            code: None,
            dns_us: Some(2),
            connect_us: Some(3),
            total_us: 10_000_000,
            ..samples::failed(ErrorClass::Timeout)
        };
        assert_eq!(
            explain(&silent).expect("a failure").what,
            "The receiver accepted the connection but sent no answer in 10 s."
        );
        let closed = Attempt { connect_us: None, ..silent };
        assert_eq!(explain(&closed).expect("a failure").what, "a.test did not accept a connection within 10 s.");
    }

    #[test]
    fn a_host_is_found_in_a_url() {
        assert_eq!(host("https://user:pw@api.acme.dev:8443/hooks?x=/"), "api.acme.dev:8443");
        assert_eq!(host("https://acme.dev?x"), "acme.dev");
    }
}
