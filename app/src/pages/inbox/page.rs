//! `/inbox`: its URL, and what arrived there, live.

use domain::inbox::InboxRequest;
use domain::live::Notice;
use leptos::prelude::*;

use super::calls::{ClearInbox, InboxData, LoadInbox};
use crate::components::{Confirm, Copy, Empty, FormError, Icon, Json, PageHead, ProblemPanel, Time};
use crate::fresh::reload;
use crate::live::{self, LiveState};
use crate::remote::{Post, PostForm, ask, load};

/// Requests that are shown.
const SHOWN: usize = 50;

/// `/inbox`.
#[component]
pub fn InboxPage() -> impl IntoView {
    let first = load(|| LoadInbox {});
    view! {
        <Suspense fallback=|| view! { <PageHead title="Inbox" /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(data) => view! { <Loaded data=data /> }.into_any(),
                    Err(error) => view! { <PageHead title="Inbox" /><ProblemPanel error=error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(data: InboxData) -> impl IntoView {
    let clear = Post::<ClearInbox>::new();
    let error = clear.error();
    let (url, endpoint, may_write) = (data.inbox.url.clone(), data.endpoint.clone(), data.may_write);
    let shown = RwSignal::new(data);
    let resets = RwSignal::new(0_u32);
    let live = live::open(
        move |notices| {
            let arrived = notices
                .into_iter()
                .filter_map(|notice| if let Notice::Inbox(request) = notice { Some(*request) } else { None });
            shown.update(|data| arrived.for_each(|request| put(&mut data.inbox.requests, request)));
        },
        move || resets.update(|resets| *resets += 1),
    );
    reload(shown, move || (resets.get(), clear.version().get()), || ask(LoadInbox {}));
    let requests = Memo::new(move |_| shown.with(|data| data.inbox.requests.clone()));
    let some = Memo::new(move |_| requests.with(|requests| !requests.is_empty()));
    let newest = Memo::new(move |_| requests.with(|requests| requests.first().map(|request| request.id.clone())));
    let first = newest.get_untracked();
    view! {
        <PageHead title="Inbox">
            <span class="badge js-only" class:ok=move || live.state() == LiveState::Live role="status"><span class="dot"></span>{move || live.state().word()}</span>
            {may_write.then(|| view! {
                <PostForm action=clear>
                    <Confirm title="Clear the inbox?" text="What arrived here is forgotten. The delivery log keeps its own record." label="Clear" />
                </PostForm>
            })}
        </PageHead>
        <FormError error=error />
        <section class="panel pad stack gap-2.5 mb-3" aria-labelledby="address-title">
            <h2 id="address-title">"A receiver before you write one"</h2>
            <p class="muted max-w-prose">"The hub records whatever arrives at this URL. Point an endpoint at it and see exactly what your server would get: headers, body and signature."</p>
            <div class="row wrap">
                <input class="input mono grow min-w-0" readonly aria-label="URL of the inbox" value=url.clone() />
                <Copy text=url label="Copy" />
            </div>
            {pointing(endpoint, may_write)}
        </section>
        <div class="stack" aria-live="polite" aria-relevant="additions">
            <For each=move || requests.get() key=|request| request.id.clone() let:request>
                {let open = first.as_ref() == Some(&request.id); request_panel(request, open)}
            </For>
        </div>
        {move || (!some.get()).then(|| view! {
            <div class="panel">
                <Empty title="Nothing has arrived" text="Send an event or a test to an endpoint that points here. It shows up the moment it arrives.">
                    <noscript><a class="btn" href="/inbox">"Look again"</a></noscript>
                </Empty>
            </div>
        })}
    }
}

/// Puts a request on top, once, and lets the oldest go.
fn put(requests: &mut Vec<InboxRequest>, request: InboxRequest) {
    if requests.iter().all(|known| known.id != request.id) {
        requests.insert(0, request);
        requests.truncate(SHOWN);
    }
}

/// The endpoint that points here, or how to make one.
fn pointing(endpoint: Option<(String, String)>, may_write: bool) -> impl IntoView {
    match endpoint {
        Some((id, name)) => view! { <p class="help">"The endpoint "<a class="link" href=format!("/endpoints/{id}")>{name}</a>" points here."</p> }.into_any(),
        None if may_write => view! { <p class="help">"No endpoint points here yet. "<a class="link" href="/endpoints/new">"Add one"</a>" with this URL."</p> }.into_any(),
        None => view! { <p class="help">"No endpoint points here yet."</p> }.into_any(),
    }
}

/// One request: a line that unfolds to headers and body.
fn request_panel(request: InboxRequest, open: bool) -> impl IntoView {
    let badge = match request.verified {
        Some(true) => view! { <span class="badge ok"><span class="dot"></span>"signature verified"</span> }.into_any(),
        Some(false) => view! { <span class="badge bad"><span class="dot"></span>"signature wrong"</span> }.into_any(),
        None => view! { <span class="badge">"not signed by an endpoint of yours"</span> }.into_any(),
    };
    let event_type = event_type_of(&request.body);
    let headers = request.headers.into_iter().map(|(name, value)| view! { <dt class="mono muted border-t border-line pt-1.5 md:py-1.5">{name}</dt><dd class="mono break-all md:border-t border-line pb-1.5 md:py-1.5">{value}</dd> }).collect_view();
    let copy = request.body.clone();
    let body = if request.body.is_empty() {
        view! { <p class="pad faint">"No body."</p> }.into_any()
    } else {
        view! { <Json text=request.body /> }.into_any()
    };
    view! {
        <details class="panel group" open=open>
            <summary class="panel-head">
                <span class="row grow">
                    <span class="-rotate-90 group-open:rotate-0 text-ink-3"><Icon name="chevron" /></span>
                    <b class="mono">{request.method}</b>
                    <span class="mono ell">{event_type}</span>
                </span>
                <span class="row wrap">{badge}<span class="muted"><Time at=request.received_at /></span></span>
            </summary>
            <div class="border-t border-line pad stack gap-4">
                <div class="stack gap-1.5"><div class="row spread"><h3>"Body"</h3><Copy text=copy /></div>{body}</div>
                <div class="stack gap-1.5"><h3>"Headers"</h3><dl class="grid md:grid-cols-[200px_minmax(0,1fr)]">{headers}</dl></div>
            </div>
        </details>
    }
}

/// The event type that a body names, if it is one of ours.
fn event_type_of(body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        event_type: String,
    }
    serde_json::from_str::<Named>(body).ok().map(|named| named.event_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;
    use domain::id::InboxRequestId;

    #[test]
    fn a_request_is_put_on_top_once() {
        let request = |n: u8| InboxRequest {
            id: InboxRequestId::new(i64::from(n), [n; 10]),
            received_at: Timestamp(1),
            method: "POST".into(),
            headers: Vec::new(),
            body: String::new(),
            verified: None,
        };
        let mut list = vec![request(1)];
        put(&mut list, request(2));
        put(&mut list, request(1));
        assert_eq!(list, [request(2), request(1)]);
        (10..200).for_each(|n| put(&mut list, request(n)));
        assert_eq!(list.len(), SHOWN);
    }

    #[test]
    fn a_body_names_its_event_type() {
        assert_eq!(
            event_type_of(r#"{"webhook_id":"evt_1","event_type":"invoice.paid","data":{}}"#).as_deref(),
            Some("invoice.paid")
        );
        assert_eq!(event_type_of("hello"), None);
    }
}
