//! Health drawn as SVG: a spark line for the list and a chart of seven days for the endpoint's page. Only
//! geometry and elements without scripts; the numbers stand beside them as a table.

use leptos::prelude::*;

/// The spark line's paths: success per day from left to right. A day without deliveries leaves a gap; a day
/// that stands alone becomes a dash of its own.
#[must_use]
pub fn spark_path(days: &[(i64, i64)], width: f64, height: f64) -> String {
    let step = if days.len() > 1 { width / (days.len() - 1) as f64 } else { 0.0 };
    let mut path = String::new();
    let mut drawing = false;
    for (index, (delivered, failed)) in days.iter().enumerate() {
        let all = delivered + failed;
        if all == 0 {
            drawing = false;
            continue;
        }
        let (x, y) = (step * index as f64, height * *failed as f64 / all as f64);
        if !drawing && days.get(index + 1).is_none_or(|next| next.0 + next.1 == 0) {
            path.push_str(&format!("M{:.1} {y:.1}h6", (x - 3.0).clamp(0.0, width - 6.0)));
        } else {
            path.push_str(&format!("{}{x:.1} {y:.1}", if drawing { "L" } else { "M" }));
        }
        drawing = true;
    }
    path
}

/// One day's column, in a box of 100 by 100.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Height of what was delivered.
    pub delivered: f64,
    /// Height of what failed, which stands on top.
    pub failed: f64,
}

/// The columns of the chart; the highest day fills it. What happened at all is at least visible.
#[must_use]
pub fn columns(days: &[(i64, i64)]) -> Vec<Column> {
    let most = days.iter().map(|(delivered, failed)| delivered + failed).max().unwrap_or(0).max(1) as f64;
    let height = |count: i64| if count == 0 { 0.0 } else { (count as f64 / most * 100.0).max(2.0) };
    days.iter().map(|(delivered, failed)| Column { delivered: height(*delivered), failed: height(*failed) }).collect()
}

/// A day's name by its distance from today.
#[must_use]
pub fn day_name(index: usize, count: usize) -> String {
    match count.saturating_sub(index + 1) {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        n => format!("{n} days ago"),
    }
}

/// The spark line of the last days.
#[component]
pub fn Spark(
    /// Delivered and failed per day, oldest first.
    days: Vec<(i64, i64)>,
) -> impl IntoView {
    let path = spark_path(&days, 60.0, 14.0);
    let failing = days.iter().any(|(_, failed)| *failed > 0);
    view! {
        <svg class="inline-block align-middle overflow-visible" width="60" height="18" viewBox="0 -2 60 18" aria-hidden="true">
            <path d="M0 14.5h60" fill="none" class="stroke-line" stroke-width="1" />
            <path d=path fill="none" class=if failing { "stroke-warn-fill" } else { "stroke-ok-fill" }
                stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}

/// Delivered and failed of seven days as columns, with the numbers as a table below.
#[component]
pub fn DaysChart(
    /// Delivered and failed per day, oldest first.
    days: Vec<(i64, i64)>,
) -> impl IntoView {
    let count = days.len();
    let bars: Vec<_> =
        columns(&days).into_iter().enumerate().map(|(index, column)| bar(index, count, &column, days[index])).collect();
    let rows: Vec<_> = days
        .iter()
        .enumerate()
        .rev()
        .map(|(index, (delivered, failed))| view! { <tr><td>{day_name(index, count)}</td><td class="num r">{*delivered}</td><td class="num r">{*failed}</td></tr> })
        .collect();
    view! {
        <figure class="m-0 grid gap-2">
            <svg class="w-full h-28 block" role="img" aria-label="Deliveries per day over the last 7 days">
                <defs>
                    <pattern id="failed-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <rect width="5" height="5" class="fill-bad-fill" />
                        <rect width="1.5" height="5" class="fill-panel" />
                    </pattern>
                </defs>
                {bars}
                <line x1="0" x2="100%" y1="100%" y2="100%" class="stroke-line-strong" stroke-width="1" />
            </svg>
            <div class="row spread faint text-xs" aria-hidden="true"><span>"6 days ago"</span><span>"today"</span></div>
            <figcaption class="row wrap help">
                <span class="row gap-1.5!"><svg width="10" height="10" aria-hidden="true"><rect width="10" height="10" rx="2" class="fill-ok-fill" /></svg>"delivered"</span>
                <span class="row gap-1.5!"><svg width="10" height="10" aria-hidden="true"><rect width="10" height="10" rx="2" fill="url(#failed-hatch)" /></svg>"failed"</span>
            </figcaption>
            <details>
                <summary class="help cursor-pointer">"Show as a table"</summary>
                <table class="mt-2">
                    <thead><tr><th scope="col">"Day"</th><th scope="col" class="r">"Delivered"</th><th scope="col" class="r">"Failed"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </figure>
    }
}

fn bar(index: usize, count: usize, column: &Column, (delivered, failed): (i64, i64)) -> impl IntoView + use<> {
    let slot = 100.0 / count.max(1) as f64;
    let (x, width) = (slot * index as f64 + slot * 0.12, slot * 0.76);
    // Room for the line below: the columns share 98 of 100.
    let scale = 0.98 / ((column.delivered + column.failed) / 100.0).max(1.0);
    let (low, high) = (column.delivered * scale, column.failed * scale);
    view! {
        <g>
            <title>{format!("{}: {delivered} delivered, {failed} failed", day_name(index, count))}</title>
            <rect x=format!("{x:.2}%") y=format!("{:.2}%", 100.0 - low) width=format!("{width:.2}%") height=format!("{low:.2}%") rx="2" class="fill-ok-fill" />
            <rect x=format!("{x:.2}%") y=format!("{:.2}%", 100.0 - low - high) width=format!("{width:.2}%") height=format!("{high:.2}%") rx="2" fill="url(#failed-hatch)" />
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spark_line_falls_with_failures_and_breaks_on_idle_days() {
        assert_eq!(spark_path(&[(4, 0), (1, 1), (0, 2)], 60.0, 14.0), "M0.0 0.0L30.0 7.0L60.0 14.0");
        assert_eq!(spark_path(&[(1, 0), (0, 0), (1, 0), (2, 0)], 60.0, 14.0), "M0.0 0.0h6M40.0 0.0L60.0 0.0");
        assert_eq!(spark_path(&[(0, 0); 7], 60.0, 14.0), "");
    }

    #[test]
    fn the_highest_day_fills_the_chart_and_a_single_failure_is_visible() {
        let columns = columns(&[(0, 0), (999, 1), (500, 0)]);
        assert_eq!(columns[0], Column { delivered: 0.0, failed: 0.0 });
        assert_eq!(columns[1].failed, 2.0);
        assert_eq!(columns[2].delivered, 50.0);
    }

    #[test]
    fn days_are_named_from_today() {
        assert_eq!([day_name(6, 7), day_name(5, 7), day_name(0, 7)], ["today", "yesterday", "6 days ago"]);
    }
}
