//! The tabs that the settings pages share.

use domain::Permission;
use leptos::prelude::*;

use super::use_me;
use crate::components::Tabs;

const TABS: [(&str, &str, Option<Permission>); 4] = [
    ("Organization", "/settings", Some(Permission::OrgRead)),
    ("Members", "/settings/members", Some(Permission::MembersRead)),
    ("Audit log", "/settings/audit", Some(Permission::AuditRead)),
    ("Account", "/settings/account", None),
];

/// Links to the settings pages that are open to this person; `on` is the path of the one shown.
#[component]
pub fn SettingsTabs(
    /// The path of this page.
    on: &'static str,
) -> impl IntoView {
    let me = use_me();
    view! {
        <div class="mb-4">
            <Suspense>
                {move || Suspend::new(async move {
                    let me = me.await.ok().flatten()?;
                    let open = |needs: Option<Permission>| needs.is_none_or(|permission| me.caller.org_id.is_some() && me.caller.may(permission));
                    let tabs = TABS.iter().filter(|tab| open(tab.2));
                    Some(view! { <Tabs items=tabs.map(|(label, href, _)| ((*label).to_owned(), (*href).to_owned(), *href == on)).collect()/> })
                })}
            </Suspense>
        </div>
    }
}
