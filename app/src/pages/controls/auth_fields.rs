//! The fields of authentication: a kind, and what that kind needs. Which fields are seen follows the chosen option by
//! style alone, so that it works without scripts. Secrets are never sent to the browser.

use leptos::prelude::*;

use super::open::{inside, invalid};
use super::security_form::SecurityForm;
use crate::components::FieldError;
use crate::error::UiError;

type Failure = Signal<Option<UiError>>;

/// Value, id of the option and word of each kind.
const KINDS: [(&str, &str, &str); 6] = [
    ("none", "auth-none", "None: the signature is enough"),
    ("basic", "auth-basic", "Basic: name and password"),
    ("bearer", "auth-bearer", "Bearer token"),
    ("api_key", "auth-key", "API key in a header"),
    ("oauth2", "auth-oauth2", "OAuth 2 client credentials"),
    ("mtls", "auth-mtls", "Client certificate (mTLS)"),
];

/// The panel.
pub fn panel(form: &SecurityForm, error: Failure) -> AnyView {
    let options: Vec<_> = KINDS
        .iter()
        .map(|(value, id, word)| {
            view! { <option value=*value id=*id selected=form.kind == *value>{*word}</option> }.into_any()
        })
        .collect();
    view! {
        <section class="panel pad stack gap-3.5 group" aria-labelledby="auth-title">
            <div>
                <h2 id="auth-title">"Authentication"</h2>
                <p class="help">"What the receiver or its gateway asks for beside the signature. Secrets are kept encrypted and never shown again."</p>
            </div>
            <div class="field">
                <label for="auth-kind">"Kind"</label>
                <select class="input" id="auth-kind" name="form[kind]" aria-describedby="auth.kind-error">{options}</select>
                <FieldError error=error field="auth.kind"/>
            </div>
            <input type="hidden" name="form[stored]" value=form.stored.clone()/>
            <div class="hidden group-has-[#auth-basic:checked]:grid gap-3.5 sm:grid-cols-2">
                {text("username", "User name", form.username.clone(), "", "auth.username", error)}
                {secret("password", "Password", form, "basic", "auth.password", error)}
            </div>
            <div class="hidden group-has-[#auth-bearer:checked]:grid gap-3.5">
                {secret("token", "Token", form, "bearer", "auth.token", error)}
                <p class="help">"Sent as "<code>"Authorization: Bearer …"</code>"."</p>
            </div>
            <div class="hidden group-has-[#auth-key:checked]:grid gap-3.5 sm:grid-cols-2">
                {text("header", "Header", form.header.clone(), "X-Api-Key", "auth.header", error)}
                {secret("value", "Key", form, "api_key", "auth.value", error)}
            </div>
            <div class="hidden group-has-[#auth-oauth2:checked]:grid gap-3.5 sm:grid-cols-2">
                <div class="sm:col-span-2">{text("token_url", "Token URL", form.token_url.clone(), "https://auth.example.com/oauth/token", "auth.token_url", error)}</div>
                {text("client_id", "Client id", form.client_id.clone(), "", "auth.client_id", error)}
                {secret("client_secret", "Client secret", form, "oauth2", "auth.client_secret", error)}
                <div class="sm:col-span-2">{text("scope", "Scope, optional", form.scope.clone(), "webhooks:write", "auth.scope", error)}</div>
                <p class="help sm:col-span-2">"The hub fetches a token when it needs one, keeps it until it lapses and asks anew when the receiver refuses it."</p>
            </div>
            <div class="hidden group-has-[#auth-mtls:checked]:grid gap-3.5">
                {pem("certificate", "Certificate and its chain, PEM", &form.certificate, "-----BEGIN CERTIFICATE-----", "auth.certificate", error)}
                {pem("private_key", "Private key, PEM", "", if form.stored == "mtls" { "Stored. Leave it empty to keep it." } else { "-----BEGIN PRIVATE KEY-----" }, "auth.private_key", error)}
                <p class="help">"The certificate is public and shown as it is: it holds nothing secret. The private key is never shown."</p>
            </div>
        </section>
    }
    .into_any()
}

fn text(
    name: &'static str,
    label: &'static str,
    value: String,
    example: &'static str,
    field: &'static str,
    error: Failure,
) -> AnyView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input class="input mono" id=name name=format!("form[{name}]") value=value placeholder=example maxlength="2000" autocomplete="off" autocapitalize="off" spellcheck="false"
                aria-describedby=format!("{field}-error") aria-invalid=invalid(error, field)/>
            <FieldError error=error field=field/>
        </div>
    }
    .into_any()
}

/// A field whose value only goes to the server.
fn secret(
    name: &'static str,
    label: &'static str,
    form: &SecurityForm,
    kind: &'static str,
    field: &'static str,
    error: Failure,
) -> AnyView {
    let stored = form.stored == kind;
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input class="input mono" id=name name=format!("form[{name}]") type="password" value="" placeholder=stored.then_some("•••••••• stored; empty keeps it") maxlength="2000"
                autocomplete="new-password" aria-describedby=format!("{field}-error") aria-invalid=invalid(error, field)/>
            <FieldError error=error field=field/>
        </div>
    }
    .into_any()
}

fn pem(
    name: &'static str,
    label: &'static str,
    value: &str,
    example: &'static str,
    field: &'static str,
    error: Failure,
) -> AnyView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea class="input mono block!" id=name name=format!("form[{name}]") rows="6" placeholder=example maxlength="20000" autocomplete="off" autocapitalize="off" spellcheck="false"
                aria-describedby=format!("{field}-error") aria-invalid=invalid(error, field) inner_html=inside(value)></textarea>
            <FieldError error=error field=field/>
        </div>
    }
    .into_any()
}
