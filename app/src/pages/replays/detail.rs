//! `/replays/{id}`: how far one replay is, and what can be done with it.

use std::time::Duration;

use domain::delivery::Trigger;
use domain::live::Notice;
use domain::replay::ReplayState;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::calls::{Drawn, ReadReplay, SetReplayState};
use super::words;
use crate::components::{Confirm, FormError, Icon, PageHead, ProblemPanel};
use crate::fresh::{pulse, reload};
use crate::remote::{Post, PostForm, ask, load};

/// One replay, kept current while it runs.
#[component]
pub fn ReplayPage() -> impl IntoView {
    let params = use_params_map();
    // While the router is on its way to another page, this one keeps what it shows.
    let id = Memo::new(move |before: Option<&String>| {
        params.with(|params| params.get("id")).or_else(|| before.cloned()).unwrap_or_default()
    });
    let first = load(move || ReadReplay { id: id.get() });
    view! {
        <Suspense fallback=|| view! { <PageHead title="Replay"/> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(drawn) => view! { <Loaded drawn id=id.get_untracked()/> }.into_any(),
                    Err(error) => view! { <PageHead title="Replay" crumbs=crumbs()/><ProblemPanel error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

fn crumbs() -> Vec<(String, String)> {
    vec![("Delivery log".into(), "/deliveries".into()), ("Replays".into(), "/replays".into())]
}

/// Whether a delivery of a replay was made or changed.
pub fn is_replay(notice: &Notice) -> bool {
    matches!(notice, Notice::Delivery(row) if row.trigger == Trigger::Replay)
}

/// A number that moves every two seconds while something runs: pieces that leave everything out tell nobody.
pub fn tick_while(shown: RwSignal<Drawn>) -> RwSignal<usize> {
    let tick = RwSignal::new(0);
    let runs = move || shown.with_untracked(|drawn| drawn.state == ReplayState::Running);
    Effect::new(move |_| {
        let beat = move || {
            if runs() {
                tick.update(|tick| *tick += 1);
            }
        };
        if let Ok(handle) = set_interval_with_handle(beat, Duration::from_secs(2)) {
            on_cleanup(move || handle.clear());
        }
    });
    tick
}

/// The replay as it was loaded, and as it goes on.
#[component]
fn Loaded(drawn: Drawn, id: String) -> impl IntoView {
    let change = Post::<SetReplayState>::new();
    let title = format!("Replay of {}", words::deliveries(drawn.expected));
    let shown = RwSignal::new(drawn);
    let beat = pulse(Duration::from_millis(700), is_replay);
    let tick = tick_while(shown);
    let again = id.clone();
    reload(
        shown,
        move || (beat.get(), tick.get(), change.version().get()),
        move || ask(ReadReplay { id: again.clone() }),
    );
    let state = Memo::new(move |_| shown.with(|drawn| drawn.state));
    let may_replay = shown.with_untracked(|drawn| drawn.may_replay);
    view! {
        <PageHead title crumbs=crumbs()>
            {move || may_replay.then(|| buttons(&id, state.get(), change))}
        </PageHead>
        <FormError error=change.error()/>
        <div data-drawn="" inner_html=move || shown.with(|drawn| drawn.html.clone())></div>
    }
}

/// What can be done in this state.
fn buttons(id: &str, state: ReplayState, change: Post<SetReplayState>) -> Option<AnyView> {
    let (next, icon, word) = match state {
        ReplayState::Running => (ReplayState::Paused, "pause", "Pause"),
        ReplayState::Paused => (ReplayState::Running, "play", "Resume"),
        ReplayState::Finished | ReplayState::Cancelled => return None,
    };
    let form = |to: ReplayState, button: AnyView| {
        let id = id.to_owned();
        view! {
            <PostForm action=change attr:class="contents">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="state" value=to.as_str()/>
                {button}
            </PostForm>
        }
    };
    let cancel = view! {
        <Confirm
            label="Cancel replay" dismiss="Keep it" class="quiet" title="Cancel this replay?"
            text="What it made so far stays and is delivered; the rest is not sent. It cannot be resumed, but a new plan with the same filters leaves out what arrived."
        />
    };
    let turn = view! {
        <button type="submit" class="btn primary" disabled=move || change.pending().get()><Icon name=icon/>{word}</button>
    };
    Some(
        view! {
            {form(ReplayState::Cancelled, cancel.into_any())}
            {form(next, turn.into_any())}
        }
        .into_any(),
    )
}
