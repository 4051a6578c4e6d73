//! Charts of health as SVG, drawn on the server: columns over time, readable without scripts. The numbers stand below
//! them as one table.

use domain::health::{Figure, Grade, HealthReport, Part};
use leptos::prelude::*;

use super::times::moment;
use crate::words::count;

/// The height of a chart in its own units; each part is ten wide.
const HEIGHT: f64 = 100.0;

/// One column: pieces from the ground up, each with its height and what it is filled with, and its words.
#[derive(Debug, Clone, PartialEq)]
struct Column {
    pieces: Vec<(f64, &'static str)>,
    words: String,
}

const OK: &str = "fill-ok-fill";
const WARN: &str = "fill-warn-fill";
/// What is bad has a pattern beside its colour.
const BAD: &str = "url(#health-hatch)";

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
            {chart("Arrived and failed", "Deliveries that arrived, and on top of them the dead letters", &ended(parts, report.part_ms), report)}
            {chart("Average latency", "From acceptance to arrival", &of(Figure::Latency, parts, report.part_ms), report)}
            {chart("Retry rate", "Attempts that were not the first of their delivery", &of(Figure::RetryRate, parts, report.part_ms), report)}
            {chart("Waiting", "Deliveries that waited at the end of each part, those of paused endpoints included", &waiting(parts, report.part_ms), report)}
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
    scaled(parts.iter().map(column).collect())
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
    scaled(parts.iter().map(column).collect())
}

/// What waited at the end of each part.
fn waiting(parts: &[Part], part_ms: i64) -> Vec<Column> {
    let column = |part: &Part| Column {
        pieces: vec![(part.waiting as f64, fill(Figure::QueueDepth.grade(part.waiting as f64, part.waiting)))],
        words: format!("{}: {} waited", moment(part.at, part_ms), count(part.waiting)),
    };
    scaled(parts.iter().map(column).collect())
}

const fn fill(grade: Grade) -> &'static str {
    match grade {
        Grade::Good | Grade::Quiet => OK,
        Grade::Watch => WARN,
        Grade::Alert => BAD,
    }
}

/// The highest column fills the chart; what happened at all is at least visible.
fn scaled(mut columns: Vec<Column>) -> Vec<Column> {
    let whole = |column: &Column| column.pieces.iter().map(|(height, _)| height).sum::<f64>();
    let most = columns.iter().map(whole).fold(0.0, f64::max);
    for (height, _) in columns.iter_mut().flat_map(|column| &mut column.pieces) {
        *height = if *height > 0.0 { (*height / most * (HEIGHT - 4.0)).max(2.0) } else { 0.0 };
    }
    columns
}

fn chart(title: &'static str, help: &'static str, columns: &[Column], report: &HealthReport) -> impl IntoView + use<> {
    let bars: Vec<_> = columns.iter().enumerate().map(|(index, column)| bar(index, column)).collect();
    let moment = |part: Option<&Part>| part.map(|part| moment(part.at, report.part_ms)).unwrap_or_default();
    let (first, last) = (moment(report.parts.first()), moment(report.parts.last()));
    let label = format!("{title}. {help}, from {first} to {last}. The numbers are in the table below the charts.");
    view! {
        <figure class="panel pad stack gap-2 m-0">
            <figcaption><h3>{title}</h3><p class="help">{help}</p></figcaption>
            <svg class="block h-24 w-full" viewBox=format!("0 0 {} {HEIGHT}", columns.len() * 10) preserveAspectRatio="none" role="img" aria-label=label>
                {bars}
                <rect x="0" y=format!("{}", HEIGHT - 1.0) width=(columns.len() * 10).to_string() height="1" class="fill-line-strong"></rect>
            </svg>
            <div class="row spread faint text-xs" aria-hidden="true"><span>{first}</span><span>{last}</span></div>
        </figure>
    }
}

fn bar(index: usize, column: &Column) -> AnyView {
    let mut y = HEIGHT - 1.0;
    let pieces: Vec<_> = column
        .pieces
        .iter()
        .filter(|(height, _)| *height > 0.0)
        .map(|(height, fill)| {
            y -= height;
            let (x, top, high) = ((index * 10 + 1).to_string(), format!("{y:.1}"), format!("{height:.1}"));
            if *fill == BAD {
                view! { <rect x=x y=top width="8" height=high fill=BAD></rect> }.into_any()
            } else {
                view! { <rect x=x y=top width="8" height=high class=*fill></rect> }.into_any()
            }
        })
        .collect();
    view! { <g><title>{column.words.clone()}</title>{pieces}</g> }.into_any()
}

/// The same numbers for everyone who does not see the drawings, the newest first.
pub fn table(report: &HealthReport) -> AnyView {
    let figure = |part: &Part, figure: Figure| {
        part.counts.value(figure).map_or_else(|| "–".to_owned(), |(value, _)| figure.words(value))
    };
    let rows: Vec<_> = report
        .parts
        .iter()
        .rev()
        .map(|part| {
            view! {
                <tr>
                    <td><time datetime=part.at.rfc3339()>{moment(part.at, report.part_ms)}</time></td>
                    <td class="num r">{count(part.counts.created)}</td>
                    <td class="num r">{count(part.counts.delivered)}</td>
                    <td class="num r">{count(part.counts.failed)}</td>
                    <td class="num r">{figure(part, Figure::DeliveryRate)}</td>
                    <td class="num r">{figure(part, Figure::Latency)}</td>
                    <td class="num r">{figure(part, Figure::RetryRate)}</td>
                    <td class="num r">{count(part.waiting)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <details class="panel">
            <summary class="px-4 py-2.5 cursor-pointer">"Show as a table"</summary>
            <div class="scroll max-h-[420px] overflow-y-auto" tabindex="0" role="region" aria-label="Health over time as a table">
                <table>
                    <thead>
                        <tr>
                            <th>"From"</th><th class="r">"Accepted"</th><th class="r">"Arrived"</th><th class="r">"Failed"</th><th class="r">"Delivery rate"</th>
                            <th class="r">"Latency"</th><th class="r">"Retry rate"</th><th class="r">"Waiting"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_column_fills_the_chart_and_a_single_failure_is_visible() {
        let column = |pieces: Vec<(f64, &'static str)>| Column { pieces, words: String::new() };
        let drawn = scaled(vec![
            column(vec![(999.0, OK), (1.0, BAD)]),
            column(vec![(500.0, OK), (0.0, BAD)]),
            column(Vec::new()),
        ]);
        assert_eq!(drawn[0].pieces[1].0, 2.0);
        assert_eq!(drawn[1].pieces, [(48.0, OK), (0.0, BAD)]);
    }
}
