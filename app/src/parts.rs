//! The pages in parts. Each part is a wasm module of its own in a release, so that the first page brings only
//! what its part needs; the frame is in every part. A link from one part to another is followed by
//! the browser, which loads the other page, drawn by the server, with the other module.
//!
//! The linker leaves out what a module does not call: a part is a function that draws its own pages
//! and refers to no other's. The server and development builds draw all of them.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::pages::{
    account::AccountPage,
    alerts::AlertsPage,
    audit::AuditPage,
    auth::{InvitationPage, SetupPage, SignInPage},
    connections::{ConnectionPage, LinkPage, RuleNewPage, RulePage},
    controls::{FilterPage, HistoryPage, RulesPage, SecurityPage},
    debugger::DebuggerPage,
    deliveries::{BothPage, DeliveriesPage, DeliveryPage, InboundPage},
    endpoints::{EndpointEditPage, EndpointNewPage, EndpointPage, EndpointsPage},
    event_types::{EventTypePage, EventTypesPage},
    health::{HealthPage, InstallationHealthPage},
    home::HomePage,
    inbox::InboxPage,
    integrations::{IntegrationsPage, JiraPage, SlackPage, TeamsPage},
    issues::{IssueRuleNewPage, IssueRulePage, LinkedIssuePage, LinkedIssuesPage},
    keys::DevelopersPage,
    members::MembersPage,
    operator::OrgsPage,
    replays::{ReplayNewPage, ReplayPage, ReplaysPage},
    settings::SettingsPage,
    sources::{SourceEmailsPage, SourcePage, SourceRequestPage, SourcesPage},
};

/// Draws a page, or has the browser load it where it belongs to another part.
pub type Draw = fn(Page) -> AnyView;

