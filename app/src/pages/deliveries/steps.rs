//! The life of a delivery as a list of steps: from the event to the last planned attempt.

use domain::Timestamp;
use domain::delivery::{Attempt, DeliveryDetail, DeliveryStatus, Outcome, Trigger, WaitsFor};

use super::text;

/// How a step's dot looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Done.
    Ok,
    /// Failed.
    Bad,
    /// Not yet.
    Ahead,
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its dot.
    pub mark: Mark,
    /// What happened.
    pub title: String,
    /// More about it.
    pub note: String,
    /// When, if it has a moment of its own.
    pub at: Option<Timestamp>,
    /// Milliseconds since the step before.
    pub gap_ms: Option<i64>,
    /// The attempt's number, if it is one.
    pub attempt: Option<i64>,
}

/// The steps of a delivery, in order.
#[must_use]
pub fn steps(detail: &DeliveryDetail) -> Vec<Step> {
    let mut steps = Vec::new();
    let event = &detail.event;
    if event.occurred_at < event.created_at {
        push(&mut steps, Mark::Ok, "Occurred", String::new(), Some(event.occurred_at), None);
    }
    push(&mut steps, Mark::Ok, "Accepted", format!("from {}", source(detail)), Some(event.created_at), None);
    let (title, note) = match (detail.delivery.trigger, &detail.matched) {
        (Trigger::Event, Some(pattern)) => ("Matched", pattern.clone()),
        (Trigger::Event, None) => ("Matched", "a subscription the endpoint has no longer".to_owned()),
        (Trigger::Replay, _) => ("Replay asked for", String::new()),
        (Trigger::Test, _) => ("Test asked for", String::new()),
    };
    push(&mut steps, Mark::Ok, title, note, Some(detail.delivery.created_at), None);
    for attempt in &detail.attempts {
        let mark = if attempt.outcome == Outcome::Succeeded { Mark::Ok } else { Mark::Bad };
        push(
            &mut steps,
            mark,
            &format!("Attempt {}", attempt.number),
            ended(attempt),
            Some(attempt.started_at),
            Some(attempt.number),
        );
    }
    ending(detail, &mut steps);
    steps
}

/// What is left to come, or how it ended.
fn ending(detail: &DeliveryDetail, steps: &mut Vec<Step>) {
    let delivery = &detail.delivery;
    let next = delivery.attempt_count + 1;
    match delivery.status {
        DeliveryStatus::Delivered => push(steps, Mark::Ok, "Arrived", String::new(), delivery.finished_at, None),
        DeliveryStatus::Failed => {
            let note = if delivery.attempt_count >= delivery.max_attempts {
                "no attempts left"
            } else if delivery.last_code == Some(410) {
                "the receiver is gone (410)"
            } else {
                "it will not be tried again"
            };
            push(steps, Mark::Bad, "Dead letter", note.to_owned(), delivery.finished_at, None);
        }
        DeliveryStatus::Paused => {
            push(steps, Mark::Ahead, "Paused", "goes on when the endpoint is active".to_owned(), None, None)
        }
        DeliveryStatus::Skipped => {
            push(steps, Mark::Ok, "Skipped", "by the transformation".to_owned(), delivery.finished_at, None);
        }
        DeliveryStatus::Pending | DeliveryStatus::Retrying if delivery.waits_for.is_some() => {
            let note = match delivery.waits_for {
                Some(WaitsFor::Breaker) => "waits until the endpoint answers again (circuit breaker open)",
                Some(WaitsFor::Pull) => "waits for the receiver to fetch it",
                Some(WaitsFor::Order) | None => "waits for an older delivery with the same ordering key",
            };
            push(steps, Mark::Ahead, &format!("Attempt {next}"), note.to_owned(), None, None);
        }
        DeliveryStatus::Pending | DeliveryStatus::Retrying => {
            let first = delivery.next_attempt_at.filter(|_| delivery.status == DeliveryStatus::Retrying);
            if first.is_none() {
                push(steps, Mark::Ahead, &format!("Attempt {next}"), "due now".to_owned(), None, None);
            }
            let number = if first.is_some() { next } else { next + 1 };
            for (number, at) in (number..).zip(first.into_iter().chain(detail.planned.iter().copied())) {
                push(steps, Mark::Ahead, &format!("Attempt {number}"), "planned".to_owned(), Some(at), None);
            }
        }
    }
}

