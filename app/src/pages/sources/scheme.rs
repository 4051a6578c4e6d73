//! How requests are verified, where there is a choice: which scheme, and how the sender writes it.

use domain::source::SourcePreset;
use leptos::prelude::*;

use super::calls::SourceData;
use super::detail::Posts;
use super::scheme_form::SchemeForm;
use crate::components::{FieldError, FormError};
use crate::remote::PostForm;

/// The panel; none where there is nothing to choose.
pub fn view(page: &SourceData, posts: Posts) -> Option<AnyView> {
    let form = SchemeForm::of(&page.source.scheme);
    let fields = match form.scheme.as_str() {
        // The schemes of vendors are what their documentation says.
        "hmac" if page.preset.provider != "hmac" => None,
        "hmac" => Some(hmac(&form)),
        "bearer" => Some(bearer(&form)),
        "pylon" => Some(text(
            "header",
            "Header with the secret",
            &form.header,
            "authorization",
            true,
            "The signature in Pylon-Webhook-Signature counts as well.",
        )),
        "hubspot" => Some(hubspot(&form)),
        "sendgrid" => Some(text(
            "tolerance_s",
            "Oldest time that is taken, in seconds",
            &form.tolerance_s,
            "not judged",
            false,
            "SendGrid tries for three days with the time of the first: leave it empty to take all of them.",
        )),
        _ => None,
    };
    let choice = choice(&page.preset, &form, page, posts);
    (page.may_write && (fields.is_some() || choice.is_some())).then(|| {
        view! {
            <section class="panel pad stack gap-2.5" aria-labelledby="source-scheme">
                <h2 id="source-scheme">"How requests are verified"</h2>
                <FormError error=posts.scheme.error() fields=&["scheme"]/>
                <FieldError error=posts.scheme.error() field="scheme"/>
                {choice}
                {fields.map(|fields| change(fields, &form, page, posts))}
            </section>
        }
        .into_any()
    })
}

/// The scheme is changed to another one as it usually is.
fn choice(preset: &SourcePreset, form: &SchemeForm, page: &SourceData, posts: Posts) -> Option<AnyView> {
    let mut others: Vec<(String, SchemeForm)> = Vec::new();
    for scheme in preset.schemes.iter().map(SchemeForm::of).filter(|other| other.scheme != form.scheme) {
        if others.iter().all(|(_, known)| known.scheme != scheme.scheme) {
            others.push((name(&scheme.scheme).to_owned(), scheme));
        }
    }
    let buttons: Vec<_> = others
        .into_iter()
        .map(|(name, scheme)| {
            let id = page.source.id.to_string();
            view! {
                <PostForm action=posts.scheme>
                    <input type="hidden" name="id" value=id/>
                    {hidden(&scheme)}
                    <button class="btn small" disabled=posts.scheme.pending()>{format!("Verify by {name}")}</button>
                </PostForm>
            }
            .into_any()
        })
        .collect();
    (!buttons.is_empty()).then(|| {
        view! { <p>{format!("Verified by {}.", name(&form.scheme))}</p><div class="row wrap">{buttons}</div> }
            .into_any()
    })
}

/// A scheme as hidden fields.
fn hidden(form: &SchemeForm) -> AnyView {
    let field = |name: &str, value: &str| {
        let (name, value) = (format!("form[{name}]"), value.to_owned());
        view! { <input type="hidden" name=name value=value/> }.into_any()
    };
    view! {
        {field("scheme", &form.scheme)}
        {field("header", &form.header)}
        {field("prefix", &form.prefix)}
        {field("tolerance_s", &form.tolerance_s)}
    }
    .into_any()
}

fn change(fields: AnyView, form: &SchemeForm, page: &SourceData, posts: Posts) -> AnyView {
    let (id, scheme) = (page.source.id.to_string(), form.scheme.clone());
    view! {
        <PostForm action=posts.scheme attr:class="stack gap-2.5" attr:autocomplete="off">
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="form[scheme]" value=scheme/>
            {fields}
            <div><button class="btn" disabled=posts.scheme.pending()>"Save"</button></div>
        </PostForm>
    }
    .into_any()
}

