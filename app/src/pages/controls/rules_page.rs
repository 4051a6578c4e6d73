//! `/endpoints/{id}/rules`: how deliveries reach the receiver, how many at a time, what answers mean, and what the hub does on its own.

use leptos::prelude::*;

use super::calls::{FormPage, OpenRules, SubmitRules};
use super::open::{beyond, id, invalid, last_error, page, top};
use super::rules_form::RulesForm;
use super::rules_rows::table;
use crate::components::{Done, FieldError, FormError, Icon};
use crate::error::UiError;
use crate::remote::{Post, PostForm, load};

const FORM: &str = "rules-form";
const FIELDS: &[&str] = &["concurrency_limit", "status_rules", "delivery", "url"];
const TITLE: &str = "Delivery rules";
const DONE: &[(&str, &str)] = &[("saved", "Saved. Attempts from now on follow it.")];

/// `/endpoints/{id}/rules`.
#[component]
pub fn RulesPage() -> impl IntoView {
    let id = id();
    page(load(move || OpenRules { id: id.get() }), TITLE, view)
}

fn view(shown: FormPage<RulesForm>) -> AnyView {
    let FormPage { head, form, error, .. } = shown;
    let post = Post::<SubmitRules>::new();
    let busy = post.pending();
    let error = last_error(post.into(), error);
    let rows = RwSignal::new(form.rows().into_iter().enumerate().collect());
    let buttons = head
        .may_write
        .then(|| view! { <button class="btn primary" type="submit" form=FORM disabled=busy>"Save"</button> });
    let edit = format!("/endpoints/{}/edit", head.id);
    view! {
        {top(&head, TITLE, "/rules", buttons.into_any())}
        <Done words=DONE/>
        {move || (post.is_done() && !busy.get()).then(|| view! { <div class="notice ok mb-4" role="status"><Icon name="check"/><div>{DONE[0].1}</div></div> })}
        <div class="split">
            <PostForm action=post page=format!("/endpoints/{}/rules", head.id) attr:id=FORM attr:autocomplete="off" attr:class="min-w-0">
                <fieldset class="stack min-w-0" disabled=!head.may_write>
                    // Enter in a field saves; the buttons of rows come later.
                    <button type="submit" class="sr-only" name="form[then]" value="save" tabindex="-1" aria-hidden="true">"Save"</button>
                    <FormError error=beyond(error, FIELDS)/>
                    <input type="hidden" name="form[id]" value=head.id.clone()/>
                    {delivery(&form, error)}
                    {answers(rows, error)}
                    {concurrency(form.concurrency, edit, error)}
                </fieldset>
            </PostForm>
            <aside class="stack">{explained()}</aside>
        </div>
    }
    .into_any()
}

/// In what form deliveries reach the receiver. The fields of a form show when it is chosen; the style sheet does that.
fn delivery(form: &RulesForm, error: Signal<Option<UiError>>) -> AnyView {
    let choice = |value: &'static str, name: &'static str, text: &'static str| {
        let on = form.delivery == value;
        view! {
            <label class="choice">
                <input class="check" type="radio" id=format!("delivery-{value}") name="form[delivery]" value=value checked=on/>
                <span class="min-w-0"><b class="font-[560]">{name}</b><span class="help block">{text}</span></span>
            </label>
        }
    };
    let number = |label: &'static str, name: &'static str, field: &'static str, most: &'static str, value: String| {
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input id=name class="input mono w-28!" name=format!("form[{name}]") type="number" min="1" max=most step="1" inputmode="numeric" value=value
                    aria-describedby=format!("{field}-error") aria-invalid=invalid(error, field)/>
                <FieldError error=error field=field/>
            </div>
        }
    };
    view! {
        <section class="panel pad stack gap-3 group" aria-labelledby="delivery-title">
            <h2 id="delivery-title">"How deliveries reach the receiver"</h2>
            <fieldset class="grid gap-1">
                <legend class="sr-only">"Form of delivery"</legend>
                {choice("push", "Pushed one by one", "Each delivery is a signed request to the URL.")}
                {choice("batch", "Pushed several at a time", "One signed request holds several events: for many a second. A failed request is tried again with all of them.")}
                {choice("pull", "Fetched by the receiver", "Deliveries wait until the receiver asks for them: for one behind a firewall. What is set below, the timeout and the schedule mean nothing then.")}
            </fieldset>
            <div class="row wrap items-start! gap-x-5! hidden group-has-[#delivery-batch:checked]:flex">
                {number("Events at most", "max_events", "delivery.max_events", "500", form.max_events.clone())}
                {number("Seconds to wait for them", "max_wait_s", "delivery.max_wait_s", "300", form.max_wait_s.clone())}
            </div>
            <div class="field group-has-[#delivery-pull:checked]:hidden">
                <label for="url">"URL"</label>
                <input id="url" class="input mono" name="form[url]" type="url" maxlength="2000" value=form.url.clone() inputmode="url" spellcheck="false" autocomplete="off"
                    aria-describedby="url-error" aria-invalid=invalid(error, "url")/>
                <FieldError error=error field="url"/>
            </div>
        </section>
    }
    .into_any()
}

