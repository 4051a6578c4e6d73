//! The channel picker: a combobox over the list of channels that the hub keeps, so that an answer needs no call to the provider. A
//! page says what it asks, and has something else in its place until scripts have come.

use std::future::Future;
use std::pin::Pin;

use domain::channel::{Channel, Choices, Section};
use domain::connection::Provider;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::Icon;
use crate::error::UiError;
use crate::words::channel_mark;

/// What finds channels: of something, by what is typed.
pub type Find = fn(String, String) -> Pin<Box<dyn Future<Output = Result<Choices, UiError>>>>;

/// What a picker is for.
#[derive(Clone, Copy)]
pub struct Field {
    /// The id of the text field.
    pub id: &'static str,
    /// What the id of the chosen channel is posted as.
    pub channel: &'static str,
    /// What its name is posted as.
    pub name: &'static str,
    /// The ids of what describes it.
    pub described_by: &'static str,
    /// Which id of a channel is posted.
    pub id_of: fn(&Channel) -> String,
    /// Whose channels.
    pub provider: Provider,
    /// What finds them.
    pub find: Find,
}

/// What the picker knows.
#[derive(Clone, Copy)]
pub struct Picker {
    field: Field,
    of: StoredValue<String>,
    /// What is typed.
    typed: RwSignal<String>,
    choices: RwSignal<Choices>,
    /// Whether `choices` still answer what was typed before.
    is_behind: RwSignal<bool>,
    /// Whether an answer to what is typed is on its way; it may fail.
    is_asked: RwSignal<bool>,
    /// Whether the first channel of the answer is chosen as soon as it comes.
    is_entered: RwSignal<bool>,
    /// The channel that is chosen: its id and its name.
    chosen: RwSignal<(String, String)>,
    is_open: RwSignal<bool>,
    /// The place of the channel that the arrow keys have come to.
    at: RwSignal<usize>,
}

impl Picker {
    /// A picker among the channels of something, with those that are shown at first and the one that is chosen: its id and name.
    pub fn new(field: Field, of: String, choices: Choices, chosen: (String, String)) -> Self {
        let typed =
            if chosen.1.is_empty() { String::new() } else { format!("{}{}", channel_mark(field.provider), chosen.1) };
        Self {
            field,
            of: StoredValue::new(of),
            typed: RwSignal::new(typed),
            choices: RwSignal::new(choices),
            is_behind: RwSignal::new(false),
            is_asked: RwSignal::new(false),
            is_entered: RwSignal::new(false),
            chosen: RwSignal::new(chosen),
            is_open: RwSignal::new(false),
            at: RwSignal::new(0),
        }
    }

    /// The channels as they are shown, one after another.
    fn rows(&self) -> Vec<Channel> {
        self.choices.with(|choices| choices.sections.iter().flat_map(|(_, channels)| channels.clone()).collect())
    }

    /// Asks for what is typed, which is no choice yet. A late answer to something else is thrown away.
    fn search(self, q: String) {
        self.typed.set(q.clone());
        self.chosen.set(Default::default());
        self.is_behind.set(true);
        self.is_entered.set(false);
        self.is_open.set(true);
        self.is_asked.set(true);
        let answer = (self.field.find)(self.of.get_value(), q.clone());
        spawn_local(async move {
            let found = answer.await;
            if self.typed.try_get_untracked().as_ref() != Some(&q) {
                return;
            }
            self.is_asked.set(false);
            if let Ok(found) = found {
                self.choices.set(found);
                self.is_behind.set(false);
                self.at.set(0);
                if self.is_entered.get_untracked() && self.is_open.get_untracked() {
                    self.enter();
                }
            }
        });
    }

    fn choose(self, channel: &Channel) {
        self.chosen.set(((self.field.id_of)(channel), channel.name.clone()));
        self.typed.set(format!("{}{}", channel_mark(self.field.provider), channel.name));
        self.is_behind.set(false);
        self.is_open.set(false);
    }

    /// Chooses the channel that the arrow keys have come to. While the list is behind, nobody means a row of it: then the first one of
    /// the answer is chosen. Where there was none, it is asked for again.
    fn enter(self) {
        if self.is_behind.get_untracked() {
            if !self.is_asked.get_untracked() {
                self.search(self.typed.get_untracked());
            }
            self.is_entered.set(true);
        } else if let Some(channel) = self.rows().get(self.at.get_untracked()) {
            self.choose(channel);
        }
    }

    fn on_key(self, event: &KeyboardEvent) {
        let rows = self.rows();
        match event.key().as_str() {
            "ArrowDown" if !self.is_open.get_untracked() => self.is_open.set(true),
            "ArrowDown" => self.at.update(|at| *at = (*at + 1).min(rows.len().saturating_sub(1))),
            "ArrowUp" => self.at.update(|at| *at = at.saturating_sub(1)),
            "Home" if self.is_open.get_untracked() => self.at.set(0),
            "End" if self.is_open.get_untracked() => self.at.set(rows.len().saturating_sub(1)),
            "Enter" if self.is_open.get_untracked() => self.enter(),
            "Escape" if self.is_open.get_untracked() => self.is_open.set(false),
            _ => return,
        }
        event.prevent_default();
    }
}

/// The input with the list below it, and what is chosen.
pub fn combobox(picker: Picker) -> AnyView {
    let field = picker.field;
    let active = move || picker.is_open.get().then(|| format!("channel-{}", picker.at.get()));
    view! {
        <input type="hidden" name=field.channel prop:value=move || picker.chosen.get().0/>
        <input type="hidden" name=field.name prop:value=move || picker.chosen.get().1/>
        <div class="input relative">
            <Icon name="search"/>
            <input id=field.id type="text" role="combobox" aria-autocomplete="list" aria-expanded=move || picker.is_open.get().to_string() aria-controls="channel-list"
                aria-activedescendant=active placeholder="Name, id or link" autocomplete="off" spellcheck="false" prop:value=move || picker.typed.get()
                aria-describedby=field.described_by
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
            {mark(picker.field.provider, channel)}
            <b class="font-[540]">{channel.name.clone()}</b>
            {channel.workspace.clone().map(|name| view! { <span class="badge">{name}</span> })}
            <span class="faint ell grow">{channel.topic.clone()}</span>
            {(channel.joined && picker.field.provider == Provider::Slack).then(|| view! { <span class="badge">"bot is in"</span> })}
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
