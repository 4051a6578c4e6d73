//! What came of trying a filter and a transformation on events that happened. Drawn on the server.

use domain::Timestamp;
use leptos::prelude::*;

use crate::components::{Icon, Json, Status, Tone, diff, relative};
use crate::words::duration;

/// Events that are listed at most, of those that match and of those that do not.
const LISTED: usize = 20;

/// Events that were tried.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tried {
    /// How many.
    pub count: usize,
    /// Those that match, newest first.
    pub matched: Vec<Event>,
    /// Those that do not.
    pub missed: Vec<Event>,
    /// Whether there is a transformation.
    pub transforms: bool,
    /// What it made of one of them.
    pub body: Option<Body>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its type.
    pub event_type: String,
    /// When it was accepted.
    pub at: Timestamp,
    /// Why it does not match.
    pub reasons: Vec<String>,
}

/// What a transformation made of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The event.
    pub event_id: String,
    /// The body without the transformation.
    pub input: String,
    /// The body that would be sent.
    pub output: Option<String>,
    /// Headers that it adds.
    pub headers: Vec<(String, String)>,
    /// Why there is no output.
    pub error: Option<String>,
    /// What it logged.
    pub log: Vec<String>,
    /// How long it took.
    pub took_us: u64,
    /// How much memory it used.
    pub memory_bytes: u64,
}

/// Draws it.
#[must_use]
pub fn draw(tried: &Tried, now: Timestamp) -> String {
    let parts = if tried.count == 0 {
        view! { <p class="muted" role="status">"No event has been posted yet. Post one and try again: what you typed stays."</p> }
            .into_any()
    } else {
        view! {
            {summary(tried)}
            {made(tried, now)}
            {matched(tried, now)}
            {missed(&tried.missed, now)}
        }
        .into_any()
    };
    parts.to_html()
}

/// How many match, in words and as a bar.
fn summary(tried: &Tried) -> AnyView {
    let count = tried.matched.len();
    let width = (count * 1000 / tried.count.max(1)).to_string();
    let word = if count == 1 { "matches" } else { "match" };
    view! {
        <div class="stack gap-2!" role="status">
            <p><b class="text-[19px]/7 font-[560] tabular-nums">{count}</b><span class="muted">{format!(" of {} {word}", tried.count)}</span></p>
            <svg class="wf" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true"><rect x="0" y="0" width=width height="8" class="fill-ok"></rect></svg>
        </div>
    }
    .into_any()
}

/// The body that would be sent, or why there is none.
fn made(tried: &Tried, now: Timestamp) -> AnyView {
    let Some(body) = &tried.body else {
        let words = match (tried.transforms, tried.matched.is_empty()) {
            (false, _) => return ().into_any(),
            (true, true) => "No event matches, so there is nothing to transform.",
            (true, false) => "The chosen event is not among the last 100 any more.",
        };
        return view! { <p class="notice">{words}</p> }.into_any();
    };
    let all = tried.matched.iter().chain(&tried.missed);
    let event = all.into_iter().find(|event| event.id == body.event_id);
    let head = event.map(|event| view! { <p class="row wrap"><span class="mono">{event.event_type.clone()}</span>{ago(event.at, now)}<span class="mono faint ell">{event.id.clone()}</span></p> });
    view! {
        <div class="stack gap-2.5! border-t border-line pt-3.5">
            <div class="row spread wrap">
                <h3>"Transformed"</h3>
                <span class="mono faint">{format!("{} · {}", duration(i64::try_from(body.took_us).unwrap_or(i64::MAX)), memory(body.memory_bytes))}</span>
            </div>
            {head}
            <input type="hidden" name="form[event_id]" form="filter-form" value=body.event_id.clone()/>
            {body.error.clone().map(|error| view! { <div class="notice bad"><Icon name="warning"/><div class="break-words min-w-0">{error}</div></div> })}
            {bodies(body)}
            {headers(&body.headers)}
            {log(&body.log)}
        </div>
    }
    .into_any()
}

/// Input, output and what differs, behind three tabs that need no scripts.
fn bodies(body: &Body) -> AnyView {
    let Some(output) = body.output.clone() else {
        return view! { <div><h3 class="mb-1.5">"Input"</h3>{scrolled(&body.input)}</div> }.into_any();
    };
    let changes = match diff(&body.input, &output) {
        Some(html) => view! { <pre class="json px-0! max-h-96 overflow-auto" tabindex="0" role="region" aria-label="Changes" inner_html=html></pre> }.into_any(),
        None => view! { <p class="muted">"The output is the same as the input."</p> }.into_any(),
    };
    let tab = |id: &'static str, word: &'static str, on: bool| view! { <label><input type="radio" name="preview-tab" id=id checked=on/>{word}</label> };
    view! {
        <div class="group stack gap-2!">
            <fieldset><legend class="sr-only">"Shown body"</legend><div class="seg">{tab("preview-diff", "Changes", true)}{tab("preview-output", "Output", false)}{tab("preview-input", "Input", false)}</div></fieldset>
            <div class="hidden group-has-[#preview-diff:checked]:block">{changes}</div>
            <div class="hidden group-has-[#preview-output:checked]:block">{scrolled(&output)}</div>
            <div class="hidden group-has-[#preview-input:checked]:block">{scrolled(&body.input)}</div>
        </div>
    }
    .into_any()
}

fn scrolled(text: &str) -> AnyView {
    view! { <div class="[&>pre]:max-h-96"><Json text=text.to_owned()/></div> }.into_any()
}

