//! The numbers of the charts as one table, drawn on the server.

use domain::health::{Figure, HealthReport, Part};
use leptos::prelude::*;

use super::times::moment;
use crate::words::count;

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
