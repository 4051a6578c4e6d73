//! A plan as the server draws it: what matches, what would be sent, what would not and why.

use domain::replay::Plan;
use leptos::prelude::*;

use super::asked::Asked;
use super::words;
use crate::components::Icon;
use crate::log_url::{self, Field};
use crate::words::count;

/// The plan as HTML; `endpoint` is the name of the endpoint that is filtered by.
#[must_use]
pub fn draw(asked: &Asked, plan: &Plan, endpoint: Option<&str>) -> String {
    let left_out = plan.matching - plan.expected;
    let figure = |value: i64, word: &'static str, class: &'static str| {
        view! { <div><dt class="help">{word}</dt><dd class=format!("text-[22px]/8 font-[580] tracking-tight tabular-nums {class}")>{count(value)}</dd></div> }
    };
    let view = view! {
        <section class="panel pad stack gap-4" aria-labelledby="plan-title">
            <div class="row spread wrap">
                <h2 id="plan-title">"The plan"</h2>
                <a class="btn small" href=log_url::href(&asked.query)><Icon name="log"/>"Change the filters in the log"</a>
            </div>
            {chips(asked, endpoint)}
            <dl class="grid grid-cols-3 gap-3">
                {figure(plan.matching, "Match", "")}
                {figure(plan.expected, "Will be sent", if plan.expected > 0 { "text-ok" } else { "" })}
                {figure(left_out, "Left out", if left_out > 0 { "text-ink-2" } else { "" })}
            </dl>
            {(plan.matching > 0).then(|| share(plan))}
            {(left_out > 0).then(|| reasons(plan))}
            {outlook(asked, plan)}
            {(!plan.first.is_empty()).then(|| first(plan))}
        </section>
    };
    view.into_any().to_html()
}

/// The filters, each a link to the log with all of them.
pub fn chips(asked: &Asked, endpoint: Option<&str>) -> AnyView {
    let href = log_url::href(&asked.query);
    let chip = |token: &'static str, value: String| {
        view! { <a class="chip hover:border-line-strong" href=href.clone()><i>{token}":"</i><span class="ell max-w-[18rem]">{value}</span></a> }
            .into_any()
    };
    let set = Field::ALL.into_iter().filter_map(|field| {
        let value = field.get(&asked.query)?;
        let named = endpoint.filter(|_| field == Field::Endpoint).map(str::to_owned);
        Some((field.token(), named.unwrap_or_else(|| log_url::readable(field, value))))
    });
    let words = asked.query.q.clone().map(|words| ("words", words));
    let chips: Vec<_> = words.into_iter().chain(set).map(|(token, value)| chip(token, value)).collect();
    if chips.is_empty() {
        return view! { <p><a class="link" href=href>"Every delivery on record"</a></p> }.into_any();
    }
    view! { <div class="row wrap gap-1.5!">{chips}</div> }.into_any()
}

/// The share that would be sent, as a bar; the numbers above say the same.
fn share(plan: &Plan) -> impl IntoView + use<> {
    let width = (plan.expected * 1000 / plan.matching.max(1)).clamp(i64::from(plan.expected > 0) * 6, 1000);
    view! {
        <svg class="wf" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
            <rect x="0" y="0" width=width.to_string() height="8" class="fill-ok"></rect>
        </svg>
    }
}

fn reasons(plan: &Plan) -> impl IntoView + use<> {
    let mut excluded = plan.excluded.clone();
    excluded.sort_by_key(|excluded| -excluded.count);
    let rows: Vec<_> = excluded
        .iter()
        .map(|excluded| {
            let (words, why) = words::reason(excluded.reason);
            view! {
                <li class="grid grid-cols-[minmax(3rem,auto)_minmax(0,1fr)] gap-x-3">
                    <b class="num r font-[560]">{count(excluded.count)}</b>
                    <span>{words}". "<span class="muted">{why}</span></span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="stack gap-1.5">
            <h3>"Left out"</h3>
            <ul class="stack gap-1.5">{rows}</ul>
        </div>
    }
}

/// What comes of it, in one sentence.
fn outlook(asked: &Asked, plan: &Plan) -> AnyView {
    if plan.matching == 0 {
        return notice("Nothing matches these filters. Change them in the log, where you see what they find.");
    }
    if plan.expected == 0 {
        return notice(if asked.skip {
            "Nothing would be sent. To send again what arrived or was replayed already, take off \"Skip what arrived\" and update the plan."
        } else {
            "Nothing would be sent: nothing that matches is finished and still has its endpoint and its payload."
        });
    }
    let settings = words::settings(asked.settings);
    let takes = match plan.duration_s {
        Some(seconds) => format!("That takes about {}, {}.", words::span(seconds), speed(asked)),
        None => "They go out as fast as the endpoints take them.".to_owned(),
    };
    view! {
        <div class="notice info">
            <Icon name="replay"/>
            <div><b class="font-[560]">{words::deliveries(plan.expected)}" will be made, "{settings}". "</b>{takes}" Each is a new delivery with attempts of its own; the old ones stay as they are."</div>
        </div>
    }
    .into_any()
}

fn speed(asked: &Asked) -> String {
    words::speed(asked.replay().ok().and_then(|new| new.rate_per_minute))
}

fn notice(text: &'static str) -> AnyView {
    view! { <div class="notice warn"><Icon name="info"/><div>{text}</div></div> }.into_any()
}

fn first(plan: &Plan) -> impl IntoView + use<> {
    let shown = plan.first.len();
    let more = plan.expected - i64::try_from(shown).unwrap_or(0);
    let links: Vec<_> = plan
        .first
        .iter()
        .map(|id| {
            view! { <li><a class="link mono break-all" href=format!("/deliveries/{id}")>{id.to_string()}</a></li> }
                .into_any()
        })
        .collect();
    let title = if more > 0 { "The first of them, oldest first" } else { "All of them, oldest first" };
    view! {
        <div class="stack gap-1.5">
            <h3>{title}</h3>
            <ol class="stack gap-1">{links}</ol>
            {(more > 0).then(|| view! { <p class="help">{format!("and {} more", count(more))}</p> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use domain::replay::{Excluded, Reason};

    use super::*;

    fn plan(expected: i64) -> Plan {
        Plan {
            matching: expected + 12,
            expected,
            excluded: vec![
                Excluded { reason: Reason::NotFinished, count: 2 },
                Excluded { reason: Reason::Delivered, count: 10 },
            ],
            first: Vec::new(),
            duration_s: Some(120),
        }
    }

    #[test]
    fn a_plan_says_what_is_sent_what_is_not_and_why() {
        let drawn = draw(&Asked::read("status=failed&endpoint=ep_1&rate=600"), &plan(1200), Some("<Billing>"));
        for words in ["1,200", "arrived already", "still under way", "2 min", "at most 600 a minute", "&lt;Billing"] {
            assert!(drawn.contains(words), "{words}: {drawn}");
        }
        assert!(drawn.find("arrived already") < drawn.find("still under way"), "the most comes first");
        assert!(
            drawn.contains("/deliveries?status=failed&amp;endpoint=ep_1")
                || drawn.contains("status=failed&endpoint=ep_1")
        );
    }

    #[test]
    fn a_plan_that_sends_nothing_says_what_to_do() {
        assert!(draw(&Asked::read(""), &plan(0), None).contains("take off"));
        assert!(!draw(&Asked::read("skip=no"), &plan(0), None).contains("take off"));
        let none = Plan { matching: 0, excluded: Vec::new(), ..plan(0) };
        assert!(draw(&Asked::read(""), &none, None).contains("Nothing matches"));
    }
}
