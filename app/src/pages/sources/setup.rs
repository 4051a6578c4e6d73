//! How a source is set up: its address, its secrets, the steps at the provider, and what its events become.

use domain::source::{PresetEvent, SourcePreset};
use leptos::prelude::*;

use super::calls::SourceData;
use super::detail::Posts;
use super::{channels, scheme};
use crate::components::{Confirm, Copy, FieldError, FormError, Time};
use crate::remote::PostForm;
use crate::words::count;

/// The panels beside what came.
pub fn view(page: &SourceData, posts: Posts) -> AnyView {
    view! {
        {address(page, posts)}
        {secret(page, posts)}
        {scheme::view(page, posts)}
        {channels::view(page, posts)}
        {account(page, posts)}
        {emails(page)}
        {steps(&page.preset)}
        {mapping(&page.preset.events, &page.seen, &format!("/sources/{}", page.source.id))}
        {facts(&page.preset)}
        {page.may_write.then(|| name(page, posts))}
    }
    .into_any()
}

fn address(page: &SourceData, posts: Posts) -> AnyView {
    let (url, id) = (page.source.url.clone(), page.source.id.to_string());
    let older = page.source.previous_url_until.map(|until| {
        view! { <p class="help">"The address before this one is taken until "<Time at=until/>"."</p> }
    });
    let rotate = page.may_write.then(|| view! {
        <PostForm action=posts.token>
            <input type="hidden" name="id" value=id/>
            <Confirm title="Make another address?" text="Give the new one to the provider. The old one is taken for 24 hours more." label="Rotate" class="small"/>
        </PostForm>
    });
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="source-url">
            <div class="row spread"><h2 id="source-url">"Address"</h2>{rotate}</div>
            <div class="row">
                <input class="input mono grow min-w-0" readonly=true aria-label="Address for the provider" value=url.clone()/>
                <Copy text=url label="Copy"/>
            </div>
            {older}
            {page.source.mail_address.clone().map(mail)}
        </section>
    }
    .into_any()
}

/// The address that e-mail is sent to.
fn mail(address: String) -> AnyView {
    view! {
        <div class="stack gap-1.5">
            <h3>"E-mail address"</h3>
            <div class="row">
                <input class="input mono grow min-w-0" readonly=true aria-label="E-mail address" value=address.clone()/>
                <Copy text=address label="Copy"/>
            </div>
            <p class="help">"What is sent to it becomes an event, and there is nothing to set up. Anything may stand behind a + before the @, as …+ticket-42@…: the event tells it. The steps below are for a domain of your own."</p>
        </div>
    }
    .into_any()
}

/// The account whose requests alone are taken.
fn account(page: &SourceData, posts: Posts) -> Option<AnyView> {
    let (name, looks_like) = page.preset.account.clone().filter(|_| page.may_write)?;
    let (id, account) = (page.source.id.to_string(), page.source.account.clone().unwrap_or_default());
    let error = posts.account.error();
    Some(view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="source-account">
            <h2 id="source-account">{name.clone()}</h2>
            <PostForm action=posts.account attr:class="stack gap-2.5" attr:autocomplete="off">
                <FormError error=error fields=&["account"]/>
                <input type="hidden" name="id" value=id/>
                <div class="field">
                    <input class="input mono" name="account" maxlength="200" aria-label=name value=account placeholder=looks_like
                        spellcheck="false" autocomplete="off" aria-describedby="source-account-help account-error"/>
                    <p class="help" id="source-account-help">"Requests of another one are refused, though they are signed rightly. Leave it empty to take all."</p>
                    <FieldError error=error field="account"/>
                </div>
                <div><button class="btn small" disabled=posts.account.pending()>"Save"</button></div>
            </PostForm>
        </section>
    }
    .into_any())
}

/// The way to what became of e-mail.
fn emails(page: &SourceData) -> Option<AnyView> {
    (page.preset.provider == "resend").then(|| {
        let search = super::emails::search(&format!("/sources/{}", page.source.id), "");
        view! {
            <section class="panel pad stack gap-2.5" aria-labelledby="source-emails">
                <h2 id="source-emails">"What became of an e-mail"</h2>
                {search}
            </section>
        }
        .into_any()
    })
}

fn secret(page: &SourceData, posts: Posts) -> AnyView {
    let hints: Vec<_> = page
        .source
        .secrets
        .iter()
        .map(|secret| {
            let end = secret.expires_at.map(|until| view! { ", verifies until "<Time at=until/> });
            view! { <p class="help"><code>{format!("••••{}", secret.hint)}</code>" entered "<Time at=secret.created_at/>{end}</p> }.into_any()
        })
        .collect();
    let none = hints.is_empty().then(|| {
        view! { <p class="help">"Without it nothing can be verified: requests are answered 503, so that the provider tries again."</p> }
    });
    let handshake = page.source.verification_token.clone().map(|token| {
        view! {
            <div class="notice info"><div class="stack gap-2 grow">
                <p>{page.source.provider_name.clone()}" has posted this token. Paste it there to verify the address."</p>
                <div class="row"><input class="input mono grow min-w-0" readonly=true aria-label="Verification token" value=token.clone()/><Copy text=token label="Copy"/></div>
            </div></div>
        }
    });
    let form = page.may_write.then(|| secret_form(page, posts));
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="source-secret">
            <h2 id="source-secret">{page.preset.secret_name.clone()}</h2>
            {handshake}
            {hints}
            {none}
            {form}
        </section>
    }
    .into_any()
}

