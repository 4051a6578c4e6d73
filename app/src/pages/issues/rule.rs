//! The page of a rule that makes issues. A new one asks for the project, then for the type of issue, then for the rest, each by its
//! own address, so that it works before scripts have loaded.

use domain::issue::Choice;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::calls::{IssueRuleData, LoadIssueRule, SaveIssueRule};
use super::fields;
use crate::components::{Empty, FieldError, FormError, Icon, PageHead, loaded};
use crate::error::UiError;
use crate::remote::{Post, PostForm, load};

/// A new rule.
#[component]
pub fn IssueRuleNewPage() -> impl IntoView {
    page(false)
}

/// A rule that exists.
#[component]
pub fn IssueRulePage() -> impl IntoView {
    page(true)
}

fn page(exists: bool) -> AnyView {
    let (params, query) = (use_params_map(), use_query_map());
    let save = Post::<SaveIssueRule>::new();
    let data = load(move || {
        let part = |name: &str| params.with(|params| params.get(name));
        let asked = |name: &str| query.with(|query| query.get(name)).filter(|text| !text.is_empty());
        LoadIssueRule {
            id: part("id").unwrap_or_default(),
            rule: exists.then(|| part("rule")).flatten(),
            q: asked("q"),
            project: asked("project"),
            issue_type: asked("type"),
        }
    });
    loaded(data, move |data| view(&data, save))
}

fn view(data: &IssueRuleData, save: Post<SaveIssueRule>) -> AnyView {
    let form = &data.form;
    let back = format!("/connections/{}", data.connection.id);
    let is_new = form.existing.is_empty();
    let title = if is_new { "Add rule".to_owned() } else { format!("Rule for {}", form.channel_name) };
    let crumbs = vec![("Integrations".into(), "/integrations".into()), (data.connection.name.clone(), back)];
    let log = (!is_new).then(|| format!("/deliveries?endpoint={}", form.existing));
    let inside = match &data.screen {
        _ if form.channel_id.is_empty() => projects(data),
        None => types(data),
        Some(_) => rest(data, save),
    };
    view! {
        <PageHead title=title crumbs=crumbs>{log.map(|href| view! { <a class="btn" href=href><Icon name="log"/>"Delivery log"</a> })}</PageHead>
        {inside}
    }
    .into_any()
}

/// The first step: the project.
fn projects(data: &IssueRuleData) -> AnyView {
    let base = format!("/connections/{}/issue-rules/new", data.connection.id);
    let rows: Vec<_> = data
        .projects
        .sections
        .iter()
        .flat_map(|(_, projects)| projects)
        .map(|project| {
            let href = format!("{base}?project={}", project.id);
            view! { <li><a class="row spread py-2 px-3 rounded-md hover:bg-sunken" href=href><b>{project.name.clone()}</b><span class="mono help">{project.topic.clone()}</span></a></li> }.into_any()
        })
        .collect();
    let (shown, total) = (data.projects.shown(), data.projects.total);
    let more = (total > shown)
        .then(|| view! { <p class="help">{format!("The first {shown} of {total}. Search for others.")}</p> });
    let list = if rows.is_empty() {
        let text = if data.connection.is_syncing {
            "The list of projects is being read. Look again in a moment."
        } else {
            "Jira shows no such project to the person who connected it."
        };
        view! { <Empty title="No project found" text=text/> }.into_any()
    } else {
        view! { <ul class="grid">{rows}</ul> }.into_any()
    };
    view! {
        <section class="panel pad stack max-w-3xl" aria-labelledby="step">
            <p class="help">"Step 1 of 3"</p>
            <h2 id="step">"Which project gets the issues?"</h2>
            <form method="get" action=base role="search">
                <div class="input"><Icon name="search"/><input name="q" type="search" placeholder="Search projects" aria-label="Search projects"/></div>
            </form>
            {list}
            {more}
        </section>
    }
    .into_any()
}

/// The second step: the type of issue.
fn types(data: &IssueRuleData) -> AnyView {
    let form = &data.form;
    let base = format!("/connections/{}/issue-rules/new", data.connection.id);
    let rows: Vec<_> = data
        .types
        .iter()
        .map(|kind| {
            let href = format!("{base}?project={}&type={}", form.channel_id, leptos_router::location::Url::escape(&kind.id));
            view! { <li><a class="row py-2 px-3 rounded-md hover:bg-sunken" href=href><b>{kind.name.clone()}</b></a></li> }.into_any()
        })
        .collect();
    view! {
        <section class="panel pad stack max-w-3xl" aria-labelledby="step">
            <p class="help">"Step 2 of 3 · "{form.channel_name.clone()}</p>
            <h2 id="step">"Which type of issue?"</h2>
            <ul class="grid">{rows}</ul>
            <div><a class="btn quiet" href=base>"Another project"</a></div>
        </section>
    }
    .into_any()
}

