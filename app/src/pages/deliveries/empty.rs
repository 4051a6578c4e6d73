//! What stands where rows would be: the first steps, or the filters that leave nothing. Drawn on the server.

use domain::Timestamp;
use domain::delivery::query::LogQuery;
use domain::delivery::{FacetCount, LogStats};
use leptos::prelude::*;

use super::drawn::copy;
use super::search_box::readable;
use super::text;
use super::url::{self, Field};

/// The empty log: first steps if nothing was ever delivered, else the filters to drop.
pub fn nothing(query: &LogQuery, stats: Option<&LogStats>, now: Timestamp, base_url: &str) -> AnyView {
    if url::is_filtered(query) {
        no_match(query, stats, now).into_any()
    } else if stats.is_some_and(|stats| stats.total > 0) {
        // Seen for a moment at most, when the rows of other filters come before their counts.
        ().into_any()
    } else {
        first_run(base_url).into_any()
    }
}

/// A command that posts a first event.
#[must_use]
pub fn first_command(base_url: &str) -> String {
    format!(
        "curl -X POST {} \\\n  -H 'Authorization: Bearer pb_…' \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"event_type\":\"invoice.paid\",\"data\":{{\"id\":\"inv_1\",\"amount\":12900,\"currency\":\"eur\"}}}}'",
        super::curl::quote(&format!("{base_url}/api/v1/events"))
    )
}

fn first_run(base_url: &str) -> impl IntoView + use<> {
    let command = first_command(base_url);
    let step = |number: &'static str, title: &'static str, body: AnyView| {
        view! {
            <li class="grid grid-cols-[28px_minmax(0,1fr)] gap-x-2">
                <span class="avatar person" aria-hidden="true">{number}</span>
                <div class="stack gap-2!"><h3 class="text-[14px] leading-[22px] font-semibold">{title}</h3>{body}</div>
            </li>
        }
    };
    let endpoint = view! {
        <p class="muted">"Tell Patchbay where to send events: your server, or a throw-away inbox while you have none."</p>
        <div class="row wrap"><a class="btn primary" href="/endpoints/new">"Add endpoint"</a><a class="btn" href="/inbox">"Use an inbox"</a></div>
    };
    let key = view! { <p class="muted">"Your program posts events with it. "<a class="link" href="/developers">"Create an API key"</a></p> };
    let event = view! {
        <p class="muted">"Put your key in and run this; the delivery appears here at once."</p>
        <div class="relative">
            <pre class="max-w-full" tabindex="0">{command.clone()}</pre>
            <div class="absolute top-1.5 right-1.5 rounded-[7px] bg-sunken">{copy(command)}</div>
        </div>
    };
    view! {
        <div class="mx-auto max-w-[620px] px-4 py-10" data-first-run="">
            <h2 class="mb-1 text-[17px] font-semibold">"No deliveries yet"</h2>
            <p class="muted mb-6">"Each event that reaches an endpoint is kept here, with every attempt. Three steps to the first one:"</p>
            <ol class="stack gap-6!">
                {step("1", "Add an endpoint", endpoint.into_any())}
                {step("2", "Create an API key", key.into_any())}
                {step("3", "Post an event", event.into_any())}
            </ol>
        </div>
    }
}

fn no_match(query: &LogQuery, stats: Option<&LogStats>, now: Timestamp) -> impl IntoView + use<> {
    let offers: Vec<_> = without(query, stats)
        .into_iter()
        .map(|(label, count, href)| {
            let count = count
                .filter(|count| *count > 0)
                .map(|count| view! { <span class="faint">{text::counted(count, "delivery", "deliveries")}</span> });
            view! { <li><a class="btn" href=href>{label}{count}</a></li> }.into_any()
        })
        .collect();
    view! {
        <div class="empty">
            <h2>"No delivery matches all filters"</h2>
            {stats.and_then(|stats| gone(query, stats, now)).map(|words| view! { <p>{words}</p> })}
            <p>"Take one off:"</p>
            <ul class="row flex-wrap justify-center">{offers}</ul>
            <p class="mt-2"><a class="link" href=url::PATH>"Clear all filters"</a></p>
        </div>
    }
}

