//! How pages talk to the server: [`load`] for what a page shows, [`ask`] for a single answer, and
//! [`Post`] with [`PostForm`] for what a form changes.
//!
//! They stand in for Leptos's `Resource`, server function calls, `ServerAction` and `ActionForm`,
//! and speak to the same server functions in the same way, with and without scripts. The
//! difference is weight: Leptos compiles its machinery once per server function, these do it once.
//! What travels is kept as text until somebody reads it, so that only that step knows the type.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server::ServerActionError;
use leptos::server_fn::ServerFn;
use leptos::server_fn::redirect::REDIRECT_HEADER;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams};

use crate::error::UiError;
use crate::{parts, session};

/// The output of a server function as JSON.
type Answer = Result<String, UiError>;
type Promise<T> = Pin<Box<dyn Future<Output = T> + Send>>;

fn read<T: DeserializeOwned>(answer: Answer) -> Result<T, UiError> {
    serde_json::from_str(&answer?).map_err(|_| UiError::unreadable())
}

/// Calls a server function once.
pub async fn ask<S>(input: S) -> Result<S::Output, UiError>
where
    S: ServerFn<Error = UiError> + Serialize + 'static,
    S::Output: Serialize + DeserializeOwned,
{
    read(answer(input).await)
}

fn answer<S>(input: S) -> Promise<Answer>
where
    S: ServerFn<Error = UiError> + Serialize + 'static,
    S::Output: Serialize,
{
    Box::pin(session::call(input))
}

/// What a page shows: loaded with the page, and again when the arguments change. Await it inside `Suspend`.
pub struct Load<T> {
    text: Resource<Answer>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Load<T> {}

impl<T: DeserializeOwned> Load<T> {
    /// The value, or none while it is loaded for the first time. Tracks.
    #[must_use]
    pub fn get(&self) -> Option<Result<T, UiError>> {
        self.text.get().map(read)
    }

    /// The value, if it is there. Does not track.
    #[must_use]
    pub fn get_untracked(&self) -> Option<Result<T, UiError>> {
        self.text.get_untracked().map(read)
    }

    /// Loads it again.
    pub fn refetch(&self) {
        self.text.refetch();
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for Load<T> {
    type Output = Result<T, UiError>;
    type IntoFuture = Promise<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let text = self.text;
        Box::pin(async move { read(text.await) })
    }
}

/// Loads with the arguments that `input` makes, and again when they differ.
pub fn load<S>(input: impl Fn() -> S + Send + Sync + 'static) -> Load<S::Output>
where
    S: ServerFn<Error = UiError> + Serialize + 'static,
    S::Output: Serialize,
{
    load_after(|| 0, input)
}

/// Loads like [`load`], and again when `version` moves.
pub fn load_after<S>(
    version: impl Fn() -> usize + Send + Sync + 'static,
    input: impl Fn() -> S + Send + Sync + 'static,
) -> Load<S::Output>
where
    S: ServerFn<Error = UiError> + Serialize + 'static,
    S::Output: Serialize,
{
    let input = std::sync::Arc::new(input);
    let made = std::sync::Arc::clone(&input);
    let key = move || (version(), serde_qs::to_string(&made()).unwrap_or_default());
    Load { text: resource(Box::new(key), Box::new(move || answer(untrack(|| input())))), kind: PhantomData }
}

type Key = Box<dyn Fn() -> (usize, String) + Send + Sync>;
type Fetch = Box<dyn Fn() -> Promise<Answer> + Send + Sync>;

/// The one resource type of all pages.
fn resource(key: Key, fetch: Fetch) -> Resource<Answer> {
    Resource::new(key, move |_| fetch())
}

/// What a form does: a server function that changes something, and how its last call went.
pub struct Post<S> {
    state: PostState,
    kind: PhantomData<fn() -> S>,
}

impl<S> Clone for Post<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Post<S> {}

impl<S: ServerFn<Error = UiError>> Default for Post<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: ServerFn<Error = UiError>> Post<S> {
    /// Starts with the error of a form that was sent without scripts, if the address carries one.
    #[must_use]
    pub fn new() -> Self {
        Self { state: PostState::new(S::PATH), kind: PhantomData }
    }
}

impl<S> Post<S> {
    /// How often it went well. What a page shows is loaded again by this: a refusal changed nothing, and what was typed and chosen
    /// stays where it is.
    #[must_use]
    pub fn version(&self) -> ReadSignal<usize> {
        self.state.version.read_only()
    }

    /// How often an answer has come, a refusal too.
    #[must_use]
    pub fn answers(&self) -> ReadSignal<usize> {
        self.state.answers.read_only()
    }

    /// Whether an answer is awaited.
    #[must_use]
    pub fn pending(&self) -> ReadSignal<bool> {
        self.state.pending.read_only()
    }

    /// The error of the last call, if it failed.
    #[must_use]
    pub fn error(&self) -> Signal<Option<UiError>> {
        self.state.error()
    }

    /// Whether the last call went well.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state.outcome.with(|outcome| matches!(outcome, Some(Ok(_))))
    }

    /// What the last call answered. Tracks.
    #[must_use]
    pub fn outcome(&self) -> Option<Result<S::Output, UiError>>
    where
        S: ServerFn,
        S::Output: DeserializeOwned,
    {
        self.state.outcome.get().map(read)
    }

    /// Forgets the last answer.
    pub fn clear(&self) {
        self.state.outcome.set(None);
    }
}

impl<S> From<Post<S>> for PostState {
    fn from(post: Post<S>) -> Self {
        post.state
    }
}

/// The error of this server function's form, if it was sent without scripts and left one in the address.
#[must_use]
pub fn left_by(url: &str) -> Option<UiError> {
    let failed = use_context::<ServerActionError>().filter(|error| error.path() == url)?;
    Some(form_error(failed.err()))
}

/// The error in an address: JSON in base64.
fn form_error(encoded: &str) -> UiError {
    let json = session::decode_base64(encoded).and_then(|bytes| String::from_utf8(bytes).ok());
    json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_else(UiError::unreadable)
}

/// A [`Post`] without its type.
#[derive(Clone, Copy)]
pub struct PostState {
    url: &'static str,
    version: RwSignal<usize>,
    answers: RwSignal<usize>,
    pending: RwSignal<bool>,
    outcome: RwSignal<Option<Answer>>,
}

impl PostState {
    fn new(url: &'static str) -> Self {
        let outcome = left_by(url).map(Err);
        let (version, answers) = (RwSignal::new(0), RwSignal::new(0));
        Self { url, version, answers, pending: RwSignal::new(false), outcome: RwSignal::new(outcome) }
    }

