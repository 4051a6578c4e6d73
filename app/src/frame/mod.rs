//! What is around every page of somebody signed in: the rail with its menus, the bar on small
//! screens, the banner for staff, the palette and the keys. It knows the list of pages, but no page.

pub mod calls;
mod keys;
mod rail;
mod settings;

pub use rail::{mark, theme_buttons};
pub use settings::SettingsTabs;

use domain::org::OrgMembership;
use domain::{Caller, Permission};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

use crate::remote::{Load, load};

/// Who is signed in, as far as pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The person and what they may do.
    pub caller: Caller,
    /// The name of the organization they act in.
    pub org_name: Option<String>,
    /// The organizations they belong to.
    pub orgs: Vec<OrgMembership>,
    /// `light`, `dark`, or empty.
    pub theme: String,
    /// Alerts that are open and seen by nobody.
    pub alerts: i64,
    /// The same of the installation as a whole, for its staff.
    pub installation_alerts: i64,
}

/// Asks for the number of alerts again, for the rail. Provided by the frame.
#[derive(Clone, Copy)]
pub struct Alerts(RwSignal<usize>);

impl Alerts {
    /// Something that alerts tell of has changed.
    pub fn changed(self) {
        self.0.update(|changes| *changes += 1);
    }
}

type LoadedMe = Load<Option<Me>>;

/// Who is signed in. Read it inside `Suspense`; `refetch` it after the organization's name changed.
#[must_use]
pub fn use_me() -> LoadedMe {
    expect_context::<LoadedMe>()
}

/// The frame; loads who is signed in and provides it to everything below.
#[component]
pub fn Frame(
    /// The page.
    children: Children,
) -> impl IntoView {
    let me: LoadedMe = load(|| calls::LoadMe {});
    provide_context(me);
    provide_context(Alerts(RwSignal::new(0)));
    view! {
        <div class="shell">
            <Suspense>
                {move || Suspend::new(async move { me.await.ok().flatten().map(|me| rail::view(me).into_any()) })}
            </Suspense>
            {children()}
        </div>
    }
}

/// Shows its children to those who may do this.
#[component]
pub fn May(
    /// What it takes.
    permission: Permission,
    /// What is shown.
    children: ChildrenFn,
) -> impl IntoView {
    let me = use_me();
    view! {
        <Suspense>
            {move || {
                let children = children.clone();
                Suspend::new(async move {
                    let may = me.await.is_ok_and(|me| me.is_some_and(|me| me.caller.may(permission)));
                    may.then(|| children())
                })
            }}
        </Suspense>
    }
}

/// Tells staff whose data they see, and that it is recorded.
#[component]
pub fn Banner() -> impl IntoView {
    let me = use_me();
    let path = use_location().pathname;
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let me = me.await.ok().flatten().filter(|me| me.caller.is_outside_look())?;
                let (org, role) = (me.org_name?, me.caller.operator?);
                Some(view! {
                    <div class="banner row spread wrap" role="note" class:hidden=move || path.with(|path| path.starts_with("/operator"))>
                        <span>"You are looking at "<b>{org}</b>{format!(" as {role}. Each look is recorded.")}</span>
                        <a class="link" href="/operator/orgs">"All organizations"</a>
                    </div>
                })
            })}
        </Suspense>
    }
}
