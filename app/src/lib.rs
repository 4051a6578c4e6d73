//! The web UI: the document around every page, and the route table, which is the only list of pages.
//!
//! Compiled for the server (`ssr`), which renders each page completely before it answers, so that
//! pages work without scripts; and for the browser (`hydrate`), where each part of the
//! pages is a module of its own (see [`parts`]).

#![recursion_limit = "256"]

pub mod components;
mod endpoint_tabs;
pub mod error;
mod frame;
mod fresh;
mod handed;
pub mod live;
mod log_url;
#[cfg(feature = "ssr")]
mod naming;
pub mod pages;
pub mod parts;
mod picker;
pub mod remote;
#[cfg(feature = "ssr")]
mod saving;
pub mod session;
mod shown;
#[cfg(feature = "ssr")]
mod trying;
#[cfg(feature = "ssr")]
mod visitor;
mod words;

pub use frame::{Alerts, May, use_me};
pub use words::alert_place;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use frame::{Banner, Frame};
use pages::auth::NotFound;
use parts::{Draw, Page};

/// The document: its head names the browser's files and starts them, its body is [`App`].
#[cfg(feature = "ssr")]
pub fn shell(visit: session::Visit) -> impl IntoView {
    let session::Visit { nonce, theme, assets, hub, caller, .. } = visit;
    // Before anything of the page is read, so that the stream can go on from here.
    let known = caller.and_then(|caller| Some(hub.bus.subscribe(caller.org_id.as_ref()?, None).last_id));
    let start = format!("import start from \"{}\"; await start({{ module_or_path: \"{}\" }});", assets.js, assets.wasm);
    view! {
        <!DOCTYPE html>
        <html lang="en" class=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                {known.map(|known| view! { <meta name="live" content=known/> })}
                <link rel="stylesheet" href=assets.css/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="modulepreload" href=assets.js nonce=nonce.clone()/>
                <link rel="preload" href=assets.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <script type="module" nonce=nonce>{start}</script>
                <leptos_meta::MetaTags/>
            </head>
            <body>
                <App draw=parts::all/>
            </body>
        </html>
    }
}