fn answers(rows: super::rules_rows::Rows, error: Signal<Option<UiError>>) -> AnyView {
    view! {
        <section class="panel pad stack gap-3" aria-labelledby="answers-title">
            <div>
                <h2 id="answers-title">"What an answer means"</h2>
                <p class="help">"By code ("<code>"404"</code>") or class ("<code>"4xx"</code>"); a code wins over its class. Giving up makes a dead letter, and so does disabling, which keeps what comes after. What no rule names is tried again by the schedule, and "<code>"410"</code>" disables the endpoint. 2xx is always delivered."</p>
            </div>
            {table(rows, error)}
            {move || error.with(|error| error.as_ref().and_then(|error| error.problem.details.iter().find(|detail| detail.field == "status_rules")).map(|detail| view! { <p class="field-error" role="alert">"The rules "{detail.message.clone()}</p> }))}
        </section>
    }
    .into_any()
}

fn concurrency(value: String, edit: String, error: Signal<Option<UiError>>) -> AnyView {
    view! {
        <section class="panel pad stack gap-3" aria-labelledby="concurrency-title">
            <h2 id="concurrency-title">"How many at a time"</h2>
            <div class="field">
                <label for="concurrency">"Attempts under way at most"</label>
                <input id="concurrency" class="input mono w-28!" name="form[concurrency]" type="number" min="1" max="256" step="1" required inputmode="numeric" value=value
                    aria-describedby="concurrency_limit-error concurrency-help" aria-invalid=invalid(error, "concurrency_limit")/>
                <FieldError error=error field="concurrency_limit"/>
                <p class="help" id="concurrency-help">"With 1 the receiver never gets two at once. Deliveries beyond it wait in the queue. Deliveries a minute, timeout and retry schedule are under "<a class="link" href=edit>"Settings"</a>"."</p>
            </div>
        </section>
    }
    .into_any()
}

/// What the hub does on its own, in plain words.
fn explained() -> AnyView {
    let part = |title: &'static str, text: &'static str| view! { <div><h3 class="text-ink!">{title}</h3><p class="muted mt-0.5">{text}</p></div> };
    view! {
        <section class="panel pad stack gap-3.5" aria-labelledby="own-title">
            <h2 id="own-title">"What the hub does on its own"</h2>
            {part("Circuit breaker", "After 5 failures in a row nothing is sent for 30 seconds. Then one delivery goes as a probe: if it arrives, everything goes on; if not, the pause doubles, up to one hour. What waits uses up no attempts.")}
            {part("429 and 503", "A Retry-After in the answer is honoured, up to 24 hours: the next attempt waits for the schedule or for that time, whichever is later.")}
            {part("410 Gone", "The receiver wants no more: the delivery is a dead letter and the endpoint is disabled, unless a rule for 410 says otherwise.")}
            {part("Disabled after long failure", "At 50, 70 and 90 failures in a row people are warned. At 100 that span an hour or more the endpoint is disabled. Its deliveries are kept and go out when it is enabled again.")}
        </section>
    }
    .into_any()
}