fn headers(headers: &[(String, String)]) -> AnyView {
    let rows: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            view! { <div class="mono break-all">{name.clone()}": "<span class="muted">{value.clone()}</span></div> }
                .into_any()
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <div class="stack gap-1!"><h3>"Added headers"</h3>{rows}</div> }).into_any()
}

fn log(lines: &[String]) -> AnyView {
    (!lines.is_empty())
        .then(|| view! { <div class="stack gap-1!"><h3>"Logged"</h3><pre class="max-h-40 overflow-auto" tabindex="0" role="region" aria-label="Logged lines">{lines.join("\n")}</pre></div> })
        .into_any()
}

fn matched(tried: &Tried, now: Timestamp) -> AnyView {
    if tried.matched.is_empty() {
        return ().into_any();
    }
    let shown = tried.body.as_ref().map(|body| body.event_id.as_str());
    let rows: Vec<_> = tried
        .matched
        .iter()
        .take(LISTED)
        .map(|event| {
            let on = shown == Some(event.id.as_str());
            let act = match (tried.transforms, on) {
                (false, _) => view! { <a class="btn small quiet" href=format!("/deliveries?event_id={}", event.id)>"Deliveries"</a> }.into_any(),
                (true, true) => view! { <Status tone=Tone::Info word="Shown above"/> }.into_any(),
                (true, false) => view! {
                    <button type="submit" class="btn small" form="filter-form" name="form[pick]" value=event.id.clone() aria-label=format!("Transform {}", event.id)>"Transform"</button>
                }
                .into_any(),
            };
            view! {
                <li class="row spread min-h-9 border-t border-line first:border-t-0">
                    <span class="row min-w-0"><span class="mono ell">{event.event_type.clone()}</span>{ago(event.at, now)}</span>
                    {act}
                </li>
            }
            .into_any()
        })
        .collect();
    section("Matching", tried.matched.len(), rows, tried.matched.len() <= 5)
}

fn missed(events: &[Event], now: Timestamp) -> AnyView {
    let rows: Vec<_> = events
        .iter()
        .take(LISTED)
        .map(|event| {
            let reasons: Vec<_> = event.reasons.iter().map(|reason| view! { <li class="break-words">{reason.clone()}</li> }.into_any()).collect();
            view! {
                <li class="py-2 border-t border-line first:border-t-0">
                    <span class="row min-w-0"><span class="mono ell">{event.event_type.clone()}</span>{ago(event.at, now)}</span>
                    <ul class="muted mt-0.5">{reasons}</ul>
                </li>
            }
            .into_any()
        })
        .collect();
    if rows.is_empty() { ().into_any() } else { section("Not matching", events.len(), rows, true) }
}

/// A list that folds, with how many it leaves out.
fn section(title: &'static str, count: usize, rows: Vec<AnyView>, open: bool) -> AnyView {
    let more = (count > LISTED).then(|| view! { <p class="help">{format!("The newest {LISTED} of {count}.")}</p> });
    view! {
        <details class="border-t border-line pt-3" open=open>
            <summary class="row"><Icon name="chevron"/><h3>{format!("{title} · {count}")}</h3></summary>
            <div class="mt-1.5 max-h-110 overflow-y-auto" tabindex="0" role="region" aria-label=title><ul>{rows}</ul></div>
            {more}
        </details>
    }
    .into_any()
}

fn ago(at: Timestamp, now: Timestamp) -> AnyView {
    let exact = at.rfc3339();
    view! { <time class="faint whitespace-nowrap" datetime=exact.clone() title=exact>{relative(now, at)}</time> }
        .into_any()
}

/// `640 KiB`, `1.2 MiB`.
fn memory(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{}.{} MiB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: usize, reasons: &[&str]) -> Event {
        Event {
            id: format!("evt_{number}"),
            event_type: "invoice.paid".into(),
            at: Timestamp(0),
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
        }
    }

    fn made(output: Option<&str>, error: Option<&str>) -> Tried {
        Tried {
            count: 30,
            matched: (0..5).map(|number| event(number, &[])).collect(),
            missed: (5..30).map(|number| event(number, &["data.amount is 12, not greater than 1000"])).collect(),
            transforms: true,
            body: Some(Body {
                event_id: "evt_1".into(),
                input: r#"{"a":1}"#.into(),
                output: output.map(ToOwned::to_owned),
                headers: vec![("x-shop".into(), "7".into())],
                error: error.map(ToOwned::to_owned),
                log: vec!["<b>hello</b>".into()],
                took_us: 1200,
                memory_bytes: 131_072,
            }),
        }
    }

    #[test]
    fn it_says_how_many_match_why_others_do_not_and_what_would_be_sent() {
        let html = draw(&made(Some(r#"{"a":2}"#), None), Timestamp(61_000));
        for words in [
            " of 30 match",
            "not greater than 1000",
            "The newest 20 of 25.",
            "x-shop",
            "1.2 ms · 128 KiB",
            "text-bad",
            "text-ok",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(html.contains("&lt;b&gt;hello") && !html.contains("<b>hello"), "{html}");
        assert_eq!(html.matches("value=\"evt_1\"").count(), 1, "the event that is shown is kept and not offered again");
    }

    #[test]
    fn a_script_that_fails_shows_its_error_and_its_input() {
        let html = draw(&made(None, Some("The transformation failed: x is not defined")), Timestamp(0));
        assert!(
            html.contains("x is not defined") && html.contains(">Input<") && !html.contains("preview-diff"),
            "{html}"
        );
    }

    #[test]
    fn without_events_it_asks_for_one() {
        assert!(draw(&Tried::default(), Timestamp(0)).contains("No event has been posted yet"));
    }
}
