//! The page on which a member links somebody in Slack to their account.

use domain::connection::people::LinkOffer;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::calls::{AcceptLink, LoadLink};
use crate::components::{FormError, PageHead, loaded};
use crate::remote::{Post, PostForm, load};

/// Says who asks, and links them if that is wanted.
#[component]
pub fn LinkPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let accept = Post::<AcceptLink>::new();
    let offer = load({
        let token = token.clone();
        move || LoadLink { token: token.clone() }
    });
    view! {
        <PageHead title="Link your account" crumbs=vec![("Integrations".into(), "/integrations".into())]/>
        {loaded(offer, move |offer| form(&offer, token.clone(), accept))}
        <p class="help">"A link works once, within 15 minutes. Type "<code>"/patchbay status"</code>" in Slack for a new one."</p>
    }
}

fn form(offer: &LinkOffer, token: String, accept: Post<AcceptLink>) -> AnyView {
    let provider = offer.provider.name();
    let error = accept.error();
    view! {
        <section class="panel pad stack" aria-labelledby="who">
            <h2 id="who">{offer.person_name.clone()}" in "{provider}</h2>
            <p>"Somebody in the workspace "<b>{offer.account_name.clone()}</b>" asks to be linked to your account "<b>{offer.email.clone()}</b>": "
                <b>{offer.person_name.clone()}</b>" ("<code>{offer.person_id.clone()}</code>")."</p>
            <p>"Whoever that is may then do with commands and buttons in "{provider}" what you may do here. Go on only if it is you, and you have just asked for this link."</p>
            <FormError error=error/>
            <PostForm action=accept>
                <input type="hidden" name="token" value=token/>
                <button class="btn primary" disabled=accept.pending()>"This is me: link my account"</button>
            </PostForm>
        </section>
    }
    .into_any()
}