/// Everything below `<body>`.
#[component]
pub fn App(
    /// The pages that this program has.
    draw: Draw,
) -> impl IntoView {
    provide_meta_context();
    components::provide_clock();
    parts::leave_links_to_the_browser();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Patchbay".to_owned() } else { format!("{title} · Patchbay") }/>
        <Router>
            <a class="btn skip" href="#main" rel="external">"Skip to the page"</a>
            <Frame>
                <main id="main" class="main" tabindex="-1">
                    <Banner/>
                    <FlatRoutes fallback=NotFound>
                        <Route path=path!("/setup") view=move || draw(Page::Setup) ssr=SsrMode::Async/>
                        <Route path=path!("/sign-in") view=move || draw(Page::SignIn) ssr=SsrMode::Async/>
                        <Route path=path!("/invitations/:token") view=move || draw(Page::Invitation) ssr=SsrMode::Async/>
                        <Route path=path!("/") view=move || draw(Page::Home) ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints") view=move || draw(Page::Endpoints) ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/new") view=move || draw(Page::EndpointNew) ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id") view=move || draw(Page::Endpoint) ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/edit") view=move || draw(Page::EndpointEdit) ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/filter") view=move || draw(Page::Filter) ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/security") view=move || draw(Page::Security) ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/rules") view=move || draw(Page::Rules) ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/history") view=move || draw(Page::History) ssr=SsrMode::Async/>
                        <Route path=path!("/deliveries") view=move || draw(Page::Deliveries) ssr=SsrMode::Async/>
                        <Route path=path!("/deliveries/inbound") view=move || draw(Page::DeliveriesInbound) ssr=SsrMode::Async/>
                        <Route path=path!("/deliveries/both") view=move || draw(Page::DeliveriesBoth) ssr=SsrMode::Async/>
                        <Route path=path!("/deliveries/:id") view=move || draw(Page::Delivery) ssr=SsrMode::Async/>
                        <Route path=path!("/replays") view=move || draw(Page::Replays) ssr=SsrMode::Async/>
                        <Route path=path!("/replays/new") view=move || draw(Page::ReplayNew) ssr=SsrMode::Async/>
                        <Route path=path!("/replays/:id") view=move || draw(Page::Replay) ssr=SsrMode::Async/>
                        <Route path=path!("/event-types") view=move || draw(Page::EventTypes) ssr=SsrMode::Async/>
                        <Route path=path!("/event-types/:name") view=move || draw(Page::EventType) ssr=SsrMode::Async/>
                        <Route path=path!("/integrations") view=move || draw(Page::Integrations) ssr=SsrMode::Async/>
                        <Route path=path!("/integrations/slack") view=move || draw(Page::Slack) ssr=SsrMode::Async/>
                        <Route path=path!("/integrations/slack/link/:token") view=move || draw(Page::Link) ssr=SsrMode::Async/>
                        <Route path=path!("/integrations/teams") view=move || draw(Page::Teams) ssr=SsrMode::Async/>
                        <Route path=path!("/integrations/jira") view=move || draw(Page::Jira) ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id") view=move || draw(Page::Connection) ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id/rules/new") view=move || draw(Page::RuleNew) ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id/rules/:rule") view=move || draw(Page::Rule) ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id/issue-rules/new") view=move || draw(Page::IssueRuleNew) ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id/issue-rules/:rule") view=move || draw(Page::IssueRule) ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id/issues") view=move || draw(Page::LinkedIssues) ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id/issues/:issue") view=move || draw(Page::LinkedIssue) ssr=SsrMode::Async/>
                        <Route path=path!("/sources") view=move || draw(Page::Sources) ssr=SsrMode::Async/>
                        <Route path=path!("/sources/:id") view=move || draw(Page::Source) ssr=SsrMode::Async/>
                        <Route path=path!("/sources/:id/emails") view=move || draw(Page::SourceEmails) ssr=SsrMode::Async/>
                        <Route path=path!("/sources/:id/requests/:request") view=move || draw(Page::SourceRequest) ssr=SsrMode::Async/>
                        <Route path=path!("/inbox") view=move || draw(Page::Inbox) ssr=SsrMode::Async/>
                        <Route path=path!("/alerts") view=move || draw(Page::Alerts) ssr=SsrMode::Async/>
                        <Route path=path!("/developers") view=move || draw(Page::Developers) ssr=SsrMode::Async/>
                        <Route path=path!("/developers/signature") view=move || draw(Page::Debugger) ssr=SsrMode::Async/>
                        <Route path=path!("/settings") view=move || draw(Page::Settings) ssr=SsrMode::Async/>
                        <Route path=path!("/settings/members") view=move || draw(Page::Members) ssr=SsrMode::Async/>
                        <Route path=path!("/settings/account") view=move || draw(Page::Account) ssr=SsrMode::Async/>
                        <Route path=path!("/settings/audit") view=move || draw(Page::Audit) ssr=SsrMode::Async/>
                        <Route path=path!("/operator/orgs") view=move || draw(Page::Orgs) ssr=SsrMode::Async/>
                        <Route path=path!("/operator/health") view=move || draw(Page::InstallationHealth) ssr=SsrMode::Async/>
                        <Route path=path!("/health") view=move || draw(Page::Health) ssr=SsrMode::Async/>
                    </FlatRoutes>
                </main>
            </Frame>
        </Router>
    }
}

/// Takes over the page that the server has drawn.
#[cfg(feature = "hydrate")]
pub fn hydrate(draw: Draw) {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(move || view! { <App draw=draw/> });
    // Journeys wait for this before they use what only works from here on.
    if let Some(body) = document().body() {
        // It fails only for names that are no attribute's.
        let _marked = body.set_attribute("data-hydrated", "");
    }
}
