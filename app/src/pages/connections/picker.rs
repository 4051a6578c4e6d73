//! The channel picker: a combobox over the list of channels that the hub keeps, so that an answer needs no call to the provider. Until
//! scripts have come, a search loads the page again and the channels are radio buttons.

use domain::channel::{Channel, Choices, Section};
use domain::connection::Provider;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::calls::{FindChannels, RuleData};
use crate::components::{FieldError, Icon};
use crate::error::UiError;
use crate::remote::ask;
use crate::words::channel_mark;

/// What the picker knows.
#[derive(Clone, Copy)]
struct Picker {
    connection: StoredValue<String>,
    provider: Provider,
    /// What is typed.
    typed: RwSignal<String>,
    choices: RwSignal<Choices>,
    /// The channel that is chosen: its id and its name.
    chosen: RwSignal<(String, String)>,
    is_open: RwSignal<bool>,
    /// The place of the channel that the arrow keys have come to.
    at: RwSignal<usize>,
}

impl Picker {
    /// The channels as they are shown, one after another.
    fn rows(&self) -> Vec<Channel> {
        self.choices.with(|choices| choices.sections.iter().flat_map(|(_, channels)| channels.clone()).collect())
    }

    /// Asks for what is typed. A late answer to something else is thrown away.
    fn search(self, q: String) {
        self.typed.set(q.clone());
        self.is_open.set(true);
        let id = self.connection.get_value();
        spawn_local(async move {
            if let Ok(found) = ask(FindChannels { id, q: q.clone() }).await
                && self.typed.try_get_untracked().as_ref() == Some(&q)
            {
                _ = self.choices.try_set(found);
                _ = self.at.try_set(0);
            }
        });
    }

    fn choose(self, channel: &Channel) {
        self.chosen.set((channel.id.to_string(), channel.name.clone()));
        self.typed.set(format!("{}{}", channel_mark(self.provider), channel.name));
        self.is_open.set(false);
    }

    fn on_key(self, event: &KeyboardEvent) {
        let rows = self.rows();
        match event.key().as_str() {
            "ArrowDown" if !self.is_open.get_untracked() => self.is_open.set(true),
            "ArrowDown" => self.at.update(|at| *at = (*at + 1).min(rows.len().saturating_sub(1))),
            "ArrowUp" => self.at.update(|at| *at = at.saturating_sub(1)),
            "Home" if self.is_open.get_untracked() => self.at.set(0),
            "End" if self.is_open.get_untracked() => self.at.set(rows.len().saturating_sub(1)),
            "Enter" if self.is_open.get_untracked() => {
                if let Some(channel) = rows.get(self.at.get_untracked()) {
                    self.choose(channel);
                }
            }
            "Escape" if self.is_open.get_untracked() => self.is_open.set(false),
            _ => return,
        }
        event.prevent_default();
    }
}

/// The picker in the rule's form.
pub fn view(data: &RuleData, error: Signal<Option<UiError>>) -> AnyView {
    let form = &data.form;
    let provider = data.connection.provider;
    let name = if form.channel_name.is_empty() {
        String::new()
    } else {
        format!("{}{}", channel_mark(provider), form.channel_name)
    };
    let picker = Picker {
        connection: StoredValue::new(form.connection.clone()),
        provider,
        typed: RwSignal::new(name),
        choices: RwSignal::new(data.choices.clone()),
        chosen: RwSignal::new((form.channel_id.clone(), form.channel_name.clone())),
        is_open: RwSignal::new(false),
        at: RwSignal::new(0),
    };
    // Until scripts have come, the channels are radio buttons.
    let is_alive = RwSignal::new(false);
    Effect::new(move |_| is_alive.set(true));
    let (kept, count) = (data.clone(), data.connection.channel_count);
    let synced = match (data.connection.is_syncing, data.connection.synced_at) {
        (true, _) => " The list is being read now.".to_owned(),
        _ => String::new(),
    };
    view! {
        <div class="field">
            <label for="rule-channel">"Channel"</label>
            {move || if is_alive.get() { combobox(picker) } else { plain(&kept) }}
            <p class="help" id="channel-help">{format!("{count} channels.{synced}")}" "{missing_channel(provider)}" the list on the connection's page."</p>
            <FieldError error=error field="channel_id"/>
        </div>
    }
    .into_any()
}

/// What to do where a channel is missing; ends with "refresh".
pub fn missing_channel(provider: Provider) -> AnyView {
    match provider {
        Provider::Slack => {
            view! { "A private channel is missing? Type "<code>"/invite @patchbay"</code>" there, then refresh" }.into_any()
        }
        Provider::Teams | Provider::Jira => {
            view! { "The account that is connected sees no others. One is missing? Add the account to it in Teams, then refresh" }
                .into_any()
        }
    }
}

