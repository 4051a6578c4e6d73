//! `/replays`: every replay of the organization, newest first.

use std::time::Duration;

use domain::Permission;
use domain::live::Notice;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::calls::{Drawn, ListReplays};
use super::detail::{is_replay, tick_while};
use crate::May;
use crate::components::{Icon, PageHead, ProblemPanel};
use crate::fresh::{pulse, reload};
use crate::remote::{ask, load};

/// The list.
#[component]
pub fn ReplaysPage() -> impl IntoView {
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.with(|query| query.get("cursor")));
    let first = load(move || ListReplays { cursor: cursor.get() });
    view! {
        <PageHead title="Replays" crumbs=vec![("Delivery log".into(), "/deliveries".into())]>
            <May permission=Permission::DeliveriesReplay>
                <a class="btn primary" href="/replays/new?status=failed"><Icon name="replay"/>"Replay failed deliveries"</a>
            </May>
        </PageHead>
        <Suspense>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(drawn) => view! { <Loaded drawn cursor=cursor.get_untracked()/> }.into_any(),
                    Err(error) => view! { <ProblemPanel error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// The rows as they were loaded, kept current while any replay runs.
#[component]
fn Loaded(drawn: Drawn, cursor: Option<String>) -> impl IntoView {
    let shown = RwSignal::new(drawn);
    let beat = pulse(Duration::from_secs(1), |notice: &Notice| is_replay(notice));
    let tick = tick_while(shown);
    reload(shown, move || (beat.get(), tick.get()), move || ask(ListReplays { cursor: cursor.clone() }));
    view! { <div data-drawn="" inner_html=move || shown.with(|drawn| drawn.html.clone())></div> }
}
