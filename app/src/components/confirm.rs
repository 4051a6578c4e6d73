//! A question before something that cannot be undone.

use leptos::prelude::*;

/// Goes inside a form: a button that first opens a question, which names the object and the
/// consequence and holds the button that really submits. A `<details>`, so it works without scripts:
/// clicking beside the question closes it.
#[component]
pub fn Confirm(
    /// The question.
    #[prop(into)]
    title: String,
    /// What will happen.
    #[prop(into)]
    text: String,
    /// The verb on both buttons.
    #[prop(into)]
    label: String,
    /// The word on the button that does nothing.
    #[prop(default = "Cancel")]
    dismiss: &'static str,
    /// More classes for the first button: `small`, `quiet`.
    #[prop(optional)]
    class: &'static str,
    /// More fields of the form.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let details = NodeRef::<leptos::html::Details>::new();
    let close = move || {
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            close();
        }
    };
    view! {
        <details class="confirm" node_ref=details on:keydown=on_key>
            <summary class=format!("btn {class}")>{format!("{label}…")}</summary>
            <div class="sheet" role="group" aria-label=title>
                <h2>{title.clone()}</h2>
                <p class="muted">{text}</p>
                {children.map(|children| children())}
                <div class="row justify-end">
                    <button type="button" class="btn js-only" on:click=move |_| close()>{dismiss}</button>
                    <button type="submit" class="btn danger" on:click=move |_| set_timeout(close, std::time::Duration::ZERO)>{label}</button>
                </div>
            </div>
        </details>
    }
}