fn hmac(form: &SchemeForm) -> AnyView {
    let algorithms = [("sha256", "SHA-256"), ("sha512", "SHA-512"), ("sha1", "SHA-1")];
    let encodings = [("hex", "Hex"), ("base64", "Base64")];
    let keys = [("text", "As it is written"), ("base64", "Decoded from base64"), ("hex", "Decoded from hex")];
    let places = [("", "None: no time is signed"), ("header", "In a header"), ("body", "In the body")];
    let units = [("seconds", "Seconds"), ("millis", "Milliseconds")];
    view! {
        {text("header", "Header with the signature", &form.header, "x-webhook-signature", true, "")}
        {text("prefix", "What stands before the signature", &form.prefix, "nothing", false, "As sha256= or v0=.")}
        <div class="grid gap-2.5 sm:grid-cols-2">
            {choose("algorithm", "Hash function", &algorithms, &form.algorithm)}
            {choose("encoding", "Signature written in", &encodings, &form.encoding)}
        </div>
        {choose("key", "The secret is the key", &keys, &form.key)}
        {text("template", "Signed text", &form.template, "{timestamp}.{body}", true, "Words, and among them {body}, {timestamp}, {method}, {url} and {header:name}.")}
        {choose("place", "Time of the request", &places, &form.place)}
        {text("time", "Header, or place in the body", &form.time, "x-webhook-timestamp", false, "In the body a JSON pointer, as /sent_at.")}
        <div class="grid gap-2.5 sm:grid-cols-2">
            {choose("unit", "Counted in", &units, &form.unit)}
            {text("tolerance_s", "Seconds it may differ", &form.tolerance_s, "300", false, "")}
        </div>
    }
    .into_any()
}

fn bearer(form: &SchemeForm) -> AnyView {
    view! {
        {text("header", "Header with the token", &form.header, "authorization", true, "")}
        {text("prefix", "Word before the token", &form.prefix, "nothing", false, "Bearer, or nothing in a header of one's own.")}
    }
    .into_any()
}

fn hubspot(form: &SchemeForm) -> AnyView {
    let allowed = !form.allow_v1.is_empty();
    view! {
        <label class="choice"><input type="checkbox" class="check" name="form[allow_v1]" value="on" checked=allowed/>
            <span>"Take version 1 where version 3 is missing"<span class="help block">"It does not sign the time, so an old request can be sent again."</span></span></label>
    }
    .into_any()
}

fn text(
    name: &'static str,
    label: &'static str,
    value: &str,
    placeholder: &'static str,
    required: bool,
    help: &'static str,
) -> AnyView {
    let (id, value) = (format!("scheme-{name}"), value.to_owned());
    let described = (!help.is_empty()).then(|| format!("{id}-help"));
    let help = described.clone().map(|id| view! { <p class="help" id=id>{help}</p> });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input class="input mono" id=id name=format!("form[{name}]") value=value placeholder=placeholder required=required
                spellcheck="false" autocomplete="off" aria-describedby=described/>
            {help}
        </div>
    }
    .into_any()
}

fn choose(name: &'static str, label: &'static str, options: &[(&'static str, &'static str)], set: &str) -> AnyView {
    let id = format!("scheme-{name}");
    let options: Vec<_> = options
        .iter()
        .map(|(value, label)| view! { <option value=*value selected=*value == set>{*label}</option> }.into_any())
        .collect();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select class="input" id=id name=format!("form[{name}]")>{options}</select>
        </div>
    }
    .into_any()
}

/// A scheme in words.
fn name(scheme: &str) -> &'static str {
    match scheme {
        "hmac" => "an HMAC",
        "bearer" => "a token in a header",
        "basic" => "user and password",
        "sendgrid" => "SendGrid's signature",
        _ => "its own scheme",
    }
}