/// What of the log is gone that the filters reach back to: rows by their age, words with the payloads.
fn gone(query: &LogQuery, stats: &LogStats, now: Timestamp) -> Option<String> {
    let day = |at: Timestamp| at.rfc3339().get(..10).unwrap_or_default().to_owned();
    let filter = query.filter(now).ok()?;
    let reaches = |kept: Timestamp| filter.since.is_none_or(|since| since < kept);
    let rows = stats
        .kept_since
        .filter(|kept| reaches(*kept))
        .map(|kept| format!("The log is kept from {} on; what ended before that is deleted. ", day(kept)));
    let words = stats.payloads_since.filter(|kept| query.q.is_some() && reaches(*kept)).map(|kept| {
        format!("Payloads are kept from {} on; older ones are erased, and their words are not found.", day(kept))
    });
    let all: String = rows.into_iter().chain(words).collect();
    (!all.is_empty()).then_some(all)
}

/// Each filter with what would match without it, most first. A facet ignores its own filter, so the sum of its
/// counts is what dropping the filter brings.
fn without(query: &LogQuery, stats: Option<&LogStats>) -> Vec<(String, Option<i64>, String)> {
    let sum = |counts: &[FacetCount]| counts.iter().map(|count| count.count).sum::<i64>();
    let brings = |field: Field| {
        let stats = stats?;
        match field {
            Field::Status => Some(sum(&stats.by_status)),
            Field::Endpoint => Some(sum(&stats.by_endpoint)),
            Field::Type => Some(sum(&stats.by_event_type)),
            Field::Code => Some(sum(&stats.by_code)),
            Field::Error => Some(sum(&stats.by_error)),
            _ => None,
        }
    };
    let mut offers: Vec<_> = Field::ALL
        .into_iter()
        .filter_map(|field| {
            let shown = readable(field, field.get(query)?, stats);
            Some((
                format!("Without {}: {shown}", field.token()),
                brings(field),
                url::href(&url::with(query, field, None)),
            ))
        })
        .collect();
    offers.extend(query.q.as_ref().map(|q| {
        (format!("Without the words {q}"), None, url::href(&LogQuery { q: None, cursor: None, ..query.clone() }))
    }));
    offers.sort_by_key(|(_, count, _)| std::cmp::Reverse(count.unwrap_or(0)));
    offers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_that_hides_most_is_offered_first() {
        let count = |value: &str, count| FacetCount { value: value.into(), label: None, count };
        let stats = LogStats {
            by_status: vec![count("delivered", 3)],
            by_code: vec![count("2xx", 40), count("5xx", 2)],
            ..LogStats::default()
        };
        let offers = without(&url::read("status=failed&code=4xx&q=late"), Some(&stats));
        let labels: Vec<_> = offers.iter().map(|(label, count, _)| (label.as_str(), *count)).collect();
        assert_eq!(
            labels,
            [("Without code: 4xx", Some(42)), ("Without status: failed", Some(3)), ("Without the words late", None)]
        );
        assert_eq!(offers[0].2, "/deliveries?q=late&status=failed");
    }

    #[test]
    fn what_is_gone_by_its_age_is_told_with_the_date() {
        let kept = |at| Some(Timestamp::parse_rfc3339(at).expect("a time"));
        let stats = LogStats {
            kept_since: kept("2026-10-01T10:00:00Z"),
            payloads_since: kept("2026-11-01T10:00:00Z"),
            ..LogStats::default()
        };
        let now = Timestamp::parse_rfc3339("2026-11-08T10:00:00Z").expect("a time");
        for (search, rows, words) in [
            ("q=late", true, true),
            ("q=late&since=24h", false, false),
            ("q=late&since=30d", false, true),
            ("status=failed", true, false),
            ("status=failed&since=2026-11-02T00:00:00Z", false, false),
            ("q=late&since=2026-10-02T00:00:00Z", false, true),
            ("q=late&since=2026-11-02T00:00:00Z", false, false),
            ("until=2026-09-01T00:00:00Z", true, false),
        ] {
            let said = gone(&url::read(search), &stats, now).unwrap_or_default();
            assert_eq!((said.contains("2026-10-01"), said.contains("2026-11-01")), (rows, words), "{search}: {said}");
        }
        assert_eq!(gone(&url::read("q=late"), &LogStats::default(), now), None);
    }

    #[test]
    fn the_first_steps_are_for_a_log_that_is_empty() {
        let drawn = |total| {
            let stats = LogStats { total, ..LogStats::default() };
            super::super::drawn::html(nothing(&LogQuery::default(), Some(&stats), Timestamp(0), "https://hub.test"))
        };
        assert!(drawn(0).contains("data-first-run") && !drawn(1).contains("data-first-run"));
    }

    #[test]
    fn the_first_command_names_this_hub() {
        assert!(first_command("https://hub.test").starts_with("curl -X POST 'https://hub.test/api/v1/events' \\\n"));
    }
}
