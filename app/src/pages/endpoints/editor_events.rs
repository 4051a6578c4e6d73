//! "Which events": the tree of event types. Before hydration it is a list of plain boxes that mean the same.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

use super::tree::{Group, Tri, TypeRow, groups, is_on, others};
use crate::components::{FieldError, Icon};
use crate::error::UiError;

/// What every box of the tree is called in the form.
const FIELD: &str = "form[event_types][]";

/// The panel. `patterns` is the truth; boxes show and change it.
#[component]
pub fn EventsPanel(
    /// All event types.
    types: Vec<TypeRow>,
    /// What is chosen.
    patterns: RwSignal<Vec<String>>,
    /// The form's last error.
    error: Signal<Option<UiError>>,
) -> impl IntoView {
    // Only scripts may take the boxes below "every event type" away: without them nothing could give them back.
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let tree = StoredValue::new(groups(&types));
    let total = types.len();
    let search = RwSignal::new(String::new());
    let chosen = move || {
        let count = types.iter().filter(|row| patterns.with(|patterns| is_on(patterns, &row.name))).count();
        if patterns.with(|patterns| patterns.iter().any(|pattern| pattern == "*")) {
            "All, also future ones".to_owned()
        } else {
            format!("{count} of {total}")
        }
    };
    // The patterns without a box that came with the endpoint stay on offer while the page is open.
    let extra = patterns.with_untracked(|patterns| tree.with_value(|tree| others(patterns, tree)));
    let rows = tree
        .get_value()
        .into_iter()
        .map(|group| view! { <GroupRows group=group patterns=patterns search=search alive=alive /> })
        .collect_view();
    let nothing = move || {
        let found = search.with(|search| {
            tree.with_value(|tree| tree.iter().any(|group| group.types.iter().any(|row| found(row, search))))
        });
        (!found).then(|| view! { <p class="help py-2">{move || format!("No event type contains \u{201c}{}\u{201d}.", search.get().trim())}</p> })
    };
    view! {
        <section class="panel pad stack gap-2" aria-labelledby="events-title">
            <div class="row spread wrap">
                <h2 id="events-title">"Which events"</h2>
                <div class="row wrap">
                    <Chips patterns=patterns />
                    <span class="badge">{chosen}</span>
                </div>
            </div>
            <FieldError error=error field="event_types" />
            <div class="input js-only">
                <Icon name="search" />
                <input type="search" placeholder="Find an event type" aria-label="Find an event type" autocomplete="off"
                    prop:value=search
                    on:input=move |event| { event.stop_propagation(); search.set(event_target_value(&event)); }
                    on:keydown=move |event| if event.key() == "Enter" { event.prevent_default() } />
            </div>
            <EveryBox patterns=patterns />
            <div class="grid grid-cols-1" role="group" aria-label="Event types">{rows}</div>
            {nothing}
            {(!extra.is_empty()).then(|| view! { <Extra extra=extra patterns=patterns /> })}
        </section>
    }
}

/// Whether a type's name or description contains what is searched for.
fn found(row: &TypeRow, search: &str) -> bool {
    let search = search.trim().to_lowercase();
    row.name.contains(&search) || row.description.to_lowercase().contains(&search)
}

/// The choice as chips, each with a button that takes it out.
#[component]
fn Chips(patterns: RwSignal<Vec<String>>) -> impl IntoView {
    let shown = move || {
        patterns.with(|patterns| patterns.iter().filter(|pattern| *pattern != "*").take(4).cloned().collect::<Vec<_>>())
    };
    let more = move || {
        patterns.with(|patterns| {
            patterns.len().checked_sub(4).filter(|more| *more > 0).map(|more| format!("and {more} more"))
        })
    };
    view! {
        <div class="row wrap hide-s">
            <For each=shown key=Clone::clone let:pattern>
                <span class="chip mono">
                    {pattern.clone()}
                    <button type="button" class="js-only text-ink-3 hover:text-ink px-0.5" aria-label=format!("Take out {pattern}")
                        on:click=move |event| { remove(patterns, &pattern); changed(&event); }>
                        "×"
                    </button>
                </span>
            </For>
            <span class="faint">{more}</span>
        </div>
    }
}

fn remove(patterns: RwSignal<Vec<String>>, pattern: &str) {
    patterns.update(|patterns| patterns.retain(|one| one != pattern));
}

/// Tells the form that it was changed by a button instead of a field.
fn changed(event: &leptos::ev::MouseEvent) {
    let form = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok())
        .and_then(|element| element.closest("form").ok().flatten());
    if let (Some(form), Ok(input)) = (form, leptos::web_sys::Event::new("input")) {
        _ = form.dispatch_event(&input);
    }
}

