//! The page of one delivery.

use std::time::Duration;

use domain::live::Notice;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate, use_params_map};

use super::calls::{ReadDelivery, ReplayDelivery, Sheet, TryDeliveryNow};
use super::drawn::{ask_again, listen_for_copies};
use super::keys;
use crate::components::{Copy, FormError, Icon, PageHead, ProblemPanel};
use crate::error::UiError;
use crate::live::{self, LiveState};
use crate::remote::{Post, PostForm, PostState, load};

const KEYS: &[(&str, &str)] = &[
    ("[", "Previous attempt"),
    ("]", "Next attempt"),
    ("r", "Replay"),
    ("c", "Copy the id"),
    ("y", "Copy as curl"),
    ("Esc", "Back to the log"),
    ("?", "This list"),
];

/// One delivery with everything on record; asked for again whenever it or a relative changes.
#[component]
pub fn DeliveryPage() -> impl IntoView {
    let params = use_params_map();
    let location = use_location();
    // While the router is on its way to another page, this one keeps what it shows.
    let id = Memo::new(move |before: Option<&String>| {
        params.with(|params| params.get("id")).or_else(|| before.cloned()).unwrap_or_default()
    });
    let search = Memo::new(move |before: Option<&String>| match before {
        Some(before) if params.with(|params| params.get("id").is_none()) => before.clone(),
        _ => location.search.get(),
    });
    let sheet = load(move || ReadDelivery { id: id.get_untracked(), search: search.get_untracked() });
    view! {
        <Suspense fallback=|| view! { <div class="panel h-64 animate-pulse" aria-busy="true" aria-label="Loading the delivery"></div> }>
            {move || Suspend::new(async move {
                let sheet = sheet.await;
                view! { <Delivery sheet id search/> }
            })}
        </Suspense>
    }
}

/// Asks again when this delivery or a relative changes: soon, but once for changes that come together.
fn follow(sheet: RwSignal<Result<Sheet, UiError>>, id: Memo<String>, again: RwSignal<usize>) {
    let waiting = StoredValue::new(false);
    let ask = move || {
        if !waiting.get_value() {
            waiting.set_value(true);
            let ask = move || {
                if waiting.try_set_value(false).is_none() {
                    again.update(|again| *again += 1);
                }
            };
            set_timeout(ask, Duration::from_millis(150));
        }
    };
    let concerns = move |notice: &Notice| match notice {
        Notice::Delivery(row) => {
            let event = |sheet: &Result<Sheet, UiError>| {
                sheet.as_ref().is_ok_and(|sheet| row.event_id.as_str() == sheet.event_id)
            };
            sheet.with_untracked(event) || id.with_untracked(|id| row.id.as_str() == id)
        }
        Notice::Inbox(_) | Notice::Endpoint(_) | Notice::Connection | Notice::Source => false,
    };
    let on_notices = move |notices: Vec<Notice>| {
        if notices.iter().any(concerns) {
            ask();
        }
    };
    let live = live::open(on_notices, ask);
    // What happened between the server's picture and the stream's first word.
    let opened = Memo::new(move |_| live.state() != LiveState::Off);
    let stands = move || sheet.with_untracked(Result::is_ok);
    Effect::watch(
        move || opened.get(),
        move |_, _, _| {
            if stands() {
                ask()
            }
        },
        false,
    );
}

fn listen() {
    let navigate = use_navigate();
    keys::listen(move |key| match key {
        "[" => keys::click("#attempt-previous"),
        "]" => keys::click("#attempt-next"),
        "r" => keys::click("#replay-button"),
        "c" => keys::click("#copy-id button"),
        "y" => keys::click("#copy-curl button"),
        "?" => keys::click("#keys-button"),
        // An open popover takes the first Escape.
        "Escape" if !keys::is_there(":popover-open, details.menu[open]") => {
            navigate(super::url::PATH, leptos_router::NavigateOptions::default());
            true
        }
        _ => false,
    });
}