macro_rules! parts {
    ($($(#[$about:meta])* $part:ident { $($page:ident => $component:ident),+ $(,)? })+) => {
        /// The pages of the route table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the page of its name in `pages`")]
        pub enum Page {
            $($($page,)+)+
        }

        /// The parts, by the names of their modules.
        pub const PARTS: &[&str] = &[$(stringify!($part)),+];

        $(
            $(#[$about])*
            #[must_use]
            pub fn $part(page: Page) -> AnyView {
                match page {
                    $(Page::$page => $component().into_any(),)+
                    _ => Elsewhere().into_any(),
                }
            }
        )+

        /// Every page there is.
        #[must_use]
        pub fn all(page: Page) -> AnyView {
            match page {
                $($(Page::$page => $component().into_any(),)+)+
            }
        }
    };
}

parts! {
    /// People, keys, settings and health.
    account {
        Account => AccountPage,
        Audit => AuditPage,
        Developers => DevelopersPage,
        Health => HealthPage,
        InstallationHealth => InstallationHealthPage,
        Invitation => InvitationPage,
        Members => MembersPage,
        Orgs => OrgsPage,
        Settings => SettingsPage,
        Setup => SetupPage,
        SignIn => SignInPage,
    }
    /// What controls an endpoint's deliveries.
    controls {
        Filter => FilterPage,
        History => HistoryPage,
        Rules => RulesPage,
        Security => SecurityPage,
    }
    /// The signature debugger.
    debugger { Debugger => DebuggerPage }
    /// The form of an endpoint.
    editor {
        EndpointEdit => EndpointEditPage,
        EndpointNew => EndpointNewPage,
    }
    /// One endpoint.
    endpoint { Endpoint => EndpointPage }
    /// The list of endpoints.
    endpoints { Endpoints => EndpointsPage }
    /// Connections to third parties and their rules.
    integrations {
        Connection => ConnectionPage,
        Integrations => IntegrationsPage,
        IssueRule => IssueRulePage,
        IssueRuleNew => IssueRuleNewPage,
        Jira => JiraPage,
        Link => LinkPage,
        LinkedIssue => LinkedIssuePage,
        LinkedIssues => LinkedIssuesPage,
        RuleNew => RuleNewPage,
        Rule => RulePage,
        Slack => SlackPage,
        Teams => TeamsPage,
    }
    /// The delivery log.
    log {
        Deliveries => DeliveriesPage,
        DeliveriesBoth => BothPage,
        DeliveriesInbound => InboundPage,
        Delivery => DeliveryPage,
    }
    /// Replays of many deliveries.
    replays {
        ReplayNew => ReplayNewPage,
        Replay => ReplayPage,
        Replays => ReplaysPage,
    }
    /// Sources and what came to them.
    sources {
        Source => SourcePage,
        SourceEmails => SourceEmailsPage,
        SourceRequest => SourceRequestPage,
        Sources => SourcesPage,
    }
    /// Where a visit starts: the overview, the inbox and the alerts.
    start {
        Alerts => AlertsPage,
        Home => HomePage,
        Inbox => InboxPage,
    }
    /// Event types.
    types {
        EventType => EventTypePage,
        EventTypes => EventTypesPage,
    }
}

/// The part that a page belongs to, by its path.
#[must_use]
pub fn part_of(path: &str) -> &'static str {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut names = path.split('/').filter(|name| !name.is_empty());
    match (names.next().unwrap_or_default(), names.next(), names.next()) {
        ("deliveries", ..) => "log",
        ("replays", ..) => "replays",
        ("endpoints", Some(_), Some("filter" | "security" | "rules" | "history")) => "controls",
        ("endpoints", Some("new"), _) | ("endpoints", Some(_), Some(_)) => "editor",
        ("endpoints", Some(_), None) => "endpoint",
        ("endpoints", ..) => "endpoints",
        ("event-types", ..) => "types",
        ("integrations" | "connections", ..) => "integrations",
        ("sources", ..) => "sources",
        ("developers", Some("signature"), _) => "debugger",
        ("setup" | "sign-in" | "invitations" | "developers" | "settings" | "operator" | "health", ..) => "account",
        _ => "start",
    }
}

/// Whether the browser must load this address to get from the page it shows to there.
fn is_elsewhere(address: &str) -> bool {
    let here = window().location();
    let path = match address.strip_prefix(&here.origin().unwrap_or_default()) {
        Some(path) => path,
        None if address.starts_with('/') => address,
        None => return true,
    };
    here.pathname().is_ok_and(|shown| part_of(&shown) != part_of(path))
}

/// Leaves links to other parts to the browser. Listens at the document: the router listens at the window, after it.
pub fn leave_links_to_the_browser() {
    Effect::new(|_| {
        let mark = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(|event: web_sys::Event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let link = target.and_then(|element| element.closest("a[href^='/']").ok().flatten());
            if let Some(link) = link.filter(|link| link.get_attribute("href").is_some_and(|href| is_elsewhere(&href))) {
                // It fails only for names that are no attribute's.
                let _marked = link.set_attribute("rel", "external");
            }
        });
        // It fails only without a document. The listener lives as long as the page.
        let _listening = document().add_event_listener_with_callback("click", mark.as_ref().unchecked_ref());
        mark.forget();
    });
}

/// Goes where an answer sends the browser: inside this part by the router, else by loading the page.
pub fn follow(address: &str) {
    if is_elsewhere(address) {
        // It fails only for addresses that are none.
        let _going = window().location().set_href(address);
    } else {
        leptos::server_fn::redirect::call_redirect_hook(address);
    }
}

/// Stands for the pages of the parts that this module does not have: has the browser load the page.
#[component]
pub fn Elsewhere() -> impl IntoView {
    Effect::new(|_| {
        // It fails only without a window.
        let _loading = window().location().reload();
    });
}

#[cfg(test)]
mod tests {
    use super::{PARTS, part_of};

    #[test]
    fn every_page_has_a_part() {
        for (path, part) in [
            ("/", "start"),
            ("/event-types/invoice.paid", "types"),
            ("/inbox", "start"),
            ("/nowhere", "start"),
            ("/deliveries?status=failed", "log"),
            ("/deliveries/dlv_1", "log"),
            ("/deliveries/inbound?verdict=rejected", "log"),
            ("/replays/new?status=failed", "replays"),
            ("/endpoints", "endpoints"),
            ("/endpoints/ep_1", "endpoint"),
            ("/endpoints/new", "editor"),
            ("/endpoints/ep_1/edit#url", "editor"),
            ("/endpoints/ep_1/filter?done=saved", "controls"),
            ("/endpoints/ep_1/security", "controls"),
            ("/endpoints/ep_1/rules", "controls"),
            ("/endpoints/ep_1/history", "controls"),
            ("/sources/src_1/requests/ibr_1", "sources"),
            ("/settings/members", "account"),
            ("/developers?preset=all", "account"),
            ("/developers/signature#body=x", "debugger"),
            ("/sign-in?next=/deliveries", "account"),
            ("/health?span=7d", "account"),
            ("/operator/health", "account"),
        ] {
            assert_eq!(part_of(path), part, "{path}");
            assert!(PARTS.contains(&part));
        }
    }

    #[test]
    fn every_part_has_an_entry() {
        let entries = concat!(env!("CARGO_MANIFEST_DIR"), "/../frontend/src/bin");
        let mut names: Vec<_> = std::fs::read_dir(entries)
            .expect("the entries")
            .map(|file| file.expect("a file").file_name().to_string_lossy().trim_end_matches(".rs").to_owned())
            .collect();
        names.sort();
        assert_eq!(names, PARTS);
    }
}
