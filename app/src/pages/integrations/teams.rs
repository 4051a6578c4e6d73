//! The page of Microsoft Teams: the button that connects an account, the form that connects a workflow instead, what is connected,
//! and the app that shows alerts within Teams.

use domain::connection::{Connection, ConnectionAccess, ConnectionState, Provider};
use domain::provider::catalogue;
use domain::provider::teams::scopes::SCOPES;
use leptos::prelude::*;

use super::calls::{ConnectWorkflow, Integrations, LoadIntegrations, TeamsSetup};
use super::{ending, guide, plan};
use crate::components::{Copy, Done, FieldError, FormError, Icon, PageHead, Status, loaded};
use crate::remote::{Post, PostForm, load};
use crate::words::connection_state;

const DONE: &[(&str, &str)] = &[
    (
        "disconnected",
        "Disconnected. Whoever connected it can also take Patchbay out at myapps.microsoft.com. A workflow is still there: delete it in Teams if nobody needs it.",
    ),
    ("allowed", "Patchbay is allowed for everybody in that organization now. Choose Connect Microsoft Teams to go on."),
];

/// How ways to Microsoft and back end.
pub(super) static WAYS: ending::Ways = ending::Ways {
    name: "Microsoft Teams",
    service: "Microsoft",
    button: "Connect Microsoft Teams",
    denied: "Somebody chose Cancel at Microsoft.",
    set_up: "register an app at Entra ID, or connect a workflow",
    own: &[
        (
            "admin_needed",
            "Only an administrator may allow this in your organization.",
            "Send the link for administrators to one of them, or use it yourself if you are one. After that everybody can connect.",
        ),
        (
            "other_account",
            "That account cannot take this connection over.",
            "To renew a connection, sign in with an account of the same organization that is not connected already. To connect another one, choose Connect Microsoft Teams.",
        ),
    ],
};

/// What it does, the ways to connect, and what is connected.
#[component]
pub fn TeamsPage() -> impl IntoView {
    let connect = Post::<ConnectWorkflow>::new();
    let page = load(|| LoadIntegrations {});
    view! {
        <PageHead title="Microsoft Teams" crumbs=vec![("Integrations".into(), "/integrations".into())]/>
        <Done words=DONE/>
        {ending::notice(&WAYS)}
        {loaded(page, move |page| view(&page, connect))}
    }
}

