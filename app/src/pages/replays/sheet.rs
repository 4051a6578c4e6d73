//! One replay as the server draws it: how far it is, and what it does.

use domain::Timestamp;
use domain::replay::{Replay, ReplayState};
use leptos::prelude::*;

use super::asked::Asked;
use super::{plan, words};
use crate::components::{Icon, Status, relative};
use crate::log_url;
use crate::words::count;

/// The replay as HTML; `endpoint` is the name of the endpoint that is filtered by. While it runs, browsers without
/// scripts load the page again every two seconds.
#[must_use]
pub fn draw(replay: &Replay, endpoint: Option<&str>, now: Timestamp) -> String {
    let running = replay.state == ReplayState::Running;
    let again =
        running.then(|| view! { <noscript inner_html=r#"<meta http-equiv="refresh" content="2">"#></noscript> });
    let view = view! {
        {again}
        <div class="split">
            {standing(replay, now)}
            {facts(replay, endpoint, now)}
        </div>
    };
    view.into_any().to_html()
}

/// What the replay is about, as a plan has it. The REST API may name the endpoint by its id.
#[must_use]
pub fn asked(replay: &Replay) -> Asked {
    let query = replay.query.clone();
    let endpoint = query.endpoint.clone().or(query.endpoint_id.clone());
    Asked {
        query: domain::delivery::query::LogQuery { endpoint, endpoint_id: None, limit: None, cursor: None, ..query },
        settings: replay.settings,
        rate: replay.rate_per_minute.map(|rate| rate.to_string()).unwrap_or_default(),
        skip: replay.skip_delivered,
    }
}

/// The bar, full where all is made.
pub fn bar(replay: &Replay) -> AnyView {
    let done = words::progress(replay);
    let fill = match replay.state {
        ReplayState::Running => "fill-info",
        ReplayState::Paused => "fill-warn",
        ReplayState::Finished => "fill-ok",
        ReplayState::Cancelled => "fill-rest",
    };
    let words = format!("{} of {} made", count(replay.made), count(replay.expected));
    view! {
        <svg class="wf" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img" aria-label=words>
            <rect x="0" y="0" width=done.to_string() height="8" class=fill></rect>
        </svg>
    }
    .into_any()
}

fn standing(replay: &Replay, now: Timestamp) -> impl IntoView + use<> {
    let (tone, word) = words::state(replay.state);
    let figure = |value: String, word: &'static str| {
        view! { <div><dt class="help">{word}</dt><dd class="text-[19px]/7 font-[560] tabular-nums">{value}</dd></div> }
    };
    let to_go = match replay.state {
        ReplayState::Running | ReplayState::Paused => (replay.expected - replay.made).max(0),
        ReplayState::Finished | ReplayState::Cancelled => 0,
    };
    let left = words::left(replay).map(|seconds| figure(words::span(seconds), "Time left, about"));
    let took = replay.finished_at.map(|at| figure(words::span(at.since(replay.created_at) / 1000), "Took"));
    let made =
        format!("/deliveries?trigger=replay&since={}{}", log_url::encode(&replay.created_at.rfc3339()), until(replay));
    view! {
        <section class="panel pad stack gap-4" aria-labelledby="progress-title">
            <div class="row spread wrap">
                <h2 id="progress-title">"Progress"</h2>
                <Status tone=tone word=word/>
            </div>
            <p class="row spread wrap items-end!">
                <span><b class="text-[22px]/8 font-[580] tracking-tight tabular-nums">{count(replay.made)}</b><span class="muted">{format!(" of {} made", words::deliveries(replay.expected))}</span></span>
                <span class="muted num">{format!("{} %", words::progress(replay) / 10)}</span>
            </p>
            {bar(replay)}
            <dl class="grid grid-cols-2 sm:grid-cols-3 gap-3">
                {figure(count(to_go), "To go")}
                {figure(count(replay.excluded), "Left out")}
                {left}
                {took}
            </dl>
            <p class="muted">{sentence(replay)}</p>
            <div class="row wrap">
                <a class="btn small" href=made><Icon name="log"/>"What it made, in the log"</a>
                <span class="faint">"Last change "{ago(replay.updated_at, now)}</span>
            </div>
        </section>
    }
}

/// The end of what the replay may have made.
fn until(replay: &Replay) -> String {
    let at = replay.finished_at.map(|at| log_url::encode(&at.plus_ms(1000).rfc3339()));
    at.map(|at| format!("&until={at}")).unwrap_or_default()
}

fn sentence(replay: &Replay) -> &'static str {
    match replay.state {
        ReplayState::Running => {
            "It goes on in the background, also when you leave this page, and survives a restart of the hub."
        }
        ReplayState::Paused => "It waits until somebody resumes it. What it made is delivered meanwhile.",
        ReplayState::Finished => "All deliveries are made. Whether they arrived is told by the log.",
        ReplayState::Cancelled => {
            "It was cancelled before its end. What it made stays; a new plan with the same filters sends the rest."
        }
    }
}

