//! The page of Slack: before the install what it will do, after it the workspaces that are connected.

use domain::connection::{Connection, ConnectionState};
use domain::provider::catalogue;
use domain::provider::slack::facts::SCOPES;
use leptos::prelude::*;

use super::calls::{Integrations, LoadIntegrations};
use super::{ending, guide, plan};
use crate::components::{Copy, Icon, PageHead, Status, Time, loaded};
use crate::remote::load;
use crate::words::connection_state;

/// How ways to Slack and back end.
pub(super) static WAYS: ending::Ways = ending::Ways {
    name: "Slack",
    service: "Slack",
    button: "Add to Slack",
    denied: "Somebody chose Cancel, or an administrator of the workspace did not allow it.",
    set_up: "register a Slack app",
    own: &[(
        "other_account",
        "That is another workspace.",
        "To renew a connection, choose the workspace that it belongs to. To connect another one, choose Add to Slack.",
    )],
};

/// What it does, the button, and the workspaces.
#[component]
pub fn SlackPage() -> impl IntoView {
    let page = load(|| LoadIntegrations {});
    view! {
        <PageHead title="Slack" crumbs=vec![("Integrations".into(), "/integrations".into())]/>
        {ending::notice(&WAYS)}
        {loaded(page, move |page| view(&page))}
    }
}

fn view(page: &Integrations) -> AnyView {
    let integration = catalogue::find("slack");
    let own: Vec<&Connection> =
        page.connections.iter().filter(|connection| connection.provider.as_str() == "slack").collect();
    let workspaces = (!own.is_empty()).then(|| {
        let rows: Vec<_> = own.iter().map(|connection| row(connection)).collect();
        view! {
            <section class="panel" aria-labelledby="workspaces">
                <div class="panel-head"><h2 id="workspaces">"Workspaces"</h2>{button(page, "Add another workspace")}</div>
                <div class="scroll"><table>
                    <thead><tr><th>"Workspace"</th><th>"State"</th><th class="r hide-s">"Channels"</th><th class="r hide-s">"Checked"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </section>
        }
    });
    let hero = own.is_empty().then(|| {
        view! {
            <section class="panel pad stack" aria-labelledby="add">
                <h2 id="add">"Tell your team where it already talks"</h2>
                <p class="muted">"Choose events, pick a channel, and Patchbay posts what happened: invoices that failed, users who joined, endpoints that need a look. You decide what is sent, where and when."</p>
                <div>{button(page, "Add to Slack")}</div>
                {page.manifest.as_ref().map(|manifest| set_up(manifest))}
            </section>
        }
    });
    view! {
        <div class="split">
            <div class="stack">
                {hero}
                {workspaces}
                {integration.map(guide::guide)}
            </div>
            <aside class="stack">
                {sample()}
                {guide::permissions(&SCOPES)}
                {integration.map(guide::reads_and_writes)}
            </aside>
        </div>
    }
    .into_any()
}

/// The button that connects: a plain form, which works before scripts have loaded.
fn button(page: &Integrations, label: &'static str) -> AnyView {
    if let Some(notice) = plan::notice(page, "slack", "Slack") {
        return notice;
    }
    if !page.slack_is_set_up {
        return view! { <p class="notice info"><Icon name="info"/><span>"This installation has no Slack app yet. Its operator registers one and sets "<code>"PATCHBAY_SLACK_CLIENT_ID"</code>" and its two secrets."</span></p> }.into_any();
    }
    if !page.may_connect {
        return view! { <p class="muted">"Owners and admins of the organization add Slack."</p> }.into_any();
    }
    view! {
        <form method="post" action="/oauth/slack/start" data-plain="">
            <button class="btn primary h-10! px-4!"><img src="/logos/slack.svg" width="18" height="18" alt=""/>{label}</button>
        </form>
    }
    .into_any()
}

/// For the operator: the app's manifest to paste into Slack.
fn set_up(manifest: &str) -> AnyView {
    view! {
        <details>
            <summary class="font-[540] cursor-pointer">"For the operator: register the app"</summary>
            <div class="stack pt-2">
                <p class="muted">"At api.slack.com/apps choose Create New App, From a manifest, and paste this. Every address of this installation is filled in. Then set the three PATCHBAY_SLACK_ settings from the app's Basic Information, and start Patchbay again."</p>
                <div class="row spread"><b>"App manifest"</b><Copy text=manifest.to_owned() label="Copy"/></div>
                <pre tabindex="0" class="max-h-80 overflow-auto">{manifest.to_owned()}</pre>
            </div>
        </details>
    }
    .into_any()
}

fn row(connection: &Connection) -> AnyView {
    let (tone, word) = connection_state(connection.state);
    let href = format!("/connections/{}", connection.id);
    let missing = connection.missing_scopes.len();
    let more = (missing > 0 && connection.state == ConnectionState::Healthy)
        .then(|| view! { <span class="badge warn ml-2">{format!("{missing} new permission{}", if missing == 1 { "" } else { "s" })}</span> });
    view! {
        <tr>
            <td><a class="link" href=href>{connection.name.clone()}</a>{connection.is_org_wide.then(|| view! { <span class="badge ml-2">"Enterprise Grid"</span> })}</td>
            <td><Status tone word/>{more}</td>
            <td class="num r hide-s">{connection.channel_count}</td>
            <td class="r faint hide-s">{connection.checked_at.map(|at| view! { <Time at/> })}</td>
        </tr>
    }
    .into_any()
}

/// What a message looks like.
fn sample() -> AnyView {
    view! {
        <section class="panel pad stack" aria-labelledby="sample">
            <h2 id="sample">"What a message looks like"</h2>
            <figure class="rounded-lg border border-line bg-sunken p-3 grid gap-1.5 m-0">
                <div class="row"><span class="avatar">"P"</span><b>"Patchbay"</b><span class="help">"APP"</span></div>
                <div><b>"Invoice failed"</b>" · Globex · "<span class="mono">"EUR 129.00"</span></div>
                <div class="muted">"Card declined, third attempt"</div>
                <div class="row"><span class="chip">"Open in Patchbay"</span></div>
            </figure>
        </section>
    }
    .into_any()
}