fn secret_form(page: &SourceData, posts: Posts) -> AnyView {
    let id = page.source.id.to_string();
    let error = posts.secret.error();
    let has_one = !page.source.secrets.is_empty();
    let label = if has_one { "Replace secret" } else { "Save secret" };
    let may_be_empty = page.preset.makes_secret || (page.preset.posts_secret && has_one);
    let help = match (page.preset.makes_secret, has_one) {
        _ if page.preset.posts_secret => {
            "It is posted to the address when the subscription is made. Leave it empty to take the next one."
        }
        (true, _) => "Leave it empty to have one made. An older one verifies for 24 hours more.",
        (false, true) => "The older one verifies for 24 hours more.",
        (false, false) => "It is kept sealed and not shown again.",
    };
    let (secret_name, looks_like) = (page.preset.secret_name.clone(), page.preset.secret_looks_like.clone());
    view! {
        <PostForm action=posts.secret empties=true attr:class="stack gap-2.5" attr:autocomplete="off">
            <FormError error=error fields=&["secret"]/>
            <input type="hidden" name="id" value=id/>
            <div class="field">
                <label class="sr-only" for="source-secret-field">{secret_name}</label>
                <input class="input mono" id="source-secret-field" name="secret" type="password" autocomplete="off" spellcheck="false"
                    placeholder=looks_like required=!may_be_empty aria-describedby="source-secret-help secret-error"/>
                <p class="help" id="source-secret-help">{help}</p>
                <FieldError error=error field="secret"/>
            </div>
            <div><button class="btn" disabled=posts.secret.pending()>{label}</button></div>
        </PostForm>
    }
    .into_any()
}

fn steps(preset: &SourcePreset) -> AnyView {
    let steps: Vec<_> =
        preset.setup.iter().map(|step| view! { <li class="break-words">{step.clone()}</li> }.into_any()).collect();
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="source-steps">
            <h2 id="source-steps">{format!("At {}", preset.name)}</h2>
            <ol class="list-decimal pl-5 stack gap-1.5">{steps}</ol>
        </section>
    }
    .into_any()
}

/// What each event becomes and how often it has come; what came and is not listed stands below.
fn mapping(events: &[PresetEvent], seen: &[(String, i64)], base: &str) -> AnyView {
    // What came can be looked into, field by field.
    let fields = |kind: &str| format!("{base}?type={}", domain::delivery::address::encode(kind));
    let often = |kind: &str| seen.iter().find(|(known, _)| known == kind).map(|(_, often)| count(*often));
    let mut rows: Vec<_> = events
        .iter()
        .map(|event| {
            let from = if event.provider_type == "*" { "any" } else { &event.provider_type };
            let came = often(&event.provider_type);
            becomes(from, event.event_type.as_deref(), came.map(|often| (often, fields(&event.provider_type))))
        })
        .collect();
    let rest = events.iter().find(|event| event.provider_type == "*").and_then(|event| event.event_type.as_deref());
    let is_listed = |kind: &str| events.iter().any(|event| event.provider_type == kind);
    let others = seen.iter().filter(|(kind, _)| !is_listed(kind));
    rows.extend(others.map(|(kind, often)| becomes(kind, rest, Some((count(*often), fields(kind))))));
    view! {
        <section class="panel" aria-labelledby="source-mapping">
            <div class="panel-head"><h2 id="source-mapping">"What events become"</h2></div>
            <div class="scroll" tabindex="0" role="group" aria-label="Mapping, as a table"><table>
                <thead><tr><th>"There"</th><th>"Here"</th><th class="r">"Came"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
    }
    .into_any()
}

/// What a type becomes; with how often it came and where its fields are shown, if it did.
fn becomes(from: &str, here: Option<&str>, came: Option<(String, String)>) -> AnyView {
    let to = match here {
        Some(name) => {
            view! { <a class="link mono" href=format!("/event-types/{name}")>{name.to_owned()}</a> }.into_any()
        }
        None => view! { <span class="faint">"kept and shown"</span> }.into_any(),
    };
    let often = match came {
        Some((often, fields)) => {
            let label = format!("Fields of {from}, which came {often} times");
            view! { <a class="link" href=fields aria-label=label>{often}</a> }.into_any()
        }
        None => view! { "–" }.into_any(),
    };
    view! { <tr><td class="mono whitespace-normal break-all">{from.to_owned()}</td><td>{to}</td><td class="num r faint">{often}</td></tr> }
        .into_any()
}

fn facts(preset: &SourcePreset) -> AnyView {
    let line =
        |name: &'static str, text: String| view! { <dt class="muted">{name}</dt><dd class="min-w-0">{text}</dd> };
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="source-facts">
            <h2 id="source-facts">"Good to know"</h2>
            <dl class="grid gap-1">
                {line("Verified by", preset.verification.clone())}
                {line("Tried again", preset.retries.clone())}
                {line("Told apart by", preset.duplicates.clone())}
                {preset.challenge.clone().map(|text| line("Tries the address", text))}
                {line("Changing the secret", preset.rotation.clone())}
            </dl>
        </section>
    }
    .into_any()
}

fn name(page: &SourceData, posts: Posts) -> AnyView {
    let error = posts.rename.error();
    let (id, name) = (page.source.id.to_string(), page.source.name.clone());
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="source-name">
            <h2 id="source-name">"Name"</h2>
            <PostForm action=posts.rename attr:class="stack gap-2.5">
                <FormError error=error fields=&["name"]/>
                <input type="hidden" name="id" value=id/>
                <div class="field">
                    <input class="input" name="name" required maxlength="100" aria-label="Name" value=name/>
                    <FieldError error=error field="name"/>
                </div>
                <div><button class="btn small" disabled=posts.rename.pending()>"Rename"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}