/// The input with the list below it, and what is chosen.
fn combobox(picker: Picker) -> AnyView {
    let active = move || picker.is_open.get().then(|| format!("channel-{}", picker.at.get()));
    view! {
        <input type="hidden" name="form[channel_id]" prop:value=move || picker.chosen.get().0/>
        <input type="hidden" name="form[channel_name]" prop:value=move || picker.chosen.get().1/>
        <div class="input relative">
            <Icon name="search"/>
            <input id="rule-channel" type="text" role="combobox" aria-autocomplete="list" aria-expanded=move || picker.is_open.get().to_string() aria-controls="channel-list"
                aria-activedescendant=active placeholder="Name, id or link" autocomplete="off" spellcheck="false" prop:value=move || picker.typed.get()
                aria-describedby="channel-help channel_id-error"
                on:input=move |event| picker.search(event_target_value(&event))
                on:focus=move |_| picker.is_open.set(true)
                on:blur=move |_| picker.is_open.set(false)
                on:keydown=move |event| picker.on_key(&event)/>
            {move || picker.is_open.get().then(|| list(picker))}
        </div>
    }
    .into_any()
}

/// The list below the input.
fn list(picker: Picker) -> AnyView {
    let groups = move || {
        let choices = picker.choices.get();
        let mut place = 0;
        let group = |(section, channels): &(Section, Vec<Channel>)| {
            let options: Vec<_> = channels
                .iter()
                .map(|channel| {
                    place += 1;
                    option(picker, channel, place - 1)
                })
                .collect();
            let name = section.name();
            view! { <div role="group" aria-label=name><div class="help px-2 pt-1.5" aria-hidden="true">{name}</div>{options}</div> }.into_any()
        };
        choices.sections.iter().map(group).collect::<Vec<_>>()
    };
    let hint = move || {
        picker.choices.with(|choices| match (choices.shown(), choices.total) {
            (0, _) => "No channel matches.".to_owned(),
            (shown, total) if shown < total => format!("{shown} of {total}, keep typing"),
            (shown, _) => format!("{shown} channels"),
        })
    };
    view! {
        <div class="picker">
            <div id="channel-list" role="listbox" aria-label="Channels">{groups}</div>
            <p class="help px-2 py-1.5">{hint}</p>
        </div>
    }
    .into_any()
}

fn option(picker: Picker, channel: &Channel, place: usize) -> AnyView {
    let kept = channel.clone();
    view! {
        <div id=format!("channel-{place}") role="option" class="picker-row" aria-selected=move || (picker.at.get() == place).to_string()
            on:mousedown=move |event| { event.prevent_default(); picker.choose(&kept); }>
            {mark(picker.provider, channel)}
            <b class="font-[540]">{channel.name.clone()}</b>
            {channel.workspace.clone().map(|name| view! { <span class="badge">{name}</span> })}
            <span class="faint ell grow">{channel.topic.clone()}</span>
            {(channel.joined && picker.provider == Provider::Slack).then(|| view! { <span class="badge">"bot is in"</span> })}
            <span class="num faint">{channel.members}</span>
        </div>
    }
    .into_any()
}

fn mark(provider: Provider, channel: &Channel) -> AnyView {
    if channel.private {
        view! { <Icon name="lock"/><span class="sr-only">"private"</span> }.into_any()
    } else {
        view! { <span class="faint w-4 text-center" aria-hidden="true">{channel_mark(provider)}</span> }.into_any()
    }
}

/// The channels as radio buttons, with a search that loads the page again.
fn plain(data: &RuleData) -> AnyView {
    let chosen = data.form.channel_id.clone();
    let mark = channel_mark(data.connection.provider);
    let rows: Vec<_> = data
        .choices
        .sections
        .iter()
        .flat_map(|(_, channels)| channels)
        .map(|channel| {
            let id = channel.id.to_string();
            view! { <label class="choice"><input type="radio" name="form[channel_id]" value=id.clone() checked=id == chosen/><span>{if channel.private { "private " } else { mark }}{channel.name.clone()}</span></label> }.into_any()
        })
        .collect();
    let here = match data.form.existing.as_str() {
        "" => format!("/connections/{}/rules/new", data.connection.id),
        rule => format!("/connections/{}/rules/{rule}", data.connection.id),
    };
    view! {
        <div class="stack gap-2">
            <div class="row"><input class="input" id="rule-channel" name="q" placeholder="Find a channel"/><button class="btn" formmethod="get" formaction=here formnovalidate="">"Find"</button></div>
            <div class="grid sm:grid-cols-2">{rows}</div>
        </div>
    }
    .into_any()
}
