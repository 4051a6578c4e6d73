//! The rail: organization, pages, person. Everything in it is a link or a plain form.

use domain::Permission;
use domain::caller::{Identity, OperatorRole};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;

use super::calls::{CountAlerts, SetTheme, SignOut, SwitchOrg};
use super::{Alerts, Me, keys};
use crate::components::Icon;
use crate::remote::ask;

/// One page of the rail.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Its name.
    pub label: &'static str,
    /// Its path.
    pub href: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// What it takes to see it; none for everybody.
    pub needs: Option<Permission>,
}

const ALERTS: &str = "Alerts";
const HEALTH: &str = "Installation health";

const fn place(label: &'static str, href: &'static str, icon: &'static str, needs: Option<Permission>) -> Place {
    Place { label, href, icon, needs }
}

const MAIN: [Place; 9] = [
    place("Home", "/", "home", Some(Permission::EndpointsRead)),
    place("Integrations", "/integrations", "plug", Some(Permission::ConnectionsRead)),
    place("Sources", "/sources", "sources", Some(Permission::ConnectionsRead)),
    place("Endpoints", "/endpoints", "endpoints", Some(Permission::EndpointsRead)),
    place("Delivery log", "/deliveries", "log", Some(Permission::DeliveriesRead)),
    place("Health", "/health", "health", Some(Permission::DeliveriesRead)),
    place("Event types", "/event-types", "types", Some(Permission::EventTypesRead)),
    place("Inbox", "/inbox", "inbox", Some(Permission::EndpointsRead)),
    place(ALERTS, "/alerts", "warning", Some(Permission::EndpointsRead)),
];
const WORKSPACE: [Place; 2] = [
    place("Developers", "/developers", "dev", Some(Permission::OrgRead)),
    place("Settings", "/settings", "settings", Some(Permission::OrgRead)),
];
const DEEPER: [Place; 6] = [
    place("Replays", "/replays", "replay", Some(Permission::DeliveriesRead)),
    place("Add endpoint", "/endpoints/new", "plus", Some(Permission::EndpointsWrite)),
    place("Signature debugger", "/developers/signature", "lock", None),
    place("Members", "/settings/members", "users", Some(Permission::MembersRead)),
    place("Audit log", "/settings/audit", "audit", Some(Permission::AuditRead)),
    place("Your account", "/settings/account", "user", None),
];
const INSTALLATION: [Place; 2] =
    [place("Organizations", "/operator/orgs", "orgs", None), place(HEALTH, "/operator/health", "health", None)];

/// Every page that this person can open, for the palette.
pub fn places(me: &Me) -> Vec<Place> {
    let mut all: Vec<Place> =
        MAIN.into_iter().chain(WORKSPACE).chain(DEEPER).filter(|place| open_to(me, place)).collect();
    if me.caller.operator.is_some() {
        all.extend(INSTALLATION);
    }
    all
}

fn open_to(me: &Me, place: &Place) -> bool {
    place.needs.is_none_or(|permission| me.caller.org_id.is_some() && me.caller.may(permission))
}

/// The bar of small screens, the rail, and what the keys open.
pub fn view(me: Me) -> impl IntoView {
    let (alerts, of_all) = (unseen(me.alerts), RwSignal::new(me.installation_alerts));
    let links = |places: &[Place], alerts| {
        places.iter().filter(|place| open_to(&me, place)).map(|place| link(*place, alerts)).collect::<Vec<_>>()
    };
    let (main, workspace) = (links(&MAIN, alerts), links(&WORKSPACE, alerts));
    let workspace = (!workspace.is_empty()).then(|| view! { <h3>"Workspace"</h3>{workspace} });
    let installation = me.caller.operator.map(|_| view! { <h3>"Installation"</h3>{links(&INSTALLATION, of_all)} });
    close_menus_on_navigation();
    view! {
        <header class="topbar">
            <a class="brand grow" href="/">{mark()}"Patchbay"</a>
            {move || badge(alerts.get()).map(|badge| view! { <a class="btn quiet" href="/alerts"><Icon name="warning"/>{badge}</a> })}
            <label class="btn quiet square">
                <input type="checkbox" id="drawer" aria-label="Menu" autocomplete="off"/>
                <Icon name="menu"/>
            </label>
        </header>
        <nav class="rail" aria-label="Main">
            <a class="brand hide-s" href="/">{mark()}"Patchbay"</a>
            {org_menu(&me)}
            {main}
            {workspace}
            {installation}
            <div class="grow"></div>
            {keys::view(places(&me))}
            {user_menu(&me)}
        </nav>
    }
}

/// The product's mark.
pub fn mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 22 22" aria-hidden="true">
            <rect class="mark" width="22" height="22" rx="6"></rect>
            <circle class="jack" cx="6.5" cy="15" r="2.6"></circle>
            <circle class="jack" cx="15.5" cy="7" r="2.6"></circle>
            <path class="cable" d="M7.6 12.6C10 7.5 11.5 14.5 14 9.2"></path>
        </svg>
    }
}

