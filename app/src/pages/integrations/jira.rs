//! The page of Jira: what it will do, the button that connects a site, and the sites that are connected.

use domain::connection::{Connection, Provider};
use domain::provider::catalogue;
use domain::provider::jira::facts::SCOPES;
use leptos::prelude::*;

use super::calls::{ConnectApiToken, Integrations, LoadIntegrations};
use super::{ending, guide, plan};
use crate::components::{Done, FieldError, FormError, Icon, PageHead, Status, Time, loaded};
use crate::remote::{Post, PostForm, load};
use crate::words::connection_state;

const DONE: &[(&str, &str)] = &[(
    "disconnected",
    "Disconnected. Whoever connected it can also take the app out of their Atlassian account, under Connected apps.",
)];

/// How ways to Atlassian and back end.
pub(super) static WAYS: ending::Ways = ending::Ways {
    name: "Jira",
    service: "Atlassian",
    button: "Connect Jira",
    denied: "Somebody chose Cancel at Atlassian.",
    set_up: "register an app at Atlassian",
    own: &[
        (
            "no_site",
            "The consent is good for no Jira site.",
            "Choose Connect Jira again, and at Atlassian pick the site that the app may use.",
        ),
        (
            "other_account",
            "That consent is not good for this connection's site.",
            "To renew a connection, pick its own site at Atlassian. To connect another one, choose Connect Jira.",
        ),
    ],
};

/// What it does, the button, and the sites.
#[component]
pub fn JiraPage() -> impl IntoView {
    let page = load(|| LoadIntegrations {});
    let connect = Post::<ConnectApiToken>::new();
    view! {
        <PageHead title="Jira" crumbs=vec![("Integrations".into(), "/integrations".into())]/>
        <Done words=DONE/>
        {ending::notice(&WAYS)}
        {loaded(page, move |page| view(&page, connect))}
    }
}

fn view(page: &Integrations, connect: Post<ConnectApiToken>) -> AnyView {
    let integration = catalogue::find(Provider::Jira.as_str());
    let own: Vec<&Connection> =
        page.connections.iter().filter(|connection| connection.provider == Provider::Jira).collect();
    let sites = (!own.is_empty()).then(|| {
        let rows: Vec<_> = own.iter().map(|connection| row(connection)).collect();
        view! {
            <section class="panel" aria-labelledby="sites">
                <div class="panel-head"><h2 id="sites">"Sites"</h2>{button(page, "Connect another site")}</div>
                <div class="scroll"><table>
                    <thead><tr><th>"Site"</th><th>"State"</th><th class="r hide-s">"Projects"</th><th class="r hide-s">"Checked"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </section>
        }
    });
    let hero = own.is_empty().then(|| {
        view! {
            <section class="panel pad stack" aria-labelledby="add">
                <h2 id="add">"Turn events into issues, and keep both in step"</h2>
                <p class="muted">"Choose events and a project: Patchbay makes an issue for each thing that needs somebody, fills its fields, comments and moves it as more events come, and tells you when somebody changes it in Jira."</p>
                <div>{button(page, "Connect Jira")}</div>
            </section>
        }
    });
    view! {
        <div class="split">
            <div class="stack">{hero}{sites}{(page.may_connect && plan::contact(page, "jira").is_none()).then(|| by_token(connect))}{integration.map(guide::guide)}</div>
            <aside class="stack">{guide::permissions(&SCOPES)}{integration.map(guide::reads_and_writes)}</aside>
        </div>
    }
    .into_any()
}

/// The button that connects: a plain form, which works before scripts have loaded.
fn button(page: &Integrations, label: &'static str) -> AnyView {
    if let Some(notice) = plan::notice(page, "jira", "Jira") {
        return notice;
    }
    if !page.jira_is_set_up {
        return view! { <p class="notice info"><Icon name="info"/><span>"This installation has no Jira app yet. Its operator registers an OAuth 2.0 app at developer.atlassian.com with the callback address "<code>{page.jira_callback.clone()}</code>", and sets "<code>"PATCHBAY_JIRA_CLIENT_ID"</code>" and its secret."</span></p> }.into_any();
    }
    if !page.may_connect {
        return view! { <p class="muted">"Owners and admins of the organization connect Jira."</p> }.into_any();
    }
    view! {
        <form method="post" action="/oauth/jira/start" data-plain="">
            <button class="btn primary h-10! px-4!"><img src="/logos/jira.svg" width="18" height="18" alt="" class="rounded-sm bg-white p-0.5"/>{label}</button>
        </form>
    }
    .into_any()
}

/// The other way: a person's API token.
fn by_token(connect: Post<ConnectApiToken>) -> AnyView {
    let error = connect.error();
    let is_open = error.get_untracked().is_some();
    view! {
        <details class="panel pad" open=is_open>
            <summary class="font-[540] cursor-pointer">"Connect with an API token instead"</summary>
            <PostForm action=connect attr:class="stack pt-3" attr:autocomplete="off">
                <p class="muted">"For sites whose administrators let no apps in. Patchbay then acts as the person whose token it is, and an administrator of the site enters one webhook by hand."</p>
                <FormError error=error fields=&["site_url", "email", "api_token"]/>
                <div class="field">
                    <label for="site-url">"Site"</label>
                    <input class="input mono" id="site-url" name="site_url" required placeholder="https://example.atlassian.net" spellcheck="false" aria-describedby="site_url-error"/>
                    <FieldError error=error field="site_url"/>
                </div>
                <div class="field">
                    <label for="token-email">"E-mail address"</label>
                    <input class="input" id="token-email" name="email" type="email" required aria-describedby="email-error"/>
                    <FieldError error=error field="email"/>
                </div>
                <div class="field">
                    <label for="api-token">"API token"</label>
                    <input class="input mono" id="api-token" name="api_token" type="password" required autocomplete="off" aria-describedby="api-token-help api_token-error"/>
                    <p class="help" id="api-token-help">"Made at id.atlassian.com, under Security. It is kept sealed and not shown again. To renew one, enter it here again."</p>
                    <FieldError error=error field="api_token"/>
                </div>
                <div><button class="btn" type="submit" disabled=connect.pending()>"Connect with token"</button></div>
            </PostForm>
        </details>
    }
    .into_any()
}

fn row(connection: &Connection) -> AnyView {
    let (tone, word) = connection_state(connection.state);
    let href = format!("/connections/{}", connection.id);
    view! {
        <tr>
            <td><a class="link" href=href>{connection.name.clone()}</a><span class="help block">{connection.account_url.clone()}</span></td>
            <td><Status tone word/></td>
            <td class="num r hide-s">{connection.channel_count}</td>
            <td class="r faint hide-s">{connection.checked_at.map(|at| view! { <Time at/> })}</td>
        </tr>
    }
    .into_any()
}
