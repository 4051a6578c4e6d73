//! The page of one delivery as the server draws it: ids, lifecycle, attempts.

use domain::Timestamp;
use domain::delivery::{Attempt, DeliveryDetail, DeliveryStatus, WaitsFor};
use leptos::prelude::*;

use super::attempt::{attempts, chosen};
use super::calls::Sheet;
use super::drawn::{copy, html};
use super::lifecycle::lifecycle;
use super::place::Place;
use super::row::{ago, exact};
use super::{curl, text, verify};
use crate::components::{Icon, Status};

/// The body of a delivery, byte for byte as it is sent.
#[must_use]
pub fn body(detail: &DeliveryDetail) -> String {
    let event = &detail.event;
    String::from_utf8_lossy(&domain::event::body(&event.id, &event.event_type, event.occurred_at, &event.data))
        .into_owned()
}

/// The body that an attempt sent: what a transformation made of the event's own, where there is one.
#[must_use]
pub fn sent(detail: &DeliveryDetail, attempt: &Attempt) -> String {
    attempt.request_body.clone().unwrap_or_else(|| body(detail))
}

/// What the viewer may do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rights {
    /// Replay.
    pub replay: bool,
    /// See what came to sources.
    pub see_inbound: bool,
}

/// Draws a delivery as it is seen from a place.
#[must_use]
pub fn draw(detail: &DeliveryDetail, search: &str, now: Timestamp, rights: Rights) -> Sheet {
    let place = &Place::read(search);
    let delivery = &detail.delivery;
    Sheet {
        event_id: detail.event.id.to_string(),
        event_type: delivery.event_type.clone(),
        curl: chosen(detail, place.attempt)
            .filter(|attempt| verify::batch(attempt).is_none() && !verify::fetched(attempt))
            .filter(|_| detail.event.erased_at.is_none())
            .map(|attempt| curl::command(attempt, &sent(detail, attempt))),
        facts: html(facts(detail, now, rights)),
        lifecycle: html(lifecycle(detail, place)),
        attempts: html(attempts(detail, place, now)),
        attempted: detail.attempts.last().is_some_and(|attempt| attempt.endpoint_version.is_some()),
        waits: matches!(delivery.status, DeliveryStatus::Pending | DeliveryStatus::Retrying),
        may_replay: rights.replay,
    }
}

/// The panel below the title: where it stands, where it goes, and its ids.
fn facts(detail: &DeliveryDetail, now: Timestamp, rights: Rights) -> AnyView {
    let (delivery, event) = (&detail.delivery, &detail.event);
    let request = domain::source::origin(event)
        .filter(|_| rights.see_inbound)
        .map(|(source, request)| format!("/sources/{source}/requests/{request}"));
    let fact = |name: &'static str, value: AnyView| {
        view! { <div class="min-w-0"><dt class="help">{name}</dt><dd class="row min-h-[26px] min-w-0 gap-1!">{value}</dd></div> }.into_any()
    };
    let id = |text: &str| view! { <span class="mono ell">{text.to_owned()}</span>{copy(text.to_owned())} }.into_any();
    let own = |name: &'static str, value: &Option<String>| {
        value.clone().map(|value| fact(name, view! { <span class="mono ell">{value}</span> }.into_any()))
    };
    view! {
        <div class="panel pad mb-4 py-3!">
            {standing(detail, now)}
            {event.erased_at.map(|at| view! { <p class="notice mb-3"><Icon name="trash"/><span>{erased(at)}" Times, codes and request headers stay."</span></p> })}
            <dl class="grid gap-x-6 gap-y-2 sm:grid-cols-2 xl:grid-cols-[auto_auto_auto_minmax(0,1fr)]">
                {fact("Delivery", view! { <span id="copy-id" class="contents">{id(delivery.id.as_str())}</span> }.into_any())}
                {fact("Event, and webhook-id", id(event.id.as_str()))}
                {fact("Endpoint", id(delivery.endpoint_id.as_str()))}
                {fact("Trigger", view! { <span>{text::trigger_word(delivery.trigger)}</span> }.into_any())}
                {request.map(|href| fact("Came in by", view! { <a class="link" href=href>"A request to a source"</a> }.into_any()))}
                {own("Your id", &event.caller_id)}
                {own("Idempotency key", &event.idempotency_key)}
                {own("Ordering key", &event.ordering_key)}
                {own("Channels", &event.channels)}
            </dl>
        </div>
    }
    .into_any()
}

/// What is said where a payload was.
#[must_use]
pub fn erased(at: Timestamp) -> String {
    format!("The payload was erased on {}, and with it what receivers answered.", exact(at))
}

