//! Who did what in the organization, by which rights, and which looks staff took.

mod calls;

use domain::Page;
use domain::audit::AuditEntry;
use domain::audit::query::AuditQuery;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use calls::LoadAudit;

use crate::components::{Empty, PageHead, Pager, Time, loaded};
use crate::frame::SettingsTabs;
use crate::remote::load;

const PATH: &str = "/settings/audit";

/// The rights that a filter can name, as people call them.
const RIGHTS: [(&str, &str); 7] = [
    ("", "Any rights"),
    ("owner", "Owner"),
    ("admin", "Admin"),
    ("member", "Member"),
    ("operator", "Operator"),
    ("support", "Support"),
    ("system", "The hub itself"),
];

/// The audit log, newest first, with its filters and its export.
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(read));
    let page = load(move || LoadAudit { query: asked.get() });
    view! {
        <PageHead title="Audit log">
            // The browser asks the server for it, with or without scripts.
            <a class="btn" href=move || address("/settings/audit/export", &filters(&asked.get())) rel="external" download="">"Export as CSV"</a>
        </PageHead>
        <SettingsTabs on=PATH/>
        {form(asked)}
        {loaded(page, move |page| view(page, &asked.get_untracked()).into_any())}
    }
}

/// What the address asks for.
fn read(query: &ParamsMap) -> AuditQuery {
    let get = |name: &str| query.get(name).filter(|text| !text.trim().is_empty());
    AuditQuery {
        actor: get("actor"),
        acted_as: get("acted_as"),
        action: get("action"),
        target: get("target"),
        since: get("since"),
        until: get("until"),
        limit: None,
        cursor: get("cursor"),
    }
}

/// The filters without the page.
fn filters(asked: &AuditQuery) -> AuditQuery {
    AuditQuery { limit: None, cursor: None, ..asked.clone() }
}

fn address(path: &str, query: &AuditQuery) -> String {
    match serde_qs::to_string(query) {
        Ok(text) if !text.is_empty() => format!("{path}?{text}"),
        _ => path.to_owned(),
    }
}

/// The filters. They follow the address, and work without scripts.
fn form(asked: Memo<AuditQuery>) -> AnyView {
    let field = move |name: &'static str,
                      label: &'static str,
                      example: &'static str,
                      of: fn(&AuditQuery) -> &Option<String>| {
        let value = move || asked.with(|asked| of(asked).clone().unwrap_or_default());
        view! {
            <div class="field w-44 max-sm:w-full">
                <label for=name>{label}</label>
                <input class="input" id=name name=name placeholder=example autocomplete="off" value=untrack(value) prop:value=value/>
            </div>
        }
        .into_any()
    };
    let rights: Vec<_> = RIGHTS
        .into_iter()
        .map(|(word, label)| {
            let is_on = move || asked.with(|asked| asked.acted_as.as_deref().unwrap_or_default() == word);
            view! { <option value=word selected=untrack(is_on) prop:selected=is_on>{label}</option> }.into_any()
        })
        .collect();
    view! {
        <form method="get" action=PATH class="row wrap items-end! mb-4" role="search" aria-label="Find entries">
            {field("actor", "Who", "Address, name or id", |asked| &asked.actor)}
            <div class="field w-36 max-sm:w-full">
                <label for="acted_as">"By the rights of"</label>
                <select class="input" id="acted_as" name="acted_as">{rights}</select>
            </div>
            {field("action", "What", "connection.*", |asked| &asked.action)}
            {field("target", "To what", "con_…", |asked| &asked.target)}
            {field("since", "Since", "7d, or a time", |asked| &asked.since)}
            {field("until", "Until", "2026-11-22T14:00:00Z", |asked| &asked.until)}
            <button class="btn">"Filter"</button>
        </form>
    }
    .into_any()
}

fn view(page: Page<AuditEntry>, asked: &AuditQuery) -> impl IntoView {
    let is_filtered = filters(asked) != AuditQuery::default();
    if page.data.is_empty() && is_filtered {
        return view! {
            <div class="panel">
                <Empty title="No entry matches" text="Nothing in the log fits all of these filters.">
                    <a class="btn" href=PATH>"Show all"</a>
                </Empty>
            </div>
        }
        .into_any();
    }
    if page.data.is_empty() {
        return view! {
            <div class="panel">
                <Empty title="Nothing is recorded yet" text="Changes to endpoints, keys, members and settings appear here, and each look that staff takes."/>
            </div>
        }
        .into_any();
    }
    let newest = page.data.first().filter(|_| !is_filtered && page.previous_cursor.is_none()).and_then(newest);
    let href = |cursor: Option<String>| {
        cursor.map(|cursor| address(PATH, &AuditQuery { cursor: Some(cursor), ..filters(asked) }))
    };
    let (previous, next) = (href(page.previous_cursor), href(page.next_cursor));
    let rows: Vec<_> = page.data.into_iter().map(row).collect();
    view! {
        <div class="panel scroll" tabindex="0" role="group" aria-label="Entries, as a table">
            <table>
                <thead>
                    <tr>
                        <th>"When"</th><th>"Who"</th><th class="hide-s">"As"</th><th>"What"</th><th class="hide-s">"To what"</th><th class="hide-s">"Details"</th>
                        <th class="hide-s">"From"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager previous=previous next=next/>
        {newest}
    }
    .into_any()
}

/// The hash to keep elsewhere, by which an export can be judged later.
fn newest(entry: &AuditEntry) -> Option<AnyView> {
    let (sequence, hash) = (entry.sequence?, entry.hash.clone()?);
    Some(
        view! {
            <p class="help mt-3">
                {format!("Entry {sequence} has the hash ")}<code class="mono break-all">{hash}</code>
                ". Keep it somewhere else: an export that holds it is complete and unchanged up to there. "
                <code class="mono">"patchbay audit verify FILE"</code>" checks an export of the whole log."
            </p>
        }
        .into_any(),
    )
}

fn row(entry: AuditEntry) -> AnyView {
    view! {
        <tr>
            <td class="faint"><Time at=entry.created_at/></td>
            <td class="ell max-w-56" title=entry.actor>{entry.actor_name}</td>
            <td class="faint hide-s">{entry.acted_as.map(|rights| rights.replace('+', ", "))}</td>
            <td class="mono">{entry.action}</td>
            <td class="mono faint hide-s ell max-w-56">{entry.target}</td>
            <td class="hide-s ell max-w-72" title=entry.note.clone()>{entry.note.clone()}</td>
            <td class="mono faint hide-s">{entry.ip}</td>
        </tr>
    }
    .into_any()
}