fn push(steps: &mut Vec<Step>, mark: Mark, title: &str, note: String, at: Option<Timestamp>, attempt: Option<i64>) {
    let before = steps.iter().rev().find_map(|step| step.at);
    let gap_ms = at.zip(before).map(|(at, before)| at.since(before).max(0));
    steps.push(Step { mark, title: title.to_owned(), note, at, gap_ms, attempt });
}

/// Where the event came from.
fn source(detail: &DeliveryDetail) -> &'static str {
    match detail.event.source {
        domain::event::EventSource::Api => "the API",
        domain::event::EventSource::System => "the hub itself",
        domain::event::EventSource::Connection => "a connection",
        domain::event::EventSource::Source => "a source",
        domain::event::EventSource::Test => "a test",
    }
}

/// How an attempt ended, in a few words.
#[must_use]
pub fn ended(attempt: &Attempt) -> String {
    let took = text::duration(attempt.total_us);
    match (attempt.outcome, attempt.code, attempt.error_class) {
        (Outcome::Succeeded, None, _) => "fetched by the receiver".to_owned(),
        (Outcome::TimedOut, _, _) => format!("timed out after {took}"),
        (_, Some(code), _) => format!("{code} in {took}"),
        (_, None, Some(class)) => format!("{} after {took}", text::error_word(class)),
        (_, None, None) => format!("failed after {took}"),
    }
}

#[cfg(test)]
mod tests {
    use domain::delivery::ErrorClass;

    use super::super::samples;
    use super::*;

    fn lines(detail: &DeliveryDetail) -> Vec<String> {
        let line =
            |s: Step| format!("{:?} {} ({}) {}", s.mark, s.title, s.note, s.gap_ms.map(text::span).unwrap_or_default());
        steps(detail).into_iter().map(|s| line(s).trim_end().to_owned()).collect()
    }

    #[test]
    fn a_delivered_event_shows_each_step_with_its_gap() {
        let detail = samples::detail(DeliveryStatus::Delivered, vec![samples::succeeded()]);
        assert_eq!(
            lines(&detail),
            [
                "Ok Occurred ()",
                "Ok Accepted (from the API) 1 s",
                "Ok Matched (invoice.*) 2 ms",
                "Ok Attempt 1 (200 in 1.0 ms) 1 ms",
                "Ok Arrived ()"
            ]
        );
    }

    #[test]
    fn a_retrying_delivery_shows_what_is_planned() {
        let mut detail = samples::detail(DeliveryStatus::Retrying, vec![samples::failed(ErrorClass::Http)]);
        detail.delivery.next_attempt_at = Some(Timestamp(6003));
        detail.planned = vec![Timestamp(306_003)];
        let lines = lines(&detail);
        assert_eq!(lines[3], "Bad Attempt 1 (503 in 1.0 ms) 1 ms");
        assert_eq!(lines[4..], ["Ahead Attempt 2 (planned) 5 s", "Ahead Attempt 3 (planned) 5 min"]);
    }

    #[test]
    fn a_dead_letter_says_why_it_ended() {
        let mut detail = samples::detail(DeliveryStatus::Failed, vec![samples::failed(ErrorClass::Http)]);
        detail.delivery.last_code = Some(410);
        assert_eq!(lines(&detail)[4], "Bad Dead letter (the receiver is gone (410))");
        detail.delivery.max_attempts = 1;
        assert_eq!(lines(&detail)[4], "Bad Dead letter (no attempts left)");
    }

    #[test]
    fn a_pending_delivery_is_due_now() {
        let detail = samples::detail(DeliveryStatus::Pending, Vec::new());
        assert_eq!(lines(&detail).last().map(String::as_str), Some("Ahead Attempt 1 (due now)"));
    }
}
