//! The signing secrets of an endpoint beside its security form: hints, rotation, and the new secret, once.

use domain::endpoint::SecretHint;
use leptos::prelude::*;

use super::calls::{OpenSecrets, RotateSecret, Secrets};
use super::open::invalid;
use crate::components::{Clock, Confirm, Copy, FieldError, FormError, Icon, Time, loaded};
use crate::remote::{Post, PostForm, load_after};

/// How long older secrets may keep signing: hours, words.
const OVERLAPS: [(i64, &str); 6] =
    [(0, "not at all"), (1, "1 hour"), (24, "24 hours"), (72, "3 days"), (168, "7 days"), (720, "30 days")];

/// What both forms do.
type Rotate = Post<RotateSecret>;

/// The panels; asked for again after each rotation.
#[component]
pub fn SecretPanels(
    /// The endpoint's id.
    id: String,
) -> impl IntoView {
    // Two, so that an error stands in the form it belongs to.
    let (shared, key) = (Rotate::new(), Rotate::new());
    let asked = id.clone();
    let secrets =
        load_after(move || shared.version().get() + key.version().get(), move || OpenSecrets { id: asked.clone() });
    let id = StoredValue::new(id);
    loaded(secrets, move |secrets| panels(secrets, &id.get_value(), shared, key))
}

fn panels(secrets: Secrets, id: &str, shared: Rotate, key: Rotate) -> AnyView {
    let Secrets { shared: hints, public_key, fresh, may_write } = secrets;
    let lines: Vec<_> = hints.into_iter().enumerate().map(|(index, hint)| line(index == 0, hint)).collect();
    view! {
        {fresh.map(shown_once)}
        <section class="panel pad stack gap-3" aria-labelledby="secrets-title">
            <h2 id="secrets-title">"Signing secrets"</h2>
            <ul class="stack gap-2.5!">{lines}</ul>
            {may_write.then(|| rotate_shared(id, shared))}
        </section>
        {public_key.map(|public| ed25519(public, id, key, may_write))}
    }
    .into_any()
}

fn line(newest: bool, hint: SecretHint) -> AnyView {
    // The server writes the time itself, the browser how long ago it was.
    let made = hint.created_at;
    let ago = move || use_context::<Clock>().and_then(Clock::now).filter(|now| now.since(made) >= 1000).map(|_| " ago");
    let ends = match hint.expires_at {
        Some(until) => view! { ", signs too, ends "<Time at=until/> }.into_any(),
        None if newest => view! { ", in use" }.into_any(),
        None => view! { ", signs too" }.into_any(),
    };
    view! {
        <li class="grid gap-1">
            <div class="input mono muted"><Icon name="lock"/>{format!("whsec_••••••••••••{}", last_four(&hint.hint))}</div>
            <p class="help">"Made "<Time at=made/>{ago}{ends}"."</p>
        </li>
    }
    .into_any()
}

fn rotate_shared(id: &str, post: Rotate) -> AnyView {
    let (error, id) = (post.error(), id.to_owned());
    view! {
        <PostForm action=post empties=true attr:class="stack gap-3 border-t border-line pt-3" attr:autocomplete="off">
            <FormError error=error fields=&["secret", "overlap_hours"]/>
            <input type="hidden" name="id" value=id/>
            {overlap("overlap-shared")}
            <FieldError error=error field="overlap_hours"/>
            <div class="field">
                <label for="secret">"Own secret "<span class="faint font-normal">"optional"</span></label>
                <input id="secret" class="input mono" name="secret" placeholder="whsec_…" autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="200"
                    aria-describedby="secret-help secret-error" aria-invalid=invalid(error, "secret")/>
                <FieldError error=error field="secret"/>
                <p class="help" id="secret-help">"Empty has one made. Else "<code>"whsec_"</code>" and 24 to 64 random bytes in base64."</p>
            </div>
            <div>
                <Confirm title="Make a new signing secret?" text="The hub signs with the new secret at once and shows it this once. Older ones sign too for the chosen time, so your receiver keeps accepting while you change it there." label="Rotate"/>
            </div>
        </PostForm>
    }
    .into_any()
}

fn overlap(id: &'static str) -> AnyView {
    let options: Vec<_> = OVERLAPS
        .iter()
        .map(|(hours, word)| {
            view! { <option value=hours.to_string() selected=*hours == 24>{*word}</option> }.into_any()
        })
        .collect();
    view! {
        <div class="field">
            <label for=id>"Older ones keep signing"</label>
            <select class="input" id=id name="overlap_hours">{options}</select>
        </div>
    }
    .into_any()
}

fn ed25519(public: String, id: &str, post: Rotate, may_write: bool) -> AnyView {
    let id = id.to_owned();
    let rotate = may_write.then(|| {
        view! {
            <PostForm action=post attr:class="stack gap-3 border-t border-line pt-3">
                <FormError error=post.error()/>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="ed25519" value="true"/>
                {overlap("overlap-key")}
                <div>
                    <Confirm title="Make a new Ed25519 key?" text="The hub signs with the new key at once; the older one signs too for the chosen time. Give your receiver the new public key." label="Rotate key"/>
                </div>
            </PostForm>
        }
    });
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="key-title">
            <div>
                <h2 id="key-title">"Ed25519 public key"</h2>
                <p class="help">"Your receiver verifies with it. It is no secret; the private key never leaves the hub."</p>
            </div>
            <div class="row">
                <input class="input mono grow min-w-0" readonly aria-label="Ed25519 public key" value=public.clone()/>
                <Copy text=public label="Copy"/>
            </div>
            {rotate}
        </section>
    }
    .into_any()
}

fn shown_once(secret: String) -> AnyView {
    view! {
        <section class="notice ok" aria-labelledby="fresh-secret-title">
            <Icon name="key"/>
            <div class="grow stack gap-2">
                <h2 id="fresh-secret-title">"Copy the signing secret now"</h2>
                <p class="muted">"It is shown this once. Your receiver needs it to verify that requests come from here."</p>
                <div class="row wrap">
                    <input class="input mono grow min-w-0" readonly aria-label="Signing secret" value=secret.clone()/>
                    <Copy text=secret label="Copy"/>
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// The last four characters, whatever stands before them.
fn last_four(hint: &str) -> String {
    hint.chars().skip(hint.chars().count().saturating_sub(4)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hint_is_its_last_four_characters() {
        assert_eq!(["whsec_…Yx2e", "2e"].map(super::last_four), ["Yx2e", "2e"]);
    }
}
