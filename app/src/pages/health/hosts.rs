//! The hosts that fail, drawn on the server: all endpoints of a host together, so that one outage is one row.

use domain::Timestamp;
use domain::delivery::query::LogQuery;
use domain::health::{FailingHost, HealthReport, Span};
use leptos::prelude::*;

use super::times::{ago, past};
use crate::components::{Icon, Status, Tone};
use crate::log_url::{self, Field};
use crate::words::{count, error_word};

/// The hosts that failed, one row each.
pub fn hosts(report: &HealthReport, span: Span, installation: bool, now: Timestamp) -> AnyView {
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
    let state = match host.failing_since {
        Some(since) => {
            view! { <Status tone=Tone::Bad word="Failing"/><div class="help">"for "{ago(now, since)}</div> }.into_any()
        }
        None => view! { <Status tone=Tone::Ok word="Recovered"/> }.into_any(),
    };
    let error = match (host.last_code, host.last_error) {
        (Some(code), _) => code.to_string(),
        (None, Some(class)) => error_word(class).to_owned(),
        (None, None) => "–".to_owned(),
    };
    let when = host.last_failed_at.map(|at| view! { <div class="help">{past(now, at)}</div> });
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
