//! "Custom headers": rows of a name and a value. Without JavaScript there are a few spare rows.

use std::collections::BTreeMap;

use domain::endpoint::{CustomHeader, check_headers};
use leptos::prelude::*;

use super::form::SPARE_HEADER_ROWS;
use crate::components::Icon;
use crate::error::UiError;

/// The most rows that make sense.
const MOST: usize = 20;

/// The panel.
#[component]
pub fn HeadersPanel(
    /// What the endpoint has; values are masked.
    headers: Vec<CustomHeader>,
    /// The form's last error.
    error: Signal<Option<UiError>>,
) -> impl IntoView {
    let empty = || CustomHeader { name: String::new(), value: String::new() };
    let start: Vec<(usize, CustomHeader)> =
        headers.into_iter().chain((0..SPARE_HEADER_ROWS).map(|_| empty())).enumerate().collect();
    let next = StoredValue::new(start.len());
    let rows = RwSignal::new(start);
    let add = move |_| {
        let key = next.get_value();
        next.set_value(key + 1);
        rows.update(|rows| rows.push((key, empty())));
    };
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="headers-title">
            <div>
                <h2 id="headers-title">"Custom headers"</h2>
                <p class="help">"Sent with every request, for example a token that your receiver or its gateway asks for. Values are kept encrypted and shown masked; a masked value that you leave as it is stays."</p>
            </div>
            <For each=move || rows.get() key=|row| row.0 let((key, header))>
                <HeaderRow key=key header=header error=error remove=move || rows.update(|rows| rows.retain(|row| row.0 != key)) />
            </For>
            <div class="js-only">
                <button type="button" class="btn small" disabled=move || MOST <= rows.with(Vec::len) on:click=add><Icon name="plus" />"Add header"</button>
            </div>
        </section>
    }
}

#[component]
fn HeaderRow(
    key: usize,
    header: CustomHeader,
    error: Signal<Option<UiError>>,
    remove: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let name = RwSignal::new(header.name.clone());
    let value = RwSignal::new(header.value.clone());
    let id = format!("header-{key}-error");
    // A masked value is not printable ASCII; it is checked when it was changed only.
    let shown = header.value.clone();
    let wrong = move || {
        let (name, value) = (name.get(), value.get());
        let checked = if value == shown { String::new() } else { value };
        if name.trim().is_empty() && checked.trim().is_empty() {
            return None;
        }
        let field = format!("headers.{}", name.trim());
        let said =
            || error.with(|error| error.as_ref()?.problem.details.iter().find(|detail| detail.field == field).cloned());
        let detail = check_headers(&BTreeMap::from([(name.trim().to_owned(), checked)])).pop().or_else(said)?;
        Some(if name.trim().is_empty() {
            "A value without a name.".to_owned()
        } else {
            format!("{} {}", name.trim(), detail.message)
        })
    };
    view! {
        <div class="grid gap-1">
            <div class="row">
                <input class="input mono basis-2/5" name="form[header_names][]" value=header.name aria-label="Header name" aria-describedby=id.clone() placeholder="X-Team"
                    maxlength="100" autocomplete="off" spellcheck="false" on:input=move |event| name.set(event_target_value(&event)) />
                <input class="input mono grow" name="form[header_values][]" value=header.value aria-label="Header value" placeholder="value"
                    maxlength="2000" autocomplete="off" spellcheck="false" on:input=move |event| value.set(event_target_value(&event)) />
                <button type="button" class="btn quiet square js-only" aria-label=move || format!("Remove header {}", name.get()) on:click=move |_| remove()><Icon name="x" /></button>
            </div>
            <p class="field-error" id=id aria-live="polite">{wrong}</p>
        </div>
    }
}
