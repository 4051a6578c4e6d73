//! The page of health as the server draws it: figures with their limits, charts, and the hosts that fail.

use domain::Timestamp;
use domain::health::{Figure, FigureValue, Grade, HealthReport, LEAST, Span};
use leptos::prelude::*;

use super::hosts::hosts;
use super::installation::{Installation, open_alerts, over_alerts};
use super::times::exact;
use super::{chart, nodes, table};
use crate::components::{Icon, Status, Tone};
use crate::words::count;

/// The page as HTML; of the installation with what is known of it beside its figures. It stays `still`, which is not drawn
/// again by itself, where each look is recorded.
#[must_use]
pub fn draw(report: &HealthReport, span: Span, beside: Option<&Installation>, now: Timestamp, still: bool) -> String {
    let installation = beside.is_some();
    let tiles: Vec<_> = report.figures.iter().map(tile).collect();
    let behind = report.behind.then(|| {
        view! {
            <div class="notice warn">
                <Icon name="clock"/>
                <div>"More than 20,000 deliveries have changed and are not counted yet. The figures are right again in a moment."</div>
            </div>
        }
    });
    view! {
        <div class="stack" data-still=still.then_some("")>
            <div class="row spread wrap">
                {spans(span, installation)}
                <span class="help">"As of "<time datetime=now.rfc3339()>{exact(now)}</time></span>
            </div>
            {behind}
            {beside.map(|installation| open_alerts(installation, now))}
            <section aria-label="Figures" class="grid grid-cols-2 lg:grid-cols-4 gap-3">{tiles}</section>
            {hosts(report, span, installation, now)}
            {beside.map(|installation| nodes::table(&installation.nodes, installation.groups.as_deref(), now))}
            <section aria-label="Over time" class="stack">
                <p class="help">"Times are in UTC."</p>
                {chart::charts(report)}
                {table::table(report)}
            </section>
            {beside.map(|installation| over_alerts(installation, now))}
        </div>
    }
    .into_any()
    .to_html()
}

fn spans(span: Span, installation: bool) -> impl IntoView {
    let path = if installation { "/operator/health" } else { "/health" };
    let links: Vec<_> = Span::ALL
        .iter()
        .map(|known| {
            view! { <a href=format!("{path}?span={known}") aria-current=(*known == span).then_some("true")>{known.as_str()}</a> }
                .into_any()
        })
        .collect();
    view! { <nav class="seg" aria-label="Time range">{links}</nav> }
}

/// One figure: its value, how good that is, and what it should be.
fn tile(value: &FigureValue) -> AnyView {
    let figure = value.figure;
    let (tone, word) = match value.grade {
        Grade::Good => (Tone::Ok, "On target"),
        Grade::Watch => (Tone::Warn, "Off target"),
        Grade::Alert => (Tone::Bad, "Alert"),
        Grade::Quiet if value.value.is_none() => (Tone::Off, "Nothing yet"),
        Grade::Quiet => (Tone::Off, "Too few to say"),
    };
    let (better, worse) = if figure == Figure::DeliveryRate { ("over", "under") } else { ("under", "over") };
    let text = match (figure, value.value) {
        (Figure::QueueDepth, Some(depth)) => count(depth as i64),
        (_, Some(value)) => figure.words(value),
        (_, None) => "–".to_owned(),
    };
    let words = |mark: f64| if figure == Figure::QueueDepth { count(mark as i64) } else { figure.words(mark) };
    let least = (value.grade == Grade::Quiet && value.value.is_some()).then(|| format!(" Judged from {LEAST} on."));
    view! {
        <div class="panel pad stack gap-1 content-start">
            <h2 class="help font-normal">{figure.name()}{(figure == Figure::QueueDepth).then_some(" now")}</h2>
            <span class="text-[22px]/8 font-[580] tracking-tight tabular-nums">{text}</span>
            <Status tone word/>
            <p class="help">{format!("Target {better} {}, alert {worse} {}.", words(value.target), words(value.limit))}{least}</p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::delivery::ErrorClass;
    use domain::health::{Counts, FailingEndpoint, FailingHost, Part, Waiting, figures};
    use domain::id::{EndpointId, OrgId};

    use super::*;

    fn report() -> HealthReport {
        let mut totals =
            Counts { created: 1000, failed: 20, attempts: 1100, retries: 100, failures: 120, ..Counts::default() };
        (0..980).for_each(|_| totals.add(&Counts::arrived(40)));
        let waiting = Waiting { pending: 12_480, ..Waiting::default() };
        HealthReport {
            since: Timestamp(0),
            part_ms: 3_600_000,
            figures: figures(&totals, &waiting),
            parts: vec![Part { at: Timestamp(0), counts: totals, waiting: 12_480 }],
            totals,
            waiting,
            failing_hosts: vec![FailingHost {
                host: "hooks.example.com<b>".into(),
                failures: 120,
                failed: 20,
                attempts: 140,
                endpoints: vec![FailingEndpoint {
                    id: EndpointId::new(1, [1; 10]),
                    name: "Billing".into(),
                    org_id: OrgId::new(1, [1; 10]),
                    failures: 120,
                }],
                endpoint_count: 2,
                org_count: 1,
                failing_since: Some(Timestamp(0)),
                last_failed_at: Some(Timestamp(60_000)),
                last_code: None,
                last_error: Some(ErrorClass::Timeout),
            }],
            behind: false,
        }
    }

    #[test]
    fn figures_stand_beside_their_limits_and_one_outage_is_one_row() {
        let drawn = draw(&report(), Span::Day, None, Timestamp(120_000), true);
        for words in [
            "98 %",
            "Alert",
            "Target over 99.9 %, alert under 99 %",
            "40 ms",
            "On target",
            "12,480",
            "alert over 10,000",
            "hooks.example.com&lt;b",
            "Failing",
            "2 min",
            "timeout",
            "and 1 more",
            "status=failed,retrying",
            "since=24h",
            "980 arrived, 20 failed",
            "/health?span=7d",
            "Show as a table",
        ] {
            assert!(drawn.contains(words), "{words}: {drawn}");
        }
        assert!(!drawn.contains("not counted yet") && drawn.contains("data-still"));
    }

    #[test]
    fn the_installations_page_names_no_endpoint() {
        let beside =
            Installation { open: Vec::new(), over: Vec::new(), may_see: true, nodes: Vec::new(), groups: None };
        let drawn = draw(&report(), Span::Week, Some(&beside), Timestamp(120_000), false);
        assert!(!drawn.contains("data-still"));
        assert!(drawn.contains("2 endpoints of 1 organization") && !drawn.contains("Billing"));
        assert!(drawn.contains("/operator/health?span=30d") && drawn.contains(">Nodes<"));
    }

    #[test]
    fn a_quiet_organization_is_told_that_nothing_failed() {
        let nothing = HealthReport {
            figures: figures(&Counts::default(), &Waiting::default()),
            failing_hosts: Vec::new(),
            behind: true,
            ..report()
        };
        let drawn = draw(&nothing, Span::Day, None, Timestamp(0), false);
        for words in ["No attempt failed within 24h", "Nothing yet", "not counted yet"] {
            assert!(drawn.contains(words), "{words}: {drawn}");
        }
    }
}
