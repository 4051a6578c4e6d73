//! The sections below an attempt: request, response, signature, event, related deliveries. Drawn on
//! the server.

use domain::Timestamp;
use domain::delivery::{Attempt, DeliveryDetail, DeliverySummary};
use leptos::prelude::*;

use super::drawn::copy;
use super::place::{Place, Tab};
use super::row::{ago, exact};
use super::sheet::{body, erased, sent};
use super::{signature, text, verify};
use crate::components::{Json, Status, diff};

/// The section that the place names.
pub fn content(detail: &DeliveryDetail, attempt: Option<&Attempt>, place: &Place, now: Timestamp) -> AnyView {
    let id = detail.delivery.id.as_str();
    match (place.tab, attempt) {
        (Tab::Request, attempt) => request(detail, attempt, place, id).into_any(),
        (Tab::Response, Some(attempt)) => response(detail, attempt, place, id).into_any(),
        (Tab::Signature, Some(attempt)) => unless_erased(detail, || signature::view(detail, attempt, place, id)),
        (Tab::Response | Tab::Signature, None) => nothing("There was no attempt yet.").into_any(),
        (Tab::Event, _) => event(detail, place, id).into_any(),
        (Tab::Related, _) => related(&detail.related, now).into_any(),
    }
}

fn nothing(words: &'static str) -> impl IntoView {
    view! { <p class="muted py-6 text-center">{words}</p> }
}

fn request(detail: &DeliveryDetail, attempt: Option<&Attempt>, place: &Place, id: &str) -> impl IntoView + use<> {
    let url = attempt.map_or_else(|| detail.endpoint_url.clone(), |attempt| attempt.url.clone());
    let masked = attempt.is_some_and(|attempt| attempt.request_headers.iter().any(|(_, value)| value.contains('•')));
    let note =
        attempt.is_none().then(|| view! { <p class="muted">"Not sent yet. This is what the next attempt sends."</p> });
    let batch = attempt.and_then(verify::batch).map(|id| view! { <p class="muted">"It went in one request with others, "<code class="break-all">{id.to_owned()}</code>". The body here is its part."</p> });
    let fetched = attempt.is_some_and(verify::fetched);
    let method = if fetched { "GET" } else { "POST" };
    let fetched = fetched.then(|| view! { <p class="muted">"The receiver fetched it. If the endpoint has a transformation, the message was what that makes of this body."</p> });
    view! {
        {note}
        {batch}
        {fetched}
        <p class="mono break-all"><span class="badge mr-2">{method}</span>{url}</p>
        {attempt.map(|attempt| headers("Request headers", &attempt.request_headers))}
        {masked.then(|| view! { <p class="help">"Values of custom headers are secrets and not kept with the attempt."</p> })}
        {unless_erased(detail, || payload("Body", attempt.map_or_else(|| body(detail), |attempt| sent(detail, attempt)), place, id).into_any())}
        {attempt.and_then(|attempt| attempt.request_body.as_deref()).map(|made| transformed(&body(detail), made))}
    }
}

/// What a transformation made of the event's own body.
fn transformed(own: &str, made: &str) -> AnyView {
    let changes = match diff(own, made) {
        Some(html) => view! { <pre class="json px-0! max-h-[480px] overflow-auto" tabindex="0" role="region" aria-label="Changes" inner_html=html></pre> }.into_any(),
        None => view! { <p class="muted">"Nothing but the layout."</p> }.into_any(),
    };
    view! { <section class="stack gap-2!"><h3>"What the transformation changed"</h3>{changes}</section> }.into_any()
}

/// What is said in place of a body that is erased, or the body.
fn unless_erased(detail: &DeliveryDetail, body: impl FnOnce() -> AnyView) -> AnyView {
    match detail.event.erased_at {
        Some(at) => view! { <p class="muted">{erased(at)}</p> }.into_any(),
        None => body(),
    }
}

fn response(detail: &DeliveryDetail, attempt: &Attempt, place: &Place, id: &str) -> impl IntoView + use<> {
    if verify::fetched(attempt) {
        return nothing("The receiver fetched it and said that it has it.").into_any();
    }
    let Some(code) = attempt.code else {
        let words = attempt.error.clone().unwrap_or_else(|| "There was no answer.".to_owned());
        return view! { <p class="muted">"No answer. "{words}</p> }.into_any();
    };
    let tone = if (200..300).contains(&code) { "badge ok" } else { "badge bad" };
    let empty = attempt.response_body.as_deref().is_none_or(str::is_empty);
    let content = unless_erased(detail, || match (&attempt.response_body, empty) {
        (Some(text), false) => payload("Body", text.clone(), place, id).into_any(),
        _ => view! { <p class="muted">"The body is empty."</p> }.into_any(),
    });
    let cut = attempt
        .response_truncated
        .then(|| view! { <p class="notice warn">"Only the beginning of the body was kept."</p> });
    view! {
        <p class="row wrap"><span class=tone>{code}</span><span class="muted">{reason(code)}</span></p>
        {headers("Response headers", &attempt.response_headers)}
        {content}
        {cut}
    }
    .into_any()
}

