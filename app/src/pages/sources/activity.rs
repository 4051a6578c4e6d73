//! What came to a source: figures and requests, kept fresh.

use domain::live::Notice;
use domain::source::{InboundFigures, InboundRequestSummary};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::calls::{ActivityData, LoadSourceActivity};
use crate::components::{Empty, Icon, Pager, Status, Tabs, Time, loaded};
use crate::fresh::pulse;
use crate::remote::load_after;
use crate::words::{count, inbound_request};

/// Figures, and the requests that the address asks for.
#[component]
pub fn Activity(
    /// The source's id.
    id: Memo<String>,
    /// Is made to say whether an event was ever verified.
    seen: RwSignal<bool>,
) -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with(|query| query.get(name));
    let shown = move || query.with_untracked(|query| query.get("show")).unwrap_or_default();
    let beat = pulse(std::time::Duration::from_millis(700), |notice| matches!(notice, Notice::Source));
    let moved = move || usize::try_from(beat.get()).unwrap_or_default();
    let page = load_after(moved, move || LoadSourceActivity {
        id: id.get(),
        show: asked("show").unwrap_or_default(),
        cursor: asked("cursor"),
    });
    view! {
        <div class="stack">
            {loaded(page, move |page| {
                let is_seen = !page.figures.is_waiting;
                seen.maybe_update(|known| std::mem::replace(known, is_seen) != is_seen);
                view(&page, &id.get_untracked(), &shown())
            })}
        </div>
    }
}

fn view(page: &ActivityData, id: &str, show: &str) -> AnyView {
    let base = format!("/sources/{id}");
    view! {
        {page.figures.is_waiting.then(waiting)}
        {figures(&page.figures, &base)}
        {requests(page, &base, show)}
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! {
        <div class="notice info" role="status">
            <Icon name="live"/>
            <div><b>"Waiting for the first event. "</b>"It shows up here the moment it is verified."
                <noscript>" Load the page again to look."</noscript></div>
        </div>
    }
    .into_any()
}

fn figures(figures: &InboundFigures, base: &str) -> AnyView {
    let figure = |value: String, word: &'static str| {
        view! { <div><dt class="help">{word}</dt><dd class="text-[19px]/7 font-[560] tabular-nums">{value}</dd></div> }
    };
    let refused: i64 = figures.rejected.iter().map(|cause| cause.count).sum();
    let share = crate::words::success(figures.verified, refused).unwrap_or_else(|| "–".into());
    let causes: Vec<_> = figures
        .rejected
        .iter()
        .map(|cause| {
            let words = format!("{}: {}", cause.cause.replace('_', " "), count(cause.count));
            view! { <li><a class="chip" href=format!("{base}?show={}", cause.cause)>{words}</a></li> }.into_any()
        })
        .collect();
    let causes = (!causes.is_empty()).then(|| {
        view! { <div class="row wrap"><span class="help">"Refused for"</span><ul class="row wrap list-none p-0 m-0">{causes}</ul></div> }
    });
    view! {
        <section class="panel pad stack gap-3" aria-labelledby="source-figures">
            <h2 id="source-figures">"Last 7 days"</h2>
            <dl class="grid grid-cols-2 sm:grid-cols-3 xl:grid-cols-5 gap-3">
                {figure(share, "Verified")}
                {figure(count(figures.received), "Received")}
                {figure(count(figures.duplicates), "Duplicates dropped")}
                {figure(count(refused), "Refused")}
                {figure(count(figures.failed), "Failed")}
            </dl>
            {causes}
        </section>
    }
    .into_any()
}

fn requests(page: &ActivityData, base: &str, show: &str) -> AnyView {
    let tab = |label: &str, key: &str| {
        let href = if key.is_empty() { base.to_owned() } else { format!("{base}?show={key}") };
        (label.to_owned(), href, show == key)
    };
    let mut tabs =
        vec![tab("All", ""), tab("Verified", "verified"), tab("Refused", "rejected"), tab("Failed", "failed")];
    if tabs.iter().all(|(_, _, on)| !on) {
        tabs.push(tab(&show.replace('_', " "), show));
    }
    let rows: Vec<_> = page.requests.data.iter().map(|request| row(request, base)).collect();
    let body = if rows.is_empty() {
        view! { <Empty title="No requests" text="Every request that comes to the address is kept here, accepted or refused, with the reason."/> }.into_any()
    } else {
        view! {
            <div class="scroll" tabindex="0" role="group" aria-label="Requests, as a table"><table>
                <thead><tr><th>"State"</th><th>"Event there"</th><th class="hide-s">"Id there"</th><th class="r hide-s">"Size"</th><th class="r">"Received"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
        .into_any()
    };
    let turn = |cursor: &Option<String>| {
        let show = if show.is_empty() { String::new() } else { format!("show={show}&") };
        cursor.as_ref().map(|cursor| format!("{base}?{show}cursor={cursor}"))
    };
    view! {
        <section class="stack gap-2" aria-label="Requests">
            <Tabs items=tabs/>
            <div class="panel">{body}</div>
            <Pager previous=turn(&page.requests.previous_cursor) next=turn(&page.requests.next_cursor)/>
        </section>
    }
    .into_any()
}

fn row(request: &InboundRequestSummary, base: &str) -> AnyView {
    let (tone, word) = inbound_request(request);
    let href = format!("{base}/requests/{}", request.id);
    let name = request.provider_event_type.clone().unwrap_or_else(|| "–".into());
    view! {
        <tr>
            <td><Status tone word/></td>
            <td class="w-full max-w-0"><a class="link mono block ell" href=href>{name}</a></td>
            <td class="mono ell max-w-48 hide-s">{request.provider_event_id.clone()}</td>
            <td class="num r muted hide-s">{format!("{} B", count(request.size))}</td>
            <td class="r faint"><Time at=request.received_at/></td>
        </tr>
    }
    .into_any()
}
