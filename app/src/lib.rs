//! The web UI: the document around every page, and the route table, which is the only list of pages.
//!
//! Compiled for the server (`ssr`), which renders each page completely before it answers, so that
//! pages work without scripts; and for the browser (`hydrate`), once per part (see [`parts`]).

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

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use frame::{Banner, Frame};
use pages::auth::NotFound;
#[cfg(any(feature = "ssr", feature = "controls"))]
use pages::controls::{FilterPage, HistoryPage, RulesPage, SecurityPage};
#[cfg(any(feature = "ssr", feature = "debugger"))]
use pages::debugger::DebuggerPage;
#[cfg(any(feature = "ssr", feature = "log"))]
use pages::deliveries::{DeliveriesPage, DeliveryPage};
#[cfg(any(feature = "ssr", feature = "endpoint"))]
use pages::endpoints::EndpointPage;
#[cfg(any(feature = "ssr", feature = "endpoints"))]
use pages::endpoints::EndpointsPage;
#[cfg(any(feature = "ssr", feature = "editor"))]
use pages::endpoints::{EndpointEditPage, EndpointNewPage};
#[cfg(any(feature = "ssr", feature = "types"))]
use pages::event_types::{EventTypePage, EventTypesPage};
#[cfg(any(feature = "ssr", feature = "replays"))]
use pages::replays::{ReplayNewPage, ReplayPage, ReplaysPage};
#[cfg(any(feature = "ssr", feature = "account"))]
use pages::{
    account::AccountPage,
    audit::AuditPage,
    auth::{InvitationPage, SetupPage, SignInPage},
    health::{HealthPage, InstallationHealthPage},
    keys::DevelopersPage,
    members::MembersPage,
    operator::OrgsPage,
    settings::SettingsPage,
};
#[cfg(any(feature = "ssr", feature = "start"))]
use pages::{alerts::AlertsPage, home::HomePage, inbox::InboxPage};
#[cfg(any(feature = "ssr", feature = "integrations"))]
use pages::{
    connections::{ConnectionPage, RuleNewPage, RulePage},
    integrations::{IntegrationsPage, SlackPage},
};
#[cfg(not(any(feature = "ssr", feature = "debugger")))]
use parts::Elsewhere as DebuggerPage;
#[cfg(not(any(feature = "ssr", feature = "endpoints")))]
use parts::Elsewhere as EndpointsPage;
#[cfg(not(any(feature = "ssr", feature = "endpoint")))]
use parts::Elsewhere as EndpointPage;
#[cfg(not(any(feature = "ssr", feature = "editor")))]
use parts::{Elsewhere as EndpointEditPage, Elsewhere as EndpointNewPage};
#[cfg(not(any(feature = "ssr", feature = "log")))]
use parts::{Elsewhere as DeliveriesPage, Elsewhere as DeliveryPage};
#[cfg(not(any(feature = "ssr", feature = "types")))]
use parts::{Elsewhere as EventTypePage, Elsewhere as EventTypesPage};
#[cfg(not(any(feature = "ssr", feature = "start")))]
use parts::{Elsewhere as AlertsPage, Elsewhere as HomePage, Elsewhere as InboxPage};
#[cfg(not(any(feature = "ssr", feature = "replays")))]
use parts::{Elsewhere as ReplayNewPage, Elsewhere as ReplayPage, Elsewhere as ReplaysPage};
#[cfg(not(any(feature = "ssr", feature = "controls")))]
use parts::{Elsewhere as FilterPage, Elsewhere as HistoryPage, Elsewhere as RulesPage, Elsewhere as SecurityPage};
#[cfg(not(any(feature = "ssr", feature = "integrations")))]
use parts::{
    Elsewhere as ConnectionPage, Elsewhere as IntegrationsPage, Elsewhere as RuleNewPage, Elsewhere as RulePage,
    Elsewhere as SlackPage,
};
#[cfg(not(any(feature = "ssr", feature = "account")))]
use parts::{
    Elsewhere as AccountPage, Elsewhere as AuditPage, Elsewhere as DevelopersPage, Elsewhere as HealthPage,
    Elsewhere as InstallationHealthPage, Elsewhere as InvitationPage, Elsewhere as MembersPage, Elsewhere as OrgsPage,
    Elsewhere as SettingsPage, Elsewhere as SetupPage, Elsewhere as SignInPage,
};

