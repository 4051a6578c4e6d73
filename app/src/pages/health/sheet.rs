//! The page of health as the server draws it: figures with their limits, charts, and the hosts that fail.

use domain::Timestamp;
use domain::delivery::query::LogQuery;
use domain::health::{FailingHost, Figure, FigureValue, Grade, HealthReport, LEAST, Span};
use leptos::prelude::*;

use super::chart;
use crate::components::{Icon, Status, Tone, relative};
use crate::log_url::{self, Field};
use crate::words::{count, error_word};

/// The page as HTML.
#[must_use]
pub fn draw(report: &HealthReport, span: Span, installation: bool, now: Timestamp) -> String {
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
        <div class="stack">
            <div class="row spread wrap">
                {spans(span, installation)}
                <span class="help">"As of "<time datetime=now.rfc3339()>{exact(now)}</time></span>
            </div>
            {behind}
            <section aria-label="Figures" class="grid grid-cols-2 lg:grid-cols-4 gap-3">{tiles}</section>
            {hosts(report, span, installation, now)}
            <section aria-label="Over time" class="stack">
                {chart::charts(report)}
                {chart::table(report)}
            </section>
        </div>
    }
    .into_any()
    .to_html()
}

/// `2026-11-22 14:02:11 UTC`.
fn exact(at: Timestamp) -> String {
    let text = at.rfc3339();
    format!("{} UTC", text.get(..19).unwrap_or_default().replace('T', " "))
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

/// The hosts that failed, one row each.
fn hosts(report: &HealthReport, span: Span, installation: bool, now: Timestamp) -> AnyView {
    if report.failing_hosts.is_empty() {
        return view! {
            <p class="panel pad row"><span class="text-ok"><Icon name="check"/></span>{format!("No attempt failed within {span}.")}</p>
        }
        .into_any();
    }
    let rows: Vec<_> = report.failing_hosts.iter().map(|host| row(host, span, installation, now)).collect();
    view! {
        <section class="panel" aria-labelledby="hosts-title">
            <div class="panel-head"><h2 id="hosts-title">"Hosts that failed"</h2><span class="help">"All endpoints of a host together, so that one outage is one row"</span></div>
            <div class="scroll" tabindex="0" role="group" aria-label="Hosts that failed, as a table">
                <table>
                    <thead>
                        <tr>
                            <th>"State"</th><th>"Host"</th><th class="r">"Failed attempts"</th><th class="r hide-s">"Dead letters"</th><th>"Last error"</th>
                            <th class="hide-s">"Endpoints"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(host: &FailingHost, span: Span, installation: bool, now: Timestamp) -> AnyView {
    let ago = |at: Timestamp| view! { <time datetime=at.rfc3339() title=exact(at)>{relative(now, at)}</time> };
    let state = match host.failing_since {
        Some(since) => {
            view! { <Status tone=Tone::Bad word="Failing"/><div class="help">"for "{ago(since)}</div> }.into_any()
        }
        None => view! { <Status tone=Tone::Ok word="Recovered"/> }.into_any(),
    };
    let error = match (host.last_code, host.last_error) {
        (Some(code), _) => code.to_string(),
        (None, Some(class)) => error_word(class).to_owned(),
        (None, None) => "–".to_owned(),
    };
    let when = host.last_failed_at.map(|at| view! { <div class="help">{ago(at)}" ago"</div> });
    view! {
        <tr>
            <td class="py-1.5">{state}</td>
            <td class="mono ell max-w-64" title=host.host.clone()>{host.host.clone()}</td>
            <td class="num r">{count(host.failures)}<div class="help">{format!("of {}", count(host.attempts))}</div></td>
            <td class="num r hide-s">{count(host.failed)}</td>
            <td><span class="mono">{error}</span>{when}</td>
            <td class="hide-s">{endpoints(host, span, installation)}</td>
        </tr>
    }
    .into_any()
}

/// The endpoints of a host, each with a link to what failed there; of the installation only their number.
fn endpoints(host: &FailingHost, span: Span, installation: bool) -> AnyView {
    let many = |number: i64, one: &str| format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" });
    if installation {
        let words = format!("{} of {}", many(host.endpoint_count, "endpoint"), many(host.org_count, "organization"));
        return view! { {words} }.into_any();
    }
    let log = |id: &str| {
        let query = [(Field::Status, "failed,retrying"), (Field::Endpoint, id), (Field::Since, span.as_str())]
            .into_iter()
            .fold(LogQuery::default(), |query, (field, value)| log_url::with(&query, field, Some(value)));
        log_url::href(&query)
    };
    let links: Vec<_> = host
        .endpoints
        .iter()
        .map(|endpoint| {
            let (name, href) = (endpoint.name.clone(), log(endpoint.id.as_str()));
            view! { <li><a class="link" href=href>{name}</a>" "<span class="faint num">{count(endpoint.failures)}</span></li> }.into_any()
        })
        .collect();
    let more = host.endpoint_count - host.endpoints.len() as i64;
    view! {
        <ul>{links}</ul>
        {(more > 0).then(|| view! { <span class="help">{format!("and {} more", count(more))}</span> })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::delivery::ErrorClass;
    use domain::health::{Counts, FailingEndpoint, Part, Waiting, figures};
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
        let drawn = draw(&report(), Span::Day, false, Timestamp(120_000));
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
        assert!(!drawn.contains("not counted yet"));
    }

    #[test]
    fn the_installations_page_names_no_endpoint() {
        let drawn = draw(&report(), Span::Week, true, Timestamp(120_000));
        assert!(drawn.contains("2 endpoints of 1 organization") && !drawn.contains("Billing"));
        assert!(drawn.contains("/operator/health?span=30d"));
    }

    #[test]
    fn a_quiet_organization_is_told_that_nothing_failed() {
        let nothing = HealthReport {
            figures: figures(&Counts::default(), &Waiting::default()),
            failing_hosts: Vec::new(),
            behind: true,
            ..report()
        };
        let drawn = draw(&nothing, Span::Day, false, Timestamp(0));
        for words in ["No attempt failed within 24h", "Nothing yet", "not counted yet"] {
            assert!(drawn.contains(words), "{words}: {drawn}");
        }
    }
}
