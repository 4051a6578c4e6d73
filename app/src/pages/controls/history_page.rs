//! `/endpoints/{id}/history`: who changed the endpoint, when, and what.

use leptos::prelude::*;

use super::calls::{HistoryView, OpenHistory};
use super::open::{id, page, top};
use crate::remote::load;

/// `/endpoints/{id}/history`.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let id = id();
    page(load(move || OpenHistory { id: id.get() }), "History", view)
}

fn view(shown: HistoryView) -> AnyView {
    view! {
        {top(&shown.head, "History", "/history", ().into_any())}
        <section class="panel" aria-labelledby="versions-title">
            <div class="panel-head">
                <h2 id="versions-title">"Versions"</h2>
                <p class="help">"A version begins with each change by which deliveries differ. Each attempt names the one it was made with."</p>
            </div>
            <div class="border-t border-line" inner_html=shown.versions></div>
        </section>
    }
    .into_any()
}
