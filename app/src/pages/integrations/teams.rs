//! The page of Microsoft Teams: how a workflow is made and connected, and the workflows that are.

use domain::connection::{Connection, Provider};
use domain::provider::catalogue;
use leptos::prelude::*;

use super::calls::{ConnectWorkflow, Integrations, LoadIntegrations};
use super::guide;
use crate::components::{Done, FieldError, FormError, PageHead, Status, loaded};
use crate::remote::{Post, PostForm, load};
use crate::words::connection_state;

const DONE: &[(&str, &str)] =
    &[("disconnected", "Disconnected. The workflow itself is still there: delete it in Teams if nobody needs it.")];

/// What it does, the form, and the workflows.
#[component]
pub fn TeamsPage() -> impl IntoView {
    let connect = Post::<ConnectWorkflow>::new();
    let page = load(|| LoadIntegrations {});
    view! {
        <PageHead title="Microsoft Teams" crumbs=vec![("Integrations".into(), "/integrations".into())]/>
        <Done words=DONE/>
        {loaded(page, move |page| view(&page, connect))}
    }
}

fn view(page: &Integrations, connect: Post<ConnectWorkflow>) -> AnyView {
    let integration = catalogue::find(Provider::Teams.as_str());
    let own: Vec<&Connection> =
        page.connections.iter().filter(|connection| connection.provider == Provider::Teams).collect();
    let workflows = (!own.is_empty()).then(|| {
        let rows: Vec<_> = own.iter().map(|connection| row(connection)).collect();
        view! {
            <section class="panel" aria-labelledby="workflows">
                <div class="panel-head"><h2 id="workflows">"Workflows"</h2></div>
                <div class="scroll"><table>
                    <thead><tr><th>"Name"</th><th>"State"</th><th class="hide-s">"Host"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </section>
        }
    });
    view! {
        <div class="split">
            <div class="stack">
                {workflows}
                {form(page, connect)}
                {integration.map(guide::guide)}
            </div>
            <aside class="stack">
                {sample()}
                {integration.map(guide::reads_and_writes)}
            </aside>
        </div>
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
            <h2 id="add">"Connect a workflow"</h2>
            <p class="muted">"A workflow gives a channel an address that takes messages. Nobody has to let this installation into your Microsoft account."</p>
            {inside}
        </section>
    }
    .into_any()
}

fn row(connection: &Connection) -> AnyView {
    let (tone, word) = connection_state(connection.state);
    let href = format!("/connections/{}", connection.id);
    view! {
        <tr>
            <td><a class="link" href=href>{connection.name.clone()}</a></td>
            <td><Status tone word/></td>
            <td class="mono hide-s">{connection.account_name.clone()}</td>
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
                <div class="row"><b>"Workflows"</b><span class="help">"APP"</span></div>
                <div><b>"Invoice failed"</b>" · Globex · "<span class="mono">"EUR 129.00"</span></div>
                <div class="muted">"Card declined, third attempt"</div>
                <div class="row"><span class="chip">"Open in Patchbay"</span></div>
            </figure>
        </section>
    }
    .into_any()
}
