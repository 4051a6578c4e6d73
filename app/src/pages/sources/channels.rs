//! The channels whose messages a source of Slack's tells: those that are chosen, and those of the organization's Slack connections to
//! choose from. A search loads the page again, so that it works without scripts.

use domain::source::SourceChannel;
use leptos::prelude::*;

use super::calls::{Found, SourceData};
use super::detail::Posts;
use crate::components::{FormError, Icon};
use crate::remote::PostForm;

/// The panel; none for other providers than Slack.
pub fn view(page: &SourceData, posts: Posts) -> Option<AnyView> {
    let found = page.channels.as_ref()?;
    let chosen: Vec<_> = page.source.channels.iter().map(|channel| row(page, channel, true, posts)).collect();
    let all = chosen.is_empty().then(
        || view! { <p class="help">"None is chosen: what is said in every channel that the app is in is told."</p> },
    );
    let search = page.may_write.then(|| search(page, found, posts));
    Some(
        view! {
            <section class="panel pad stack gap-2.5" aria-labelledby="source-channels">
                <h2 id="source-channels">"Channels"</h2>
                <FormError error=posts.channel.error()/>
                {all}
                <ul class="stack gap-1 list-none p-0 m-0" aria-label="Chosen channels">{chosen}</ul>
                {search}
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

fn search(page: &SourceData, found: &Found, posts: Posts) -> AnyView {
    if !found.is_connected {
        return view! { <p class="help">"To choose channels by name, "<a class="link" href="/integrations/slack">"add Slack"</a>" first. Through the API they can be chosen by their ids."</p> }.into_any();
    }
    let (action, typed) = (format!("/sources/{}", page.source.id), found.typed.clone());
    let is_chosen = |channel: &SourceChannel| page.source.channels.iter().any(|known| known.id == channel.id);
    let rows: Vec<_> = found
        .channels
        .iter()
        .filter(|channel| !is_chosen(channel))
        .map(|channel| row(page, channel, false, posts))
        .collect();
    let nothing =
        (rows.is_empty() && !typed.is_empty()).then(|| view! { <p class="help">"No other channel is called so."</p> });
    view! {
        <form method="get" action=action class="row" role="search">
            <input class="input grow min-w-0" name="channel" value=typed aria-label="Name of a channel" placeholder="Name, id or link" autocomplete="off" spellcheck="false"/>
            <button class="btn"><Icon name="search"/>"Find"</button>
        </form>
        <ul class="stack gap-1 list-none p-0 m-0" aria-label="Channels to choose">{rows}</ul>
        {nothing}
    }
    .into_any()
}
