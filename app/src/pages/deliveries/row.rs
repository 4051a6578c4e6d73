//! One row of the log, changed in place while it is on screen.

use domain::Timestamp;
use domain::delivery::{DeliverySummary, Trigger};
use leptos::prelude::*;

use super::tail::{RowSignal, Tail};
use super::{bulk, text};
use crate::components::{Clock, Icon, relative};

/// An age or a wait; told from the server's time until the browser's clock runs, so that both agree.
#[component]
pub fn Ago(
    /// When.
    at: Timestamp,
    /// The server's time when the page was made.
    now: Timestamp,
) -> impl IntoView {
    let clock = use_context::<Clock>();
    let now = move || clock.and_then(Clock::now).unwrap_or(now);
    view! { <time datetime=at.rfc3339() title=exact(at)>{move || relative(now(), at)}</time> }
}

/// An age or a wait as the server tells it.
pub fn ago(at: Timestamp, now: Timestamp) -> AnyView {
    view! { <time datetime=at.rfc3339() title=exact(at)>{relative(now, at)}</time> }.into_any()
}

/// `2026-11-22 14:02:11.408 UTC`.
#[must_use]
pub fn exact(at: Timestamp) -> String {
    at.rfc3339().replace('T', " ").replace('Z', " UTC")
}

/// A delivery as a table row. The link covers the row; box and button lie above it.
#[component]
pub fn Row(
    /// The delivery.
    row: RowSignal,
    /// What is selected.
    tail: Tail,
    /// The server's time when the page was made.
    now: Timestamp,
    /// Whether to offer a box and a button.
    may_replay: bool,
) -> impl IntoView {
    let DeliverySummary { id, event_type, endpoint_name, trigger, created_at, .. } = row.get_untracked();
    let cell = move |part: fn(&DeliverySummary) -> String| {
        let row = row.clone();
        move || row.with(part)
    };
    let key = id.to_string();
    let is_selected = {
        let key = key.clone();
        move || tail.selected.with(|selected| selected.contains(&key))
    };
    let status = cell(|row| text::status_word(row.status).to_owned());
    let tone = cell(|row| text::status_tone(row.status).class().to_owned());
    let named = format!("{event_type} to {endpoint_name}, {id}");
    let select = may_replay.then(|| {
        let key = key.clone();
        let on_change = move |event| tail.select(&key, event_target_checked(&event));
        view! {
            <input
                type="checkbox" class="check relative z-[1]" form=bulk::SELECTION_FORM name="ids[]" value=id.to_string()
                aria-label=format!("Select {named}") prop:checked=is_selected.clone() on:change=on_change
            />
        }
    });
    let replay = may_replay.then(|| {
        view! {
            <button
                type="submit" class="btn small quiet square relative z-[1] opacity-0 group-hover:opacity-100 group-focus-within:opacity-100 focus:opacity-100"
                form=bulk::ROW_FORM name="ids[]" value=id.to_string() data-replay="" title="Replay" aria-label=format!("Replay {named}")
            >
                <Icon name="replay"/>
            </button>
        }
    });
    let next = {
        let at = cell(|row| row.next_attempt_at.map(|at| at.0.to_string()).unwrap_or_default());
        move || at().parse().ok().map(|at| view! { <Ago at=Timestamp(at) now/> })
    };
    let mark = (trigger != Trigger::Event)
        .then(|| view! { <span class="badge hide-s ml-2">{text::trigger_word(trigger)}</span> });
    view! {
        <tr data-row="" class="group relative hover:bg-sunken focus-within:bg-sunken" class:sel=is_selected.clone()>
            <td class="w-[30px]">{select}</td>
            <td><span class=move || format!("status {}", tone())><span class="dot" aria-hidden="true"></span>{status}</span></td>
            <td class="num hide-s">{cell(text::answer)}</td>
            <td class="mono ell max-w-[38vw] sm:max-w-[16rem]">
                <a class="outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus" href=format!("/deliveries/{id}") aria-label=named>{event_type}</a>
                {mark}
            </td>
            <td class="hide-s ell max-w-[13rem]"><span class="faint" aria-hidden="true">"→ "</span>{endpoint_name}</td>
            <td class="num r hide-s">{cell(|row| format!("{}/{}", row.attempt_count, row.max_attempts))}</td>
            <td class="num r hide-s">{cell(|row| row.last_duration_us.map_or_else(|| "–".into(), text::millis))}</td>
            <td class="r faint hidden xl:table-cell">{next}</td>
            <td class="r faint"><Ago at=created_at now/></td>
            <td class="hide-s w-[42px] pl-0!">{replay}</td>
        </tr>
    }
}