/// The number of unseen alerts, asked for again when something has changed.
fn unseen(at_first: i64) -> RwSignal<i64> {
    let count = RwSignal::new(at_first);
    if let Some(Alerts(changes)) = use_context() {
        let again = move |_: &usize, _: Option<&usize>, _: Option<()>| {
            spawn_local(async move {
                if let Ok(now) = ask(CountAlerts {}).await {
                    _ = count.try_set(now);
                }
            });
        };
        Effect::watch(move || changes.get(), again, false);
    }
    count
}

/// A number in a badge, if there is anything to count.
fn badge(count: i64) -> Option<AnyView> {
    (count > 0).then(|| {
        let words = if count == 1 { "unseen alert" } else { "unseen alerts" };
        view! { <span class="badge bad count" title=format!("{count} {words}")>{count}<span class="sr-only">{format!(" {words}")}</span></span> }
            .into_any()
    })
}

fn link(place: Place, alerts: RwSignal<i64>) -> AnyView {
    let path = use_location().pathname;
    // Replays are made from the log and lead back to it.
    let within = move |path: &str| match place.href {
        "/" => path == "/",
        "/deliveries" => path.starts_with("/deliveries") || path.starts_with("/replays"),
        "/integrations" => path.starts_with("/integrations") || path.starts_with("/connections"),
        href => path.starts_with(href),
    };
    let current = move || path.with(|path| within(path));
    view! {
        <a class="nav" href=place.href aria-current=move || current().then_some("page")>
            <Icon name=place.icon/>
            {place.label}
            {matches!(place.label, ALERTS | HEALTH).then_some(move || badge(alerts.get()))}
        </a>
    }
    .into_any()
}

fn initial(name: &str) -> String {
    name.chars().next().map(|first| first.to_uppercase().collect()).unwrap_or_default()
}

fn org_menu(me: &Me) -> impl IntoView + use<> {
    let name = me.org_name.clone().unwrap_or_else(|| "No organization".to_owned());
    let current = me.caller.org_id.clone();
    let rows: Vec<_> = me
        .orgs
        .iter()
        .map(|org| {
            let here = current.as_ref() == Some(&org.org_id);
            view! {
                <button class="nav" name="org_id" value=org.org_id.to_string() aria-current=here.then_some("true")>
                    <span class="avatar" aria-hidden="true">{initial(&org.org_name)}</span>
                    <span class="grow ell">{org.org_name.clone()}</span>
                    {here.then(|| view! { <Icon name="check"/> })}
                </button>
            }
            .into_any()
        })
        .collect();
    let all = me.caller.operator.map(|_| {
        view! {
            <hr/>
            <a class="nav" href="/operator/orgs"><Icon name="orgs"/>"All organizations"</a>
        }
    });
    view! {
        <details class="menu org">
            <summary aria-label=format!("Organization: {name}. Switch")>
                <span class="avatar" aria-hidden="true">{initial(&name)}</span>
                <b class="grow ell">{name.clone()}</b>
                <Icon name="chevron"/>
            </summary>
            <div class="sheet">
                <form method="post" action=SwitchOrg::url()>{rows}</form>
                {all}
            </div>
        </details>
    }
}

fn user_menu(me: &Me) -> impl IntoView + use<> {
    let (name, email) = match &me.caller.identity {
        Identity::User { name, email, .. } => (name.clone(), email.clone()),
        _ => (String::new(), String::new()),
    };
    let role = match (me.caller.role, me.caller.operator) {
        (Some(role), _) => role.to_string(),
        (None, Some(OperatorRole::Operator)) => "operator".to_owned(),
        (None, Some(OperatorRole::Support)) => "support".to_owned(),
        (None, None) => String::new(),
    };
    view! {
        <details class="menu user">
            <summary aria-label=format!("Your account: {name}")>
                <span class="avatar person" aria-hidden="true">{initial(&name)}</span>
                <b class="grow ell">{name.clone()}</b>
                <Icon name="chevron"/>
            </summary>
            <div class="sheet">
                <div class="px-2 py-1.5">
                    <div class="ell">{email}</div>
                    <div class="help">{role}</div>
                </div>
                <hr/>
                <form method="post" action=SetTheme::url() class="px-2 py-1.5">{theme_buttons(&me.theme)}</form>
                <hr/>
                <a class="nav" href="/settings/account"><Icon name="user"/>"Account and sessions"</a>
                <form method="post" action=SignOut::url()>
                    <button class="nav"><Icon name="signout"/>"Sign out"</button>
                </form>
            </div>
        </details>
    }
}

/// Three buttons that say which theme this browser uses.
pub fn theme_buttons(current: &str) -> impl IntoView + use<> {
    let buttons: Vec<_> = [("system", "system", "System"), ("light", "sun", "Light"), ("dark", "moon", "Dark")]
        .into_iter()
        .map(|(value, icon, label)| {
            let on = current == value || (current.is_empty() && value == "system");
            view! {
                <button name="theme" value=value aria-pressed=if on { "true" } else { "false" }>
                    <Icon name=icon/>
                    {label}
                </button>
            }
            .into_any()
        })
        .collect();
    view! { <div class="seg" role="group" aria-label="Theme">{buttons}</div> }
}

/// After a click on a link the drawer and the menus are out of the way.
fn close_menus_on_navigation() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            keys::close_menus();
        }
        path
    });
}
