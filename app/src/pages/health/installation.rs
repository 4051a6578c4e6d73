//! What only the installation's page shows, drawn on the server: its alerts.

use domain::Timestamp;
use domain::alert::Alert;
use domain::node::{Node, Progress};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::calls::SeeInstallationAlert;
use super::times::past;
use crate::components::{Icon, Status, Tone};

/// What is known of the installation beside its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Its alerts that are not over, newest first.
    pub open: Vec<Alert>,
    /// The last ones that are.
    pub over: Vec<Alert>,
    /// Whether the viewer may say that they have seen one.
    pub may_see: bool,
    /// Its nodes, newest first.
    pub nodes: Vec<Node>,
    /// How far they are with what is offered by Redis, where they share one.
    pub groups: Option<Vec<Progress>>,
}

/// The alerts that are not over; nothing where there is none.
pub fn open_alerts(installation: &Installation, now: Timestamp) -> Option<AnyView> {
    let rows: Vec<_> = installation.open.iter().map(|alert| open_row(alert, installation.may_see, now)).collect();
    (!rows.is_empty()).then(|| {
        view! { <section class="panel" aria-label="Open alerts"><ul class="divide-y divide-line">{rows}</ul></section> }
            .into_any()
    })
}

fn open_row(alert: &Alert, may_see: bool, now: Timestamp) -> AnyView {
    let seen = match alert.seen_at {
        Some(at) => {
            view! { <span class="faint row gap-1.5!"><Icon name="check"/>"Seen "{past(now, at)}</span> }.into_any()
        }
        // A plain form: the page comes back with the number in the rail gone down.
        None if may_see => view! {
            <form method="post" action=SeeInstallationAlert::url() class="contents">
                <input type="hidden" name="id" value=alert.id.to_string()/>
                <button type="submit" class="btn small"><Icon name="check"/>"Seen"</button>
            </form>
        }
        .into_any(),
        None => ().into_any(),
    };
    view! {
        <li class="grid gap-x-4 gap-y-2 px-4 py-3 sm:grid-cols-[104px_minmax(0,1fr)_auto] items-start">
            <Status tone=Tone::Bad word="Alert"/>
            <div class="min-w-0">
                <p class=if alert.seen_at.is_none() { "font-[560]" } else { "" }>{alert.message.clone()}</p>
                <p class="help">"All organizations together. Began "{past(now, alert.created_at)}</p>
            </div>
            <div class="row wrap">{seen}</div>
        </li>
    }
    .into_any()
}

/// The last alerts that are over, folded away.
pub fn over_alerts(installation: &Installation, now: Timestamp) -> Option<AnyView> {
    let rows: Vec<_> = installation.over.iter().map(|alert| over_row(alert, now)).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <details class="panel">
                <summary class="px-4 py-2.5 cursor-pointer">"Alerts that are over"</summary>
                <div class="scroll" tabindex="0" role="region" aria-label="Alerts that are over">
                    <table>
                        <thead><tr><th>"Message"</th><th class="r">"Began"</th><th class="r">"Over since"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        }
        .into_any()
    })
}

fn over_row(alert: &Alert, now: Timestamp) -> AnyView {
    view! {
        <tr>
            <td>{alert.message.clone()}</td>
            <td class="r faint">{past(now, alert.created_at)}</td>
            <td class="r faint">{alert.closed_at.map(|at| past(now, at))}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::alert::AlertKind;
    use domain::id::AlertId;

    use super::*;

    fn alert(closed_at: Option<Timestamp>, seen_at: Option<Timestamp>) -> Alert {
        Alert {
            id: AlertId::new(1, [1; 10]),
            kind: AlertKind::HealthDegraded,
            target: "delivery_rate".into(),
            message: "Delivery rate is 98 %, less than 99 %.".into(),
            created_at: Timestamp(0),
            closed_at,
            seen_at,
        }
    }

    fn drawn(installation: &Installation) -> String {
        let now = Timestamp(3_600_000);
        view! { {open_alerts(installation, now)}{over_alerts(installation, now)} }.into_any().to_html()
    }

    #[test]
    fn an_open_alert_is_shown_and_an_operator_may_say_that_it_is_seen() {
        let one = Installation {
            open: vec![alert(None, None)],
            over: Vec::new(),
            may_see: true,
            nodes: Vec::new(),
            groups: None,
        };
        let html = drawn(&one);
        for words in ["Delivery rate is 98 %", "1 h ago", "see_installation_alert", "alr_", "Seen"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(!html.contains("Alerts that are over"));
        assert!(!drawn(&Installation { may_see: false, ..one }).contains("<form"), "support only looks");
    }

    #[test]
    fn what_is_seen_asks_no_more_and_what_is_over_is_folded_away() {
        let seen = alert(None, Some(Timestamp(3_000_000)));
        let over = alert(Some(Timestamp(1_800_000)), None);
        let html =
            drawn(&Installation { open: vec![seen], over: vec![over], may_see: true, nodes: Vec::new(), groups: None });
        assert!(html.contains("Seen ") && !html.contains("<form"), "{html}");
        assert!(html.contains("<details") && html.contains("30 min ago"), "{html}");
        let none =
            drawn(&Installation { open: Vec::new(), over: Vec::new(), may_see: true, nodes: Vec::new(), groups: None });
        assert!(!none.contains("<section") && !none.contains("<details"), "{none}");
    }
}
