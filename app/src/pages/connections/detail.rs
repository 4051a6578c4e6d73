//! The page of a connection.

use std::time::Duration;

use domain::connection::people::LinkedPerson;
use domain::connection::{Connection, ConnectionAccess, ConnectionCall, ConnectionState, Provider};
use domain::live::Notice;
use domain::provider::slack::facts::{Feature, SCOPES};
use domain::provider::{Scope, jira, teams};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::calls::{
    CheckConnection, ChooseSite, ConnectionData, Disconnect, LoadConnection, PauseConnection, RefreshChannels,
    ReplaceWorkflow, SaveConnection, Unlink,
};
use super::{picker, rules};
use crate::components::{Confirm, Copy, Done, Empty, FieldError, FormError, Icon, PageHead, Status, Time, loaded};
use crate::fresh::pulse;
use crate::remote::{Post, PostForm, load_after};
use crate::words::{channel_mark, connection_state, duration};

const DONE: &[(&str, &str)] = &[
    ("connected", "It is connected. Add a rule to say what is told, and when."),
    ("reconnected", "It is connected again. Rules are as they were, and what was kept is being sent."),
    ("checked", "It works."),
    ("refreshing", "The list is being read again."),
    ("saved", "Saved."),
    ("paused", "Paused. What would be sent is kept."),
    ("resumed", "Resumed. What was kept is being sent."),
    ("rule_saved", "The rule is saved."),
    ("rule_deleted", "The rule is deleted."),
    ("tested", "The test message has arrived in the channel."),
    ("made", "The test has made an issue."),
    ("linked", "Your account is linked. What you do in Slack is done with your rights here."),
    ("unlinked", "No longer linked."),
    ("test_waits", "The test message has not arrived yet. The delivery log says why."),
    ("making", "The test has not made an issue yet. The delivery log says why."),
];

/// What the forms of the page do.
#[derive(Clone, Copy)]
struct Posts {
    check: Post<CheckConnection>,
    refresh: Post<RefreshChannels>,
    save: Post<SaveConnection>,
    pause: Post<PauseConnection>,
    disconnect: Post<Disconnect>,
    unlink: Post<Unlink>,
    replace: Post<ReplaceWorkflow>,
    site: Post<ChooseSite>,
}

/// One connection.
#[component]
pub fn ConnectionPage() -> impl IntoView {
    let posts = Posts {
        check: Post::new(),
        refresh: Post::new(),
        save: Post::new(),
        pause: Post::new(),
        disconnect: Post::new(),
        unlink: Post::new(),
        replace: Post::new(),
        site: Post::new(),
    };
    let rule_posts = rules::Posts::new();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let beat = pulse(Duration::from_millis(700), |notice| matches!(notice, Notice::Connection | Notice::Endpoint(_)));
    let moved = move || {
        let own = posts.check.version().get()
            + posts.refresh.version().get()
            + posts.save.version().get()
            + posts.pause.version().get()
            + posts.replace.version().get()
            + posts.site.version().get()
            + posts.unlink.version().get();
        own + rule_posts.version() + usize::try_from(beat.get()).unwrap_or_default()
    };
    let page = load_after(moved, move || LoadConnection { id: id.get() });
    loaded(page, move |page| view(&page, posts, rule_posts))
}

