//! `/sources/{id}/requests/{request}`: a request as it came, the verdict, and what its events came to.

use domain::delivery::DeliverySummary;
use domain::live::Notice;
use domain::source::{InboundOutcome, InboundRequest, InboundState, InboundVerdict};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::calls::{LoadSourceRequest, ReplaySourceRequest, RequestData};
use super::words;
use crate::components::{Copy, FormError, Icon, Json, PageHead, Status, Time, loaded};
use crate::fresh::pulse;
use crate::remote::{Post, PostForm, load_after};
use crate::words::{count, delivery_status, inbound_request};

/// `/sources/{id}/requests/{request}`.
#[component]
pub fn SourceRequestPage() -> impl IntoView {
    let replay = Post::<ReplaySourceRequest>::new();
    let params = use_params_map();
    let beat =
        pulse(std::time::Duration::from_millis(700), |notice| matches!(notice, Notice::Source | Notice::Delivery(_)));
    let moved = move || replay.version().get() + usize::try_from(beat.get()).unwrap_or_default();
    let page = load_after(moved, move || {
        let part = |name: &str| params.with(|params| params.get(name)).unwrap_or_default();
        LoadSourceRequest { id: part("id"), request: part("request") }
    });
    view! { <FormError error=replay.error()/>{loaded(page, move |page| view(&page, replay))} }
}

fn view(page: &RequestData, replay: Post<ReplaySourceRequest>) -> AnyView {
    let request = &page.request;
    let base = format!("/sources/{}", request.summary.source_id);
    // Support sees what came in, and not how sources are set up.
    let crumbs = if page.may_see_source {
        vec![("Sources".into(), "/sources".into()), (page.source_name.clone(), base.clone())]
    } else {
        let of_source = format!("/deliveries/inbound?source={}", request.summary.source_id);
        vec![("Delivery log".into(), "/deliveries/inbound".into()), (page.source_name.clone(), of_source)]
    };
    let (tone, word) = inbound_request(&request.summary);
    let title = request.summary.provider_event_type.clone().unwrap_or_else(|| "Request".into());
    let ip = request.ip.clone().map(|ip| view! { <span>"from "<code>{ip}</code></span> });
    let history = page.message_id.as_deref().filter(|_| page.may_see_source).map(|id| {
        let href = format!("{base}/emails?about={}", domain::delivery::address::encode(id));
        view! { <a class="link" href=href>"History of the e-mail"</a> }
    });
    let replay = replay_form(page, replay);
    view! {
        <PageHead title=title crumbs=crumbs>{replay}</PageHead>
        <p class="row wrap mb-4 muted">
            <Status tone word/>
            <span>"received "<Time at=request.summary.received_at/></span>
            {ip}
            <span class="num">{format!("{} B", count(request.summary.size))}</span>
            <code>{request.summary.id.to_string()}</code>
            {history}
        </p>
        <div class="stack">
            {verdict(request)}
            {outcomes(request, &base)}
            {deliveries(page)}
            {body(page)}
            {headers(request)}
        </div>
    }
    .into_any()
}

fn replay_form(page: &RequestData, replay: Post<ReplaySourceRequest>) -> Option<AnyView> {
    let request = &page.request;
    let is_done = matches!(request.summary.state, InboundState::Processed | InboundState::Failed);
    let may =
        page.may_write && is_done && request.summary.verdict == InboundVerdict::Verified && request.erased_at.is_none();
    may.then(|| {
        let id = request.summary.id.to_string();
        let title = match request.summary.state {
            InboundState::Failed => "It is handled as if it had just come",
            _ => "Its events are told again, also if they were told before",
        };
        view! {
            <PostForm action=replay>
                <input type="hidden" name="request" value=id/>
                <button class="btn" title=title disabled=replay.pending()><Icon name="replay"/>"Replay"</button>
            </PostForm>
        }
        .into_any()
    })
}

fn verdict(request: &InboundRequest) -> AnyView {
    let words = match (request.summary.verdict, &request.cause_text) {
        (InboundVerdict::Verified, _) => "The signature or credentials hold.".to_owned(),
        (InboundVerdict::Challenge, _) => {
            "It brought the token that requests are verified with from now on. Its body is not kept.".to_owned()
        }
        (InboundVerdict::Rejected, text) => text.clone().unwrap_or_else(|| "It was refused.".into()),
    };
    let signed = request.base_string.clone().map(|text| {
        view! {
            <details>
                <summary class="link">"The text that was signed"</summary>
                <pre class="mt-2" tabindex="0">{text}</pre>
            </details>
        }
    });
    let error = request.summary.error.clone().map(|error| {
        let next = request.summary.due_at.map(|at| view! { " It is tried again "<Time at/>"." });
        view! { <div class="notice warn"><Icon name="warning"/><div>{error}{next}</div></div> }
    });
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="request-verdict">
            <h2 id="request-verdict">"Verdict"</h2>
            <p>{words}</p>
            {request.retries.clone().map(|retries| view! { <p class="muted">{retries}</p> })}
            <p class="mono break-all muted">{request.method.clone()}" "{request.url.clone()}</p>
            {signed}
            {error}
        </section>
    }
    .into_any()
}

