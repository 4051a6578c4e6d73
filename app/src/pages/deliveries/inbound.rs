//! The log of what came to sources, alone or in one line of time with what goes out. The server draws it; the browser keeps it fresh.

use domain::live::Notice;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};

use super::brush;
use super::calls::{InboundLog, ListInboundLog};
use super::direction::Direction;
use super::drawn::{ask_again, is_held};
use crate::components::{Icon, PageHead, ProblemPanel};
use crate::error::UiError;
use crate::fresh::{pulse, slower};
use crate::remote::load;

/// `/deliveries/inbound`.
#[component]
pub fn InboundPage() -> impl IntoView {
    page(Direction::Inbound)
}

/// `/deliveries/both`.
#[component]
pub fn BothPage() -> impl IntoView {
    page(Direction::Both)
}

fn page(direction: Direction) -> AnyView {
    let location = use_location();
    // While the router is on its way to another page, this one keeps what it shows.
    let search = Memo::new(move |before: Option<&String>| match before {
        Some(before) if location.pathname.with(|path| path != direction.path()) => before.clone(),
        _ => location.search.get(),
    });
    let both = direction == Direction::Both;
    let part = move |rows: bool| load(move || ListInboundLog { both, rows, search: search.get_untracked() });
    let (log, side) = (part(true), part(false));
    view! {
        <Suspense fallback=|| view! { <div class="panel h-64 animate-pulse" aria-busy="true" aria-label="Loading the log"></div> }>
            {move || Suspend::new(async move {
                let (log, side) = (log.await, side.await);
                view! { <Log log side search direction/> }
            })}
        </Suspense>
    }
    .into_any()
}

/// The log as it was loaded, kept fresh from here on: the rows at once, what is counted at most every ten seconds.
#[component]
fn Log(
    log: Result<InboundLog, UiError>,
    side: Result<InboundLog, UiError>,
    search: Memo<String>,
    direction: Direction,
) -> impl IntoView {
    let both = direction == Direction::Both;
    let (log, side) = (RwSignal::new(log), RwSignal::new(side));
    let beat = pulse(std::time::Duration::from_secs(1), move |notice| match notice {
        Notice::Source => true,
        Notice::Delivery(_) => both,
        Notice::Inbox(_) | Notice::Endpoint(_) | Notice::Connection => false,
    });
    let slow = slower(std::time::Duration::from_secs(10), beat);
    for (shown, rows, beat) in [(log, true, beat), (side, false, slow)] {
        let (again, waits) = (RwSignal::new(0), StoredValue::new(false));
        // What stands around the rows stays while somebody has something of it open or in hand.
        let keep = move || {
            let is_held = !rows && is_held();
            if is_held {
                ask_later(again, waits);
            }
            is_held
        };
        let ask = move || {
            if !keep() {
                again.update(|again| *again += 1);
            }
        };
        Effect::watch(move || beat.get(), move |_, _, _| ask(), false);
        let key = Memo::new(move |_| (both, rows, search.get()));
        ask_again(shown, key, again, keep, |(both, rows, search)| ListInboundLog { both, rows, search });
    }
    let navigate = use_navigate();
    brush::listen(move |href| navigate(href, Default::default()));
    let part = move |part: fn(&InboundLog) -> &str| {
        move || side.with(|side| side.as_ref().map(|side| part(side).to_owned()).unwrap_or_default())
    };
    let rows = move || log.with(|log| log.as_ref().map(|log| log.rows.clone()).unwrap_or_default());
    // A memo, so that news in the rows leaves alone what is being typed.
    let words = Memo::new(move |_| part(|side| &side.words)());
    let problem = move || log.with(|log| log.as_ref().err().cloned()).map(|error| view! { <ProblemPanel error/> });
    view! {
        <PageHead title="Delivery log">
            <a class="btn" href="/replays"><Icon name="replay"/>"Replays"</a>
        </PageHead>
        {problem}
        <div class="group/log">
            <div class="mb-3 flex flex-wrap gap-2">
                <form method="get" action=direction.path() role="search" class="input h-auto! min-h-[38px] w-auto! min-w-[280px] flex-1 flex-wrap gap-y-1 py-[5px]">
                    <Icon name="search"/>
                    <div class="contents" data-drawn="" inner_html=part(|side| &side.chips)></div>
                    <input type="search" name="q" class="min-w-[9rem]! h-[26px]!" aria-label="Search the log" placeholder="Words, ids, since:24h …"
                        autocomplete="off" spellcheck="false" enterkeyhint="search" value=words prop:value=words/>
                    <button type="submit" class="sr-only focus:not-sr-only">"Search"</button>
                </form>
                <div class="contents" data-drawn="" inner_html=part(|side| &side.presets)></div>
                <label class="btn small has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-focus lg:hidden">
                    <input type="checkbox" id="log-facets" class="sr-only"/>
                    <Icon name="filter"/>
                    "Filters"
                </label>
            </div>
            <div class="contents" data-drawn="" inner_html=part(|side| &side.histogram)></div>
            <div class="grid gap-4 lg:has-[[data-facets]]:grid-cols-[196px_minmax(0,1fr)]">
                // Beside the rows where there is room, else behind the "Filters" button.
                <div class="hidden min-w-0 rounded-[10px] border border-line bg-panel p-3 group-has-[#log-facets:checked]/log:block has-[[data-facets]]:lg:block lg:border-0 lg:bg-transparent lg:p-0"
                    data-drawn="" inner_html=part(|side| &side.facets)></div>
                <div class="min-w-0" data-drawn="" inner_html=rows></div>
            </div>
        </div>
    }
}

/// Asks again once nothing is held any more; one that waits asks for all that happens meanwhile.
fn ask_later(again: RwSignal<usize>, waits: StoredValue<bool>) {
    if waits.try_get_value() != Some(false) {
        return;
    }
    waits.set_value(true);
    let later = move || {
        // It fails only where the page is gone.
        _ = waits.try_set_value(false);
        if is_held() {
            ask_later(again, waits);
        } else {
            _ = again.try_update(|again| *again += 1);
        }
    };
    set_timeout(later, std::time::Duration::from_secs(2));
}
