//! The channels whose messages a source of Slack's tells: those that are chosen, and the picker among those of the organization's Slack
//! connections. Until scripts have come, a search loads the page again.

use domain::channel::Choices;
use domain::connection::Provider;
use domain::source::SourceChannel;
use leptos::prelude::*;

use super::calls::{FindSourceChannels, Found, SourceData};
use super::detail::Posts;
use crate::components::{FieldError, FormError, Icon};
use crate::picker::{Field, Picker, combobox};
use crate::remote::{PostForm, ask};

/// Channels that the plain search shows.
const SHOWN: usize = 10;

/// The panel; none for other providers than Slack.
pub fn view(page: &SourceData, posts: Posts) -> Option<AnyView> {
    let found = page.channels.as_ref()?;
    let chosen: Vec<_> = page.source.channels.iter().map(|channel| row(page, channel, true, posts)).collect();
    let all = chosen.is_empty().then(
        || view! { <p class="help">"None is chosen: what is said in every channel that the app is in is told."</p> },
    );
    let add = page.may_write.then(|| add(page, found, posts));
    Some(
        view! {
            <section class="panel pad stack gap-2.5" aria-labelledby="source-channels">
                <h2 id="source-channels">"Channels"</h2>
                <FormError error=posts.channel.error() fields=&["channels"]/>
                {all}
                <ul class="stack gap-1 list-none p-0 m-0" aria-label="Chosen channels">{chosen}</ul>
                {add}
                <FieldError error=posts.channel.error() field="channels"/>
            </section>
        }
        .into_any(),
    )
}

/// A channel with the button that chooses it or leaves it out.
fn row(page: &SourceData, channel: &SourceChannel, is_chosen: bool, posts: Posts) -> AnyView {
    let (source, id, name) = (page.source.id.to_string(), channel.id.clone(), channel.name.clone());
    let shown = if name.is_empty() { id.clone() } else { format!("#{name}") };
    let word = if is_chosen { "Remove" } else { "Choose" };
    let label = format!("{word} {shown}");
    let wanted = if is_chosen { "" } else { "yes" };
    let form = page.may_write.then(|| {
        view! {
            <PostForm action=posts.channel attr:class="contents">
                <input type="hidden" name="id" value=source/>
                <input type="hidden" name="channel" value=id/>
                <input type="hidden" name="name" value=name/>
                <input type="hidden" name="wanted" value=wanted/>
                <button class="btn small quiet" aria-label=label disabled=posts.channel.pending()>{word}</button>
            </PostForm>
        }
    });
    view! { <li class="row spread"><span class="ell">{shown}</span>{form}</li> }.into_any()
}

/// What adds a channel: the picker, and until scripts have come a search.
fn add(page: &SourceData, found: &Found, posts: Posts) -> AnyView {
    let Some(choices) = found.choices.clone() else {
        return view! { <p class="help">"To choose channels by name, "<a class="link" href="/integrations/slack">"add Slack"</a>" first. Through the API they can be chosen by their ids."</p> }.into_any();
    };
    let is_alive = RwSignal::new(false);
    Effect::new(move |_| is_alive.set(true));
    let field = Field {
        id: "source-channel",
        channel: "channel",
        name: "name",
        described_by: "source-channel-help channels-error",
        id_of: |channel| channel.provider_id.clone(),
        provider: Provider::Slack,
        find: |_, q| Box::pin(ask(FindSourceChannels { q })),
    };
    let picker = Picker::new(field, String::new(), choices.clone(), Default::default());
    let (kept, typed) = (page.clone(), found.typed.clone());
    view! {
        <label class="sr-only" for="source-channel">"Channel to choose"</label>
        {move || if is_alive.get() { pick(picker, &kept, posts) } else { plain(&kept, &choices, &typed, posts) }}
        <p class="help" id="source-channel-help">"Messages are told of channels that the app is a member of: type "<code>"/invite @patchbay"</code>" there."</p>
    }
    .into_any()
}

/// The picker with the button that takes its choice.
fn pick(picker: Picker, page: &SourceData, posts: Posts) -> AnyView {
    let source = page.source.id.to_string();
    view! {
        <PostForm action=posts.channel attr:class="row" attr:autocomplete="off">
            <input type="hidden" name="id" value=source/>
            <input type="hidden" name="wanted" value="yes"/>
            <div class="grow min-w-0">{combobox(picker)}</div>
            <button class="btn" disabled=posts.channel.pending()>"Choose"</button>
        </PostForm>
    }
    .into_any()
}

/// A search that loads the page again, and what it found.
fn plain(page: &SourceData, choices: &Choices, typed: &str, posts: Posts) -> AnyView {
    let (action, typed) = (format!("/sources/{}", page.source.id), typed.to_owned());
    let is_chosen = |id: &str| page.source.channels.iter().any(|known| known.id == id);
    let all = choices.sections.iter().flat_map(|(_, channels)| channels);
    let rows: Vec<_> = all
        .filter(|channel| !is_chosen(&channel.provider_id))
        .take(SHOWN)
        .map(|channel| SourceChannel { id: channel.provider_id.clone(), name: channel.name.clone() })
        .map(|channel| row(page, &channel, false, posts))
        .collect();
    let nothing =
        (rows.is_empty() && !typed.is_empty()).then(|| view! { <p class="help">"No other channel is called so."</p> });
    view! {
        <form method="get" action=action class="row" role="search">
            <input class="input grow min-w-0" id="source-channel" name="channel" value=typed placeholder="Name, id or link" autocomplete="off" spellcheck="false"/>
            <button class="btn"><Icon name="search"/>"Find"</button>
        </form>
        <ul class="stack gap-1 list-none p-0 m-0" aria-label="Channels to choose">{rows}</ul>
        {nothing}
    }
    .into_any()
}
