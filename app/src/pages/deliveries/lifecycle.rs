//! The life of a delivery as a timeline. Drawn on the server.

use domain::delivery::DeliveryDetail;
use leptos::prelude::*;

use super::place::Place;
use super::row::exact;
use super::steps::{Mark, Step, steps};
use super::text;

/// From the event to the last planned attempt, with the time between the steps; attempts are links.
pub fn lifecycle(detail: &DeliveryDetail, place: &Place) -> AnyView {
    let id = detail.delivery.id.as_str();
    let mut day = String::new();
    let lines: Vec<_> = steps(detail)
        .into_iter()
        .map(|step| {
            let clock = step.at.map(|at| clock(&at.rfc3339(), &mut day));
            line(step, clock, id, place)
        })
        .collect();
    view! {
        <section class="panel pad" aria-label="Lifecycle">
            <div class="row spread mb-2"><h2>"Lifecycle"</h2><span class="help">"UTC"</span></div>
            <ol class="grid gap-0.5">{lines}</ol>
        </section>
    }
    .into_any()
}

/// The time of day, with the day in front where it is another than in the line before; then milliseconds.
fn clock(exact: &str, day: &mut String) -> (String, String) {
    let part = |range: std::ops::Range<usize>| exact.get(range).unwrap_or_default();
    let moved = !day.is_empty() && part(0..10) != day;
    part(0..10).clone_into(day);
    let front = if moved { format!("{} ", part(5..10)) } else { String::new() };
    (format!("{front}{}", part(11..19)), part(19..23).to_owned())
}

fn line(step: Step, clock: Option<(String, String)>, id: &str, place: &Place) -> AnyView {
    let Step { mark, title, note, at, gap_ms, attempt } = step;
    let (dot, ink) = match mark {
        Mark::Ok => ("d ok", ""),
        Mark::Bad => ("d bad", ""),
        Mark::Ahead => ("d", "faint"),
    };
    let title = match attempt {
        Some(number) => {
            let href = Place { attempt: Some(number), ..place.clone() }.href(id);
            view! { <a class="hover:underline" href=href>{title}</a> }.into_any()
        }
        None => view! { {title} }.into_any(),
    };
    let gap = gap_ms.map(|ms| format!("+{}", text::span(ms)));
    let time = at.zip(clock).map(|(at, (seconds, millis))| {
        let millis = (mark != Mark::Ahead).then(|| view! { <span class="hide-s">{millis}</span> });
        view! { <time datetime=at.rfc3339() title=exact(at)>{seconds}{millis}</time> }
    });
    view! {
        <li class=format!("tl {ink}")>
            <span class=dot aria-hidden="true"></span>
            <span class="min-w-0">{title}" "<span class="faint">{note}</span></span>
            <span class="faint text-right whitespace-nowrap">
                <span class="mono mr-2">{gap}</span>
                {time}
            </span>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn the_day_is_named_only_where_it_changes() {
        let mut day = String::new();
        let mut next = |exact| clock(exact, &mut day).0;
        assert_eq!(next("2026-11-22T23:59:59.100Z"), "23:59:59");
        assert_eq!(next("2026-11-23T00:00:01.000Z"), "11-23 00:00:01");
        assert_eq!(next("2026-11-23T02:00:00.000Z"), "02:00:00");
    }
}
