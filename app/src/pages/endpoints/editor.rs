//! The editor: one page for a new endpoint and for one that exists. A plain form that works without
//! JavaScript; the browser adds the tree, the line, checks while typing, and a guard.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::hooks::use_params_map;

use super::calls::{EditorData, LoadEditor, RotateEndpointSecret, SaveEndpoint};
use super::editor_delivery::DeliveryPanel;
use super::editor_events::EventsPanel;
use super::editor_headers::HeadersPanel;
use super::form::EndpointForm;
use super::guard::guard;
use super::secret::SecretPanel;
use super::test::TestPanel;
use super::verify_panel::VerifyCode;
use crate::components::{FieldError, FormError, Icon, PageHead, ProblemPanel};
use crate::endpoint_tabs::endpoint_tabs;
use crate::error::UiError;
use crate::remote::{Post, PostForm, load};
use crate::shown::Endpoint;

/// The id of the form: the buttons in the page's head stand outside of it.
const FORM: &str = "endpoint-form";
/// The fields that show their own messages.
const FIELDS: &[&str] = &[
    "name",
    "url",
    "description",
    "event_types",
    "timeout_ms",
    "rate_limit_per_minute",
    "retry",
    "status",
    "headers",
    "secret",
];

/// `/endpoints/new`.
#[component]
pub fn EndpointNewPage() -> impl IntoView {
    view! { <EditorPage id=Signal::derive(String::new) /> }
}

/// `/endpoints/{id}/edit`.
#[component]
pub fn EndpointEditPage() -> impl IntoView {
    let params = use_params_map();
    view! { <EditorPage id=Signal::derive(move || params.with(|params| params.get("id").unwrap_or_default())) /> }
}

