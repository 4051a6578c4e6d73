//! The page of a rule: a new one, or one that exists.

use domain::connection::{ConnectionAccess, Provider};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::calls::{LoadRule, RuleData, SaveRule};
use super::picker;
use crate::components::{FieldError, FormError, Icon, PageHead, loaded};
use crate::error::UiError;
use crate::remote::{Post, PostForm, load};
use crate::words::channel_mark;

const FIELDS: &[&str] =
    &["channel_id", "event_types", "mention", "batching.at", "quiet_hours.from", "quiet_hours.to", "time_zone"];

/// A new rule.
#[component]
pub fn RuleNewPage() -> impl IntoView {
    page(false)
}

/// A rule that exists.
#[component]
pub fn RulePage() -> impl IntoView {
    page(true)
}

fn page(exists: bool) -> AnyView {
    let (params, query) = (use_params_map(), use_query_map());
    let save = Post::<SaveRule>::new();
    let data = load(move || {
        let get = |name: &str| params.with(|params| params.get(name));
        LoadRule {
            id: get("id").unwrap_or_default(),
            rule: exists.then(|| get("rule")).flatten(),
            q: query.with(|query| query.get("q")),
        }
    });
    loaded(data, move |data| view(data, save))
}

fn view(data: RuleData, save: Post<SaveRule>) -> AnyView {
    let error = save.error();
    // A workflow has one channel.
    let has_many = data.connection.access != ConnectionAccess::Workflow;
    let form = data.form.clone();
    let back = format!("/connections/{}", data.connection.id);
    let is_new = form.existing.is_empty();
    let title = if is_new {
        "Add rule".to_owned()
    } else {
        format!("Rule for {}{}", channel_mark(data.connection.provider), form.channel_name)
    };
    let crumbs = vec![("Integrations".into(), "/integrations".into()), (data.connection.name.clone(), back.clone())];
    let log = (!is_new).then(|| format!("/deliveries?endpoint={}", form.existing));
    let condition = (!is_new).then(|| {
        let href = format!("/endpoints/{}/filter", form.existing);
        let words = if data.has_condition { "Edit the condition" } else { "Add a condition" };
        view! { <p><a class="btn small" href=href><Icon name="filter"/>{words}</a></p> }
    });
    view! {
        <PageHead title=title crumbs=crumbs>{log.map(|href| view! { <a class="btn" href=href><Icon name="log"/>"Delivery log"</a> })}</PageHead>
        {data.estimate.clone().map(|sentence| view! { <div class="notice info mb-4"><Icon name="info"/><div>{sentence}</div></div> })}
        <PostForm action=save attr:class="panel pad stack gap-5 max-w-3xl" attr:autocomplete="off">
            <FormError error=error fields=FIELDS/>
            <input type="hidden" name="form[connection]" value=form.connection.clone()/>
            <input type="hidden" name="form[existing]" value=form.existing.clone()/>
            {if has_many { picker::view(&data, error) } else { only_channel(&data) }}
            {events(&data, error)}
            {condition}
            {how(&data, error)}
            {when(&data, error)}
            <label class="choice"><input type="checkbox" class="check" name="form[enabled]" value="on" checked=!form.enabled.is_empty()/><span>"On: what matches is sent. What matches while it is off is kept, and sent when it is switched on."</span></label>
            <div class="row justify-end">
                <a class="btn quiet" href=back>"Cancel"</a>
                {data.may_write.then(|| view! { <button class="btn primary" type="submit" disabled=save.pending()>"Save rule"</button> })}
            </div>
        </PostForm>
    }
    .into_any()
}

/// The channel, where there is one only.
fn only_channel(data: &RuleData) -> AnyView {
    let channel = data.choices.sections.iter().flat_map(|(_, channels)| channels).next();
    let (id, name) = channel.map(|channel| (channel.id.to_string(), channel.name.clone())).unwrap_or_default();
    view! {
        <input type="hidden" name="form[channel_id]" value=id/>
        <input type="hidden" name="form[channel_name]" value=name.clone()/>
        <p>"Posts into "<b>{name}</b>", by its workflow."</p>
    }
    .into_any()
}

fn events(data: &RuleData, error: Signal<Option<UiError>>) -> AnyView {
    let options: Vec<_> =
        data.patterns.iter().map(|name| view! { <option value=name.clone()></option> }.into_any()).collect();
    view! {
        <div class="field">
            <label for="rule-events">"Events"</label>
            <input class="input mono" id="rule-events" name="form[event_types]" required value=data.form.event_types.clone() placeholder="invoice.failed, user.*" list="patterns" spellcheck="false" aria-describedby="events-help event_types-error"/>
            <datalist id="patterns">{options}</datalist>
            <p class="help" id="events-help">"Names or patterns, with commas between them: "<code>"invoice.*"</code>" for all of invoices, "<code>"*"</code>" for everything."</p>
            <FieldError error=error field="event_types"/>
        </div>
    }
    .into_any()
}

