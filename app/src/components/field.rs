//! A labelled input with its help and its error.

use leptos::prelude::*;

use super::FieldError;
use crate::error::UiError;

/// One line of a form.
#[component]
pub fn Field(
    /// What is asked for.
    #[prop(into)]
    label: String,
    /// The form field's name.
    name: &'static str,
    /// The form's last error.
    error: Signal<Option<UiError>>,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What it holds at first.
    #[prop(optional, into)]
    value: String,
    /// An example.
    #[prop(optional)]
    placeholder: &'static str,
    /// A sentence below it.
    #[prop(optional, into)]
    help: Option<String>,
    /// The fewest characters.
    #[prop(optional)]
    minlength: Option<u32>,
    /// Whether it may be left blank.
    #[prop(optional)]
    optional: bool,
    /// Whether it can be changed.
    #[prop(optional)]
    readonly: bool,
    /// Whether it has the focus when the page opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let invalid = move || error.with(|error| error.as_ref().is_some_and(|error| error.field(name).is_some()));
    let placeholder = (!placeholder.is_empty()).then_some(placeholder);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input class="input" id=name name=name type=kind value=value autocomplete=autocomplete placeholder=placeholder
                minlength=minlength.map(|least| least.to_string()) readonly=readonly autofocus=autofocus required=!optional
                aria-invalid=move || invalid().then_some("true") aria-describedby=move || invalid().then(|| format!("{name}-error"))/>
            <FieldError error=error field=name/>
            {help.map(|help| view! { <p class="help">{help}</p> })}
        </div>
    }
}
