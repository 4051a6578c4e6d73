//! Errors as they are shown: for a page, for a form, and beside a field.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::Icon;
use crate::error::UiError;

/// Stands where a page or a part of it would be: what happened, why, and what to do.
#[component]
pub fn ProblemPanel(
    /// What went wrong.
    error: UiError,
) -> impl IntoView {
    let title = match error.status {
        0 => "The server cannot be reached",
        401 => "You are signed out",
        403 => "This is not open to you",
        404 => "There is nothing here",
        429 => "Too many tries",
        503 => "Not available right now",
        500.. => "Something went wrong",
        _ => "This did not work",
    };
    let action = match error.status {
        401 => view! { <SignInAgain/> }.into_any(),
        403 | 404 => view! { <a class="btn" href="/">"Go to the start page"</a> }.into_any(),
        _ => view! { <a class="btn" href="" rel="external">"Try again"</a> }.into_any(),
    };
    let id = (!error.request_id.is_empty())
        .then(|| view! { <p class="help">"Request "<code>{error.request_id.clone()}</code></p> });
    view! {
        <div class="panel empty" role="alert">
            <h2>{title}</h2>
            <p>{error.problem.message.clone()}</p>
            {id}
            <div class="row">{action}</div>
        </div>
    }
}

#[component]
fn SignInAgain() -> impl IntoView {
    let location = use_location();
    let href = move || {
        let next = format!(
            "{}{}",
            location.pathname.get(),
            location.search.with(|s| if s.is_empty() { String::new() } else { format!("?{s}") })
        );
        format!("/sign-in?next={}", leptos_router::location::Url::escape(&next))
    };
    view! { <a class="btn primary" href=href rel="external">"Sign in"</a> }
}

/// The message about one field, beside it. Names itself `{field}-error` for `aria-describedby`.
#[component]
pub fn FieldError(
    /// The form's last error.
    error: Signal<Option<UiError>>,
    /// The field.
    field: &'static str,
) -> impl IntoView {
    move || {
        let text = error.with(|error| error.as_ref().and_then(|error| error.field(field)).map(capitalised))?;
        Some(view! { <p class="field-error" id=format!("{field}-error") role="alert">{text}</p> })
    }
}

/// The error of a whole form: what no field beside it says already.
#[component]
pub fn FormError(
    /// The form's last error.
    error: Signal<Option<UiError>>,
    /// The fields that show their own messages.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    move || {
        let error = error.get()?;
        let shown = |detail: &domain::Detail| fields.iter().any(|field| error.field(field) == Some(&detail.message));
        let beside = !error.problem.details.is_empty() && error.problem.details.iter().all(shown);
        let id = (error.status >= 500)
            .then(|| view! { <span class="help">" Request "<code>{error.request_id.clone()}</code></span> });
        (!beside).then(|| {
            view! {
                <div class="notice bad" role="alert">
                    <Icon name="warning"/>
                    <div>{error.problem.message.clone()}{id}</div>
                </div>
            }
        })
    }
}

/// Messages of the domain continue a field's name ("must have …"); beside the field they stand alone.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}
