//! What the hub tells of its own deliveries: `endpoint.*`, `delivery.*`, `health.*`, `installation.*`.

use serde_json::Value;

use super::data::Data;
use super::{Summary, Words};
use crate::health::Figure;

fn endpoint(d: Data<'_>) -> Words {
    match (d.text("endpoint.name"), d.text("endpoint.id")) {
        (Some(name), _) => Words::default().strong(name),
        (None, Some(id)) => Words::plain("Endpoint ").code(id),
        (None, None) => Words::plain("An endpoint"),
    }
}

fn url(d: Data<'_>) -> Option<Words> {
    d.text("endpoint.url").map(|url| Words::default().code(url))
}

pub(super) fn failing(d: Data<'_>) -> Summary {
    let times = d.number("failures").map_or_else(|| " again and again".into(), |n| format!(" {n} times in a row"));
    let limit = d.number("disabled_at_failures").map(|n| format!(" At {n} it is disabled.")).unwrap_or_default();
    let lead = endpoint(d).text(format!(" failed{times}.{limit}"));
    Summary::new("Endpoint failing", lead).field("URL", url(d)).field("Failing since", d.show("failing_since"))
}

pub(super) fn disabled(d: Data<'_>) -> Summary {
    let why = d.text("reason").map_or_else(|| ".".into(), |reason| format!(": {reason}"));
    let lead = endpoint(d).text(" was disabled").text(why).text(" Its deliveries are kept.");
    Summary::new("Endpoint disabled", lead).field("URL", url(d)).field("Disabled", d.show("disabled_at"))
}

pub(super) fn recovered(d: Data<'_>) -> Summary {
    Summary::new("Endpoint recovered", endpoint(d).text(" takes deliveries again."))
        .field("URL", url(d))
        .field("Recovered", d.show("recovered_at"))
}

/// `A delivery of invoice.paid to **Billing sync**`.
fn delivery(d: Data<'_>) -> Words {
    let to = match d.at("endpoint") {
        Some(_) => Words::plain(" to ").then(endpoint(d)),
        None => Words::default(),
    };
    Words::plain("A delivery").then(d.after(" of ", "event_type", Words::code)).then(to)
}

fn with_delivery(summary: Summary, d: Data<'_>) -> Summary {
    summary
        .field("Last answer", d.show("last_code"))
        .field("Last error", d.word("last_error"))
        .field("Delivery", d.show("delivery_id"))
        .field("Event", d.show("event_id"))
}

pub(super) fn exhausted(d: Data<'_>) -> Summary {
    let after = match d.number("attempts") {
        Some(1) => " after 1 attempt".to_owned(),
        Some(n) => format!(" after {n} attempts"),
        None => String::new(),
    };
    let lead = delivery(d).text(format!(" failed for good{after}. It can be replayed."));
    let summary = Summary::new("Delivery failed for good", lead);
    Summary { replay: d.text("delivery_id").and_then(|id| id.parse().ok()), ..with_delivery(summary, d) }
}

pub(super) fn replayed(d: Data<'_>) -> Summary {
    let lead = delivery(d).text(" that had failed for good arrived by a replay.");
    with_delivery(Summary::new("Delivery recovered", lead), d)
        .field("Replay of", d.text("replay_of").map(|id| Words::default().code(id)))
}

fn figure(d: Data<'_>) -> Option<Figure> {
    d.text("figure")?.parse().ok()
}

fn shown(d: Data<'_>, path: &str) -> Option<Words> {
    let value = d.at(path).and_then(Value::as_f64)?;
    Some(Words::plain(figure(d).map_or_else(|| value.to_string(), |figure| figure.words(value))))
}

fn called(d: Data<'_>) -> &'static str {
    figure(d).map_or("A figure", Figure::name)
}

pub(super) fn degraded(d: Data<'_>, title: &str) -> Summary {
    let lead = d.text("message").map_or_else(|| format!("{} is beyond its limit.", called(d)), str::to_owned);
    Summary::new(title, Words::plain(lead))
        .field("Now", shown(d, "value"))
        .field("Limit", shown(d, "limit"))
        .field("Noticed", d.show("degraded_at"))
}

pub(super) fn healthy(d: Data<'_>, title: &str) -> Summary {
    let lead = Words::plain(format!("{} is within its limit again.", called(d)));
    Summary::new(title, lead)
        .field("Now", shown(d, "value"))
        .field("Limit", shown(d, "limit"))
        .field("Noticed", d.show("recovered_at"))
}