/// The usual words of a code.
fn reason(code: i64) -> &'static str {
    match code {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        410 => "Gone",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// Headers as name and value.
pub fn headers(title: &'static str, headers: &[(String, String)]) -> impl IntoView + use<> {
    let rows: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            view! { <dt class="faint break-all">{name.clone()}</dt><dd class="break-all">{value.clone()}</dd> }
                .into_any()
        })
        .collect();
    let none = rows.is_empty().then(|| view! { <p class="muted">"None."</p> });
    view! {
        <section class="stack gap-2!">
            <h3>{title}</h3>
            {none}
            <dl class="mono grid gap-x-4 gap-y-0.5 sm:grid-cols-[max-content_minmax(0,1fr)] max-sm:[&>dd]:mb-1.5">{rows}</dl>
        </section>
    }
}

/// A body, indented or as it was sent.
pub fn payload(title: &'static str, body: String, place: &Place, id: &str) -> impl IntoView + use<> {
    let form = |raw: bool, word: &'static str| {
        let href = Place { raw, ..place.clone() }.href(id);
        view! { <a href=href class="min-h-[24px]! px-2! py-0! text-[12px]" aria-current=(raw == place.raw).then_some("true")>{word}</a> }
    };
    let size = body.len();
    let shown = if place.raw {
        view! { <pre class="max-h-[480px] overflow-auto break-all whitespace-pre-wrap" tabindex="0">{body.clone()}</pre> }.into_any()
    } else {
        view! { <div class="max-h-[480px] overflow-auto"><Json text=body.clone()/></div> }.into_any()
    };
    view! {
        <section class="stack gap-2!">
            <div class="row spread">
                <h3>{title}" "<span class="font-normal text-ink-3">{text::bytes(size)}</span></h3>
                <div class="row"><div class="seg" role="group" aria-label="Form of the body">{form(false, "Pretty")}{form(true, "Raw")}</div>{copy(body)}</div>
            </div>
            {shown}
        </section>
    }
}

fn event(detail: &DeliveryDetail, place: &Place, id: &str) -> impl IntoView + use<> {
    let event = &detail.event;
    let types = format!("/event-types/{}", event.event_type);
    let log = format!("/deliveries?event_id={}", event.id);
    view! {
        <dl class="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1">
            <dt class="faint">"Type"</dt>
            <dd><a class="link mono" href=types>{event.event_type.clone()}</a></dd>
            <dt class="faint">"Id"</dt>
            <dd class="row min-w-0"><span class="mono ell">{event.id.to_string()}</span>{copy(event.id.to_string())}</dd>
            <dt class="faint">"Occurred"</dt>
            <dd class="mono">{exact(event.occurred_at)}</dd>
            <dt class="faint">"Accepted"</dt>
            <dd class="mono">{exact(event.created_at)}</dd>
            <dt class="faint">"Deliveries"</dt>
            <dd><a class="link" href=log>"All deliveries of this event"</a></dd>
        </dl>
        {unless_erased(detail, || payload("Payload", event.data.clone(), place, id).into_any())}
    }
}

fn related(rows: &[DeliverySummary], now: Timestamp) -> impl IntoView + use<> {
    if rows.is_empty() {
        return nothing("The event went to no other endpoint, and nothing of it was replayed.").into_any();
    }
    let lines: Vec<_> = rows
        .iter()
        .map(|row| {
            view! {
                <tr class="relative hover:bg-sunken">
                    <td><Status tone=text::status_tone(row.status) word=text::status_word(row.status)/></td>
                    <td class="ell max-w-[40vw] sm:max-w-[16rem]">
                        <a class="after:absolute after:inset-0" href=format!("/deliveries/{}", row.id)>{row.endpoint_name.clone()}</a>
                    </td>
                    <td class="hide-s"><span class="badge">{text::trigger_word(row.trigger)}</span></td>
                    <td class="num hide-s">{text::answer(row)}</td>
                    <td class="num r hide-s">{format!("{}/{}", row.attempt_count, row.max_attempts)}</td>
                    <td class="r faint">{ago(row.created_at, now)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <table>
            <thead>
                <tr>
                    <th>"Status"</th><th>"To"</th><th class="hide-s">"Why"</th><th class="hide-s">"Code"</th><th class="r hide-s">"Try"</th><th class="r">"Ago"</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
    .into_any()
}
