//! A button that copies a text. It needs scripts, so it is not there without them.

use leptos::prelude::*;

use super::Icon;

/// Copies `text`; says "Copied" for two seconds.
#[component]
pub fn Copy(
    /// What is copied.
    #[prop(into)]
    text: String,
    /// The word on the button; without one it is an icon with a name.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let word = label.clone();
    let copy = move |_| {
        let _copying = window().navigator().clipboard().write_text(&text);
        copied.set(true);
        set_timeout(move || _ = copied.try_set(false), std::time::Duration::from_secs(2));
    };
    let class = if word.is_some() { "btn small js-only" } else { "btn small quiet square js-only" };
    view! {
        <button type="button" class=class on:click=copy aria-label=word.is_none().then_some("Copy")>
            {move || if copied.get() { view! { <Icon name="check"/> } } else { view! { <Icon name="copy"/> } }}
            {label.map(|label| move || if copied.get() { "Copied".to_owned() } else { label.clone() })}
            <span class="sr-only" role="status">{move || copied.get().then_some("Copied")}</span>
        </button>
    }
}