fn ago(at: Timestamp, now: Timestamp) -> AnyView {
    view! { <time datetime=at.rfc3339() title=words::exact(at)>{relative(now, at)}</time> }.into_any()
}

fn facts(replay: &Replay, endpoint: Option<&str>, now: Timestamp) -> impl IntoView + use<> {
    let asked = asked(replay);
    let line = |name: &'static str, value: AnyView| {
        view! { <dt class="muted">{name}</dt><dd class="min-w-0">{value}</dd> }
    };
    let skip = if replay.skip_delivered { "left out" } else { "sent again too" };
    let ended = replay.finished_at.map(|at| line("Ended", ago(at, now)));
    view! {
        <section class="panel pad stack gap-3.5" aria-labelledby="what-title">
            <h2 id="what-title">"What it replays"</h2>
            {plan::chips(&asked, endpoint)}
            <dl class="grid grid-cols-[minmax(72px,auto)_minmax(0,1fr)] gap-x-5 gap-y-2 items-baseline">
                {line("Settings", view! { {words::settings(replay.settings)} }.into_any())}
                {line("Speed", view! { {words::speed(replay.rate_per_minute)} }.into_any())}
                {line("Arrived", view! { {skip} }.into_any())}
                {line("Started by", view! { <span class="ell block">{replay.actor_name.clone()}</span> }.into_any())}
                {line("Started", ago(replay.created_at, now))}
                {ended}
                {line("Id", view! { <span class="mono break-all">{replay.id.to_string()}</span> }.into_any())}
            </dl>
            <div><a class="btn small" href=asked.href()><Icon name="replay"/>"Plan it anew"</a></div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::replay;
    use super::*;

    #[test]
    fn a_running_replay_tells_how_far_it_is_and_loads_again_without_scripts() {
        let drawn = draw(&replay(ReplayState::Running), None, Timestamp(60_000));
        for words in ["Running", "300", "1,200 deliveries made", "25 %", "15 min", "at most 60 a minute", "http-equiv"]
        {
            assert!(drawn.contains(words), "{words}: {drawn}");
        }
        assert!(drawn.contains("Ada &lt;b") && !drawn.contains("<b>\""), "names stay text");
    }

    #[test]
    fn a_replay_that_stands_does_not_load_again() {
        for state in [ReplayState::Paused, ReplayState::Finished, ReplayState::Cancelled] {
            let drawn = draw(&replay(state), Some("Billing"), Timestamp(60_000));
            assert!(!drawn.contains("http-equiv") && drawn.contains(words::state(state).1), "{state}");
        }
    }

    #[test]
    fn the_same_can_be_planned_anew_whichever_way_the_endpoint_was_named() {
        let mut replay = replay(ReplayState::Finished);
        replay.query.endpoint_id = Some("ep_1".into());
        assert_eq!(asked(&replay).href(), "/replays/new?status=failed&endpoint=ep_1&rate=60");
    }
}
