//! The table of status rules: an answer and what it means. The buttons are submitted without scripts.

use domain::endpoint::StatusAction;
use leptos::prelude::*;

use super::rules_form::blank;
use crate::components::Icon;
use crate::error::UiError;

/// The most rules that an endpoint has.
const MOST: usize = 50;

/// Rows of a code and an action, with keys.
pub type Rows = RwSignal<Vec<(usize, (String, String))>>;

/// The rows and the button that adds one.
pub fn table(rows: Rows, error: Signal<Option<UiError>>) -> AnyView {
    let add = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        rows.update(|rows| {
            let key = rows.iter().map(|row| row.0 + 1).max().unwrap_or(0);
            rows.push((key, blank()));
        });
    };
    view! {
        <div class="stack gap-2!">
            <For each=move || rows.get() key=|row| row.0 let((key, row))>{line(key, row, rows, error)}</For>
        </div>
        <div>
            <button type="submit" class="btn small" name="form[then]" value="add" formnovalidate disabled=move || MOST <= rows.with(Vec::len) on:click=add>
                <Icon name="plus"/>"Add rule"
            </button>
        </div>
    }
    .into_any()
}

fn line(key: usize, (code, action): (String, String), rows: Rows, error: Signal<Option<UiError>>) -> AnyView {
    let index = Memo::new(move |_| rows.with(|rows| rows.iter().position(|row| row.0 == key).unwrap_or(0)));
    let typed = RwSignal::new(code.clone());
    let options: Vec<_> = StatusAction::ALL
        .iter()
        .map(|known| {
            view! { <option value=known.as_str() selected=action == known.as_str()>{word(*known)}</option> }.into_any()
        })
        .collect();
    let remove = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        rows.update(|rows| {
            rows.retain(|row| row.0 != key);
            if rows.is_empty() {
                rows.push((key + 1, blank()));
            }
        });
    };
    let wrong = move || {
        let field = format!("status_rules.{}", typed.get().trim().to_lowercase());
        error.with(|error| {
            error
                .as_ref()?
                .problem
                .details
                .iter()
                .find(|detail| detail.field == field)
                .map(|detail| format!("{} {}", typed.get().trim(), detail.message))
        })
    };
    let id = format!("rule-{key}-error");
    view! {
        <div class="grid gap-1">
            <div class="row" role="group" aria-label=move || format!("Rule {}", index.get() + 1)>
                <input class="input mono w-24! flex-none" name="form[codes][]" value=code aria-label="Answer" aria-describedby=id.clone() placeholder="4xx" maxlength="3"
                    autocomplete="off" autocapitalize="off" spellcheck="false" on:input=move |event| typed.set(event_target_value(&event))/>
                <select class="input grow" name="form[actions][]" aria-label="Means">{options}</select>
                <button type="submit" class="btn quiet square flex-none" name="form[then]" value=move || format!("remove:{}", index.get()) formnovalidate
                    aria-label=move || format!("Remove rule {}", index.get() + 1) on:click=remove><Icon name="x"/></button>
            </div>
            <p class="field-error empty:hidden" id=id aria-live="polite">{wrong}</p>
        </div>
    }
    .into_any()
}

const fn word(action: StatusAction) -> &'static str {
    match action {
        StatusAction::Retry => "Try again",
        StatusAction::Fail => "Give up at once",
        StatusAction::Disable => "Disable endpoint",
    }
}
