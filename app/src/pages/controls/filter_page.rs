//! `/endpoints/{id}/filter`: which events an endpoint gets and what is made of them, with a look at what would happen.

use leptos::prelude::*;

use super::calls::{FormPage, OpenFilter, SubmitFilter};
use super::filter_form::FilterForm;
use super::filter_rows::{builder, keyed};
use super::open::{beyond, id, inside, invalid, last_error, page, top};
use super::script;
use crate::components::{Done, FieldError, FormError, Icon};
use crate::error::UiError;
use crate::remote::{Post, PostForm, load};

/// The id of the form: buttons in the page's head and in the preview stand outside of it.
const FORM: &str = "filter-form";
/// The fields that show their own messages.
const FIELDS: &[&str] = &["filter", "channels", "transformation"];
const TITLE: &str = "Filter and transformation";
const DONE: &[(&str, &str)] = &[("saved", "Saved. Deliveries from now on follow it.")];

/// `/endpoints/{id}/filter`.
#[component]
pub fn FilterPage() -> impl IntoView {
    let id = id();
    page(load(move || OpenFilter { id: id.get() }), TITLE, view)
}

fn view(shown: FormPage<FilterForm>) -> AnyView {
    let FormPage { head, form, error, preview } = shown;
    let post = Post::<SubmitFilter>::new();
    let busy = post.pending();
    let error = last_error(post.into(), error);
    let rows = RwSignal::new(keyed(&form));
    let shape = RwSignal::new((form.is_json(), form.json.clone(), form.join.clone()));
    let (preview, saved) = (RwSignal::new(preview), RwSignal::new(false));
    Effect::watch(
        move || post.answers().get(),
        move |_, _, _| {
            let Some(Ok(answer)) = untrack(|| post.outcome()) else { return saved.set(false) };
            saved.set(answer.saved);
            if let Some(form) = answer.form {
                rows.set(keyed(&form));
                shape.set((form.is_json(), form.json, form.join));
            } else if !answer.saved {
                preview.set(answer.preview);
                show_preview();
            }
        },
        false,
    );
    let address = format!("/endpoints/{}/filter", head.id);
    let below = format!("{address}#preview");
    let buttons = head.may_write.then(|| {
        view! {
            <button class="btn" type="submit" form=FORM formaction=below name="form[then]" value="try" disabled=busy><Icon name="test"/>"Try"</button>
            <button class="btn primary" type="submit" form=FORM name="form[then]" value="save" disabled=busy>"Save"</button>
        }
    });
    view! {
        {top(&head, TITLE, "/filter", buttons.into_any())}
        <Done words=DONE/>
        {move || saved.get().then(|| view! { <div class="notice ok mb-4" role="status"><Icon name="check"/><div>{DONE[0].1}</div></div> })}
        <div class="grid gap-4 items-start grid-cols-1 xl:grid-cols-2">
            <PostForm action=post page=address attr:id=FORM attr:autocomplete="off" attr:class="min-w-0">
                <fieldset class="stack min-w-0" disabled=!head.may_write>
                    // Enter in a field tries; the buttons of rows come later.
                    <button type="submit" class="sr-only" name="form[then]" value="try" tabindex="-1" aria-hidden="true">"Try"</button>
                    <FormError error=beyond(error, FIELDS)/>
                    <input type="hidden" name="form[id]" value=head.id.clone()/>
                    <section class="panel pad stack gap-3.5" aria-labelledby="filter-title">
                        {move || shape.with(|(is_json, json, join)| conditions(*is_json, json, join.clone(), rows, error))}
                        {channels(form.channels, error)}
                    </section>
                    <section class="panel pad">{script::field(&form.script, error)}</section>
                </fieldset>
            </PostForm>
            <section id="preview" class="panel pad stack gap-3.5 max-md:scroll-mt-16 xl:sticky xl:top-5" aria-labelledby="preview-title">
                <h2 id="preview-title">"On the last 100 events"</h2>
                {move || if preview.with(String::is_empty) { hint() } else { view! { <div class="contents" inner_html=preview.get()></div> }.into_any() }}
            </section>
        </div>
    }
    .into_any()
}