fn view(page: &ConnectionData, posts: Posts, rule_posts: rules::Posts) -> AnyView {
    let connection = &page.connection;
    let provider = connection.provider;
    let is_workflow = connection.access == ConnectionAccess::Workflow;
    let is_consent = connection.access == ConnectionAccess::Consent;
    let crumbs = vec![
        ("Integrations".into(), "/integrations".into()),
        (provider.name().into(), format!("/integrations/{provider}")),
    ];
    let (tone, word) = connection_state(connection.state);
    let actions = page.may_write.then(|| head_actions(connection, posts));
    let account = match (&connection.account_url, provider) {
        (Some(url), _) => Some(view! { " · "<code>{url.clone()}</code> }.into_any()),
        (None, Provider::Slack) => Some(view! { " · "<code>{connection.account_id.clone()}</code> }.into_any()),
        _ => None,
    };
    let issues = provider.makes_issues().then(|| {
        let href = format!("/connections/{}/issues", connection.id);
        view! { <a class="btn small" href=href>"Linked issues"</a> }
    });
    view! {
        <PageHead title=connection.name.clone() crumbs=crumbs>{actions}</PageHead>
        <p class="row wrap mb-4 muted">
            <Status tone word/>
            <span>{connection.account_name.clone()}{account}</span>
            {connection.is_org_wide.then(|| view! { <span class="badge">"Enterprise Grid"</span> })}
            {connection.checked_at.map(|at| view! { <span>"checked "<Time at/></span> })}
            {issues}
        </p>
        <Done words=DONE/>
        <div class="stack">
            {(connection.state == ConnectionState::NeedsSite).then(|| sites(page, posts))}
            <FormError error=posts.check.error()/>
            <FormError error=posts.pause.error()/>
            <FormError error=posts.refresh.error()/>
            <FormError error=posts.disconnect.error()/>
            <FormError error=posts.unlink.error()/>
            {trouble(page)}
            <div class="split">
                <div class="stack">
                    {rules::view(page, rule_posts)}
                    {(!is_workflow).then(|| calls(provider, &page.calls))}
                </div>
                <aside class="stack">
                    {(!is_workflow).then(|| (channels(page, posts), token(connection), is_consent.then(|| permissions(page))))}
                    {(is_workflow && page.may_write).then(|| workflow(connection, posts))}
                    {page.webhook.as_ref().map(webhook)}
                    {people(page, posts)}
                    {page.may_write.then(|| settings(page, posts))}
                </aside>
            </div>
        </div>
    }
    .into_any()
}

fn head_actions(connection: &Connection, posts: Posts) -> AnyView {
    let [check, pause, disconnect] = [(); 3].map(|()| connection.id.to_string());
    let paused = connection.state == ConnectionState::Paused;
    let title = format!("Disconnect {}?", connection.name);
    let is_workflow = connection.access == ConnectionAccess::Workflow;
    let secret = match connection.provider {
        Provider::Slack => "its token is revoked, unless another connection goes by it",
        Provider::Teams if is_workflow => "its address is forgotten",
        Provider::Teams => "its token is forgotten",
        Provider::Jira => "its token is forgotten, and its issues stay in Jira",
    };
    let text = format!(
        "Its rules are deleted and nothing more is sent to it; {secret}. The delivery log stays. This cannot be undone."
    );
    let check = (!is_workflow).then(|| view! { <PostForm action=posts.check><input type="hidden" name="id" value=check/><button class="btn" disabled=posts.check.pending()>"Check now"</button></PostForm> });
    view! {
        {check}
        <PostForm action=posts.pause>
            <input type="hidden" name="id" value=pause/>
            <input type="hidden" name="paused" value=(!paused).to_string()/>
            <button class="btn" disabled=posts.pause.pending()>{if paused { "Resume" } else { "Pause" }}</button>
        </PostForm>
        <PostForm action=posts.disconnect><input type="hidden" name="id" value=disconnect/><Confirm label="Disconnect" title=title text=text/></PostForm>
    }
    .into_any()
}

/// What is wrong, with the button that helps.
fn trouble(page: &ConnectionData) -> Option<AnyView> {
    let connection = &page.connection;
    let (provider, missing) = (connection.provider.name(), connection.missing_scopes.len());
    let (text, label) = match connection.state {
        ConnectionState::NeedsReconnect => (connection.problem.clone().unwrap_or_default(), format!("Reconnect {provider}")),
        // What keeps it from being renewed may be the operator's to mend.
        ConnectionState::Expiring if connection.problem.is_some() => return Some(told(connection)),
        ConnectionState::Expiring => ("The token lapses soon and could not be renewed yet. If that does not change, connect it again.".to_owned(), format!("Reconnect {provider}")),
        ConnectionState::RateLimited => return Some(view! { <div class="notice info" role="status"><Icon name="clock"/><div>{provider}" asked for fewer requests. What waits goes on by itself."</div></div> }.into_any()),
        ConnectionState::NeedsSite => return None,
        ConnectionState::Healthy if connection.calls_resume_at.is_some() => return Some(silent(connection)),
        ConnectionState::Healthy if missing == 0 && connection.problem.is_some() => return Some(told(connection)),
        _ if missing > 0 => {
            let words = if missing == 1 { "permission" } else { "permissions" };
            (connection.problem.clone().unwrap_or_else(|| "Something that Patchbay can do needs more than this connection allows.".to_owned()), format!("Re-authorise for {missing} new {words}"))
        }
        _ => return None,
    };
    let by_token = (connection.access == ConnectionAccess::ApiToken)
        .then(|| view! { <a class="link" href="/integrations/jira">"Enter another API token"</a> });
    let form = (page.may_write && connection.access == ConnectionAccess::Consent).then(|| {
        view! {
            <form method="post" action=format!("/oauth/{}/start", connection.provider)>
                <input type="hidden" name="connection_id" value=connection.id.to_string()/>
                <button class="btn small">{label}</button>
            </form>
        }
    });
    Some(view! { <div class="notice warn" role="alert"><Icon name="warning"/><div class="stack gap-2 grow"><p>{text}</p>{form}{by_token}</div></div> }.into_any())
}

