//! What stands above the rows: counts, percentiles, and deliveries over time. Drawn on the server.

use domain::Timestamp;
use domain::delivery::query::LogQuery;
use domain::delivery::{DeliveryStatus, LogStats};
use leptos::prelude::*;

use super::bars::{self, Column};
use super::row::ago;
use super::text;
use super::url::{self, Field};

/// The presets of time: the word in the URL and on the button.
const PRESETS: &[&str] = &["15m", "1h", "24h", "7d", "30d"];

/// What can be done with the columns, for those who hear it.
const HOW: &str = "Columns of time. Arrow keys move, with Shift they choose a range, Enter opens it.";

/// Links to the last minutes, hours and days.
pub fn presets(query: &LogQuery) -> AnyView {
    let set = query.since.clone().filter(|_| query.until.is_none()).unwrap_or_default();
    let any = query.since.is_none() && query.until.is_none();
    let free = LogQuery { until: None, ..query.clone() };
    let link = |label: &'static str, value: Option<&str>, on: bool| {
        let href = url::href(&url::with(&free, Field::Since, value));
        view! { <a href=href class="min-h-[26px]! px-[9px]! py-0! text-[12.5px]" aria-current=on.then_some("true")>{label}</a> }
    };
    view! {
        <div class="seg" role="group" aria-label="Time range">
            {PRESETS.iter().map(|preset| link(preset, Some(preset), set == *preset)).collect_view()}
            {link("All", None, any)}
        </div>
    }
    .into_any()
}

/// Totals, percentiles and the histogram; nothing for nothing.
pub fn histogram(query: &LogQuery, stats: &LogStats, now: Timestamp) -> AnyView {
    if stats.total == 0 {
        return ().into_any();
    }
    let counted: Vec<_> = stats.histogram.iter().map(|b| (b.at, [b.delivered, b.waiting, b.failed])).collect();
    let href = |column: &Column| url::href(&url::between(query, column.at.rfc3339(), column.until.rfc3339()));
    let drawn = Chart { name: "Deliveries over time", heads: ["Delivered", "Waiting", "Failed"], href: &href, now };
    view! {
        <section class="panel pad mb-3 py-3!" aria-label="Deliveries over time">
            <div class="row spread wrap mb-2 gap-y-1">
                <p class="row wrap gap-x-[18px]! gap-y-1!">{totals(query, stats)}</p>
                <p class="muted">{percentiles(stats)}</p>
            </div>
            {(!stats.histogram.is_empty()).then(|| chart(&counted, stats.bucket_ms, &drawn))}
        </section>
    }
    .into_any()
}

/// The counts of the whole selection, taken from the columns so that the status filter holds.
fn totals(query: &LogQuery, stats: &LogStats) -> impl IntoView + use<> {
    let sum = |part: fn(&domain::delivery::Bucket) -> i64| stats.histogram.iter().map(part).sum::<i64>();
    let (delivered, waiting, failed) = (sum(|b| b.delivered), sum(|b| b.waiting), sum(|b| b.failed));
    let noun = if stats.total == 1 { " delivery" } else { " deliveries" };
    let more = if stats.partial { " or more" } else { "" };
    let only = |status: DeliveryStatus| url::href(&url::with(query, Field::Status, Some(status.as_str())));
    let waiting_href = url::href(&url::with(query, Field::Status, Some("pending,retrying,paused")));
    view! {
        <span><b class="font-semibold">{text::count(stats.total)}</b><span class="muted">{more}{noun}</span></span>
        <a class="row hover:underline" href=only(DeliveryStatus::Delivered)>
            <span class="dot ok" aria-hidden="true"></span>{format!("{} delivered", text::share(delivered, delivered + waiting + failed))}
        </a>
        <a class="row hover:underline" href=waiting_href><span class="dot warn" aria-hidden="true"></span>{format!("{} waiting", text::count(waiting))}</a>
        <a class="row hover:underline" href=only(DeliveryStatus::Failed)>
            <span class="dot bad" aria-hidden="true"></span>{format!("{} failed", text::count(failed))}
        </a>
    }
}

