//! The delivery log.

use domain::delivery::DeliverySummary;
use domain::delivery::query::LogQuery;
use domain::live::Notice;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::{use_location, use_navigate};

use super::brush;
use super::bulk::{Bulk, Outcome};
use super::calls::{self, LogPage, Side};
use super::drawn::{ask_again, is_busy, is_held, listen_for_copies, piece};
use super::keys;
use super::search_box::{FIELD_ID, SearchBox};
use super::table::{Context, Table};
use super::tail::Tail;
use super::url::{self, Field};
use crate::components::{Clock, Copy, FormError, Icon, PageHead};
use crate::error::UiError;
use crate::live::{self, Live, LiveState};
use crate::remote::{left_by, load};

const KEYS: &[(&str, &str)] = &[
    ("/", "Search"),
    ("j", "Next row"),
    ("k", "Previous row"),
    ("Enter", "Open the row"),
    ("x", "Select the row"),
    ("r", "Replay the row"),
    ("f", "Failed only"),
    ("l", "Live on or off"),
    ("Esc", "Clear the selection"),
    ("?", "This list"),
];

/// Rows and counts are told apart from the URL alone, so that every view can be linked.
#[component]
pub fn DeliveriesPage() -> impl IntoView {
    let location = use_location();
    // While the router is on its way to another page, this one keeps what it shows.
    let query = Memo::new(move |before: Option<&LogQuery>| match before {
        Some(before) if location.pathname.with(|path| path != url::PATH) => before.clone(),
        _ => location.search.with(|search| url::read(search)),
    });
    let log = load(move || calls::ListLog { search: query.with_untracked(url::search) });
    let side = load(move || calls::CountLog { search: query.with_untracked(around) });
    let suggestions = load(|| calls::SuggestTokens {});
    view! {
        <Suspense fallback=|| view! { <Loading/> }>
            {move || Suspend::new(async move {
                let (log, side, suggestions) = (log.await, side.await, suggestions.await.unwrap_or_default());
                view! { <Log query log side suggestions/> }
            })}
        </Suspense>
    }
}

/// The filters without the page: what the counts are about.
fn around(query: &LogQuery) -> String {
    url::search(&url::at_cursor(query, None))
}

