//! For developers: API keys, a first request, and the way to the API's documents.

mod calls;
mod form;
mod table;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use calls::{CreateKey, Developers, LoadDevelopers, RevokeKey, TakeKey};

use crate::components::{Copy, FormError, Icon, PageHead, loaded};
use crate::remote::{Post, load_after};

/// Keys and how to use them.
#[component]
pub fn DevelopersPage() -> impl IntoView {
    let create = Post::<CreateKey>::new();
    let revoke = Post::<RevokeKey>::new();
    let query = use_query_map();
    let preset = Memo::new(move |_| query.with(|query| query.get("preset")).unwrap_or_default());
    let page = load_after(move || create.version().get() + revoke.version().get(), || LoadDevelopers {});
    let made = load_after(move || create.version().get(), || TakeKey {});
    view! {
        <PageHead title="Developers">
            <a class="btn" href="/developers/signature"><Icon name="lock"/>"Signature debugger"</a>
            <a class="btn" href="/docs/api" rel="external"><Icon name="external"/>"API reference"</a>
        </PageHead>
        <div class="stack">
            {loaded(made, |key| key.map(made_key).into_any())}
            <FormError error=revoke.error()/>
            {loaded(page, move |page| {
                view! {
                    <div class="split">
                        <div class="stack">
                            {table::view(revoke, page.keys.as_deref())}
                            {form::view(create, preset, page.scopes.clone())}
                        </div>
                        {first_request(&page)}
                    </div>
                }
                .into_any()
            })}
        </div>
    }
}

fn made_key(key: String) -> impl IntoView {
    view! {
        <section class="notice ok" role="status">
            <Icon name="key"/>
            <div class="stack grow gap-2">
                <div><b>"Copy the key now."</b>" It is not stored and cannot be shown again."</div>
                <div class="row">
                    <input class="input mono" readonly=true aria-label="API key" value=key.clone()/>
                    <Copy text=key label="Copy"/>
                </div>
            </div>
        </section>
    }
}

fn first_request(page: &Developers) -> impl IntoView + use<> {
    let curl = format!(
        "curl {}/api/v1/events \\\n  -H \"Authorization: Bearer $PATCHBAY_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"event_type\": \"invoice.paid\",\n       \"data\": {{\"id\": \"inv_8812\",\n                \"amount\": 12900}}}}'",
        page.base_url
    );
    let api = format!("{}/api/v1", page.base_url);
    view! {
        <aside class="stack">
            <section class="panel pad stack" aria-labelledby="first">
                <div class="row spread"><h2 id="first">"Send an event"</h2><Copy text=curl.clone() label="Copy"/></div>
                <p class="muted">"Put a key with the scope "<code>"events:write"</code>" into "<code>"PATCHBAY_KEY"</code>" and run:"</p>
                <pre tabindex="0">{curl}</pre>
                <p class="help">"The answer is 202 with the event's id. Deliveries appear in the "<a class="link" href="/deliveries">"delivery log"</a>" at once."</p>
            </section>
            <section class="panel pad stack" aria-labelledby="api">
                <h2 id="api">"REST API"</h2>
                <div class="row"><code class="ell grow">{api.clone()}</code><Copy text=api/></div>
                <p class="muted">"Everything on these pages can be done by requests too."</p>
                <div class="row wrap">
                    <a class="btn small" href="/docs/api" rel="external">"Reference"</a>
                    <a class="btn small" href="/api/v1/openapi.json" rel="external">"OpenAPI document"</a>
                </div>
            </section>
            <section class="panel pad stack" aria-labelledby="debug">
                <h2 id="debug">"A signature does not hold?"</h2>
                <p class="muted">"Paste the request and its secret into the debugger: it names the mistake. The secret stays in your browser."</p>
                <div><a class="btn small" href="/developers/signature">"Open the debugger"</a></div>
            </section>
        </aside>
    }
}