#[component]
fn EditorPage(id: Signal<String>) -> impl IntoView {
    let data = load(move || LoadEditor { id: id.get() });
    view! {
        <Suspense fallback=|| view! { <PageHead title="Endpoint" /> }>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) if data.may_write => view! { <Editor data=data /> }.into_any(),
                    Ok(_) => {
                        crate::session::set_status(403);
                        let error = UiError::plain(403, "forbidden", "Your role may look at endpoints but not change them. Ask an owner or admin of the organization.");
                        // The browser does not know the request's id, and both must write the same.
                        let error = UiError { request_id: String::new(), ..error };
                        view! { <PageHead title="Endpoint" crumbs=vec![("Endpoints".into(), "/endpoints".into())] /><ProblemPanel error=error /> }.into_any()
                    }
                    Err(error) => view! { <PageHead title="Endpoint" crumbs=vec![("Endpoints".into(), "/endpoints".into())] /><ProblemPanel error=error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Editor(data: EditorData) -> impl IntoView {
    let save = Post::<SaveEndpoint>::new();
    let error = save.error();
    let busy = save.pending();
    let form = data.draft.unwrap_or_else(|| data.endpoint.as_ref().map_or_else(EndpointForm::fresh, EndpointForm::of));
    let own_secret = form.secret.clone();
    let patterns = RwSignal::new(form.event_types.clone());
    let (retry, own) = (RwSignal::new(form.retry.clone()), RwSignal::new(form.own_retry.clone()));
    let changed = RwSignal::new(false);
    guard(changed);
    let element = NodeRef::<leptos::html::Form>::new();
    // What was chosen or typed before hydration counts.
    Effect::new(move |_| {
        let Some(form) = element.get() else { return };
        let one =
            |selector: &str, signal: RwSignal<String>| _ = values(&form, selector).pop().map(|value| signal.set(value));
        one("[name='form[retry]']:checked", retry);
        one("[name='form[own_retry]']", own);
    });
    // Leaving is free once the form is on its way; a refusal puts the guard back.
    Effect::new(move |_| changed.set(!busy.get() && error.get().is_some()));
    let is_new = data.endpoint.is_none();
    let (title, back) = match &data.endpoint {
        None => ("Add endpoint", "/endpoints".to_owned()),
        Some(endpoint) => ("Edit endpoint", format!("/endpoints/{}", endpoint.id)),
    };
    let mut crumbs = vec![("Endpoints".to_owned(), "/endpoints".to_owned())];
    crumbs.extend(data.endpoint.as_ref().map(|endpoint| (endpoint.name.clone(), back.clone())));
    let tabs = data.endpoint.as_ref().map(|endpoint| endpoint_tabs(endpoint.id.as_str(), "/edit"));
    let back = StoredValue::new(back);
    let types = data.types.iter().map(|row| row.name.clone()).collect();
    view! {
        <PageHead title=title crumbs=crumbs>
            <a class="btn quiet hide-s" href=back.get_value()>"Cancel"</a>
            <button class="btn primary order-last hide-s" type="submit" form=FORM disabled=busy>"Save"</button>
            <button class="btn hide-s" type="submit" form=FORM name="form[then]" value="test" disabled=busy><Icon name="test" />"Save and test"</button>
        </PageHead>
        {tabs}
        <div class="split">
            <div on:input=move |_| changed.set(true) on:change=move |_| changed.set(true)>
                <PostForm action=save node_ref=element attr:id=FORM attr:autocomplete="off" attr:class="stack">
                    <FormError error=error fields=FIELDS />
                    <input type="hidden" name="form[id]" value=form.id.clone() />
                    <WherePanel form=form.clone() inbox_url=data.inbox_url error=error />
                    <EventsPanel types=data.types patterns=patterns error=error />
                    <DeliveryPanel form=form.clone() retry=retry own=own error=error />
                    <HeadersPanel headers=form.headers() error=error />
                    <div class="row justify-end md:hidden">
                        <a class="btn quiet" href=back.get_value()>"Cancel"</a>
                        <button class="btn" type="submit" name="form[then]" value="test" disabled=busy>"Save and test"</button>
                        <button class="btn primary" type="submit" disabled=busy>"Save"</button>
                    </div>
                </PostForm>
            </div>
            <aside class="stack lg:sticky lg:top-5">
                {data.endpoint.map(|endpoint| view! { <Beside endpoint=endpoint types=types /> })}
                {is_new.then(|| view! { <NewSecret value=own_secret error=error /> })}
                <VerifyCode />
            </aside>
        </div>
    }
}

/// The values of the fields that a selector finds, as they stand in the page.
fn values(form: &leptos::web_sys::HtmlFormElement, selector: &str) -> Vec<String> {
    let found = form.query_selector_all(selector).ok();
    let nodes = found.iter().flat_map(|list| (0..list.length()).filter_map(|index| list.get(index)));
    nodes
        .filter_map(|node| node.dyn_into::<leptos::web_sys::HtmlInputElement>().ok())
        .map(|input| input.value())
        .collect()
}

/// Beside the form of an endpoint that exists: its secret and its last test.
#[component]
fn Beside(endpoint: Endpoint, types: Vec<String>) -> impl IntoView {
    let rotate = Post::<RotateEndpointSecret>::new();
    let (id, patterns) = (endpoint.id.to_string(), endpoint.event_types.clone());
    view! {
        <SecretPanel endpoint=Signal::stored(endpoint) rotate=rotate may_write=true />
        <TestPanel id=id may_write=true types=types patterns=patterns />
    }
}

/// URL, name and description.
#[component]
fn WherePanel(form: EndpointForm, inbox_url: String, error: Signal<Option<UiError>>) -> impl IntoView {
    let url = NodeRef::<leptos::html::Input>::new();
    let fill = inbox_url.clone();
    let use_inbox = move |_| {
        if let Some(url) = url.get_untracked() {
            url.set_value(&fill);
            _ = url.focus();
        }
    };
    let invalid = move |field: &'static str| {
        move || error.with(|error| error.as_ref().is_some_and(|error| error.field(field).is_some()).then_some("true"))
    };
    view! {
        <section class="panel pad stack gap-3.5" aria-labelledby="where-title">
            <h2 id="where-title">"Where"</h2>
            <div class="field">
                <label for="url">"URL"</label>
                <input id="url" class="input mono" name="form[url]" type="url" maxlength="2000" value=form.url node_ref=url inputmode="url"
                    placeholder="https://api.example.com/webhooks" spellcheck="false" autocomplete="off" aria-describedby="url-error url-help" aria-invalid=invalid("url") />
                <FieldError error=error field="url" />
                <div class="row wrap help" id="url-help">
                    <span>"Receives a POST with JSON. No server yet?"</span>
                    <button type="button" class="btn small js-only" on:click=use_inbox><Icon name="inbox" />"Use the inbox"</button>
                    <noscript><span>"Enter the inbox: "<code class="break-all">{inbox_url}</code></span></noscript>
                </div>
                {form.id.is_empty().then(|| view! { <label class="row help"><input class="check" type="checkbox" name="form[fetched]" value="true" checked=form.fetched />"No URL: the receiver fetches its deliveries"</label> })}
            </div>
            <div class="field">
                <label for="name">"Name"</label>
                <input id="name" class="input" name="form[name]" required maxlength="100" value=form.name placeholder="Billing sync" aria-describedby="name-error" aria-invalid=invalid("name") />
                <FieldError error=error field="name" />
            </div>
            <div class="field">
                <label for="description">"Description "<span class="faint font-normal">"optional"</span></label>
                <input id="description" class="input" name="form[description]" maxlength="500" value=form.description placeholder="What it is for, and who looks after it" aria-describedby="description-error" />
                <FieldError error=error field="description" />
            </div>
        </section>
    }
}

/// The secret of a new endpoint: made, or brought along.
#[component]
fn NewSecret(value: String, error: Signal<Option<UiError>>) -> impl IntoView {
    let wrong = move || error.with(|error| error.as_ref().is_some_and(|error| error.field("secret").is_some()));
    let typed = !value.is_empty();
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="new-secret-title">
            <h2 id="new-secret-title">"Signing secret"</h2>
            <p class="help">"One is made for you when you save, and shown once."</p>
            <details open=typed prop:open=move || wrong() || typed>
                <summary class="link inline">"Use a secret of your own"</summary>
                <div class="field mt-2.5">
                    <label for="secret">"Secret"</label>
                    <input id="secret" class="input mono" name="form[secret]" form=FORM value=value placeholder="whsec_…" autocomplete="off" spellcheck="false"
                        pattern="whsec_[A-Za-z0-9+\\/=]+" title="whsec_ and 24 to 64 bytes in base64" aria-describedby="secret-help secret-error" />
                    <p class="help" id="secret-help"><code>"whsec_"</code>" and 24 to 64 random bytes in base64, for example to move an endpoint here without changing the receiver."</p>
                </div>
            </details>
            <FieldError error=error field="secret" />
        </section>
    }
}
