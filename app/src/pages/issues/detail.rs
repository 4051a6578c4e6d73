//! A linked issue and its sync log.

use domain::issue::{Direction, SyncAction, SyncEntry};
use domain::live::Notice;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::calls::{LinkedIssueData, LoadLinkedIssue};
use super::list::state;
use crate::components::{PageHead, Status, Time, Tone, loaded};
use crate::fresh::pulse;
use crate::remote::load_after;

/// One linked issue.
#[component]
pub fn LinkedIssuePage() -> impl IntoView {
    let params = use_params_map();
    let beat = pulse(std::time::Duration::from_millis(700), |notice| matches!(notice, Notice::Connection));
    let moved = move || usize::try_from(beat.get()).unwrap_or_default();
    let page = load_after(moved, move || {
        let part = |name: &str| params.with(|params| params.get(name)).unwrap_or_default();
        LoadLinkedIssue { id: part("id"), issue: part("issue") }
    });
    loaded(page, |page| view(&page))
}

fn view(page: &LinkedIssueData) -> AnyView {
    let issue = &page.log.issue;
    let base = format!("/connections/{}", page.connection.id);
    let crumbs = vec![
        ("Integrations".into(), "/integrations".into()),
        (page.connection.name.clone(), base.clone()),
        ("Linked issues".into(), format!("{base}/issues")),
    ];
    let (tone, word) = state(issue);
    let open = issue
        .url
        .clone()
        .map(|url| view! { <a class="btn" href=url target="_blank" rel="noreferrer">"Open in Jira"</a> });
    let rule = format!("{base}/issue-rules/{}", issue.rule_id);
    let log = format!("/deliveries?endpoint={}", issue.rule_id);
    let rows: Vec<_> = page.log.entries.iter().map(entry).collect();
    view! {
        <PageHead title=issue.key.clone().unwrap_or_else(|| "Issue".into()) crumbs=crumbs>{open}</PageHead>
        <p class="mb-2">{issue.summary.clone()}</p>
        <p class="row wrap mb-4 muted">
            <Status tone word/>
            <span>"about "<code>{issue.subject.clone()}</code></span>
            <a class="link" href=rule>"Rule"</a>
            <a class="link" href=log>"Deliveries of the rule"</a>
        </p>
        <section class="panel" aria-labelledby="sync">
            <div class="panel-head"><h2 id="sync">"Sync log"</h2></div>
            <div class="scroll" tabindex="0" role="group" aria-label="Sync log, as a table"><table>
                <thead><tr><th>"When"</th><th class="hide-s">"Way"</th><th>"What"</th><th>"Details"</th><th>"See"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
    }
    .into_any()
}

const fn action(action: SyncAction) -> (Tone, &'static str) {
    match action {
        SyncAction::Created => (Tone::Ok, "Created"),
        SyncAction::Found => (Tone::Ok, "Found"),
        SyncAction::Updated => (Tone::Ok, "Updated"),
        SyncAction::Commented => (Tone::Ok, "Commented"),
        SyncAction::Moved => (Tone::Ok, "Moved"),
        SyncAction::NotMoved => (Tone::Warn, "Not moved"),
        SyncAction::Conflict => (Tone::Warn, "Conflict"),
        SyncAction::Echo => (Tone::Off, "Echo"),
        SyncAction::Deleted => (Tone::Bad, "Deleted"),
        SyncAction::Failed => (Tone::Bad, "Failed"),
    }
}

fn entry(entry: &SyncEntry) -> AnyView {
    let (tone, word) = action(entry.action);
    let way = match entry.direction {
        Direction::ToIssue => "to Jira",
        Direction::FromIssue => "from Jira",
    };
    let delivery = entry.delivery_id.as_ref().map(|id| (format!("/deliveries/{id}"), "Delivery"));
    let event = entry.event_id.as_ref().map(|id| (format!("/deliveries?q={id}"), "Event"));
    let more = delivery.or(event).map(|(href, label)| view! { <a class="link" href=href>{label}</a> });
    view! {
        <tr>
            <td class="faint"><Time at=entry.at/></td>
            <td class="muted hide-s">{way}</td>
            <td><Status tone word/></td>
            <td class="whitespace-normal min-w-48">{entry.detail.clone()}</td>
            <td class="r">{more}</td>
        </tr>
    }
    .into_any()
}