/// Where the preview stands below the form, it is brought into sight.
fn show_preview() {
    let narrow = window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width < 1280.0);
    if let Some(preview) = document().get_element_by_id("preview").filter(|_| narrow) {
        preview.scroll_into_view();
    }
}

fn hint() -> AnyView {
    view! {
        <p class="muted">"Try shows which of the events that really happened would be delivered, why the others would not, and the body that would be sent. Nothing is sent and nothing is saved."</p>
    }
    .into_any()
}

/// The filter as rows or as JSON, with the button that changes between them.
fn conditions(
    is_json: bool,
    json: &str,
    join: String,
    rows: super::filter_rows::Rows,
    error: Signal<Option<UiError>>,
) -> AnyView {
    let (other, word) = if is_json { ("rows", "Edit as rows") } else { ("json", "Edit as JSON") };
    let fields = if is_json { text(json, error) } else { builder(join, rows, error) };
    let help = if is_json {
        "Conditions like {\"path\": \"data.amount\", \"gt\": 1000}, joined by \"all\", \"any\" and \"not\". Empty means every event."
    } else {
        "Paths start with data, event_type, channels or ordering_key; * is any element of a list. Numbers, true, false and null are read as such; put a text that looks like one in quotes. Several values stand between commas."
    };
    view! {
        <input type="hidden" name="form[mode]" value=if is_json { "json" } else { "" }/>
        <div class="row spread wrap">
            <h2 id="filter-title">"Only events that match"</h2>
            <button type="submit" class="btn small quiet" name="form[then]" value=other formnovalidate>{word}</button>
        </div>
        {fields}
        {(!is_json).then(|| view! { <FilterError error=error/> })}
        <p class="help">{help}</p>
    }
    .into_any()
}

/// What is wrong with the filter as a whole: what no row says.
#[component]
fn FilterError(error: Signal<Option<UiError>>) -> impl IntoView {
    move || {
        let whole = |error: &UiError| {
            error
                .problem
                .details
                .iter()
                .find(|detail| matches!(detail.field.as_str(), "filter" | "filter.all" | "filter.any"))
                .map(|detail| format!("The filter {}", detail.message))
        };
        error
            .with(|error| error.as_ref().and_then(whole))
            .map(|text| view! { <p class="field-error" role="alert">{text}</p> })
    }
}

fn text(json: &str, error: Signal<Option<UiError>>) -> AnyView {
    let rows = json.lines().count().clamp(8, 24).to_string();
    // Every bad part, named by its place.
    let wrong = move || {
        error.with(|error| {
            let parts = error.iter().flat_map(|error| &error.problem.details);
            let parts = parts.filter(|detail| detail.field.starts_with("filter"));
            parts
                .map(|detail| {
                    view! { <li><code>{detail.field.clone()}</code>" "{detail.message.clone()}</li> }.into_any()
                })
                .collect::<Vec<_>>()
        })
    };
    view! {
        <textarea class="input mono block! whitespace-pre overflow-x-auto" name="form[json]" rows=rows maxlength="8192" aria-label="Filter as JSON" aria-describedby="filter-error"
            spellcheck="false" autocapitalize="off" aria-invalid=invalid(error, "filter") placeholder="{\"all\": [{\"path\": \"data.amount\", \"gt\": 1000}]}" inner_html=inside(json)></textarea>
        <div class="field-error" id="filter-error" role="alert"><ul class="empty:hidden">{wrong}</ul></div>
    }
    .into_any()
}

fn channels(value: String, error: Signal<Option<UiError>>) -> AnyView {
    view! {
        <div class="field border-t border-line pt-3.5">
            <label for="channels">"Channels "<span class="faint font-normal">"optional"</span></label>
            <input id="channels" class="input mono" name="form[channels]" value=value placeholder="acme, globex" maxlength="2200" autocapitalize="off" spellcheck="false"
                aria-describedby="channels-help channels-error" aria-invalid=invalid(error, "channels")/>
            <FieldError error=error field="channels"/>
            <p class="help" id="channels-help">"Only events that were posted with one of these channels. Empty means all, with and without channels."</p>
        </div>
    }
    .into_any()
}