/// The log as it was loaded, kept current from here on.
#[component]
fn Log(
    query: Memo<LogQuery>,
    log: Result<LogPage, UiError>,
    side: Result<Side, UiError>,
    suggestions: String,
) -> impl IntoView {
    let tail = Tail::new();
    let (log, side) = (RwSignal::new(log), RwSignal::new(side));
    let context = Context {
        tail,
        side,
        bulk: Bulk::new(tail),
        rows_again: RwSignal::new(0),
        side_again: RwSignal::new(0),
        changed: StoredValue::new(false),
    };
    let rows_of = Memo::new(move |_| query.with(url::search));
    ask_again(log, rows_of, context.rows_again, || false, |search| calls::ListLog { search });
    let keep = move || {
        let is_held = is_held();
        _ = context.changed.try_update_value(|changed| *changed |= is_held);
        is_held
    };
    ask_again(side, Memo::new(move |_| query.with(around)), context.side_again, keep, |search| calls::CountLog {
        search,
    });
    let show = move || {
        log.with(|log| {
            let Ok(LogPage { page, now, .. }) = log else { return };
            let query = query.get_untracked();
            let first = page.previous_cursor.is_none() && query.cursor.is_none();
            tail.show(page.data.clone(), query.filter(*now).ok().as_ref(), first, page.next_cursor.is_some());
        });
    };
    untrack(show);
    Effect::watch(move || log.track(), move |(), _, _| untrack(show), false);
    let forget = move || {
        tail.clear();
        tail.selected.set(Default::default());
        context.bulk.clear();
    };
    Effect::watch(move || query.track(), move |(), _, _| forget(), false);
    let (live, rate) = follow(query, log, context);
    listen(query, tail, live);
    listen_for_copies();
    let navigate = use_navigate();
    brush::listen(move |href| navigate(href, Default::default()));
    let first = Signal::derive(move || query.with(|query| query.cursor.is_none()));
    view! {
        <PageHead title="Delivery log">
            <a class="btn" href="/replays"><Icon name="replay"/>"Replays"</a>
            <LiveSwitch live rate first/>
            <keys::KeySheet keys=KEYS/>
        </PageHead>
        <div class="mb-3 empty:hidden"><FormError error=refused()/></div>
        <div class="group/log">
            <div class="mb-3 flex flex-wrap gap-2 group-has-[[data-first-run]]/log:hidden">
                {piece(side, |side| &side.views)}
                <SearchBox query side suggestions/>
                <div class="row spread wrap max-lg:w-full">
                    {piece(side, |side| &side.presets)}
                    {piece(side, |side| &side.save)}
                    <label class="btn small has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-focus lg:hidden">
                        <input type="checkbox" id="log-facets" class="sr-only"/>
                        <Icon name="filter"/>
                        "Filters"
                    </label>
                    <CopyLink query/>
                </div>
            </div>
            {piece(side, |side| &side.histogram)}
            <Outcome bulk=context.bulk/>
            <div class="grid gap-4 lg:has-[[data-facets]]:grid-cols-[196px_minmax(0,1fr)]">
                // Beside the rows where there is room, else behind the "Filters" button.
                <div class="hidden min-w-0 rounded-[10px] border border-line bg-panel p-3 group-has-[#log-facets:checked]/log:block has-[[data-facets]]:lg:block lg:border-0 lg:bg-transparent lg:p-0">
                    {piece(side, |side| &side.directions)}
                    {piece(side, |side| &side.facets)}
                </div>
                <div class="min-w-0">
                    <Table query log context/>
                </div>
            </div>
        </div>
    }
}

/// Rows to come; seen only when loading takes long.
#[component]
fn Loading() -> impl IntoView {
    let row = || view! { <div class="h-9 border-b border-line px-4 py-3 last:border-0"><div class="h-3 w-2/3 animate-pulse rounded bg-sunken"></div></div> };
    view! { <div class="panel" aria-busy="true" aria-label="Loading deliveries">{(0..8).map(|_| row()).collect_view()}</div> }
}

/// Follows the live stream: rows at once, counts every two seconds. Answers the stream and the changes per second.
fn follow(query: Memo<LogQuery>, log: RwSignal<Result<LogPage, UiError>>, context: Context) -> (Live, RwSignal<usize>) {
    let Context { tail, side_again, changed, .. } = context;
    let again = move || {
        context.reload_rows();
        changed.set_value(true);
    };
    let counter = StoredValue::new(0_usize);
    let rate = RwSignal::new(0);
    let clock = use_context::<Clock>();
    let on_notices = move |notices: Vec<Notice>| {
        let rows: Vec<DeliverySummary> = notices
            .into_iter()
            .filter_map(|notice| match notice {
                Notice::Delivery(row) => Some(*row),
                Notice::Inbox(_) | Notice::Endpoint(_) | Notice::Connection | Notice::Source => None,
            })
            .collect();
        counter.update_value(|counter| *counter += rows.len());
        let now = clock.and_then(|clock| untrack(|| clock.now())).unwrap_or_default();
        if let Ok(filter) = query.with_untracked(|query| query.filter(now)) {
            tail.receive(rows, &filter, is_reading(tail));
        }
    };
    let live = live::open(on_notices, again);
    // What happened between the server's picture and the stream's first word.
    let opened = Memo::new(move |_| live.state() != LiveState::Off);
    let stands = move || log.with_untracked(Result::is_ok);
    Effect::watch(
        move || opened.get(),
        move |_, _, _| {
            if stands() {
                again()
            }
        },
        false,
    );
    Effect::new(move |_| {
        let tick = move || {
            let count = counter.try_update_value(std::mem::take).unwrap_or_default();
            rate.set(count.div_ceil(2));
            changed.update_value(|changed| *changed |= count > 0);
            if changed.get_value() && !is_busy() {
                changed.set_value(false);
                side_again.update(|again| *again += 1);
            }
            if !is_reading(tail) {
                tail.release();
            }
        };
        if let Ok(handle) = set_interval_with_handle(tick, std::time::Duration::from_secs(2)) {
            on_cleanup(move || handle.clear());
        }
    });
    (live, rate)
}

