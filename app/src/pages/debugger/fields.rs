//! The fields. They have no names, so that no form can send them anywhere, and no spelling service reads them.

use leptos::prelude::*;

use super::given::Given;

/// The fields' values.
#[derive(Clone, Copy)]
pub struct Fields {
    headers: RwSignal<String>,
    body: RwSignal<String>,
    secret: RwSignal<String>,
    old_secret: RwSignal<String>,
    any_age: RwSignal<bool>,
}

impl Fields {
    /// Empty fields.
    pub fn new() -> Self {
        let empty = || RwSignal::new(String::new());
        Self { headers: empty(), body: empty(), secret: empty(), old_secret: empty(), any_age: RwSignal::new(false) }
    }

    /// Fills all of them.
    pub fn set(self, given: Given) {
        self.headers.set(given.headers);
        self.body.set(given.body);
        self.secret.set(given.secret);
        self.old_secret.set(given.old_secret);
        self.any_age.set(given.any_age);
    }

    /// What they hold. Tracks.
    pub fn given(self) -> Given {
        Given {
            headers: self.headers.get(),
            body: self.body.get(),
            secret: self.secret.get(),
            old_secret: self.old_secret.get(),
            any_age: self.any_age.get(),
        }
    }
}

/// The fields as they are shown.
pub fn view(fields: Fields) -> AnyView {
    view! {
        {area("headers", "Headers", "As they arrived, one per line. A curl command or JSON will do.", "webhook-id: evt_…\nwebhook-timestamp: 1760000000\nwebhook-signature: v1,…", 5, fields.headers)}
        {area("body", "Body", "The bytes as they arrived, before anything parsed them.", "{\"event_type\":\"invoice.paid\",…}", 7, fields.body)}
        {line("secret", "Signing secret", "Or the public key (whpk_), where messages are signed with a key pair.", "whsec_…", fields.secret)}
        {line("old-secret", "Second secret, if there is one", "The one before or after a rotation.", "whsec_…", fields.old_secret)}
        <label class="choice">
            <input type="checkbox" class="check" autocomplete="off" prop:checked=fields.any_age on:change=move |event| fields.any_age.set(event_target_checked(&event))/>
            <span class="grow">"Leave its age out of account"<span class="help block">"For a message of some time ago. A receiver must refuse what is older than five minutes."</span></span>
        </label>
    }
    .into_any()
}

fn area(
    id: &'static str,
    label: &'static str,
    help: &'static str,
    example: &'static str,
    rows: u8,
    value: RwSignal<String>,
) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <textarea class="input mono break-all" id=id rows=rows.to_string() spellcheck="false" autocomplete="off" autocapitalize="off" placeholder=example
                aria-describedby=format!("{id}-help") prop:value=value on:input=move |event| value.set(event_target_value(&event))></textarea>
            <p class="help" id=format!("{id}-help")>{help}</p>
        </div>
    }
    .into_any()
}

fn line(
    id: &'static str,
    label: &'static str,
    help: &'static str,
    example: &'static str,
    value: RwSignal<String>,
) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input class="input mono" id=id type="text" spellcheck="false" autocomplete="off" autocapitalize="off" data-1p-ignore="" data-lpignore="true" placeholder=example
                aria-describedby=format!("{id}-help") prop:value=value on:input=move |event| value.set(event_target_value(&event))/>
            <p class="help" id=format!("{id}-help")>{help}</p>
        </div>
    }
    .into_any()
}
