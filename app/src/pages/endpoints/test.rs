//! "Send test": a sample of a chosen type through the real path, and how it went.

use leptos::prelude::*;

use super::calls::{LastTest, TestEndpoint, TestResult};
use super::figures::verdict;
use super::tree::is_on;
use crate::components::{DurationBar, FormError, Icon, Time, Tone};
use crate::error::UiError;
use crate::remote::{Post, PostForm, ask, load};

/// The panel of one endpoint: the button, and the last test.
#[component]
pub fn TestPanel(
    /// The endpoint's id.
    id: String,
    /// Whether the person may send one.
    may_write: bool,
    /// The types that can be sent.
    types: Vec<String>,
    /// What the endpoint subscribes to: the first type that it wants is chosen at first.
    patterns: Vec<String>,
) -> impl IntoView {
    let send = Post::<TestEndpoint>::new();
    let error = send.error();
    let sent = send.version();
    let owned = StoredValue::new(id.clone());
    // The first answer comes with the page; after "Send test", or while it is not known yet, the browser waits for it.
    let first = load(move || LastTest { endpoint_id: owned.get_value(), wait: false });
    let shown = RwSignal::new(None::<Option<TestResult>>);
    let waiting = RwSignal::new(false);
    let wait = move || {
        waiting.set(true);
        leptos::task::spawn_local(async move {
            let answer = ask(LastTest { endpoint_id: owned.get_value(), wait: true }).await;
            _ = waiting.try_set(false);
            if let Ok(result) = answer {
                _ = shown.try_set(Some(result));
            }
        });
    };
    Effect::new(move |before: Option<usize>| {
        let (version, done) = (sent.get(), send.is_done());
        if before.is_some_and(|before| before != version) && done {
            wait();
        }
        version
    });
    Effect::new(move |_| {
        if let Some(Ok(Some(result))) = first.get()
            && is_open(&result)
        {
            wait();
        }
    });
    let busy = Signal::derive(move || send.pending().get() || waiting.get());
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="test-title" aria-live="polite">
            <Transition fallback=move || view! { <h2 id="test-title">"Last test"</h2> }>
                {move || Suspend::new(async move {
                    let first = first.await;
                    view! { {move || outcome(shown.get().unwrap_or_else(|| first.clone().unwrap_or_default()), busy)} }
                })}
            </Transition>
            {may_write.then(|| view! { <SendForm id=id send=send types=types patterns=patterns busy=busy error=error /> })}
        </section>
    }
}

/// Whether an outcome is still to come soon.
fn is_open(result: &TestResult) -> bool {
    use domain::delivery::DeliveryStatus as S;
    result.attempt.is_none() && result.delivery.status == S::Pending
}

#[component]
fn SendForm(
    id: String,
    send: Post<TestEndpoint>,
    types: Vec<String>,
    patterns: Vec<String>,
    busy: Signal<bool>,
    error: Signal<Option<UiError>>,
) -> impl IntoView {
    let first = types.iter().find(|name| is_on(&patterns, name)).cloned();
    let options = types
        .into_iter()
        .map(|name| view! { <option value=name.clone() selected=Some(&name) == first.as_ref()>{name.clone()}</option> })
        .collect_view();
    view! {
        <PostForm action=send>
            <input type="hidden" name="id" value=id />
            <div class="row">
                <select class="input mono grow" name="event_type" aria-label="Event type of the test">
                    {options}
                </select>
                <button class="btn" type="submit" disabled=move || busy.get()>
                    <Icon name="test" />{move || if busy.get() { "Sending" } else { "Send test" }}
                </button>
            </div>
        </PostForm>
        <FormError error=error />
    }
}

/// The head and the figures of the last test.
fn outcome(last: Option<TestResult>, busy: Signal<bool>) -> impl IntoView {
    let badge = last.as_ref().map(|result| match &result.attempt {
        Some(attempt) => (verdict(attempt).0, verdict(attempt).1),
        None => (Tone::Off, result.delivery.status.to_string()),
    });
    let badge = move || match (busy.get(), badge.clone()) {
        (true, _) => {
            view! { <span class="badge info"><span class="dot"></span>"Waiting for the answer"</span> }.into_any()
        }
        (false, Some((tone, words))) => {
            view! { <span class=format!("badge {}", tone.class())><span class="dot"></span>{words}</span> }.into_any()
        }
        (false, None) => ().into_any(),
    };
    let body = match last {
        None => view! { <p class="help">"Nothing sent yet. A test is a signed sample that takes the real path, whatever the endpoint subscribes to."</p> }.into_any(),
        Some(result) => figures(result).into_any(),
    };
    view! {
        <div class="row spread wrap"><h2 id="test-title">"Last test"</h2>{badge}</div>
        {body}
    }
}

fn figures(result: TestResult) -> impl IntoView {
    let link = format!("/deliveries/{}", result.delivery.id);
    let attempt = result.attempt.map(|attempt| {
        let sentence = verdict(&attempt).2;
        let body = attempt.response_body.filter(|body| !body.trim().is_empty()).map(|body| {
            view! {
                <details>
                    <summary class="help link">"What it answered"</summary>
                    <pre class="mono mt-1.5 max-h-40 overflow-auto" tabindex="0" role="region" aria-label="Answer">{body}</pre>
                </details>
            }
        });
        view! {
            <p>{sentence}</p>
            <DurationBar dns_us=attempt.dns_us connect_us=attempt.connect_us tls_us=attempt.tls_us first_byte_us=attempt.first_byte_us total_us=attempt.total_us />
            {body}
        }
    });
    view! {
        {attempt}
        <p class="help row wrap gap-x-2!">
            <code>{result.delivery.event_type}</code>
            <Time at=result.delivery.created_at />
            <a class="link" href=link>"Open the delivery"</a>
        </p>
    }
}
