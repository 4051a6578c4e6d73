//! The rows of a filter: path, operator, value. The buttons that add and remove rows are submitted without scripts.

use domain::filter::{Join, Operator};
use leptos::prelude::*;

use super::filter_form::{FilterForm, TypedRow, word};
use crate::components::Icon;
use crate::error::UiError;

/// The most conditions that a filter has.
const MOST: usize = domain::filter::MAX_CONDITIONS;

/// Rows with keys, so that adding and removing leaves the others alone.
pub type Rows = RwSignal<Vec<(usize, TypedRow)>>;

/// The rows as the form has them.
pub fn keyed(form: &FilterForm) -> Vec<(usize, TypedRow)> {
    form.rows().into_iter().enumerate().collect()
}

/// How the rows are joined, and the rows.
pub fn builder(join: String, rows: Rows, error: Signal<Option<UiError>>) -> AnyView {
    let option = move |value: Join, word: &'static str| {
        let on = if value == Join::Any { join == "any" } else { join != "any" };
        view! { <label><input type="radio" name="form[join]" value=value.as_str() checked=on/>{word}</label> }
    };
    let add = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        rows.update(|rows| {
            let key = rows.iter().map(|row| row.0 + 1).max().unwrap_or(0);
            rows.push((key, TypedRow::default()));
        });
    };
    view! {
        <fieldset class="row wrap">
            <legend class="sr-only">"How the conditions are joined"</legend>
            <div class="seg">{option.clone()(Join::All, "All hold")}{option(Join::Any, "One is enough")}</div>
        </fieldset>
        <div class="stack gap-2!">
            <For each=move || rows.get() key=|row| row.0 let((key, row))>
                {line(key, row, rows, error)}
            </For>
        </div>
        <div>
            <button type="submit" class="btn small" name="form[then]" value="add" formnovalidate disabled=move || MOST <= rows.with(Vec::len) on:click=add>
                <Icon name="plus"/>"Add condition"
            </button>
        </div>
    }
    .into_any()
}

fn line(key: usize, row: TypedRow, rows: Rows, error: Signal<Option<UiError>>) -> AnyView {
    let index = Memo::new(move |_| rows.with(|rows| rows.iter().position(|row| row.0 == key).unwrap_or(0)));
    // Added after hydration, a row takes the focus: it was asked for.
    let path = NodeRef::<leptos::html::Input>::new();
    let fresh = row == TypedRow::default() && key > 0;
    Effect::new(move |_| {
        if let Some(path) =
            path.get().filter(|_| fresh && document().body().is_some_and(|body| body.has_attribute("data-hydrated")))
        {
            _ = path.focus();
        }
    });
    let options: Vec<_> = Operator::ALL
        .iter()
        .map(|operator| {
            let on = row.operator == operator.as_str();
            view! { <option value=operator.as_str() selected=on>{word(*operator)}</option> }.into_any()
        })
        .collect();
    let remove = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        rows.update(|rows| {
            rows.retain(|row| row.0 != key);
            if rows.is_empty() {
                rows.push((key + 1, TypedRow::default()));
            }
        });
    };
    let id = format!("condition-{key}-error");
    let wrong = move || {
        let index = index.get();
        let at = [format!("filter.all[{index}]"), format!("filter.any[{index}]")];
        error.with(|error| {
            let details = &error.as_ref()?.problem.details;
            details.iter().find(|detail| at.iter().any(|at| detail.field.starts_with(at))).map(|detail| {
                let what = detail.field.rsplit('.').next().unwrap_or_default();
                format!("{} {}", if what == "path" { "The path" } else { "The value" }, detail.message)
            })
        })
    };
    let described = id.clone();
    view! {
        <div class="grid gap-1 max-sm:border-t max-sm:border-line max-sm:pt-2.5 max-sm:first:border-t-0 max-sm:first:pt-0">
            <div class="grid grid-cols-[minmax(0,1fr)_32px] gap-2 sm:grid-cols-[minmax(0,5fr)_minmax(0,4fr)_minmax(0,4fr)_32px]" role="group" aria-label=move || format!("Condition {}", index.get() + 1)>
                <input class="input mono max-sm:col-span-2" name="form[paths][]" value=row.path aria-label="Path" aria-describedby=described.clone() placeholder="data.amount"
                    node_ref=path maxlength="500" autocomplete="off" autocapitalize="off" spellcheck="false"/>
                <select class="input max-sm:col-span-2" name="form[operators][]" aria-label="Operator">{options}</select>
                <input class="input mono" name="form[values][]" value=row.value aria-label="Value" aria-describedby=described placeholder="1000"
                    maxlength="2000" autocomplete="off" autocapitalize="off" spellcheck="false"/>
                <button type="submit" class="btn quiet square" name="form[then]" value=move || format!("remove:{}", index.get()) formnovalidate
                    aria-label=move || format!("Remove condition {}", index.get() + 1) on:click=remove><Icon name="x"/></button>
            </div>
            <p class="field-error empty:hidden" id=id aria-live="polite">{wrong}</p>
        </div>
    }
    .into_any()
}
