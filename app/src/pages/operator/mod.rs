//! For the installation's staff: every organization with its figures.

mod calls;

use domain::org::OrgOverview;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

use calls::{CreateOrg, LoadOrgs, Orgs};

use crate::components::{Done, Empty, Field, FormError, Icon, PageHead, Pager, Status, Time, Tone, loaded};
use crate::frame::calls::SwitchOrg;
use crate::remote::{Post, PostForm, load_after};

/// The organizations, a search, and the form that creates one.
#[component]
pub fn OrgsPage() -> impl IntoView {
    let create = Post::<CreateOrg>::new();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| (query.get("q").filter(|q| !q.is_empty()), query.get("cursor"))));
    let orgs = load_after(move || create.version().get(), move || LoadOrgs { q: asked.get().0, cursor: asked.get().1 });
    view! {
        <PageHead title="Organizations"/>
        <Done words=&[("created", "The organization was created. You are its owner.")]/>
        <div class="stack">
            <form method="get" action="/operator/orgs" class="row max-w-xl" role="search">
                <div class="input grow">
                    <Icon name="search"/>
                    <input name="q" type="search" placeholder="Name or id" aria-label="Find an organization" prop:value=move || asked.get().0.unwrap_or_default() value=asked.get_untracked().0/>
                </div>
                <button class="btn">"Search"</button>
            </form>
            {loaded(orgs, move |orgs| view(create, orgs, asked.get_untracked().0).into_any())}
        </div>
    }
}

fn view(create: Post<CreateOrg>, Orgs { page, may_create }: Orgs, q: Option<String>) -> impl IntoView {
    let href = |cursor: Option<String>| {
        let q = q.as_ref().map(|q| format!("&q={}", leptos_router::location::Url::escape(q))).unwrap_or_default();
        cursor.map(|cursor| format!("/operator/orgs?cursor={cursor}{q}"))
    };
    let (previous, next) = (href(page.previous_cursor), href(page.next_cursor));
    let none = page.data.is_empty();
    let rows: Vec<_> = page.data.into_iter().map(row).collect();
    let table = if none {
        view! { <Empty title="No organization found" text="None has this name or id."><a class="btn" href="/operator/orgs">"Show all"</a></Empty> }.into_any()
    } else {
        view! {
            <form method="post" action=SwitchOrg::url() class="scroll">
                <table>
                    <thead>
                        <tr>
                            <th>"Organization"</th><th class="r hide-s">"Members"</th><th class="r hide-s">"Endpoints"</th><th class="r">"Deliveries 24 h"</th>
                            <th class="r">"Failed"</th><th class="r hide-s">"Waiting"</th><th class="hide-s">"Created"</th><th><span class="sr-only">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </form>
        }
        .into_any()
    };
    view! {
        <p><a class="btn" href="/operator/health"><Icon name="health"/>"Health of the installation"</a></p>
        <section class="panel" aria-label="Organizations">{table}</section>
        <Pager previous=previous next=next/>
        {may_create.then(|| form(create))}
    }
}

fn row(org: OrgOverview) -> AnyView {
    let disabled = (org.endpoints_disabled > 0).then(|| view! { <span class="ml-2"><Status tone=Tone::Bad word=format!("{} disabled", org.endpoints_disabled)/></span> });
    let failed = if org.failed_24h > 0 {
        view! { <span class="text-bad">{org.failed_24h}</span> }.into_any()
    } else {
        view! { "0" }.into_any()
    };
    view! {
        <tr>
            <td class="py-1.5"><b class="font-[540]">{org.name.clone()}</b><div class="mono faint hide-s">{org.id.to_string()}</div></td>
            <td class="num r hide-s">{org.members}</td>
            <td class="num r hide-s">{org.endpoints}{disabled}</td>
            <td class="num r">{org.deliveries_24h}</td>
            <td class="num r">{failed}</td>
            <td class="num r hide-s">{org.backlog}</td>
            <td class="faint hide-s"><Time at=org.created_at/></td>
            <td class="r"><button class="btn small" name="org_id" value=org.id.to_string() aria-label=format!("Open {}", org.name)>"Open"</button></td>
        </tr>
    }
    .into_any()
}

fn form(create: Post<CreateOrg>) -> impl IntoView {
    let error = create.error();
    view! {
        <section class="panel pad stack max-w-xl" aria-labelledby="new">
            <h2 id="new">"New organization"</h2>
            <PostForm action=create empties=true>
                <div class="stack">
                    <FormError error=error fields=&["name"]/>
                    <Field label="Name" name="name" error=error help="You become its owner and can invite others."/>
                    <div><button class="btn primary" disabled=move || create.pending().get()>"Create"</button></div>
                </div>
            </PostForm>
        </section>
    }
}
