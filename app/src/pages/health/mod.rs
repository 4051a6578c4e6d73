//! `/health`, how the organization's deliveries do, and `/operator/health`, how those of the whole installation do.
//!
//! Nothing on them can be changed in place, so the server draws all of it, again every ten seconds while somebody looks: [`sheet`] the page, [`chart`] its charts, [`hosts`] those
//! that fail, [`installation`] and [`nodes`] what only its page has.

// Drawn on the server only: public, because the browser's half never calls them.
pub mod chart;
pub mod hosts;
pub mod installation;
pub mod nodes;
pub mod scale;
pub mod sheet;
pub mod table;
pub mod times;

mod calls;

use domain::Timestamp;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use calls::{LoadHealth, SeeInstallationAlert};

use crate::components::{Clock, FormError, Icon, PageHead, loaded};
use crate::fresh::reload;
use crate::remote::{Post, ask, load};

/// The organization's health.
#[component]
pub fn HealthPage() -> impl IntoView {
    view! {
        <PageHead title="Health"><a class="btn" href="/alerts"><Icon name="warning"/>"Alerts"</a></PageHead>
        {figures(false)}
    }
}

/// The installation's health.
#[component]
pub fn InstallationHealthPage() -> impl IntoView {
    let see = Post::<SeeInstallationAlert>::new();
    view! {
        <PageHead title="Installation health" crumbs=vec![("Organizations".into(), "/operator/orgs".into())]/>
        <FormError error=see.error()/>
        {figures(true)}
    }
}

/// The figures for the span in the address, drawn again while somebody looks.
fn figures(installation: bool) -> AnyView {
    let query = use_query_map();
    let span = Memo::new(move |_| query.with(|query| query.get("span")));
    let page = load(move || LoadHealth { span: span.get(), installation });
    loaded(page, move |html: String| {
        let shown = RwSignal::new(html);
        let beat = beat();
        reload(shown, move || beat.get(), move || ask(LoadHealth { span: span.get_untracked(), installation }));
        view! { <div data-drawn="" inner_html=move || shown.get()></div> }.into_any()
    })
}

/// Time between two looks, in milliseconds: a little less than two ticks of the clock.
const PAUSE_MS: i64 = 9000;

/// A number that moves every ten seconds as long as the page can be seen and nobody is busy with it. Not the stream of
/// notices, which tells of one organization only and would weigh more than all else here.
fn beat() -> RwSignal<usize> {
    let (number, asked_at) = (RwSignal::new(0), StoredValue::new(None));
    if let Some(clock) = use_context::<Clock>() {
        let tick = move |now: &Option<Timestamp>, _: Option<&Option<Timestamp>>, _: Option<()>| {
            let Some(now) = *now else { return };
            // The page is fresh when the clock begins to tick.
            let asked = asked_at.get_value().unwrap_or_else(|| {
                asked_at.set_value(Some(now));
                now
            });
            if now.since(asked) >= PAUSE_MS && !is_busy() {
                asked_at.set_value(Some(now));
                number.update(|number| *number += 1);
            }
        };
        Effect::watch(move || clock.now(), tick, false);
    }
    number
}

/// Whether what is shown must stay as it is: nobody sees it, somebody points at it or has opened it, or it says so itself.
fn is_busy() -> bool {
    const HELD: &str = "[data-still], [data-drawn] :is(figure:hover, :focus-visible, details[open])";
    document().hidden() || document().query_selector(HELD).is_ok_and(|held| held.is_some())
}
