//! How an attempt was signed, and code that checks it. Drawn on the server.

use domain::delivery::{Attempt, DeliveryDetail};
use leptos::prelude::*;
use signature::VERIFY_CODE;

use super::drawn::copy;
use super::place::Place;
use super::sheet::sent;
use super::verify::{self, FIRST, Signed};
use crate::components::Icon;
use crate::handed::Handed;

/// Scheme, signed text, headers and code.
pub fn view(detail: &DeliveryDetail, attempt: &Attempt, place: &Place, id: &str) -> AnyView {
    if let Some(batch) = verify::batch(attempt) {
        return view! { <p class="muted">"It went in one request with others, signed as a whole as the message "<code class="break-all">{batch.to_owned()}</code>"."</p> }.into_any();
    }
    if verify::fetched(attempt) {
        return view! { <p class="muted">"Signed each time it was fetched; signatures are not kept."</p> }.into_any();
    }
    let Some(signed) = verify::signed(attempt) else {
        return view! { <p class="muted">"This attempt ended before anything was signed."</p> }.into_any();
    };
    let body = sent(detail, attempt);
    let base = verify::base_string(&signed, &body);
    let debugger = Handed::new(&attempt.request_headers, &body).href();
    let language = VERIFY_CODE.iter().find(|(slug, ..)| *slug == place.language).map_or(FIRST, |(slug, ..)| *slug);
    let code = verify::code(language, &signed, &body);
    let links: Vec<_> = VERIFY_CODE
        .iter()
        .map(|(word, name, _)| {
            let href = Place { language: (*word).to_owned(), ..place.clone() }.href(id);
            view! { <a href=href class="min-h-[26px]! px-[9px]! py-0! text-[12.5px]" aria-current=(*word == language).then_some("true")>{*name}</a> }.into_any()
        })
        .collect();
    view! {
        {scheme(&signed)}
        <div class="row wrap">
            <a class="btn small" href=debugger><Icon name="lock"/>"Open in the signature debugger"</a>
            <span class="help">"It checks headers and body with your secret, in the browser."</span>
        </div>
        <section class="stack gap-2!">
            <div class="row spread"><h3>"Signed text: id.timestamp.body"</h3>{copy(base.clone())}</div>
            <pre class="max-h-[200px] overflow-auto break-all whitespace-pre-wrap" tabindex="0">{base}</pre>
        </section>
        <section class="stack gap-2!">
            <h3>"Check it"</h3>
            <nav class="max-w-full overflow-x-auto" aria-label="Language"><div class="seg">{links}</div></nav>
            <div class="relative">
                <pre class="max-h-[480px] overflow-auto" tabindex="0">{code.clone()}</pre>
                <div class="absolute top-1.5 right-1.5 rounded-[7px] bg-sunken">{copy(code)}</div>
            </div>
        </section>
    }
    .into_any()
}

fn scheme(signed: &Signed) -> impl IntoView + use<> {
    let count = signed.signature.split(' ').count();
    let keys = match count {
        1 => "with the endpoint's signing secret".to_owned(),
        more => format!("once with each of the endpoint's {more} valid secrets; one match is enough"),
    };
    let plain = signed.plain.clone().map(|value| {
        view! { <dt class="faint">"x-webhook-signature"</dt><dd class="break-all">{value}</dd> }
    });
    view! {
        <p class="muted">
            "Standard Webhooks, version v1: HMAC-SHA256 "{keys}". Receivers should refuse a timestamp older than five minutes and remember the id, which stays the same on every try."
        </p>
        <dl class="mono grid gap-x-4 gap-y-0.5 sm:grid-cols-[max-content_minmax(0,1fr)] max-sm:[&>dd]:mb-1.5">
            <dt class="faint">"webhook-id"</dt>
            <dd class="break-all">{signed.id.clone()}</dd>
            <dt class="faint">"webhook-timestamp"</dt>
            <dd>{signed.timestamp.clone()}</dd>
            <dt class="faint">"webhook-signature"</dt>
            <dd class="break-all">{signed.signature.clone()}</dd>
            {plain}
        </dl>
    }
}