fn percentiles(stats: &LogStats) -> impl IntoView + use<> {
    let figure = |name: &'static str, us: Option<i64>| {
        us.map(|us| view! { <span>{name}" "<span class="mono text-ink">{text::duration(us)}</span></span> })
    };
    view! { <span class="row gap-3!">{figure("p50", stats.p50_us)}{figure("p95", stats.p95_us)}</span> }
}

/// How a histogram is shown.
pub struct Chart<'a> {
    /// What it shows.
    pub name: &'static str,
    /// What is counted in each column, from the bottom up.
    pub heads: [&'static str; 3],
    /// The log within a column's time; `until` is the last filter in the address.
    pub href: &'a dyn Fn(&Column) -> String,
    /// The server's time.
    pub now: Timestamp,
}

/// The drawing with a link over each column, its axis, and the same numbers as a table.
pub fn chart(counted: &[(Timestamp, [i64; 3])], width_ms: i64, chart: &Chart<'_>) -> AnyView {
    let (empty, columns) = bars::columns(counted, width_ms);
    let last = columns.len().saturating_sub(1);
    let links: Vec<_> = columns.iter().enumerate().map(|(place, column)| over(chart, column, place == last)).collect();
    let spacers: Vec<_> = (0..empty).map(|_| view! { <span class="flex-1"></span> }.into_any()).collect();
    let (from, to, now) = (columns.first().map(|first| first.at), columns.last().map(|last| last.until), chart.now);
    view! {
        <div class="relative">
            // Below the drawing, so that what is chosen does not change the bars' colours.
            <div class="absolute inset-0 flex touch-pan-y cursor-crosshair select-none" role="group" aria-label=HOW data-columns="">{spacers}{links}</div>
            <svg class="pointer-events-none relative block h-16 w-full" viewBox=bars::view_box(columns.len()) preserveAspectRatio="none" inner_html=bars::inner(&columns) aria-hidden="true"></svg>
        </div>
        <details class="mt-1">
            <summary class="row spread text-[12px] text-ink-3">
                <span>{from.map(|at| ago(at, now))}</span>
                <span class="rounded-[6px] px-2 hover:bg-sunken hover:text-ink">"Show as a table"</span>
                <span>{to.map(|at| ago(at.min(now), now))}</span>
            </summary>
            {numbers(chart, &columns)}
        </details>
    }
    .into_any()
}

/// The link over a column: narrows the range to it. One of them is reached with the tab key, the others from there
/// with the arrow keys ([`super::brush`]).
fn over(chart: &Chart<'_>, column: &Column, reached: bool) -> AnyView {
    let counts = column.counts.iter().zip(chart.heads);
    let words: Vec<_> =
        counts.map(|(count, head)| format!("{} {}", text::count(*count), head.to_lowercase())).collect();
    let title = format!("{} UTC: {}", clock(column.at), words.join(", "));
    let tab = if reached { "0" } else { "-1" };
    view! { <a class="flex-1 rounded-[2px] hover:bg-ink/8 data-on:bg-accent/20" tabindex=tab draggable="false" title=title href=(chart.href)(column)></a> }
        .into_any()
}

/// `2026-11-22 14:02:11`.
fn clock(at: Timestamp) -> String {
    at.rfc3339().get(..19).map(|text| text.replace('T', " ")).unwrap_or_default()
}

/// The same numbers for everyone who does not see the drawing.
fn numbers(chart: &Chart<'_>, columns: &[Column]) -> impl IntoView + use<> {
    let rows: Vec<_> = columns
        .iter()
        .filter(|column| column.counts.iter().sum::<i64>() > 0)
        .map(|column| {
            let cells = column.counts.map(|count| view! { <td class="num r">{text::count(count)}</td> });
            view! { <tr><td><a class="link" href=(chart.href)(column)>{clock(column.at)}</a></td>{cells.collect_view()}</tr> }
                .into_any()
        })
        .collect();
    let heads = chart.heads.map(|head| view! { <th class="r">{head}</th> });
    view! {
        <div class="scroll mt-2 max-h-[320px] overflow-y-auto" tabindex="0" role="region" aria-label=format!("{} as a table", chart.name)>
            <table>
                <thead><tr><th>"From (UTC)"</th>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