/// One line: status, attempts, next try, endpoint, age.
fn standing(detail: &DeliveryDetail, now: Timestamp) -> AnyView {
    let delivery = &detail.delivery;
    let word = match delivery.status {
        DeliveryStatus::Failed => "Failed · dead letter",
        other => text::status_word(other),
    };
    let next = delivery.next_attempt_at.filter(|_| delivery.status == DeliveryStatus::Retrying);
    let tries =
        format!("{} of {}", text::counted(delivery.attempt_count, "attempt", "attempts"), delivery.max_attempts);
    let waits = delivery.waits_for.map(|waits| match waits {
        WaitsFor::Breaker => "Waits until the endpoint answers again",
        WaitsFor::Pull => "Waits for the receiver to fetch it",
        WaitsFor::Order => "Waits for an older delivery with the same ordering key",
    });
    let endpoint = format!("/endpoints/{}", delivery.endpoint_id);
    let original = delivery.replay_of.as_ref().map(|of| {
        view! { <span class="muted">"Replay of "<a class="link mono" href=format!("/deliveries/{of}")>{of.to_string()}</a></span> }
    });
    view! {
        <p class="row wrap mb-3 gap-x-4! gap-y-1!">
            <Status tone=text::status_tone(delivery.status) word/>
            <span class="muted">{tries}</span>
            {waits.map(|words| view! { <span class="muted">{words}</span> })}
            {next.map(|at| view! { <span class="muted">"Next try "{ago(at, now)}</span> })}
            <span class="ell"><span class="faint" aria-hidden="true">"→ "</span><a class="link" href=endpoint>{delivery.endpoint_name.clone()}</a></span>
            {original}
            <span class="faint">{ago(delivery.created_at, now)}</span>
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::delivery::ErrorClass;
    use domain::event::EventSource;
    use domain::id::{InboundRequestId, SourceId};

    use super::super::samples;
    use super::*;

    const ALL: Rights = Rights { replay: true, see_inbound: true };

    fn drawn(search: &str) -> Sheet {
        let attempt = Attempt {
            request_headers: vec![
                ("webhook-id".into(), "evt_1".into()),
                ("webhook-timestamp".into(), "5".into()),
                ("webhook-signature".into(), "v1,x".into()),
            ],
            response_body: Some("<script>alert(1)</script>".into()),
            ..samples::failed(ErrorClass::Http)
        };
        let mut detail = samples::detail(DeliveryStatus::Failed, vec![attempt]);
        detail.related = vec![samples::row(2000, DeliveryStatus::Delivered)];
        draw(&detail, search, Timestamp(61_002), ALL)
    }

    #[test]
    fn the_place_decides_which_section_is_drawn() {
        for (search, words) in [
            ("", "Request headers"),
            ("tab=response", "Response headers"),
            ("tab=signature", "Signed text"),
            ("tab=signature&code=python", "Python 3.9"),
            ("tab=event", "All deliveries of this event"),
            ("tab=related", "Billing sync"),
        ] {
            assert!(drawn(search).attempts.contains(words), "{search}");
        }
        let sheet = drawn("");
        assert!(
            sheet.facts.contains("dead letter")
                && sheet.facts.contains("1 min")
                && sheet.lifecycle.contains("Dead letter")
        );
        assert!(sheet.curl.is_some_and(|curl| curl.starts_with("curl")));
    }

    #[test]
    fn a_transformed_body_is_shown_as_it_was_sent_with_what_the_transformation_changed() {
        let own = samples::succeeded();
        let made = Attempt {
            number: 2,
            request_body: Some("{\"text\":\"<b>\"}".into()),
            endpoint_version: Some(2),
            ..samples::succeeded()
        };
        let detail = samples::detail(DeliveryStatus::Delivered, vec![own, made]);
        let sheet = draw(&detail, "", Timestamp(61_002), ALL);
        for words in [
            "What the transformation changed",
            "text-ok",
            "&lt;b&gt;",
            "/history#v2",
            "was changed before this attempt",
        ] {
            assert!(sheet.attempts.contains(words), "{words}: {}", sheet.attempts);
        }
        assert!(sheet.curl.is_some_and(|curl| curl.contains("{\"text\"")), "the command sends what was sent");
        let first = draw(&detail, "attempt=1", Timestamp(61_002), ALL).attempts;
        assert!(
            !first.contains("What the transformation changed") && !first.contains("was changed before this attempt")
        );
    }

    #[test]
    fn where_the_payload_is_gone_it_says_since_when() {
        let mut detail = samples::detail(DeliveryStatus::Delivered, vec![samples::succeeded()]);
        detail.event.erased_at = Some(Timestamp(1_795_356_131_000));
        for search in ["", "tab=response", "tab=event"] {
            let sheet = draw(&detail, search, Timestamp(1_795_356_132_000), ALL);
            assert!(sheet.facts.contains("erased on 2026-") && sheet.attempts.contains("erased on 2026-"), "{search}");
            assert_eq!(sheet.curl, None, "nothing is left to send");
        }
    }

    #[test]
    fn what_a_delivery_waits_for_is_told() {
        let mut detail = samples::detail(DeliveryStatus::Pending, Vec::new());
        detail.delivery.waits_for = Some(WaitsFor::Order);
        assert!(
            draw(&detail, "", Timestamp(61_002), ALL).facts.contains("an older delivery with the same ordering key")
        );
    }

    #[test]
    fn what_a_source_brought_leads_back_to_the_request() {
        let mut detail = samples::detail(DeliveryStatus::Pending, Vec::new());
        let (source, request) = (SourceId::new(1, [1; 10]), InboundRequestId::new(2, [2; 10]));
        detail.event.data = format!(r#"{{"source_id":"{source}","inbound_request_id":"{request}"}}"#);
        let place = format!("/sources/{source}/requests/{request}");
        let leads =
            |detail: &DeliveryDetail, rights| draw(detail, "", Timestamp(61_002), rights).facts.contains(&place);
        assert!(!leads(&detail, ALL), "the API may be told anything");
        detail.event.source = EventSource::Source;
        assert!(leads(&detail, ALL) && !leads(&detail, Rights::default()));
    }

    #[test]
    fn a_receivers_answer_never_becomes_markup() {
        for search in ["tab=response", "tab=response&raw=1"] {
            let html = drawn(search).attempts;
            assert!(html.contains("&lt;script") && !html.contains("<script>"), "{search}: {html}");
        }
    }
}
