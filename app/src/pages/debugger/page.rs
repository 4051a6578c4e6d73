//! `/developers/signature`.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::fields::{self, Fields};
use super::given::{Found, Given};
use super::report;
use crate::components::{Icon, PageHead};
use crate::handed::Handed;

/// What checks a message without scripts.
const OPENSSL: &str = "# Prints the signature that a Standard Webhooks message must carry.
# body.json holds the bytes as received; the rest stands in the headers.
SECRET='whsec_…'  ID='evt_…'  TIMESTAMP='1760000000'
KEY=$(printf %s \"${SECRET#whsec_}\" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
{ printf '%s.%s.' \"$ID\" \"$TIMESTAMP\"; cat body.json; } \\
  | openssl dgst -sha256 -mac HMAC -macopt hexkey:\"$KEY\" -binary \\
  | openssl base64 -A | sed 's/^/v1,/'";

/// Fields on one side, what was found out on the other.
#[component]
pub fn DebuggerPage() -> impl IntoView {
    let fields = Fields::new();
    let found = RwSignal::new(None::<Found>);
    let shown = NodeRef::<html::Section>::new();
    Effect::new(move |_| {
        let hash = window().location().hash().unwrap_or_default();
        if let Some(Handed { headers, body }) = Handed::read(&hash) {
            fields.set(Given { headers, body, any_age: true, ..Given::default() });
        }
    });
    // What was found out about something else is gone.
    Effect::watch(move || fields.given(), move |_, _, _| found.set(None), false);
    let check = move || {
        found.set(Some(untrack(|| fields.given()).check(now_s())));
        // Where the report lies below the fields, it comes into view; with a screen reader it is read.
        request_animation_frame(move || {
            if let Some(section) = shown.get_untracked() {
                // It fails only for what cannot have the focus.
                let _focused = section.focus();
            }
        });
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            check();
        }
    };
    view! {
        <PageHead title="Signature debugger" crumbs=vec![("Developers".into(), "/developers".into())]>
            <button type="button" class="btn js-only" on:click=move |_| fields.set(Given::example(now_s()))>"Fill in an example"</button>
        </PageHead>
        <div class="notice mb-4">
            <Icon name="lock"/>
            <div><b class="font-[560]">"Nothing leaves this browser. "</b>"The check runs on this page, on purpose: a signing secret belongs to you and your receiver."</div>
        </div>
        {without_scripts()}
        <div class="grid items-start gap-4 lg:grid-cols-2 js-only">
            <section class="panel pad stack gap-4" aria-labelledby="message-title" on:keydown=on_key>
                <h2 id="message-title">"The message"</h2>
                {fields::view(fields)}
                <div class="row wrap">
                    <button type="button" class="btn primary" on:click=move |_| check()><Icon name="check"/>"Check the signature"</button>
                    <button type="button" class="btn quiet" on:click=move |_| fields.set(Given::default())>"Clear"</button>
                    <span class="faint hide-s ml-auto"><span class="kbd">"⌘↵"</span>" or "<span class="kbd">"Ctrl ↵"</span></span>
                </div>
            </section>
            <section class="panel pad stack gap-4 scroll-mt-16" aria-labelledby="report-title" tabindex="-1" node_ref=shown>
                <h2 id="report-title">"What it says"</h2>
                {move || found.with(|found| found.as_ref().map_or_else(waiting, report::view))}
            </section>
        </div>
    }
}

/// What stands where the report will be.
fn waiting() -> AnyView {
    view! {
        <p class="muted">"Paste a message and its secret. The verdict comes with the exact text that must be signed, the signature that belongs to it, and, where they differ, the mistake:"</p>
        <ul class="list-disc pl-5 muted stack gap-1">
            <li>"a body that a framework parsed and wrote anew"</li>
            <li>"a secret that was not decoded, was cut, or belongs to another endpoint"</li>
            <li>"an id, timestamp or dot that is missing in the signed text"</li>
            <li>"hex in place of base64, another hash, another prefix"</li>
            <li>"clocks that differ, milliseconds, time zones"</li>
        </ul>
        <p class="help">"It knows Standard Webhooks with shared secrets and with key pairs, the plain sha256 form, and those of Stripe, GitHub and Slack."</p>
    }
    .into_any()
}

/// For browsers without scripts: why it does not work there, and what does.
fn without_scripts() -> AnyView {
    view! {
        <section class="panel pad stack gap-3 no-js-only" aria-labelledby="openssl-title">
            <h2 id="openssl-title">"This page needs JavaScript"</h2>
            <p class="max-w-[75ch]">"The check runs in the browser so that your secret is never sent to the server, and a form without scripts could only send it there. With JavaScript off, check the signature on your own machine:"</p>
            <pre class="overflow-auto" tabindex="0">{OPENSSL}</pre>
            <p class="muted">"What it prints must be one of the signatures in "<code>"webhook-signature"</code>"."</p>
        </section>
    }
    .into_any()
}

/// The browser's clock in Unix seconds.
#[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit into i64")]
fn now_s() -> i64 {
    (js_sys::Date::now() / 1000.0) as i64
}