/// The delivery as it was loaded, kept current from here on.
#[component]
fn Delivery(sheet: Result<Sheet, UiError>, id: Memo<String>, search: Memo<String>) -> impl IntoView {
    let sheet = RwSignal::new(sheet);
    let again = RwSignal::new(0);
    let key = Memo::new(move |_| (id.get(), search.get()));
    ask_again(sheet, key, again, || false, |(id, search)| ReadDelivery { id, search });
    follow(sheet, id, again);
    let replay = Post::<ReplayDelivery>::new();
    let try_now = Post::<TryDeliveryNow>::new();
    Effect::watch(move || try_now.answers().get(), move |_, _, _| again.update(|again| *again += 1), false);
    listen();
    listen_for_copies();
    let error = Signal::derive(move || replay.error().get().or_else(|| try_now.error().get()));
    let problem =
        move || sheet.with(|sheet| sheet.as_ref().err().cloned()).map(|error| view! { <ProblemPanel error/> });
    let head = Memo::new(move |_| sheet.with(|sheet| sheet.as_ref().map(Head::of).unwrap_or_default()));
    let part = move |part: fn(&Sheet) -> &str| {
        move || sheet.with(|sheet| sheet.as_ref().map(|sheet| part(sheet).to_owned()).unwrap_or_default())
    };
    view! {
        {move || heading(head.get(), id.get(), replay, try_now)}
        <FormError error/>
        {problem}
        <div data-drawn="" inner_html=part(|sheet| &sheet.facts)></div>
        <div class="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_400px]" data-drawn="">
            <div class="min-w-0 xl:order-2" inner_html=part(|sheet| &sheet.lifecycle)></div>
            <div class="min-w-0" inner_html=part(|sheet| &sheet.attempts)></div>
        </div>
    }
}

/// What the head of the page needs.
#[derive(Debug, Clone, PartialEq, Default)]
struct Head {
    title: String,
    curl: Option<String>,
    waits: bool,
    attempted: bool,
    may_replay: bool,
}

impl Head {
    fn of(sheet: &Sheet) -> Self {
        Self {
            title: sheet.event_type.clone(),
            curl: sheet.curl.clone(),
            waits: sheet.waits,
            attempted: sheet.attempted,
            may_replay: sheet.may_replay,
        }
    }
}

/// Title and actions.
fn heading(head: Head, id: String, replay: Post<ReplayDelivery>, try_now: Post<TryDeliveryNow>) -> AnyView {
    let crumbs = vec![("Delivery log".to_owned(), super::url::PATH.to_owned())];
    let title = if head.title.is_empty() { "Delivery".to_owned() } else { head.title };
    let form = |action: PostState, button: AnyView| {
        let id = id.clone();
        view! {
            <PostForm action=action attr:class="contents">
                <input type="hidden" name="id" value=id/>
                {button}
            </PostForm>
        }
    };
    let try_form = (head.waits && head.may_replay).then(|| {
        form(try_now.into(), view! {
            <button type="submit" class="btn" disabled=move || try_now.pending().get()><Icon name="play"/>"Try now"</button>
        }.into_any())
    });
    let replay_form = head.may_replay.then(|| {
        let as_then = head.attempted.then(|| view! {
            <button type="submit" class="btn" name="settings" value="then" disabled=move || replay.pending().get()
                title="Sends it again to the URL of its last attempt, with the headers, credentials and transformation of then">
                <Icon name="clock"/>"As it was then"
            </button>
        });
        form(replay.into(), view! {
            {as_then}
            <button type="submit" id="replay-button" class="btn primary" name="settings" value="now" disabled=move || replay.pending().get()
                title="Sends it again to the endpoint as it is now"><Icon name="replay"/>"Replay"</button>
        }.into_any())
    });
    view! {
        <PageHead title crumbs>
            <keys::KeySheet keys=KEYS/>
            <span id="copy-curl" class="contents">{head.curl.map(|text| view! { <Copy text label="Copy as curl"/> })}</span>
            {try_form}
            {replay_form}
        </PageHead>
    }
    .into_any()
}