fn view(page: &Integrations, connect: Post<ConnectWorkflow>) -> AnyView {
    let integration = catalogue::find(Provider::Teams.as_str());
    let own: Vec<&Connection> =
        page.connections.iter().filter(|connection| connection.provider == Provider::Teams).collect();
    let connections = (!own.is_empty()).then(|| {
        let rows: Vec<_> = own.iter().map(|connection| row(connection)).collect();
        view! {
            <section class="panel" aria-labelledby="connections">
                <div class="panel-head"><h2 id="connections">"Connections"</h2></div>
                <div class="scroll"><table>
                    <thead><tr><th>"Connection"</th><th>"State"</th><th class="r hide-s">"Channels"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </section>
        }
    });
    view! {
        <div class="split">
            <div class="stack">
                {connections}
                {match plan::notice(page, "teams", "Microsoft Teams") {
                    Some(notice) => notice,
                    None => view! { {consent(page)}{form(page, connect)} }.into_any(),
                }}
                {page.may_connect.then(|| app(&page.teams))}
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

/// The way by consent.
fn consent(page: &Integrations) -> AnyView {
    let setup = &page.teams;
    let inside = if !setup.is_set_up {
        view! { <p class="notice info"><Icon name="info"/><span>"This installation has no app at Entra ID yet. Its operator registers one for accounts in any organization with the redirect address "<code>{setup.callback.clone()}</code>", and sets "<code>"PATCHBAY_TEAMS_CLIENT_ID"</code>" and its secret. A workflow needs none of this."</span></p> }.into_any()
    } else if page.may_connect {
        view! {
            <form method="post" action="/oauth/teams/start" data-plain="">
                <button class="btn primary h-10! px-4!"><img src="/logos/teams.svg" width="18" height="18" alt="" class="rounded-sm bg-white p-0.5"/>"Connect Microsoft Teams"</button>
            </form>
            {for_administrators(setup)}
        }
        .into_any()
    } else {
        view! { <p class="muted">"Owners and admins of the organization connect Microsoft Teams."</p> }.into_any()
    };
    view! {
        <section class="panel pad stack" aria-labelledby="sign-in">
            <h2 id="sign-in">"Connect an account"</h2>
            <p class="muted">"Sign in at Microsoft, and pick among all channels of your teams. Messages are posted in the name of whoever signs in: an account that is nobody's own is best, as a connection ends with its account."</p>
            {inside}
        </section>
    }
    .into_any()
}

/// What an organization needs first that lets nobody but administrators allow apps.
fn for_administrators(setup: &TeamsSetup) -> AnyView {
    let link = setup.admin_link.clone().unwrap_or_default();
    view! {
        <details>
            <summary class="font-[540] cursor-pointer">"Does Microsoft say that it needs an administrator's approval?"</summary>
            <div class="stack pt-2">
                <p class="muted">"Some organizations let only administrators allow apps. One of them does that once, for everybody; nothing is connected by it. Whoever wants to connect does so afterwards."</p>
                <form method="post" action="/oauth/teams/start" data-plain="">
                    <input type="hidden" name="admin" value="on"/>
                    <button class="btn">"I am an administrator: allow Patchbay"</button>
                </form>
                <div class="row spread"><span>"Or send this link to one:"</span><Copy text=link.clone() label="Copy link"/></div>
                <pre tabindex="0" class="overflow-auto whitespace-pre-wrap break-all">{link}</pre>
            </div>
        </details>
    }
    .into_any()
}

/// The app that people add to Teams.
fn app(setup: &TeamsSetup) -> AnyView {
    let inside = if setup.can_be_shown {
        view! { <p><a class="btn" href="/integrations/teams/app" download="patchbay-teams.zip" rel="external">"Download the app"</a></p> }.into_any()
    } else {
        view! { <p class="notice info"><Icon name="info"/><span>"Teams only shows pages that come by https. The address of this installation does not begin with "<code>"https://"</code>"."</span></p> }.into_any()
    };
    view! {
        <section class="panel pad stack" aria-labelledby="app">
            <h2 id="app">"Alerts within Teams"</h2>
            <p class="muted">"An app for Teams with one tab, which lists your organization's open alerts. In Teams choose Apps, Manage your apps, Upload an app, or let an administrator upload it for everybody. Whoever opens the tab signs in there with their account here."</p>
            {inside}
        </section>
    }
    .into_any()
}

/// The form that connects a workflow.
fn form(page: &Integrations, connect: Post<ConnectWorkflow>) -> AnyView {
    let error = connect.error();
    let inside = if page.may_connect {
        view! {
            <PostForm action=connect attr:class="stack" attr:autocomplete="off">
                <FormError error=error fields=&["name", "workflow_url"]/>
                <div class="field">
                    <label for="workflow-name">"Name"</label>
                    <input class="input" id="workflow-name" name="name" required maxlength="60" placeholder="Finance: Alerts" aria-describedby="workflow-name-help name-error"/>
                    <p class="help" id="workflow-name-help">"The team and channel that it posts into, as your colleagues know them."</p>
                    <FieldError error=error field="name"/>
                </div>
                <div class="field">
                    <label for="workflow-url">"Workflow address"</label>
                    <input class="input mono" id="workflow-url" name="workflow_url" type="url" required placeholder="https://prod-01.westeurope.logic.azure.com/…" spellcheck="false" aria-describedby="workflow-url-help workflow_url-error"/>
                    <p class="help" id="workflow-url-help">"In Teams: the three dots beside the channel, Workflows, Send webhook alerts to a channel. It is kept sealed and not shown again."</p>
                    <FieldError error=error field="workflow_url"/>
                </div>
                <div><button class="btn primary" type="submit" disabled=connect.pending()>"Connect workflow"</button></div>
            </PostForm>
        }
        .into_any()
    } else {
        view! { <p class="muted">"Owners and admins of the organization connect workflows."</p> }.into_any()
    };
    view! {
        <section class="panel pad stack" aria-labelledby="add">
            <h2 id="add">"Connect a workflow instead"</h2>
            <p class="muted">"A workflow gives one channel an address that takes messages. Nobody has to let this installation into your Microsoft account."</p>
            {inside}
        </section>
    }
    .into_any()
}

fn row(connection: &Connection) -> AnyView {
    let (tone, word) = connection_state(connection.state);
    let href = format!("/connections/{}", connection.id);
    let how = match connection.access {
        ConnectionAccess::Workflow => format!("Workflow at {}", connection.account_name),
        _ => connection.account_name.clone(),
    };
    let missing = connection.missing_scopes.len();
    let more = (missing > 0 && connection.state == ConnectionState::Healthy)
        .then(|| view! { <span class="badge warn ml-2">{format!("{missing} new permission{}", if missing == 1 { "" } else { "s" })}</span> });
    view! {
        <tr>
            <td><a class="link" href=href>{connection.name.clone()}</a><span class="help block break-all">{how}</span></td>
            <td><Status tone word/>{more}</td>
            <td class="num r hide-s">{connection.channel_count}</td>
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
                <div class="row"><b>"Patchbay alerts"</b><span class="help">"an account that is nobody's own"</span></div>
                <div><b>"Invoice failed"</b>" · Globex · "<span class="mono">"EUR 129.00"</span></div>
                <div class="muted">"Card declined, third attempt"</div>
                <div class="row"><span class="chip">"Open in Patchbay"</span></div>
            </figure>
        </section>
    }
    .into_any()
}
