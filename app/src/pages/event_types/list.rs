//! `/event-types`: all types by resource, with search.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::calls::{ListEventTypes, TypeLine, TypeList};
use super::form::grouped;
use crate::components::{Empty, Icon, PageHead, ProblemPanel};
use crate::remote::load;

/// `/event-types`.
#[component]
pub fn EventTypesPage() -> impl IntoView {
    let list = load(|| ListEventTypes {});
    view! {
        <Suspense fallback=|| view! { <PageHead title="Event types" /> }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(list) => view! { <Loaded list=list /> }.into_any(),
                    Err(error) => view! { <PageHead title="Event types" /><ProblemPanel error=error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(list: TypeList) -> impl IntoView {
    let query = use_query_map();
    // The address holds the search without scripts; with them the list follows each key.
    let search = RwSignal::new(query.with_untracked(|query| query.get("q").unwrap_or_default()));
    let start = search.get_untracked();
    let (own, all) = (list.types.iter().filter(|line| !line.standard).count(), list.types.len());
    let types = StoredValue::new(list.types);
    let groups = Memo::new(move |_| search.with(|search| types.with_value(|types| grouped(types, search))));
    view! {
        <PageHead title="Event types">
            {list.may_write.then(|| view! { <a class="btn primary" href="/event-types/new"><Icon name="plus" />"Add event type"</a> })}
        </PageHead>
        <p class="muted mb-4 max-w-prose">"What can happen, and what receivers can subscribe to. Each type has a description, a schema and a sample to build against."</p>
        <div class="row wrap mb-3">
            <form method="get" action="/event-types" class="row grow min-w-56 max-w-md" role="search" on:submit=|event| event.prevent_default()>
                <div class="input">
                    <Icon name="search" />
                    <input type="search" name="q" placeholder="Find an event type" aria-label="Find an event type" value=start autocomplete="off"
                        on:input=move |event| search.set(event_target_value(&event)) />
                </div>
                <noscript><button class="btn" type="submit">"Find"</button></noscript>
            </form>
            <span class="faint">{format!("{all} types, {own} of your own")}</span>
        </div>
        <div class="stack">
            <For each=move || groups.get() key=Clone::clone let:group>{group_panel(&group.0, &group.1)}</For>
            {move || groups.with(Vec::is_empty).then(|| view! { <div class="panel"><Empty title="No event type matches" text="No name and no description contains this text."><a class="btn" href="/event-types" on:click=move |_| search.set(String::new())>"Show all types"</a></Empty></div> })}
        </div>
    }
}

fn group_panel(resource: &str, lines: &[TypeLine]) -> impl IntoView + use<> {
    let rows = lines.iter().map(line).collect_view();
    view! {
        <section class="panel" aria-label=resource.to_owned()>
            <div class="panel-head border-b border-line"><h2>{resource.to_owned()}</h2><span class="faint">{lines.len()}</span></div>
            <ul>{rows}</ul>
        </section>
    }
}

fn line(line: &TypeLine) -> impl IntoView + use<> {
    let badge = if line.standard {
        view! { <span class="badge">"standard"</span> }
    } else {
        view! { <span class="badge info">"own"</span> }
    };
    view! {
        <li class="border-b border-line last:border-0">
            <a class="grid md:grid-cols-[minmax(200px,280px)_minmax(0,1fr)_auto] gap-x-4 items-center px-4 py-2 hover:bg-sunken" href=format!("/event-types/{}", line.name)>
                <span class="mono font-medium break-all">{line.name.clone()}</span>
                <span class="muted">{line.description.clone()}</span>
                <span class="hide-s">{badge}</span>
            </a>
        </li>
    }
}