/// What is in its way, where nobody who looks at this page can do anything.
fn told(connection: &Connection) -> AnyView {
    let text = connection.problem.clone();
    view! { <div class="notice warn" role="status"><Icon name="warning"/><p>{text}</p></div> }.into_any()
}

/// That the provider does not answer, and when it is asked again.
fn silent(connection: &Connection) -> AnyView {
    let text = connection.problem.clone();
    let next = connection.calls_resume_at.map(|at| view! { " Next call: "<Time at/>"." });
    view! { <div class="notice warn" role="status"><Icon name="clock"/><p>{text}{next}</p></div> }.into_any()
}

fn channels(page: &ConnectionData, posts: Posts) -> AnyView {
    let connection = &page.connection;
    let state = match (connection.is_syncing, connection.synced_at) {
        (true, _) => view! { "being read now" }.into_any(),
        (false, Some(at)) => view! { "updated "<Time at/> }.into_any(),
        (false, None) => view! { "not read yet" }.into_any(),
    };
    let id = connection.id.to_string();
    let places = connection.provider.places();
    let (title, help) = match connection.provider {
        Provider::Jira => {
            ("Projects", view! { "Those in which the person who connected Jira may make issues." }.into_any())
        }
        provider => ("Channels", view! { {picker::missing_channel(provider)}"." }.into_any()),
    };
    view! {
        <section class="panel pad stack" aria-labelledby="channels">
            <h2 id="channels">{title}</h2>
            <p>{connection.channel_count}" "{places}", "{state}</p>
            <p class="help">{help}</p>
            <PostForm action=posts.refresh>
                <input type="hidden" name="id" value=id/>
                <button class="btn small" disabled=posts.refresh.pending()>"Refresh"</button>
            </PostForm>
        </section>
    }
    .into_any()
}

/// What may be known of the token.
fn token(connection: &Connection) -> AnyView {
    let facts = &connection.token;
    let row = |label: &'static str, value: AnyView| {
        view! { <div class="row spread"><dt class="muted">{label}</dt><dd>{value}</dd></div> }.into_any()
    };
    let time = |at: Option<domain::Timestamp>, otherwise: &'static str| {
        at.map_or_else(|| otherwise.into_any(), |at| view! { <Time at/> }.into_any())
    };
    view! {
        <section class="panel pad stack" aria-labelledby="token">
            <h2 id="token">"Token"</h2>
            <dl class="grid gap-1.5">
                {row("Expires", time(facts.expires_at, "never"))}
                {row("Renewed", time(facts.refreshed_at, "not yet"))}
                {facts.refresh_at.map(|at| row("Next renewal", view! { <Time at/> }.into_any()))}
                {row("Times renewed", facts.refresh_count.into_any())}
                {row("Connected by", connection.created_by.clone().into_any())}
                {row("Connected", view! { <Time at=connection.created_at/> }.into_any())}
                {connection.check_us.map(|us| row("Last check took", duration(us).into_any()))}
            </dl>
        </section>
    }
    .into_any()
}

