//! What the four pages have in common: the head with the tabs, and the page while it is loaded or not to be had.

use std::pin::Pin;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::de::DeserializeOwned;

use super::calls::Head;
use crate::components::{PageHead, ProblemPanel};
use crate::endpoint_tabs::endpoint_tabs;
use crate::error::UiError;
use crate::remote::{Load, PostState};

/// The id in the address.
pub fn id() -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()))
}

fn crumbs(head: Option<&Head>) -> Vec<(String, String)> {
    let mut crumbs = vec![("Endpoints".to_owned(), "/endpoints".to_owned())];
    crumbs.extend(head.map(|head| (head.name.clone(), format!("/endpoints/{}", head.id))));
    crumbs
}

/// A page that is loaded.
pub fn page<T>(load: Load<T>, title: &'static str, view: fn(T) -> AnyView) -> AnyView
where
    T: DeserializeOwned + Send + 'static,
{
    let part = move || -> Pin<Box<dyn Future<Output = Result<AnyView, UiError>> + Send>> {
        Box::pin(async move { Ok(view(load.await?)) })
    };
    waiting(title, Box::new(part))
}

type Part = Pin<Box<dyn Future<Output = Result<AnyView, UiError>> + Send>>;

/// The part that does not know what is loaded, and is compiled once.
fn waiting(title: &'static str, part: Box<dyn Fn() -> Part + Send + Sync>) -> AnyView {
    let shown = move || {
        let part = part();
        Suspend::new(async move {
            part.await.unwrap_or_else(|error| {
                view! { <PageHead title=title crumbs=crumbs(None)/><ProblemPanel error=error/> }.into_any()
            })
        })
    };
    view! { <Suspense fallback=move || view! { <PageHead title=title/> }>{shown}</Suspense> }.into_any()
}

/// Title, crumbs, buttons and tabs.
pub fn top(head: &Head, title: &'static str, tab: &'static str, buttons: AnyView) -> AnyView {
    view! {
        <PageHead title=title crumbs=crumbs(Some(head))>{buttons}</PageHead>
        {endpoint_tabs(&head.id, tab)}
        {(!head.may_write).then(|| view! { <p class="notice mb-4">"You may look at this but not change it. Ask an owner or admin of the organization."</p> })}
    }
    .into_any()
}

/// The form's last error: that of the page it was posted to, until there is a newer answer.
pub fn last_error(post: PostState, first: Option<UiError>) -> Signal<Option<UiError>> {
    let first = StoredValue::new(first);
    Signal::derive(move || {
        post.error().get().or_else(|| if post.version().get() == 0 { first.get_value() } else { None })
    })
}

/// The error as far as it is told nowhere else: none where each of its details belongs to one of these fields, which
/// show them all.
pub fn beyond(error: Signal<Option<UiError>>, fields: &'static [&'static str]) -> Signal<Option<UiError>> {
    let told = |field: &str| {
        fields
            .iter()
            .any(|known| field.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])))
    };
    Signal::derive(move || {
        error.get().filter(|error| {
            let details = &error.problem.details;
            details.is_empty() || !details.iter().all(|detail| told(&detail.field))
        })
    })
}

/// `true` for `aria-invalid` while a message about a field stands.
pub fn invalid(error: Signal<Option<UiError>>, field: &'static str) -> impl Fn() -> Option<&'static str> + Copy {
    move || error.with(|error| error.as_ref().and_then(|error| error.field(field)).map(|_| "true"))
}

/// Text made safe for the inside of a text area, whose content is set as HTML: its children are not escaped on the
/// server, and a line break at its start would be dropped.
pub fn inside(text: &str) -> String {
    ["\n", &text.replace('&', "&amp;").replace('<', "&lt;")].concat()
}