fn outcomes(request: &InboundRequest, base: &str) -> Option<AnyView> {
    let rows: Vec<_> = request.outcomes.iter().map(|outcome| row(outcome, base)).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="request-outcomes">
                <div class="panel-head"><h2 id="request-outcomes">"What it came to"</h2></div>
                <div class="scroll" tabindex="0" role="group" aria-label="Outcomes, as a table"><table>
                    <thead><tr><th>"Outcome"</th><th>"Event there"</th><th>"Event here"</th><th>"Details"</th><th class="r">"When"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </section>
        }
        .into_any()
    })
}

fn row(outcome: &InboundOutcome, base: &str) -> AnyView {
    let (tone, word) = words::outcome(outcome.outcome);
    let here = outcome.event_id.as_ref().map(|id| {
        let name = outcome.event_type.clone().unwrap_or_default();
        view! { <a class="link mono" href=format!("/deliveries?q={id}")>{name}</a> }
    });
    let first = outcome.duplicate_of.as_ref().map(|id| {
        view! { " "<a class="link" href=format!("{base}/requests/{id}")>"The first"</a> }
    });
    let late = outcome.is_late.then(|| view! { <span class="badge">"late"</span>" " });
    view! {
        <tr>
            <td><Status tone word/></td>
            <td class="mono">{outcome.provider_event_type.clone()}</td>
            <td>{here}</td>
            <td class="whitespace-normal min-w-64">{late}{outcome.detail.clone()}{first}</td>
            <td class="r faint"><Time at=outcome.at/></td>
        </tr>
    }
    .into_any()
}

/// Where the events went.
fn deliveries(page: &RequestData) -> Option<AnyView> {
    let is_told = page.request.outcomes.iter().any(|outcome| outcome.event_id.is_some());
    let rows: Vec<_> = page.deliveries.iter().map(delivery).collect();
    let content = if rows.is_empty() {
        view! { <p class="muted pad">"No endpoint or rule took its events, or their deliveries are to be made yet."</p> }
            .into_any()
    } else {
        view! {
            <div class="scroll" tabindex="0" role="group" aria-label="Deliveries, as a table"><table>
                <thead><tr><th>"Status"</th><th>"To"</th><th class="hide-s">"Event here"</th><th class="r">"When"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
        .into_any()
    };
    (is_told && page.may_see_deliveries).then(|| {
        view! {
            <section class="panel" aria-labelledby="request-deliveries">
                <div class="panel-head"><h2 id="request-deliveries">"Where it went"</h2></div>
                {content}
            </section>
        }
        .into_any()
    })
}

fn delivery(delivery: &DeliverySummary) -> AnyView {
    let (tone, word) = delivery_status(delivery.status);
    let href = format!("/deliveries/{}", delivery.id);
    view! {
        <tr>
            <td><Status tone word/></td>
            <td><a class="link" href=href>{delivery.endpoint_name.clone()}</a></td>
            <td class="mono hide-s">{delivery.event_type.clone()}</td>
            <td class="r faint"><Time at=delivery.created_at/></td>
        </tr>
    }
    .into_any()
}

fn body(page: &RequestData) -> AnyView {
    let request = &page.request;
    let shown = match (&request.body, request.erased_at) {
        (Some(text), _) if text.is_empty() => view! { <p class="faint">"No body."</p> }.into_any(),
        (Some(text), _) => view! { <Json text=text.clone()/> }.into_any(),
        (None, Some(at)) => {
            view! { <p class="faint">"Erased "<Time at/>", as the organization's retention says."</p> }.into_any()
        }
        (None, None) => view! { <p class="faint">"It is not kept."</p> }.into_any(),
    };
    let copy = request.body.clone().filter(|text| !text.is_empty()).map(|text| view! { <Copy text/> });
    view! {
        <section class="panel pad stack gap-2" aria-labelledby="request-body">
            <div class="row spread"><h2 id="request-body">"Body"</h2>{copy}</div>
            {page.is_cut.then(|| view! { <p class="help">"It is long: this is its beginning. The API has all of it."</p> })}
            {shown}
        </section>
    }
    .into_any()
}

fn headers(request: &InboundRequest) -> AnyView {
    let lines: Vec<_> = request
        .headers
        .iter()
        .map(|(name, value)| {
            view! { <dt class="mono muted">{name.clone()}</dt><dd class="mono break-all">{value.clone()}</dd> }
                .into_any()
        })
        .collect();
    view! {
        <section class="panel pad stack gap-2" aria-labelledby="request-headers">
            <h2 id="request-headers">"Headers"</h2>
            <dl class="grid md:grid-cols-[220px_minmax(0,1fr)] gap-1">{lines}</dl>
        </section>
    }
    .into_any()
}