/// What it may do, by what that is good for.
fn permissions(page: &ConnectionData) -> AnyView {
    let (granted, missing) = (&page.connection.scopes, &page.connection.missing_scopes);
    let one_by_one: &[Scope] = match page.connection.provider {
        Provider::Jira => &jira::facts::SCOPES,
        Provider::Teams => &teams::scopes::SCOPES,
        Provider::Slack => &[],
    };
    if !one_by_one.is_empty() {
        let rows = one_by_one.iter().map(|scope| {
            let has = |names: &[String]| names.iter().any(|name| name == scope.name);
            // Entra ID does not repeat all that it has granted.
            let is_allowed = has(granted) || (page.connection.provider == Provider::Teams && !has(missing));
            let (class, word) = if is_allowed { ("dot ok", "allowed") } else { ("dot warn", "not allowed") };
            view! { <li class="row"><span class=class aria-hidden="true"></span><span class="grow">{scope.sentence}</span><span class="help">{word}</span></li> }.into_any()
        });
        return permission_list(rows.collect());
    }
    let rows: Vec<_> = Feature::ALL
        .into_iter()
        .map(|feature| {
            let (class, word) = if feature.allowed(granted) { ("dot ok", "allowed") } else { ("dot warn", "not allowed") };
            let optional = SCOPES.iter().any(|scope| scope.optional && feature.scopes().contains(&scope.name));
            view! { <li class="row"><span class=class aria-hidden="true"></span><span class="grow">{feature.name()}</span><span class="help">{word}{optional.then_some(", optional")}</span></li> }.into_any()
        })
        .collect();
    permission_list(rows)
}

fn permission_list(rows: Vec<AnyView>) -> AnyView {
    view! {
        <section class="panel pad stack" aria-labelledby="permissions">
            <h2 id="permissions">"Permissions"</h2>
            <ul class="grid gap-1.5">{rows}</ul>
        </section>
    }
    .into_any()
}

/// The sites that the consent is good for, one of which has to be chosen.
fn sites(page: &ConnectionData, posts: Posts) -> AnyView {
    let id = page.connection.id.to_string();
    let options: Vec<_> = page
        .connection
        .sites
        .iter()
        .enumerate()
        .map(|(index, site)| {
            view! { <label class="choice"><input type="radio" name="site" value=site.id.clone() required checked={index == 0}/><span>{site.name.clone()}<span class="help block">{site.url.clone()}</span></span></label> }.into_any()
        })
        .collect();
    let button = page.may_write.then(
        || view! { <div><button class="btn primary" disabled=posts.site.pending()>"Use this site"</button></div> },
    );
    view! {
        <section class="panel pad stack" aria-labelledby="sites">
            <h2 id="sites">"Which site?"</h2>
            <p class="muted">"The consent is good for several. Each connection is one site: connect again for another one."</p>
            <FormError error=posts.site.error()/>
            <PostForm action=posts.site attr:class="stack">
                <input type="hidden" name="id" value=id/>
                <fieldset class="field"><legend class="sr-only">"Site"</legend>{options}</fieldset>
                {button}
            </PostForm>
        </section>
    }
    .into_any()
}

/// The webhook that an administrator of the site enters by hand.
fn webhook((url, secret): &(String, String)) -> AnyView {
    view! {
        <section class="panel pad stack" aria-labelledby="webhook">
            <h2 id="webhook">"Webhook"</h2>
            <p class="muted">"So that Patchbay hears of changes, an administrator of the site enters this in Jira: Settings, System, WebHooks. Events: issue created, updated and deleted, comment created."</p>
            <div class="row spread"><b>"URL"</b><Copy text=url.clone() label="Copy URL"/></div>
            <code class="break-all">{url.clone()}</code>
            <div class="row spread"><b>"Secret"</b><Copy text=secret.clone() label="Copy secret"/></div>
            <details><summary class="help cursor-pointer">"Show"</summary><code class="break-all">{secret.clone()}</code></details>
        </section>
    }
    .into_any()
}

/// Who is a member by a link; nothing where nobody is.
fn people(page: &ConnectionData, posts: Posts) -> Option<AnyView> {
    let row = |(person, may_unlink): &(LinkedPerson, bool)| {
        let (id, person_id) = (page.connection.id.to_string(), person.person_id.clone());
        let label = format!("Unlink {}", person.person_name);
        let button = may_unlink.then(move || {
            view! {
                <PostForm action=posts.unlink>
                    <input type="hidden" name="id" value=id/>
                    <input type="hidden" name="person" value=person_id/>
                    <button class="btn small" aria-label=label>"Unlink"</button>
                </PostForm>
            }
        });
        view! { <li class="row"><span class="grow">{person.person_name.clone()}<br/><span class="help">{person.email.clone()}</span></span>{button}</li> }.into_any()
    };
    let rows: Vec<_> = page.people.iter().map(row).collect();
    let list = view! {
        <section class="panel pad stack" aria-labelledby="people">
            <h2 id="people">"Linked people"</h2>
            <ul class="grid gap-1.5">{rows}</ul>
        </section>
    };
    (!page.people.is_empty()).then(|| list.into_any())
}