/// The third step, and the form of a rule that exists.
fn rest(data: &IssueRuleData, save: Post<SaveIssueRule>) -> AnyView {
    let error = save.error();
    let form = &data.form;
    let is_new = form.existing.is_empty();
    let kind = data.types.iter().find(|kind| kind.id == form.issue_type_id);
    let kind = kind.map_or_else(|| "Issues".to_owned(), |kind| kind.name.clone());
    let hidden = |name: &'static str, value: &String| view! { <input type="hidden" name=name value=value.clone()/> };
    let back = format!("/connections/{}", data.connection.id);
    let condition = (!is_new).then(|| {
        let href = format!("/endpoints/{}/filter", form.existing);
        let words = if data.has_condition { "Edit the condition" } else { "Add a condition" };
        view! { <p><a class="btn small" href=href><Icon name="filter"/>{words}</a></p> }
    });
    let parts = (events(data, error), condition, subject(data, error));
    let screen = data.screen.as_ref().map(|screen| (fields::view(screen, form), moves(data, &screen.statuses)));
    let (conflict, name, is_on) = (conflict(data), form.channel_name.clone(), !form.enabled.is_empty());
    let hidden = [
        hidden("form[connection]", &form.connection),
        hidden("form[existing]", &form.existing),
        hidden("form[channel_id]", &form.channel_id),
        hidden("form[channel_name]", &form.channel_name),
        hidden("form[issue_type_id]", &form.issue_type_id),
    ];
    let button = data
        .may_write
        .then(|| view! { <button class="btn primary" type="submit" disabled=save.pending()>"Save rule"</button> });
    view! {
        <PostForm action=save attr:class="panel pad stack gap-5 max-w-3xl" attr:autocomplete="off">
            {is_new.then(|| view! { <p class="help">"Step 3 of 3"</p> })}
            <p>{kind}" in "<b>{name}</b></p>
            <FormError error=error fields=&["event_types", "issue.subject"]/>
            {hidden}
            {parts}
            {screen}
            {conflict}
            <label class="choice"><input type="checkbox" class="check" name="form[enabled]" value="on" checked=is_on/><span>"On: what matches goes into an issue. What matches while it is off is kept, and goes when it is switched on."</span></label>
            <div class="row justify-end">
                <a class="btn quiet" href=back>"Cancel"</a>
                {button}
            </div>
        </PostForm>
    }
    .into_any()
}

fn events(data: &IssueRuleData, error: Signal<Option<UiError>>) -> AnyView {
    let options: Vec<_> =
        data.patterns.iter().map(|name| view! { <option value=name.clone()></option> }.into_any()).collect();
    view! {
        <div class="field">
            <label for="rule-events">"Events"</label>
            <input class="input mono" id="rule-events" name="form[event_types]" required value=data.form.event_types.clone() placeholder="invoice.failed, invoice.paid" list="patterns" spellcheck="false" aria-describedby="events-help event_types-error"/>
            <datalist id="patterns">{options}</datalist>
            <p class="help" id="events-help">"Names or patterns, with commas between them: "<code>"invoice.*"</code>" for all of invoices."</p>
            <FieldError error=error field="event_types"/>
        </div>
    }
    .into_any()
}

fn subject(data: &IssueRuleData, error: Signal<Option<UiError>>) -> AnyView {
    let form = &data.form;
    view! {
        <div class="field">
            <label for="rule-subject">"One issue for each"</label>
            <input class="input mono" id="rule-subject" name="form[subject]" value=form.subject.clone() placeholder="data.invoice_id" spellcheck="false" aria-describedby="subject-help issue.subject-error"/>
            <p class="help" id="subject-help">"Where an event says what it is about. Later events with the same value there go into the same issue. Empty: each event makes an issue."</p>
            <FieldError error=error field="issue.subject"/>
        </div>
        <label class="choice"><input type="checkbox" class="check" name="form[comment]" value="on" checked=!form.comment.is_empty()/><span>"Tell of each later event in a comment"</span></label>
    }
    .into_any()
}

/// Which events move the issue where.
fn moves(data: &IssueRuleData, statuses: &[Choice]) -> AnyView {
    let form = &data.form;
    let kept = form.move_types.iter().cloned().zip(form.move_statuses.iter().cloned());
    let spare = (0..3).map(|_| (String::new(), String::new()));
    let rows: Vec<_> = kept
        .filter(|(kind, status)| !kind.is_empty() || !status.is_empty())
        .chain(spare)
        .map(|(kind, chosen)| {
            let options: Vec<_> = statuses
                .iter()
                .map(|status| view! { <option value=status.id.clone() selected=status.id == chosen>{status.name.clone()}</option> }.into_any())
                .collect();
            view! {
                <div class="grid gap-2 sm:grid-cols-2">
                    <input class="input mono" name="form[move_types][]" value=kind list="patterns" placeholder="invoice.paid" aria-label="Event type" spellcheck="false"/>
                    <select class="input" name="form[move_statuses][]" aria-label="Status"><option value="">"Choose a status"</option>{options}</select>
                </div>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="field">
            <legend class="mb-1.5">"Statuses"</legend>
            <div class="grid gap-2">{rows}</div>
            <p class="help">"An event of this type moves the issue to this status, if the workflow has a way there. Empty rows are left out."</p>
        </fieldset>
    }
    .into_any()
}

fn conflict(data: &IssueRuleData) -> AnyView {
    let radio = |value: &'static str, label: &'static str, help: &'static str| {
        let on = data.form.conflict == value;
        view! { <label class="choice"><input type="radio" name="form[conflict]" value=value checked=on/><span>{label}<span class="help block">{help}</span></span></label> }.into_any()
    };
    view! {
        <fieldset class="field">
            <legend class="mb-1.5">"When both sides change the same field"</legend>
            {radio("tracker", "Jira wins", "What somebody changed in Jira stays.")}
            {radio("event", "The event wins", "It is written over what somebody changed.")}
            <p class="help">"Either way the sync log of the issue shows both values."</p>
        </fieldset>
    }
    .into_any()
}
