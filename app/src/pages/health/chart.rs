//! Charts of health as SVG, drawn on the server: columns over time with a scale, readable without scripts. The numbers stand
//! below them as one table.
//!
//! A chart is as wide as its place: widths are shares of it and heights are fixed, so that its words are never stretched.
//! What stands beside the columns (the values of the scale, the times) is drawn into the padding around them.

use domain::health::{Figure, Grade, HealthReport, Part};
use leptos::prelude::*;

use super::scale::{Scale, Unit, moments};
use super::times::moment;
use crate::words::count;

/// The height of the columns; lines at a half, a third and a quarter of it are whole.
const HEIGHT: f64 = 120.0;
/// What happened at all is at least so high.
const LEAST: f64 = 2.0;

/// One column: pieces from the ground up, each with its value and what it is filled with, and its words.
#[derive(Debug, Clone, PartialEq)]
struct Column {
    pieces: Vec<(f64, &'static str)>,
    words: String,
}

const OK: &str = r#"class="fill-ok-fill""#;
const WARN: &str = r#"class="fill-warn-fill""#;
/// What is bad has a pattern beside its colour.
const BAD: &str = r#"fill="url(#health-hatch)""#;

/// The four charts of a report.
pub fn charts(report: &HealthReport) -> AnyView {
    let parts = &report.parts;
    view! {
        <svg width="0" height="0" class="absolute" aria-hidden="true">
            <defs>
                <pattern id="health-hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect width="4" height="4" class="fill-bad-fill"></rect>
                    <rect width="1.2" height="4" class="fill-panel"></rect>
                </pattern>
            </defs>
        </svg>
        <div class="grid gap-3 lg:grid-cols-2">
            {chart("Arrived and failed", "Deliveries that arrived, and on top of them the dead letters", Unit::Count, &ended(parts, report.part_ms), report)}
            {chart("Average latency", "From acceptance to arrival", Unit::Duration, &of(Figure::Latency, parts, report.part_ms), report)}
            {chart("Retry rate", "Attempts that were not the first of their delivery", Unit::Share, &of(Figure::RetryRate, parts, report.part_ms), report)}
            {chart("Waiting", "Deliveries that waited at the end of each part, those of paused endpoints included", Unit::Count, &waiting(parts, report.part_ms), report)}
        </div>
    }
    .into_any()
}

/// What ended in each part.
fn ended(parts: &[Part], part_ms: i64) -> Vec<Column> {
    let column = |part: &Part| Column {
        pieces: vec![(part.counts.delivered as f64, OK), (part.counts.failed as f64, BAD)],
        words: format!(
            "{}: {} arrived, {} failed",
            moment(part.at, part_ms),
            count(part.counts.delivered),
            count(part.counts.failed)
        ),
    };
    parts.iter().map(column).collect()
}

/// A figure in each part.
fn of(figure: Figure, parts: &[Part], part_ms: i64) -> Vec<Column> {
    let column = |part: &Part| {
        let at = moment(part.at, part_ms);
        match part.counts.value(figure) {
            Some((value, things)) => Column {
                pieces: vec![(value, fill(figure.grade(value, things)))],
                words: format!("{at}: {}", figure.words(value)),
            },
            None => Column { pieces: Vec::new(), words: format!("{at}: nothing") },
        }
    };
    parts.iter().map(column).collect()
}

/// What waited at the end of each part.
fn waiting(parts: &[Part], part_ms: i64) -> Vec<Column> {
    let column = |part: &Part| Column {
        pieces: vec![(part.waiting as f64, fill(Figure::QueueDepth.grade(part.waiting as f64, part.waiting)))],
        words: format!("{}: {} waited", moment(part.at, part_ms), count(part.waiting)),
    };
    parts.iter().map(column).collect()
}

const fn fill(grade: Grade) -> &'static str {
    match grade {
        Grade::Good | Grade::Quiet => OK,
        Grade::Watch => WARN,
        Grade::Alert => BAD,
    }
}

fn chart(
    title: &'static str,
    help: &'static str,
    unit: Unit,
    columns: &[Column],
    report: &HealthReport,
) -> impl IntoView + use<> {
    let whole = |column: &Column| column.pieces.iter().map(|(value, _)| value).sum::<f64>();
    let scale = Scale::reaching(unit, columns.iter().map(whole).fold(0.0, f64::max));
    let inner = lines(&scale) + &foot(&report.parts, report.part_ms) + &bars(columns, scale.top());
    let moment = |part: Option<&Part>| part.map(|part| moment(part.at, report.part_ms)).unwrap_or_default();
    let (first, last) = (moment(report.parts.first()), moment(report.parts.last()));
    let label = format!("{title}. {help}, from {first} to {last}. The numbers are in the table below the charts.");
    view! {
        <figure class="panel pad stack gap-2 m-0">
            <figcaption><h3>{title}</h3><p class="help">{help}</p></figcaption>
            <div class="pl-[52px] pt-2 pb-5">
                <svg class="block h-[120px] w-full overflow-visible" role="img" aria-label=label inner_html=inner></svg>
            </div>
        </figure>
    }
}

/// A line for each value of the scale, with the value beside it. Only numbers and words of ours, here and below, so that
/// nothing needs escaping.
fn lines(scale: &Scale) -> String {
    let line = |(share, text): (f64, String)| {
        let y = (1.0 - share) * HEIGHT;
        let look = if share == 0.0 { "stroke-line-strong" } else { "stroke-line" };
        format!(
            r#"<line x1="0" x2="100%" y1="{y:.1}" y2="{y:.1}" class="{look}" shape-rendering="crispEdges"/><text x="-8" y="{y:.1}" dy=".32em" text-anchor="end" class="fill-ink-3 text-[11px]">{text}</text>"#
        )
    };
    scale.marks().into_iter().map(line).collect()
}