/// Another address for a workflow whose own does not work any more.
fn workflow(connection: &Connection, posts: Posts) -> AnyView {
    let error = posts.replace.error();
    let id = connection.id.to_string();
    view! {
        <section class="panel pad stack" aria-labelledby="workflow">
            <h2 id="workflow">"Workflow address"</h2>
            <PostForm action=posts.replace attr:class="stack" attr:autocomplete="off">
                <FormError error=error fields=&["workflow_url"]/>
                <input type="hidden" name="id" value=id/>
                <div class="field">
                    <label for="workflow-url">"New address"</label>
                    <input class="input mono" id="workflow-url" name="workflow_url" type="url" required spellcheck="false" aria-describedby="workflow-url-help workflow_url-error"/>
                    <p class="help" id="workflow-url-help">"Where the workflow was made anew, or its address was renewed. The present one is kept sealed and not shown."</p>
                    <FieldError error=error field="workflow_url"/>
                </div>
                <div><button class="btn" disabled=posts.replace.pending()>"Replace"</button></div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn settings(page: &ConnectionData, posts: Posts) -> AnyView {
    let connection = &page.connection;
    let error = posts.save.error();
    let mut options: Vec<(String, String)> = Vec::new();
    if let (Some(id), Some(name)) = (&connection.default_channel_id, &page.default_channel) {
        options.push((id.clone(), name.clone()));
    }
    for (rule, _) in &page.rules {
        if !options.iter().any(|(id, _)| *id == rule.provider_channel_id) {
            options.push((rule.provider_channel_id.clone(), rule.channel_name.clone()));
        }
    }
    let chosen = connection.default_channel_id.clone().unwrap_or_default();
    let mark = channel_mark(connection.provider);
    let options: Vec<_> = options
        .into_iter()
        .map(|(id, name)| {
            let on = id == chosen;
            view! { <option value=id selected=on>{format!("{mark}{name}")}</option> }.into_any()
        })
        .collect();
    let has_many = connection.access != ConnectionAccess::Workflow && !connection.provider.makes_issues();
    let default_channel = has_many.then(|| view! {
        <div class="field">
            <label for="default-channel">"Default channel"</label>
            <select class="input" id="default-channel" name="default_channel"><option value="">"None"</option>{options}</select>
            <p class="help">"Messages go there when their own channel is gone or archived. Channels of your rules can be chosen."</p>
            <FieldError error=error field="default_channel_id"/>
        </div>
    }.into_any());
    let (id, name) = (connection.id.to_string(), connection.name.clone());
    view! {
        <section class="panel pad stack" aria-labelledby="settings">
            <h2 id="settings">"Settings"</h2>
            <PostForm action=posts.save>
                <div class="stack">
                    <FormError error=error fields=&["name", "default_channel_id"]/>
                    <input type="hidden" name="id" value=id/>
                    <div class="field"><label for="connection-name">"Name"</label><input class="input" id="connection-name" name="name" required maxlength="60" value=name/><FieldError error=error field="name"/></div>
                    {default_channel}
                    <div><button class="btn" disabled=posts.save.pending()>"Save"</button></div>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

/// What was asked of the provider beside deliveries.
fn calls(provider: Provider, calls: &[ConnectionCall]) -> AnyView {
    let rows: Vec<_> = calls
        .iter()
        .map(|call| {
            let said = call.error.clone().unwrap_or_else(|| "ok".into());
            let class = if call.error.is_some() { "text-bad ell max-w-60" } else { "muted" };
            view! {
                <tr>
                    <td class="mono">{call.operation.clone()}</td>
                    <td class=class title=said.clone()>{said.clone()}</td>
                    <td class="num r hide-s">{call.code}</td>
                    <td class="num r hide-s">{duration(call.duration_us)}</td>
                    <td class="r faint"><Time at=call.started_at/></td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let body = if rows.is_empty() {
        view! { <Empty title="No calls yet" text="What Patchbay asks there is listed here."/> }.into_any()
    } else {
        view! {
            <div class="scroll" tabindex="0" role="group" aria-label="Calls, as a table"><table>
                <thead><tr><th>"Method"</th><th>"Answer"</th><th class="r hide-s">"Code"</th><th class="r hide-s">"Took"</th><th class="r">"When"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
        .into_any()
    };
    view! { <section class="panel" aria-labelledby="calls"><div class="panel-head"><h2 id="calls">"Calls to "{provider.name()}</h2></div>{body}</section> }.into_any()
}
