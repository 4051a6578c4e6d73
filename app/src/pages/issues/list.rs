//! The linked issues of a connection.

use domain::issue::LinkedIssue;
use domain::live::Notice;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::calls::{LinkedIssuesData, LoadLinkedIssues};
use crate::components::{Empty, PageHead, Status, Time, Tone, loaded};
use crate::fresh::pulse;
use crate::remote::load_after;

/// The list, newest first.
#[component]
pub fn LinkedIssuesPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let beat = pulse(std::time::Duration::from_millis(700), |notice| matches!(notice, Notice::Connection));
    let moved = move || usize::try_from(beat.get()).unwrap_or_default();
    let page = load_after(moved, move || LoadLinkedIssues {
        id: params.with(|params| params.get("id")).unwrap_or_default(),
        cursor: query.with(|query| query.get("cursor")),
    });
    loaded(page, |page| view(&page))
}

fn view(page: &LinkedIssuesData) -> AnyView {
    let base = format!("/connections/{}", page.connection.id);
    let crumbs = vec![("Integrations".into(), "/integrations".into()), (page.connection.name.clone(), base.clone())];
    let rows: Vec<_> = page.page.data.iter().map(|issue| row(issue, &base)).collect();
    let turn = |cursor: &Option<String>, words: &'static str| {
        let href = cursor.as_ref().map(|cursor| format!("{base}/issues?cursor={cursor}"));
        href.map(|href| view! { <a class="btn small" href=href>{words}</a> })
    };
    let body = if rows.is_empty() {
        view! { <Empty title="No issues yet" text="Issues that rules make are listed here, each with what was written to it and what came back."/> }.into_any()
    } else {
        view! {
            <div class="scroll" tabindex="0" role="group" aria-label="Linked issues, as a table"><table>
                <thead><tr><th>"Issue"</th><th>"Summary"</th><th>"Status"</th><th class="hide-s">"About"</th><th class="r hide-s">"Changed"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            <div class="row justify-end p-3">{turn(&page.page.previous_cursor, "Newer")}{turn(&page.page.next_cursor, "Older")}</div>
        }
        .into_any()
    };
    view! { <PageHead title="Linked issues" crumbs=crumbs/><section class="panel" aria-label="Linked issues">{body}</section> }.into_any()
}

/// How an issue is, as a status.
pub fn state(issue: &LinkedIssue) -> (Tone, String) {
    match (issue.is_deleted, issue.status_category.as_deref(), &issue.status) {
        (true, ..) => (Tone::Bad, "Deleted in Jira".into()),
        (false, Some("done"), Some(status)) => (Tone::Ok, status.clone()),
        (false, Some("indeterminate"), Some(status)) => (Tone::Warn, status.clone()),
        (false, _, Some(status)) => (Tone::Off, status.clone()),
        (false, _, None) => (Tone::Warn, "Not made yet".into()),
    }
}

fn row(issue: &LinkedIssue, base: &str) -> AnyView {
    let (tone, word) = state(issue);
    let href = format!("{base}/issues/{}", issue.id);
    view! {
        <tr>
            <td><a class="link mono" href=href>{issue.key.clone().unwrap_or_else(|| "…".into())}</a></td>
            <td class="ell max-w-80">{issue.summary.clone()}</td>
            <td><Status tone word/></td>
            <td class="mono ell max-w-56 hide-s">{issue.subject.clone()}</td>
            <td class="r faint hide-s"><Time at=issue.updated_at/></td>
        </tr>
    }
    .into_any()
}