/// Whether rows must not move: the reader has scrolled, selected something, or is in the rows with the keyboard.
fn is_reading(tail: Tail) -> bool {
    let scrolled = window().scroll_y().is_ok_and(|y| y > 160.0);
    scrolled || tail.selected.with_untracked(|selected| !selected.is_empty()) || keys::current_row().is_some()
}

/// The keys of the log.
fn listen(query: Memo<LogQuery>, tail: Tail, live: Live) {
    let navigate = use_navigate();
    let failed_only = move || {
        let query = query.get_untracked();
        let other = if query.status.as_deref() == Some("failed") { None } else { Some("failed") };
        navigate(&url::href(&url::with(&query, Field::Status, other)), Default::default());
    };
    keys::listen(move |key| match key {
        "/" => keys::focus(&format!("#{FIELD_ID}")),
        "j" => keys::move_row(true),
        "k" => keys::move_row(false),
        "x" => keys::click_in_row("input[type=checkbox]"),
        "r" => keys::click_in_row("[data-replay]"),
        "?" => keys::click("#keys-button"),
        "l" => {
            live.toggle();
            true
        }
        "f" => {
            failed_only();
            true
        }
        "Escape" => {
            tail.selected.set(Default::default());
            keys::blur();
            true
        }
        _ => false,
    });
}

/// Why a view was not saved, renamed or deleted: the forms are the browser's own, and leave their error in the address.
fn refused() -> Signal<Option<UiError>> {
    let search = use_location().search;
    let forms = [calls::SaveView::PATH, calls::RenameView::PATH, calls::DeleteView::PATH];
    let error = forms.into_iter().find_map(left_by);
    Signal::derive(move || error.clone().filter(|_| search.with(|search| search.contains("__err="))))
}

/// The state of the live tail and the switch for it. Older pages stand still, and say so.
#[component]
fn LiveSwitch(live: Live, rate: RwSignal<usize>, first: Signal<bool>) -> impl IntoView {
    let tone = move || match (first.get(), live.state()) {
        (true, LiveState::Live) => "badge ok",
        (_, LiveState::Reconnecting) => "badge warn",
        _ => "badge",
    };
    let word = move || match (first.get(), live.state(), rate.get()) {
        (false, _, _) => "Older page".to_owned(),
        (_, LiveState::Off, _) => "Connecting".to_owned(),
        (_, LiveState::Live, rate @ 1..) => format!("Live · {rate}/s"),
        (_, LiveState::Paused, _) if live.waiting() > 0 => format!("Paused · {} waiting", live.waiting()),
        (_, state, _) => state.word().to_owned(),
    };
    view! {
        <button
            type="button" role="switch" class=move || format!("{} js-only px-[10px]! py-[4px]!", tone())
            aria-checked=move || (live.state() == LiveState::Live).to_string() aria-label=move || format!("Live updates: {}", word())
            title="Rows change while you watch. Press l to hold them." disabled=move || !first.get() on:click=move |_| live.toggle()
        >
            <span class="dot" aria-hidden="true"></span>
            {word}
        </button>
    }
}

/// Copies the address of this view; there once the browser has told it.
#[component]
fn CopyLink(query: Memo<LogQuery>) -> impl IntoView {
    let address = RwSignal::new(String::new());
    Effect::new(move |_| {
        let path = query.with(url::href);
        address.set(window().location().origin().map(|origin| origin + &path).unwrap_or_default());
    });
    move || Some(address.get()).filter(|text| !text.is_empty()).map(|text| view! { <Copy text label="Copy link"/> })
}