/// The box for everything.
#[component]
fn EveryBox(patterns: RwSignal<Vec<String>>) -> impl IntoView {
    let on = move || patterns.with(|patterns| patterns.iter().any(|pattern| pattern == "*"));
    let toggle = move |_| {
        let next = if on() { Vec::new() } else { vec!["*".to_owned()] };
        patterns.set(next);
    };
    view! {
        <label class="row py-1">
            <input class="check" type="checkbox" name=FIELD value="*" checked=patterns.with_untracked(|p| p.iter().any(|p| p == "*")) prop:checked=on on:change=toggle />
            <b>"Every event type"</b>
            <span class="faint">"also future ones"</span>
        </label>
    }
}

/// What is chosen besides "every event type": what the boxes say where no script lets them follow that one.
fn without_all(patterns: &[String]) -> Vec<String> {
    patterns.iter().filter(|pattern| *pattern != "*").cloned().collect()
}

/// A group's box with the boxes of its types.
#[component]
fn GroupRows(
    group: Group,
    patterns: RwSignal<Vec<String>>,
    search: RwSignal<String>,
    alive: RwSignal<bool>,
) -> impl IntoView {
    let whole = group.pattern();
    let (resource, total) = (group.resource.clone(), group.types.len());
    let group = StoredValue::new(group);
    let state = Memo::new(move |_| patterns.with(|patterns| group.with_value(|group| group.state(patterns))));
    let every = Memo::new(move |_| patterns.with(|patterns| patterns.iter().any(|pattern| pattern == "*")));
    let off = Memo::new(move |_| alive.get() && every.get());
    let first = group.with_value(|group| group.state(&patterns.with_untracked(|patterns| without_all(patterns))));
    let count = move || match state.get() {
        Tri::All if every.get() => total.to_string(),
        Tri::All => "all, also future ones".to_owned(),
        _ => patterns.with(|patterns| group.with_value(|group| format!("{} of {total}", group.chosen(patterns)))),
    };
    // A group whose types are chosen one by one looks on, but only its types are posted.
    let name = move || (state.get() != Tri::Each).then_some(FIELD);
    let toggle = move |_| patterns.update(|patterns| *patterns = group.with_value(|group| group.toggle(patterns)));
    let rows = group
        .with_value(|group| group.types.clone())
        .into_iter()
        .map(|row| view! { <TypeBox row=row group=group patterns=patterns search=search off=off /> })
        .collect_view();
    let hidden =
        move || search.with(|search| group.with_value(|group| !group.types.iter().any(|row| found(row, search))));
    view! {
        <div class:hidden=hidden>
            <label class="row py-1">
                <input class="check" type="checkbox" name=name value=whole checked=matches!(first, Tri::All | Tri::Each)
                    prop:checked=move || matches!(state.get(), Tri::All | Tri::Each)
                    prop:indeterminate=move || state.get() == Tri::Some
                    disabled=off
                    on:change=toggle />
                <b class="font-[540]">{resource}</b>
                <span class="faint">{count}</span>
            </label>
            {rows}
        </div>
    }
}

/// The box of one type.
#[component]
fn TypeBox(
    row: TypeRow,
    group: StoredValue<Group>,
    patterns: RwSignal<Vec<String>>,
    search: RwSignal<String>,
    off: Memo<bool>,
) -> impl IntoView {
    let first = patterns.with_untracked(|patterns| is_on(&without_all(patterns), &row.name));
    let name = StoredValue::new(row.name.clone());
    let on = Memo::new(move |_| patterns.with(|patterns| name.with_value(|name| is_on(patterns, name))));
    let toggle = move |_| {
        patterns.update(|patterns| {
            *patterns = group.with_value(|group| name.with_value(|name| group.toggle_type(patterns, name)))
        })
    };
    let text = StoredValue::new(row.clone());
    let hidden = move || search.with(|search| text.with_value(|row| !found(row, search)));
    view! {
        <label class="row items-baseline! py-1 pl-6" class:hidden=hidden>
            <input class="check self-center" type="checkbox" name=FIELD value=row.name.clone() checked=first
                prop:checked=on disabled=off on:change=toggle />
            <span class="mono">{row.name.clone()}</span>
            <span class="faint ell hide-s text-[12.5px]" title=row.description.clone()>{row.description.clone()}</span>
        </label>
    }
}

/// Patterns that the tree has no box for: they stay until they are taken out.
#[component]
fn Extra(extra: Vec<String>, patterns: RwSignal<Vec<String>>) -> impl IntoView {
    let rows = extra
        .into_iter()
        .map(|pattern| {
            let known = StoredValue::new(pattern.clone());
            let on = Memo::new(move |_| patterns.with(|patterns| known.with_value(|known| patterns.contains(known))));
            let toggle = move |_| {
                if on.get_untracked() {
                    known.with_value(|known| remove(patterns, known));
                } else {
                    patterns.update(|patterns| patterns.push(known.get_value()));
                }
            };
            view! {
                <label class="row py-1">
                    <input class="check" type="checkbox" name=FIELD value=pattern.clone() checked=on.get_untracked() prop:checked=on on:change=toggle />
                    <span class="mono">{pattern}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="border-t border-line pt-2">
            <h3>"Other patterns"</h3>
            {rows}
        </div>
    }
}