/// The document: its head names the browser's files and starts them, its body is [`App`].
#[cfg(feature = "ssr")]
pub fn shell(visit: session::Visit) -> impl IntoView {
    let session::Visit { nonce, theme, assets, hub, caller, .. } = visit;
    // Before anything of the page is read, so that the stream can go on from here.
    let known = caller.and_then(|caller| Some(hub.bus.subscribe(caller.org_id.as_ref()?, None).last_id));
    let start = format!(
        "import start, {{ hydrate }} from \"{}\"; await start({{ module_or_path: \"{}\" }}); hydrate();",
        assets.js, assets.wasm
    );
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
                <App/>
            </body>
        </html>
    }
}

/// Everything below `<body>`.
#[component]
pub fn App() -> impl IntoView {
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
                        <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async/>
                        <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                        <Route path=path!("/invitations/:token") view=InvitationPage ssr=SsrMode::Async/>
                        <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints") view=EndpointsPage ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/new") view=EndpointNewPage ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id") view=EndpointPage ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/edit") view=EndpointEditPage ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/filter") view=FilterPage ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/security") view=SecurityPage ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/rules") view=RulesPage ssr=SsrMode::Async/>
                        <Route path=path!("/endpoints/:id/history") view=HistoryPage ssr=SsrMode::Async/>
                        <Route path=path!("/deliveries") view=DeliveriesPage ssr=SsrMode::Async/>
                        <Route path=path!("/deliveries/:id") view=DeliveryPage ssr=SsrMode::Async/>
                        <Route path=path!("/replays") view=ReplaysPage ssr=SsrMode::Async/>
                        <Route path=path!("/replays/new") view=ReplayNewPage ssr=SsrMode::Async/>
                        <Route path=path!("/replays/:id") view=ReplayPage ssr=SsrMode::Async/>
                        <Route path=path!("/event-types") view=EventTypesPage ssr=SsrMode::Async/>
                        <Route path=path!("/event-types/:name") view=EventTypePage ssr=SsrMode::Async/>
                        <Route path=path!("/integrations") view=IntegrationsPage ssr=SsrMode::Async/>
                        <Route path=path!("/integrations/slack") view=SlackPage ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id") view=ConnectionPage ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id/rules/new") view=RuleNewPage ssr=SsrMode::Async/>
                        <Route path=path!("/connections/:id/rules/:rule") view=RulePage ssr=SsrMode::Async/>
                        <Route path=path!("/inbox") view=InboxPage ssr=SsrMode::Async/>
                        <Route path=path!("/alerts") view=AlertsPage ssr=SsrMode::Async/>
                        <Route path=path!("/developers") view=DevelopersPage ssr=SsrMode::Async/>
                        <Route path=path!("/developers/signature") view=DebuggerPage ssr=SsrMode::Async/>
                        <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                        <Route path=path!("/settings/members") view=MembersPage ssr=SsrMode::Async/>
                        <Route path=path!("/settings/account") view=AccountPage ssr=SsrMode::Async/>
                        <Route path=path!("/settings/audit") view=AuditPage ssr=SsrMode::Async/>
                        <Route path=path!("/operator/orgs") view=OrgsPage ssr=SsrMode::Async/>
                        <Route path=path!("/operator/health") view=InstallationHealthPage ssr=SsrMode::Async/>
                        <Route path=path!("/health") view=HealthPage ssr=SsrMode::Async/>
                    </FlatRoutes>
                </main>
            </Frame>
        </Router>
    }
}
