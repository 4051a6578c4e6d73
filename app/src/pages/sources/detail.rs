//! `/sources/{id}`: how a source is set up, and what came to it.

use domain::source::SourceStatus;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::activity::Activity;
use super::calls::{
    ChooseSourceChannel, DeleteSource, LoadSource, LoadSourceFields, RenameSource, RotateSourceSecret,
    RotateSourceToken, SetSourceAccount, SetSourceScheme, SetSourceStatus, SourceData, TakeSourceSecret,
};
use super::{setup, words};
use crate::components::{Confirm, Copy, Done, FormError, Icon, PageHead, Status, loaded};
use crate::remote::{Post, PostForm, load, load_after};

const DONE: &[(&str, &str)] = &[("made", "The source is there. Follow the steps to have the provider post to it.")];

/// What can be done on the page.
#[derive(Clone, Copy)]
pub struct Posts {
    /// Renames it.
    pub rename: Post<RenameSource>,
    /// Switches it on or off.
    pub status: Post<SetSourceStatus>,
    /// Deletes it.
    pub delete: Post<DeleteSource>,
    /// Gives it another address.
    pub token: Post<RotateSourceToken>,
    /// Enters or makes a secret.
    pub secret: Post<RotateSourceSecret>,
    /// Changes how its requests are verified.
    pub scheme: Post<SetSourceScheme>,
    /// Sets the account whose requests alone are taken.
    pub account: Post<SetSourceAccount>,
    /// Chooses a channel, or leaves it out.
    pub channel: Post<ChooseSourceChannel>,
}

/// `/sources/{id}`.
#[component]
pub fn SourcePage() -> impl IntoView {
    let posts = Posts {
        rename: Post::new(),
        status: Post::new(),
        delete: Post::new(),
        token: Post::new(),
        secret: Post::new(),
        scheme: Post::new(),
        account: Post::new(),
        channel: Post::new(),
    };
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    // What comes in meanwhile moves the activity alone, so that what is typed here stays.
    let moved = move || {
        posts.rename.version().get()
            + posts.status.version().get()
            + posts.token.version().get()
            + posts.secret.version().get()
            + posts.scheme.version().get()
            + posts.account.version().get()
            + posts.channel.version().get()
    };
    // That the first event was verified is seen by the activity.
    let seen = RwSignal::new(false);
    let query = use_query_map();
    let typed = move || query.with(|query| query.get("channel")).unwrap_or_default();
    let page = load_after(moved, move || LoadSource { id: id.get(), channel: typed() });
    let kind = move || query.with(|query| query.get("type")).unwrap_or_default();
    let fields = load(move || LoadSourceFields { id: id.get(), kind: kind() });
    let made = load_after(move || posts.secret.version().get(), move || TakeSourceSecret { id: id.get() });
    let errors = move || {
        let all = [posts.status.error(), posts.delete.error(), posts.token.error()];
        all.into_iter().find_map(|error| error.get())
    };
    view! {
        {loaded(page, move |page| head(&page, posts, seen))}
        <Done words=DONE/>
        <div class="stack">
            <FormError error=Signal::derive(errors)/>
            {loaded(made, |secret| secret.map(shown_once).into_any())}
            <div class="split">
                <div class="stack">
                    {loaded(fields, |drawn| view! { <div class="empty:hidden" inner_html=drawn></div> }.into_any())}
                    <Activity id seen/>
                </div>
                <aside class="stack">{loaded(page, move |page| setup::view(&page, posts))}</aside>
            </div>
        </div>
    }
}

fn head(page: &SourceData, posts: Posts, seen: RwSignal<bool>) -> AnyView {
    let source = &page.source;
    let (status, has_secret, is_used) = (source.status, !source.secrets.is_empty(), source.last_verified_at.is_some());
    let state = move || {
        let (tone, word) = words::source(status, has_secret, is_used || seen.get());
        view! { <Status tone word/> }
    };
    let crumbs = vec![("Sources".to_owned(), "/sources".to_owned())];
    let actions = page.may_write.then(|| actions(page, posts));
    view! {
        <PageHead title=source.name.clone() crumbs=crumbs>{actions}</PageHead>
        <p class="row wrap mb-4 muted">{state}<span>{source.provider_name.clone()}</span></p>
    }
    .into_any()
}

fn actions(page: &SourceData, posts: Posts) -> AnyView {
    let source = &page.source;
    let [status, delete] = [(); 2].map(|()| source.id.to_string());
    let (next, label) = match source.status {
        SourceStatus::Active => ("disabled", "Disable"),
        SourceStatus::Disabled => ("active", "Enable"),
    };
    let title = format!("Delete {}?", source.name);
    view! {
        <PostForm action=posts.delete>
            <input type="hidden" name="id" value=delete/>
            <Confirm title=title text="Its address takes nothing more, and the requests that came to it are forgotten. The events that they became stay. This cannot be undone." label="Delete" class="quiet"/>
        </PostForm>
        <PostForm action=posts.status>
            <input type="hidden" name="id" value=status/>
            <input type="hidden" name="status" value=next/>
            <button class="btn" disabled=posts.status.pending()>{label}</button>
        </PostForm>
    }
    .into_any()
}

fn shown_once(secret: String) -> AnyView {
    view! {
        <section class="notice ok" aria-labelledby="fresh-secret">
            <Icon name="key"/>
            <div class="grow stack gap-2">
                <h2 id="fresh-secret">"Copy the secret now"</h2>
                <p class="muted">"It is shown this once. Enter it at the provider."</p>
                <div class="row wrap">
                    <input class="input mono grow min-w-0" readonly=true aria-label="Secret" value=secret.clone()/>
                    <Copy text=secret label="Copy"/>
                </div>
            </div>
        </section>
    }
    .into_any()
}
