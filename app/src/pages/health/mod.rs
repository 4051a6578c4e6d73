//! `/health`, how the organization's deliveries do, and `/operator/health`, how those of the whole installation do.
//!
//! Nothing on them moves by itself, so the server draws all of it: [`sheet`] the page, [`chart`] its charts, [`hosts`] those
//! that fail, [`installation`] and [`nodes`] what only its page has.

// Drawn on the server only: public, because the browser's half never calls them.
pub mod chart;
pub mod hosts;
pub mod installation;
pub mod nodes;
pub mod sheet;
pub mod times;

mod calls;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use calls::{LoadHealth, SeeInstallationAlert};

use crate::components::{FormError, Icon, PageHead, loaded};
use crate::remote::{Post, load};

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

/// The figures for the span in the address.
fn figures(installation: bool) -> AnyView {
    let query = use_query_map();
    let span = Memo::new(move |_| query.with(|query| query.get("span")));
    let page = load(move || LoadHealth { span: span.get(), installation });
    loaded(page, |html: String| view! { <div data-drawn="" inner_html=html></div> }.into_any())
}
