//! The facets beside the log: each value with its count, as a link that sets or takes off the filter. Drawn on
//! the server.

use domain::delivery::query::LogQuery;
use domain::delivery::{DeliveryStatus, ErrorClass, FacetCount, LogStats};
use leptos::prelude::*;

use super::text;
use super::url::{self, Field};

/// Values of a facet shown at once; the others are one click away.
const SHOWN: usize = 8;

/// All facets for the current filters; none in a log that is empty.
pub fn facets(query: &LogQuery, stats: &LogStats) -> AnyView {
    if stats.total == 0 && !url::is_filtered(query) {
        return ().into_any();
    }
    view! {
        <nav class="grid grid-cols-1 content-start gap-4" aria-label="Filters" data-facets="">
            {facet(query, "Status", Field::Status, &stats.by_status)}
            {facet(query, "Endpoint", Field::Endpoint, &stats.by_endpoint)}
            {facet(query, "Event type", Field::Type, &stats.by_event_type)}
            {facet(query, "Code", Field::Code, &stats.by_code)}
            {facet(query, "Error", Field::Error, &stats.by_error)}
        </nav>
    }
    .into_any()
}

fn facet(query: &LogQuery, title: &'static str, field: Field, counts: &[FacetCount]) -> Option<impl IntoView + use<>> {
    let set = field.get(query).unwrap_or_default();
    let mut items: Vec<_> = counts.iter().map(|count| item(query, field, count)).collect();
    if let Some(unlisted) = Some(set).filter(|set| {
        !set.is_empty() && !set.contains([',', '*']) && !counts.iter().any(|count| is_set(field, set, count))
    }) {
        items.push(item(query, field, &FacetCount { value: unlisted.to_owned(), label: None, count: 0 }));
    }
    let rest = items.split_off(items.len().min(SHOWN));
    let more = rest.len();
    let rest = (more > 0).then(|| {
        view! {
            <details>
                <summary class="rounded-[6px] px-2 py-[3px] text-[13px] text-ink-3 hover:text-ink">{format!("{more} more")}</summary>
                <ul>{rest}</ul>
            </details>
        }
    });
    (!items.is_empty()).then(|| {
        view! {
            <section>
                <h2 class="px-2 pb-1 text-[12px] leading-4 font-semibold text-ink-2">{title}</h2>
                <ul>{items}</ul>
                {rest}
            </section>
        }
    })
}

/// One value: a link that sets the filter, or takes it off if it is set.
fn item(query: &LogQuery, field: Field, count: &FacetCount) -> AnyView {
    let set = field.get(query).unwrap_or_default();
    let on = is_set(field, set, count);
    let href = url::href(&url::with(query, field, toggled(field, set, &count.value, on).as_deref()));
    let class = if on {
        "flex items-center gap-2 rounded-[6px] px-2 py-[3px] text-[13px] bg-sunken text-ink font-medium"
    } else {
        "flex items-center gap-2 rounded-[6px] px-2 py-[3px] text-[13px] text-ink-2 hover:bg-sunken hover:text-ink"
    };
    let dot = (field == Field::Status).then(|| {
        let tone = count.value.parse::<DeliveryStatus>().map(text::status_tone).unwrap_or_default();
        view! { <span class=format!("dot {}", tone.class()) aria-hidden="true"></span> }
    });
    view! {
        <li>
            <a href=href class=class aria-current=on.then_some("true")>
                {dot}
                <span class="ell grow">{label(field, count)}</span>
                <span class="mono faint text-[12px]!">{if on { "×".to_owned() } else { text::count(count.count) }}</span>
            </a>
        </li>
    }
    .into_any()
}

/// Whether a value is among those that are filtered by; an endpoint may be given by its name too.
fn is_set(field: Field, set: &str, count: &FacetCount) -> bool {
    match field {
        Field::Status => set.split(',').any(|value| value == count.value),
        Field::Endpoint if count.label.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(set)) => true,
        _ => set == count.value,
    }
}

/// The filter after a click: statuses add up, of all others there is one.
fn toggled(field: Field, set: &str, value: &str, on: bool) -> Option<String> {
    if field != Field::Status {
        return (!on).then(|| value.to_owned());
    }
    let mut values: Vec<&str> = set.split(',').filter(|other| !other.is_empty() && *other != value).collect();
    if !on {
        values.push(value);
    }
    Some(values.join(",")).filter(|joined| !joined.is_empty())
}

fn label(field: Field, count: &FacetCount) -> String {
    match field {
        Field::Status => count.value.parse().map(text::status_word).map_or_else(|_| count.value.clone(), str::to_owned),
        Field::Error => {
            count.value.parse::<ErrorClass>().map(text::error_word).map_or_else(|_| count.value.clone(), str::to_owned)
        }
        Field::Code if count.value == "none" => "No answer".to_owned(),
        _ => count.label.clone().unwrap_or_else(|| count.value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_add_up_and_other_filters_replace_each_other() {
        assert_eq!(toggled(Field::Status, "", "failed", false).as_deref(), Some("failed"));
        assert_eq!(toggled(Field::Status, "failed", "retrying", false).as_deref(), Some("failed,retrying"));
        assert_eq!(toggled(Field::Status, "failed,retrying", "failed", true).as_deref(), Some("retrying"));
        assert_eq!(toggled(Field::Status, "failed", "failed", true), None);
        assert_eq!(toggled(Field::Code, "5xx", "4xx", false).as_deref(), Some("4xx"));
        assert_eq!(toggled(Field::Code, "5xx", "5xx", true), None);
    }

    #[test]
    fn an_endpoint_that_is_filtered_by_its_name_is_marked_and_taken_off() {
        let count = FacetCount { value: "ep_1".into(), label: Some("Billing, EU".into()), count: 2 };
        let drawn = |set: &str| {
            let query = url::with(&LogQuery::default(), Field::Endpoint, Some(set));
            super::super::drawn::html(item(&query, Field::Endpoint, &count))
        };
        for set in ["ep_1", "billing, eu"] {
            assert!(drawn(set).contains("href=\"/deliveries\"") && drawn(set).contains("aria-current"), "{set}");
        }
        assert!(drawn("Billing").contains("endpoint=ep_1") && !drawn("Billing").contains("aria-current"));
    }
}
