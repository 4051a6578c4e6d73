//! "Delivery": time limit, rate, status, and the retry schedule drawn as a line.

use domain::endpoint::{RETRY_LONG, RETRY_SHORT, RETRY_STANDARD};
use leptos::prelude::*;

use super::form::EndpointForm;
use super::schedule::{Stop, parse_waits, sentence, timeline, write_waits};
use crate::components::FieldError;
use crate::error::UiError;

/// The presets: value, word, waits.
const PRESETS: [(&str, &str, &[i64]); 3] =
    [("short", "Short", RETRY_SHORT), ("standard", "Standard", RETRY_STANDARD), ("long", "Long", RETRY_LONG)];

/// The panel. `retry` and `own` follow the fields, for the line.
#[component]
pub fn DeliveryPanel(
    /// What the form holds at first.
    form: EndpointForm,
    /// The chosen schedule: `short`, `standard`, `long` or `own`.
    retry: RwSignal<String>,
    /// The waits of an own schedule, as written.
    own: RwSignal<String>,
    /// The form's last error.
    error: Signal<Option<UiError>>,
) -> impl IntoView {
    view! {
        <section class="panel pad stack gap-3" aria-labelledby="delivery-title">
            <h2 id="delivery-title">"Delivery"</h2>
            <div class="row wrap items-start! gap-4!">
                <div class="field">
                    <label for="timeout_s">"Timeout"</label>
                    <div class="input mono w-28!">
                        <input id="timeout_s" name="form[timeout_s]" type="number" min="1" max="30" step="any" required inputmode="decimal"
                            value=form.timeout_s aria-describedby="timeout_ms-error" />
                        <span class="faint">"s"</span>
                    </div>
                    <FieldError error=error field="timeout_ms" />
                </div>
                <div class="field">
                    <label for="rate">"At most"</label>
                    <div class="input mono w-44!">
                        <input id="rate" name="form[rate]" type="number" min="1" max="100000" step="1" inputmode="numeric" placeholder="no limit"
                            value=form.rate aria-describedby="rate_limit_per_minute-error" />
                        <span class="faint">"per minute"</span>
                    </div>
                    <FieldError error=error field="rate_limit_per_minute" />
                </div>
                <StatusField status=form.status error=error />
            </div>
            <RetryField retry=retry own=own error=error />
        </section>
    }
}

/// Active, paused or disabled.
#[component]
fn StatusField(status: String, error: Signal<Option<UiError>>) -> impl IntoView {
    let option = move |value: &'static str, word: &'static str| {
        view! { <label><input type="radio" name="form[status]" value=value checked=status == value />{word}</label> }
    };
    view! {
        <fieldset class="field">
            <legend class="mb-1.5">"Deliveries"</legend>
            <div class="seg">{option.clone()("active", "Active")}{option.clone()("paused", "Paused")}{option("disabled", "Disabled")}</div>
            <FieldError error=error field="status" />
        </fieldset>
    }
}

#[component]
fn RetryField(retry: RwSignal<String>, own: RwSignal<String>, error: Signal<Option<UiError>>) -> impl IntoView {
    let chosen = retry.get_untracked();
    let option = move |value: &'static str, word: &'static str| {
        view! {
            <label>
                <input type="radio" id=format!("retry-{value}") name="form[retry]" value=value checked=chosen == value on:change=move |_| retry.set(value.into()) />
                {word}
            </label>
        }
    };
    let options = PRESETS
        .iter()
        .map(|(value, word, _)| (*value, *word))
        .chain([("own", "Own")])
        .map(|(value, word)| option(value, word))
        .collect_view();
    let waits = Memo::new(move |_| match retry.get().as_str() {
        "own" => parse_waits(&own.get()),
        name => Ok(PRESETS.iter().find(|preset| preset.0 == name).map_or(RETRY_STANDARD, |preset| preset.2).to_vec()),
    });
    view! {
        <fieldset class="group grid gap-3">
            <legend class="mb-1.5">"Retry after a failure"</legend>
            <div><div class="seg">{options}</div></div>
            <div class="field hidden! group-has-[#retry-own:checked]:grid!">
                <label for="own_retry">"Waits before each further attempt"</label>
                <input id="own_retry" class="input mono" name="form[own_retry]" value=own.get_untracked() autocomplete="off" spellcheck="false"
                    placeholder="10s, 1m, 10m, 1h" aria-describedby="own_retry-help retry-error" on:input=move |event| own.set(event_target_value(&event)) />
                <p class="help" id="own_retry-help">"Up to 20 waits with "<code>"s"</code>", "<code>"m"</code>", "<code>"h"</code>" or "<code>"d"</code>". Leave it empty for a single attempt."</p>
            </div>
            <FieldError error=error field="retry" />
            {move || match waits.get() {
                Ok(waits) => view! { <Timeline waits=waits /> }.into_any(),
                Err(message) => view! { <p class="field-error">{message}</p> }.into_any(),
            }}
        </fieldset>
    }
}

/// The attempts of a schedule as dots on a line, and in words.
#[component]
pub fn Timeline(
    /// Seconds before the second, third … attempt.
    waits: Vec<i64>,
) -> impl IntoView {
    let label = format!("{} Waits: {}.", sentence(&waits), write_waits(&waits));
    let stops = timeline(&waits).into_iter().map(stop).collect_view();
    view! {
        <div class="grid gap-1">
            <svg class="block w-full h-9 overflow-visible px-1" role="img" aria-label=label>
                <line x1="0" x2="100%" y1="8" y2="8" class="stroke-line-strong" stroke-width="2" />
                {stops}
            </svg>
            <p class="help">{sentence(&waits)}</p>
        </div>
    }
}

fn stop(stop: Stop) -> impl IntoView {
    let anchor = match stop.x {
        x if x < 2.0 => "start",
        x if x > 98.0 => "end",
        _ => "middle",
    };
    let class = if stop.tight { "mono fill-ink-3 text-[11.5px] hide-s" } else { "mono fill-ink-3 text-[11.5px]" };
    view! {
        <circle cx=format!("{}%", stop.x) cy="8" r="4" class="fill-ink" />
        <text x=format!("{}%", stop.x) y="29" text-anchor=anchor class=class>{stop.label}</text>
    }
}