    /// How often it went well.
    #[must_use]
    pub fn version(self) -> ReadSignal<usize> {
        self.version.read_only()
    }

    /// The error of the last call, if it failed.
    #[must_use]
    pub fn error(self) -> Signal<Option<UiError>> {
        Signal::derive(move || {
            self.outcome.with(|outcome| outcome.as_ref().and_then(|outcome| outcome.as_ref().err().cloned()))
        })
    }

    /// Sends a form's fields, and empties the form if that went well. The page may be gone when the answer comes.
    fn send(self, url: Option<String>, body: String, emptied: Option<HtmlFormElement>) {
        self.pending.set(true);
        spawn_local(async move {
            let (answer, redirect) = exchange(url.as_deref().unwrap_or(self.url), &body).await;
            if let Some(form) = emptied.filter(|_| answer.is_ok()) {
                form.reset();
            }
            self.take(answer);
            if let Some(location) = redirect {
                parts::follow(&location);
            }
        });
    }

    /// Keeps an answer. The signals are gone if the page is.
    fn take(self, answer: Answer) {
        let went_well = answer.is_ok();
        _ = self.pending.try_set(false);
        _ = self.outcome.try_set(Some(answer));
        _ = self.answers.try_update(|answers| *answers += 1);
        if went_well {
            _ = self.version.try_update(|version| *version += 1);
        }
    }
}

/// A form that a [`Post`] sends. Without scripts the browser sends it itself. A button with a `formaction` sends the
/// same fields to another server function, whose answer the [`Post`] gets as well.
#[component]
pub fn PostForm(
    /// Where to.
    #[prop(into)]
    action: PostState,
    /// The `<form>`.
    #[prop(optional)]
    node_ref: Option<NodeRef<leptos::html::Form>>,
    /// Whether its fields are emptied once they were taken.
    #[prop(optional)]
    empties: bool,
    /// Where it goes without scripts, if not to the server function: a page that answers with what was typed.
    #[prop(optional, into)]
    page: Option<String>,
    /// Its fields and buttons.
    children: Children,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        if let Some((form, body)) = fields(&event) {
            let named = event.submitter().and_then(|button| button.get_attribute("formaction"));
            // One that names a page is for browsers without scripts.
            let url = named.filter(|url| url.starts_with("/fn/"));
            action.send(url, body, empties.then_some(form));
        }
    };
    let form = node_ref.unwrap_or_default();
    let target = page.unwrap_or_else(|| action.url.to_owned());
    view! { <form method="post" action=target node_ref=form on:submit=submit>{children()}</form> }
}

/// A form and its fields as they were sent, with the button that sent them.
fn fields(event: &SubmitEvent) -> Option<(HtmlFormElement, String)> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    let data = FormData::new_with_form(&form).ok()?;
    if let Some(button) = event.submitter()
        && let Some(name) = button.get_attribute("name")
    {
        data.append_with_str(&name, &button.get_attribute("value").unwrap_or_default()).ok()?;
    }
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some((form, String::from(fields.to_string())))
}

/// Posts to a server function and follows where it sends the browser.
pub async fn fetch(url: &'static str, body: String) -> Answer {
    let (answer, redirect) = exchange(url, &body).await;
    if let Some(location) = redirect {
        parts::follow(&location);
    }
    answer
}

async fn exchange(url: &str, body: &str) -> (Answer, Option<String>) {
    match try_exchange(url, body).await {
        Ok(answered) => answered,
        Err(_) => (Err(UiError::unreachable()), None),
    }
}

async fn try_exchange(url: &str, body: &str) -> Result<(Answer, Option<String>), JsValue> {
    let headers = Headers::new()?;
    headers.set("Content-Type", "application/x-www-form-urlencoded")?;
    headers.set("Accept", "application/json")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(body));
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(url, &init)).await?.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    if !response.ok() {
        return Ok((Err(serde_json::from_str(&text).unwrap_or_else(|_| UiError::unreadable())), None));
    }
    let sent_on = response.headers().has(REDIRECT_HEADER)?;
    Ok((Ok(text), if sent_on { response.headers().get("Location")? } else { None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_moves_nothing_that_a_page_is_loaded_again_by() {
        let owner = Owner::new();
        owner.set();
        let post = PostState::new("/fn/rename_source");
        let seen = || (post.version.get_untracked(), post.answers.get_untracked());
        post.take(Err(UiError::unreachable()));
        assert_eq!((seen(), post.error().get_untracked().is_some()), ((0, 1), true));
        post.take(Ok("null".into()));
        assert_eq!((seen(), post.error().get_untracked().is_some()), ((1, 2), false));
        drop(owner);
    }
}