/// A tick for each round time, with the time below it.
fn foot(parts: &[Part], part_ms: i64) -> String {
    let slot = 100.0 / parts.len().max(1) as f64;
    let tick = |(index, text): (usize, String)| {
        let x = slot * index as f64;
        // At the edges the words keep inside.
        let anchor = match x {
            ..4.0 => "start",
            92.0.. => "end",
            _ => "middle",
        };
        let (down, below) = (HEIGHT + 4.0, HEIGHT + 16.0);
        format!(
            r#"<line x1="{x:.2}%" x2="{x:.2}%" y1="{HEIGHT}" y2="{down}" class="stroke-line-strong" shape-rendering="crispEdges"/><text x="{x:.2}%" y="{below}" text-anchor="{anchor}" class="fill-ink-3 text-[11px]">{text}</text>"#
        )
    };
    moments(parts, part_ms).into_iter().map(tick).collect()
}

/// The columns; all of a column's place tells its words.
fn bars(columns: &[Column], top: f64) -> String {
    let slot = 100.0 / columns.len().max(1) as f64;
    let bar = |(index, column): (usize, &Column)| {
        let (left, x, width) = (slot * index as f64, slot * (index as f64 + 0.1), slot * 0.8);
        let words = &column.words;
        let mut out = format!(
            r#"<g class="group"><title>{words}</title><rect x="{left:.2}%" y="0" width="{slot:.2}%" height="{HEIGHT}" class="fill-transparent group-hover:fill-sunken"/>"#
        );
        let mut y = HEIGHT;
        for (height, look) in heights(column, top) {
            y -= height;
            out.push_str(&format!(r#"<rect x="{x:.2}%" y="{y:.1}" width="{width:.2}%" height="{height:.1}" {look}/>"#));
        }
        out + "</g>"
    };
    columns.iter().enumerate().map(bar).collect()
}

/// How high the pieces of a column are that are not nothing.
fn heights(column: &Column, top: f64) -> impl Iterator<Item = (f64, &'static str)> {
    let seen = column.pieces.iter().filter(|(value, _)| *value > 0.0);
    seen.map(move |(value, look)| ((value / top * HEIGHT).max(LEAST), *look))
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::health::{Counts, HOUR_MS, Waiting, figures};

    use super::*;

    fn column(pieces: Vec<(f64, &'static str)>) -> Column {
        Column { pieces, words: "22 Nov: so much".to_owned() }
    }

    #[test]
    fn columns_are_as_high_as_the_scale_says_and_a_single_failure_is_visible() {
        let high = |pieces| heights(&column(pieces), 1000.0).map(|(height, _)| height).collect::<Vec<_>>();
        assert_eq!(high(vec![(500.0, OK), (1.0, BAD)]), [60.0, LEAST]);
        assert_eq!(high(vec![(1000.0, OK), (0.0, BAD)]), [HEIGHT]);
        let drawn = bars(&[column(vec![(500.0, OK), (250.0, BAD)]), column(Vec::new())], 1000.0);
        assert!(
            drawn.contains(r#"<rect x="5.00%" y="60.0" width="40.00%" height="60.0" class="fill-ok-fill"/>"#),
            "{drawn}"
        );
        assert!(drawn.contains(r#"y="30.0" width="40.00%" height="30.0" fill="url(#health-hatch)"/>"#), "{drawn}");
        assert_eq!(drawn.matches("<title>22 Nov: so much</title>").count(), 2);
    }

    #[test]
    fn a_chart_has_values_at_its_side_and_times_at_its_foot() {
        let at = Timestamp::parse_rfc3339("2026-11-21T15:00:00Z").expect("a time");
        let mut busy = Counts { created: 1500, failed: 20, attempts: 1500, retries: 150, ..Counts::default() };
        (0..1480).for_each(|_| busy.add(&Counts::arrived(1250)));
        let part = |index: i64| Part {
            at: at.plus_ms(index * HOUR_MS),
            counts: if index == 10 { busy } else { Counts::default() },
            waiting: 12_480,
        };
        let report = HealthReport {
            since: at,
            part_ms: HOUR_MS,
            figures: figures(&busy, &Waiting::default()),
            totals: busy,
            waiting: Waiting::default(),
            parts: (0..24).map(part).collect(),
            failing_hosts: Vec::new(),
            behind: false,
        };
        let drawn = charts(&report).to_html();
        for words in [">0.5 s<", ">1.5 s<", ">10 %<", ">15 k<", ">1,500<", ">22 Nov<", ">06:00<"] {
            assert!(drawn.contains(words), "{words}: {drawn}");
        }
        assert_eq!(drawn.matches(">18:00<").count(), 4, "each chart has its own foot");
    }

    #[test]
    fn words_at_the_edges_keep_inside() {
        let part = |index: i64| Part { at: Timestamp(index * 6 * HOUR_MS), counts: Counts::default(), waiting: 0 };
        let drawn = foot(&(0..6).map(part).collect::<Vec<_>>(), HOUR_MS);
        assert_eq!(drawn.matches("text-anchor=\"middle\"").count(), 5);
        assert!(drawn.contains(r#"<text x="0.00%" y="136" text-anchor="start""#), "{drawn}");
    }
}
