//! `/endpoints`: all endpoints with their health, found by text and status.

use std::time::Duration;

use domain::endpoint::EndpointStatus;
use domain::live::Notice;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::calls::{EndpointList, ListEndpoints};
use super::figures::standing;
use super::row::{Row, RowActions};
use crate::components::{Empty, FormError, Icon, PageHead, ProblemPanel, Tone};
use crate::fresh::{pulse, reload};
use crate::remote::{ask, load};
use crate::shown::EndpointOverview;

/// The choices of the status filter: value and word.
const STATES: [(&str, &str); 4] =
    [("", "All"), ("active", "Active"), ("attention", "Needs attention"), ("paused", "Paused")];

/// `/endpoints`.
#[component]
pub fn EndpointsPage() -> impl IntoView {
    let first = load(|| ListEndpoints {});
    view! {
        <Suspense fallback=|| view! { <PageHead title="Endpoints" /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(list) => view! { <Loaded list=list /> }.into_any(),
                    Err(error) => view! { <PageHead title="Endpoints" /><ProblemPanel error=error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(list: EndpointList) -> impl IntoView {
    let may_write = list.may_write;
    let actions = RowActions::new();
    let shown = RwSignal::new(list);
    let beat = pulse(Duration::from_secs(2), |notice| matches!(notice, Notice::Delivery(_) | Notice::Endpoint(_)));
    reload(shown, move || (beat.get(), actions.done()), || ask(ListEndpoints {}));
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|query| (query.get("q").unwrap_or_default(), query.get("status").unwrap_or_default()))
    });
    let rows = Memo::new(move |_| {
        filter.with(|(q, status)| {
            shown.with(|list| list.endpoints.iter().filter(|row| matches(row, q, status)).cloned().collect::<Vec<_>>())
        })
    });
    let empty = Memo::new(move |_| shown.with(|list| list.endpoints.is_empty()));
    // A memo, so that the table and an open menu in it stay while figures change.
    let none = Memo::new(move |_| rows.with(Vec::is_empty));
    let body = move || {
        match (empty.get(), none.get()) {
        (true, _) => view! { <NoEndpoint may_write=may_write /> }.into_any(),
        (false, true) => view! {
            <Filters filter=filter />
            <div class="panel"><Empty title="No endpoint matches" text="No endpoint has this text in its name or URL with this status."><a class="btn" href="/endpoints">"Show all endpoints"</a></Empty></div>
        }
        .into_any(),
        (false, false) => view! { <Filters filter=filter /><Table rows=rows actions=actions may_write=may_write /> }.into_any(),
    }
    };
    let error = Signal::derive(move || actions.error());
    view! {
        <PageHead title="Endpoints">
            {may_write.then(|| view! { <a class="btn primary" href="/endpoints/new"><Icon name="plus" />"Add endpoint"</a> })}
        </PageHead>
        <FormError error=error />
        {body}
    }
}

/// Whether a row passes the filters of the URL.
fn matches(row: &EndpointOverview, q: &str, status: &str) -> bool {
    let q = q.trim().to_lowercase();
    let text = row.endpoint.name.to_lowercase().contains(&q) || row.endpoint.url.to_lowercase().contains(&q);
    let tone = standing(&row.endpoint, &row.health).0;
    text && match status {
        "active" => row.endpoint.status == EndpointStatus::Active,
        "paused" => row.endpoint.status == EndpointStatus::Paused,
        "attention" => matches!(tone, Tone::Warn | Tone::Bad),
        _ => true,
    }
}

#[component]
fn NoEndpoint(may_write: bool) -> impl IntoView {
    view! {
        <div class="panel">
            <Empty title="No endpoint yet" text="An endpoint is a URL of yours. Events that you post are delivered to it: signed, retried, and with every attempt on record.">
                {may_write.then(|| view! { <a class="btn primary" href="/endpoints/new"><Icon name="plus" />"Add endpoint"</a> })}
                <a class="btn" href="/inbox"><Icon name="inbox" />"Look at the inbox"</a>
            </Empty>
        </div>
    }
}

/// Search and status as links and a plain form: all of it stands in the URL.
#[component]
fn Filters(filter: Memo<(String, String)>) -> impl IntoView {
    let link = move |value: &'static str, word: &'static str| {
        let href = move || filter.with(|(q, _)| address(q, value));
        let on = move || filter.with(|(_, status)| status == value).then_some("true");
        view! { <a href=href aria-current=on>{word}</a> }
    };
    view! {
        <div class="row wrap mb-3">
            <form method="get" action="/endpoints" class="row grow min-w-56 max-w-md" role="search">
                <div class="input"><Icon name="search" /><input type="search" name="q" placeholder="Find by name or URL" aria-label="Find by name or URL" value=move || filter.with(|filter| filter.0.clone()) /></div>
                <input type="hidden" name="status" value=move || filter.with(|filter| filter.1.clone()) />
                <noscript><button class="btn" type="submit">"Find"</button></noscript>
            </form>
            <nav class="seg" aria-label="Status">{STATES.map(|(value, word)| link(value, word)).collect_view()}</nav>
        </div>
    }
}

/// The list's address for these filters.
fn address(q: &str, status: &str) -> String {
    let mut parts = Vec::new();
    if !q.is_empty() {
        parts.push(format!("q={}", leptos_router::location::Url::escape(q)));
    }
    if !status.is_empty() {
        parts.push(format!("status={status}"));
    }
    if parts.is_empty() { "/endpoints".to_owned() } else { format!("/endpoints?{}", parts.join("&")) }
}

#[component]
fn Table(rows: Memo<Vec<EndpointOverview>>, actions: RowActions, may_write: bool) -> impl IntoView {
    view! {
        <div class="panel">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="hidden xl:table-cell">"Events"</th>
                        <th scope="col" class="hide-s">"Success, 7 days"</th>
                        <th scope="col" class="r hidden lg:table-cell">"p95"</th>
                        <th scope="col" class="r hide-s">"Waiting"</th>
                        <th scope="col" class="r hidden lg:table-cell">"Last delivery"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.endpoint.id.clone() let:row>
                        <Row first=row rows=rows actions=actions may_write=may_write />
                    </For>
                </tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn filters_stand_in_the_address() {
        assert_eq!(address("", ""), "/endpoints");
        assert_eq!(address("", "paused"), "/endpoints?status=paused");
        assert_eq!(address("a&b", "active"), "/endpoints?q=a%26b&status=active");
    }
}
