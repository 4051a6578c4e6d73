//! `/endpoints/{id}/security`: how requests are signed, with which secrets, and what else proves who sends them.

use domain::endpoint::SigningScheme;
use leptos::prelude::*;

use super::auth_fields;
use super::calls::{FormPage, OpenSecurity, SubmitSecurity};
use super::open::{beyond, id, last_error, page, top};
use super::secrets::SecretPanels;
use super::security_form::SecurityForm;
use crate::components::{Done, FieldError, FormError, Icon};
use crate::error::UiError;
use crate::remote::{Post, PostForm, load};

const FORM: &str = "security-form";
const FIELDS: &[&str] = &["signing_schemes", "auth"];
const TITLE: &str = "Security";
const DONE: &[(&str, &str)] = &[("saved", "Saved. Requests from now on follow it.")];

/// `/endpoints/{id}/security`.
#[component]
pub fn SecurityPage() -> impl IntoView {
    let id = id();
    page(load(move || OpenSecurity { id: id.get() }), TITLE, view)
}

fn view(shown: FormPage<SecurityForm>) -> AnyView {
    let FormPage { head, form, error, .. } = shown;
    let post = Post::<SubmitSecurity>::new();
    let busy = post.pending();
    let error = last_error(post.into(), error);
    let id = head.id.clone();
    let buttons = head
        .may_write
        .then(|| view! { <button class="btn primary" type="submit" form=FORM disabled=busy>"Save"</button> });
    view! {
        {top(&head, TITLE, "/security", buttons.into_any())}
        <Done words=DONE/>
        {move || (post.is_done() && !busy.get()).then(|| view! { <div class="notice ok mb-4" role="status"><Icon name="check"/><div>{DONE[0].1}</div></div> })}
        <div class="split">
            <PostForm action=post page=format!("/endpoints/{}/security", head.id) attr:id=FORM attr:autocomplete="off" attr:class="min-w-0">
                <fieldset class="stack min-w-0" disabled=!head.may_write>
                    <FormError error=beyond(error, FIELDS)/>
                    <input type="hidden" name="form[id]" value=head.id.clone()/>
                    {schemes(&form, error)}
                    {auth_fields::panel(&form, error)}
                </fieldset>
            </PostForm>
            <aside class="stack"><SecretPanels id=id/></aside>
        </div>
    }
    .into_any()
}

fn schemes(form: &SecurityForm, error: Signal<Option<UiError>>) -> AnyView {
    let choices: Vec<_> = SigningScheme::ALL
        .iter()
        .map(|scheme| {
            let (name, header, text) = words(*scheme);
            let on = form.schemes.iter().any(|word| word == scheme.as_str());
            view! {
                <label class="choice">
                    <input class="check" type="checkbox" name="form[schemes][]" value=scheme.as_str() checked=on/>
                    <span class="min-w-0"><b class="font-[560]">{name}</b>" "<code class="faint break-all max-sm:block">{header}</code><span class="help block">{text}</span></span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="schemes-title">
            <div>
                <h2 id="schemes-title">"How requests are signed"</h2>
                <p class="help">"Each adds its own header, so one request can serve receivers old and new."</p>
            </div>
            <fieldset class="grid gap-1" aria-describedby="signing_schemes-error">
                <legend class="sr-only">"Signing schemes"</legend>
                {choices}
            </fieldset>
            <FieldError error=error field="signing_schemes"/>
        </section>
    }
    .into_any()
}

/// Name, header and use of a scheme.
const fn words(scheme: SigningScheme) -> (&'static str, &'static str, &'static str) {
    match scheme {
        SigningScheme::Standard => (
            "Standard Webhooks",
            "webhook-signature: v1,…",
            "The open standard, with libraries in every common language. HMAC-SHA256 with the signing secret.",
        ),
        SigningScheme::Plain => (
            "Plain",
            "X-Webhook-Signature: sha256=…",
            "HMAC-SHA256 over time and body in hex: the simplest to check by hand.",
        ),
        SigningScheme::Ed25519 => (
            "Ed25519",
            "webhook-signature: v1a,…",
            "Standard Webhooks with a key pair: the receiver holds only the public key, so it has nothing to leak.",
        ),
        SigningScheme::Stripe => {
            ("Stripe's form", "Stripe-Signature: t=…,v1=…", "For receivers that already verify Stripe's webhooks.")
        }
        SigningScheme::Github => (
            "GitHub's form",
            "X-Hub-Signature-256: sha256=…",
            "For receivers that already verify GitHub's. It covers the body alone, so it does not stop replays.",
        ),
        SigningScheme::Slack => {
            ("Slack's form", "X-Slack-Signature: v0=…", "For receivers that already verify Slack's requests.")
        }
    }
}
