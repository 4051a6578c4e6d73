//! The channel of a rule: the channel picker, or radio buttons with a search that loads the page again until scripts have come.

use domain::connection::Provider;
use leptos::prelude::*;

use super::calls::{FindChannels, RuleData};
use crate::components::FieldError;
use crate::error::UiError;
use crate::picker::{Field, Picker, combobox};
use crate::remote::ask;
use crate::words::channel_mark;

/// The picker in the rule's form.
pub fn view(data: &RuleData, error: Signal<Option<UiError>>) -> AnyView {
    let form = &data.form;
    let provider = data.connection.provider;
    let field = Field {
        id: "rule-channel",
        channel: "form[channel_id]",
        name: "form[channel_name]",
        described_by: "channel-help channel_id-error",
        id_of: |channel| channel.id.to_string(),
        provider,
        find: |id, q| Box::pin(ask(FindChannels { id, q })),
    };
    let chosen = (form.channel_id.clone(), form.channel_name.clone());
    let picker = Picker::new(field, form.connection.clone(), data.choices.clone(), chosen);
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
