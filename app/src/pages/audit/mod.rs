//! Who did what in the organization, and which looks staff took.

mod calls;

use domain::Page;
use domain::audit::AuditEntry;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use calls::LoadAudit;

use crate::components::{Empty, PageHead, Pager, Time, loaded};
use crate::frame::SettingsTabs;
use crate::remote::load;

/// The audit log, newest first.
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let page = load(move || LoadAudit { cursor: query.with(|query| query.get("cursor")) });
    view! {
        <PageHead title="Audit log"/>
        <SettingsTabs on="/settings/audit"/>
        {loaded(page, |page| view(page).into_any())}
    }
}

fn view(page: Page<AuditEntry>) -> impl IntoView {
    if page.data.is_empty() {
        return view! {
            <div class="panel">
                <Empty title="Nothing is recorded yet" text="Changes to endpoints, keys, members and settings appear here, and each look that staff takes."/>
            </div>
        }
        .into_any();
    }
    let href = |cursor: Option<String>| cursor.map(|cursor| format!("/settings/audit?cursor={cursor}"));
    let (previous, next) = (href(page.previous_cursor), href(page.next_cursor));
    let rows: Vec<_> = page.data.into_iter().map(row).collect();
    view! {
        <div class="panel scroll" tabindex="0" role="group" aria-label="Entries, as a table">
            <table>
                <thead>
                    <tr><th>"When"</th><th>"Who"</th><th>"What"</th><th class="hide-s">"To what"</th><th class="hide-s">"Details"</th><th class="hide-s">"From"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager previous=previous next=next/>
    }
    .into_any()
}

fn row(entry: AuditEntry) -> AnyView {
    view! {
        <tr>
            <td class="faint"><Time at=entry.created_at/></td>
            <td class="ell max-w-56" title=entry.actor>{entry.actor_name}</td>
            <td class="mono">{entry.action}</td>
            <td class="mono faint hide-s ell max-w-56">{entry.target}</td>
            <td class="hide-s ell max-w-72" title=entry.note.clone()>{entry.note.clone()}</td>
            <td class="mono faint hide-s">{entry.ip}</td>
        </tr>
    }
    .into_any()
}