fn how(data: &RuleData, error: Signal<Option<UiError>>) -> AnyView {
    let radio = |value: &'static str, label: &'static str, help: &'static str| {
        let on = data.form.format == value;
        view! { <label class="choice"><input type="radio" name="form[format]" value=value checked=on/><span>{label}<span class="help block">{help}</span></span></label> }.into_any()
    };
    let mention = match (data.connection.provider, data.connection.access) {
        (Provider::Slack, _) => Some(mention(data, error, &["here", "channel"])),
        (Provider::Teams, ConnectionAccess::Consent) => Some(mention(data, error, &["channel"])),
        _ => None,
    };
    view! {
        <fieldset class="field">
            <legend class="mb-1.5">"Message"</legend>
            {radio("full", "Full", "A heading, the fields that matter, and buttons.")}
            {radio("compact", "Compact", "One line for each event.")}
        </fieldset>
        {mention}
    }
    .into_any()
}

/// Who is called; `all` are the words for everybody. People and groups have ids in Slack alone.
fn mention(data: &RuleData, error: Signal<Option<UiError>>, all: &'static [&'static str]) -> AnyView {
    let options: Vec<_> = all.iter().map(|word| view! { <option value=*word></option> }.into_any()).collect();
    let words: Vec<_> = all.iter().map(|word| view! { <code>{*word}</code>", " }.into_any()).collect();
    let more = match data.connection.provider {
        Provider::Slack => {
            view! { "a person as "<code>"user:U061F7AUR"</code>" or a group as "<code>"group:S0614TZR7"</code>"." }
                .into_any()
        }
        _ => view! { "for everybody who follows the channel." }.into_any(),
    };
    view! {
        <div class="field">
            <label for="rule-mention">"Mention"</label>
            <input class="input mono max-w-xs" id="rule-mention" name="form[mention]" value=data.form.mention.clone() placeholder="nobody" list="mentions" spellcheck="false" aria-describedby="mention-help mention-error"/>
            <datalist id="mentions">{options}</datalist>
            <p class="help" id="mention-help">{words}{more}</p>
            <FieldError error=error field="mention"/>
        </div>
    }
    .into_any()
}

fn when(data: &RuleData, error: Signal<Option<UiError>>) -> AnyView {
    let form = &data.form;
    let choices = [
        ("off", "At once"),
        ("five_minutes", "Together, every 5 minutes"),
        ("hour", "Together, every hour"),
        ("daily", "Together, once a day"),
    ];
    let choices: Vec<_> = choices
        .into_iter()
        .map(|(value, label)| view! { <option value=value selected=form.batching == value>{label}</option> }.into_any())
        .collect();
    let zones: Vec<_> =
        data.time_zones.iter().map(|name| view! { <option value=name.clone()></option> }.into_any()).collect();
    view! {
        <div class="grid gap-4 sm:grid-cols-2">
            <div class="field"><label for="rule-batching">"Sent"</label><select class="input" id="rule-batching" name="form[batching]">{choices}</select></div>
            <div class="field"><label for="rule-daily">"Time of the daily message"</label><input class="input" id="rule-daily" type="time" name="form[daily_at]" value=form.daily_at.clone()/><FieldError error=error field="batching.at"/></div>
            <div class="field"><label for="rule-quiet-from">"Quiet from"</label><input class="input" id="rule-quiet-from" type="time" name="form[quiet_from]" value=form.quiet_from.clone()/><FieldError error=error field="quiet_hours.from"/></div>
            <div class="field"><label for="rule-quiet-to">"Quiet until"</label><input class="input" id="rule-quiet-to" type="time" name="form[quiet_to]" value=form.quiet_to.clone()/><FieldError error=error field="quiet_hours.to"/></div>
            <div class="field">
                <label for="rule-zone">"Time zone"</label>
                <input class="input" id="rule-zone" name="form[time_zone]" required value=form.time_zone.clone() list="zones" spellcheck="false"/>
                <datalist id="zones">{zones}</datalist>
                <FieldError error=error field="time_zone"/>
            </div>
        </div>
        <p class="help">"In quiet hours nothing is sent; what comes meanwhile is told together when they end."</p>
    }
    .into_any()
}
