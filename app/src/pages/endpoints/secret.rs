//! Signing secrets: shown once after they are made, later only by their last characters.

use domain::endpoint::SecretHint;
use leptos::prelude::*;

use super::calls::{RotateEndpointSecret, TakeFreshSecret};
use crate::components::{Clock, Confirm, Copy, Icon, Time};
use crate::remote::{Post, PostForm, load_after};
use crate::shown::Endpoint;

/// The panel of an endpoint's secrets, with the button that makes a new one.
#[component]
pub fn SecretPanel(
    /// The endpoint.
    #[prop(into)]
    endpoint: Signal<Endpoint>,
    /// Makes a new secret.
    rotate: Post<RotateEndpointSecret>,
    /// Whether the person may.
    may_write: bool,
) -> impl IntoView {
    let id = endpoint.with_untracked(|endpoint| endpoint.id.to_string());
    let text = "The hub signs with the new secret at once. The old one signs too for 24 hours, so your receiver keeps accepting while you change it there.";
    let form = may_write.then(|| {
        view! {
            <PostForm action=rotate>
                <input type="hidden" name="id" value=id />
                <Confirm title="Make a new signing secret?" text=text label="Rotate" class="small" />
            </PostForm>
        }
    });
    let secrets = Memo::new(move |_| endpoint.with(|endpoint| endpoint.secrets.clone()));
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby="secret-title">
            <div class="row spread"><h2 id="secret-title">"Signing secret"</h2>{form}</div>
            {move || secrets.get().into_iter().enumerate().map(|(index, secret)| hint(index, secret)).collect_view()}
        </section>
    }
}

fn hint(index: usize, secret: SecretHint) -> impl IntoView {
    // The server writes the time itself, the browser how long ago it was.
    let ago = move || {
        use_context::<Clock>().and_then(Clock::now).filter(|now| now.since(secret.created_at) >= 1000).map(|_| " ago")
    };
    let words = match (index, secret.expires_at) {
        (0, _) => view! { "Made "<Time at=secret.created_at />{ago}". Shown once, when it was made." }.into_any(),
        (_, Some(until)) => {
            view! { "The old secret signs too and ends "<Time at=until />". Your receiver sees both signatures." }
                .into_any()
        }
        (_, None) => view! { "An older secret that signs too." }.into_any(),
    };
    view! {
        <div class="grid gap-1.5">
            <div class="input mono muted"><Icon name="lock" />{format!("whsec_••••••••••••{}", last_four(&secret.hint))}</div>
            <p class="help">{words}</p>
        </div>
    }
}

/// The last four characters, whatever stands before them.
fn last_four(hint: &str) -> String {
    let start = hint.chars().count().saturating_sub(4);
    hint.chars().skip(start).collect()
}

/// The secret that was just made for this endpoint, if there is one: shown this once.
#[component]
pub fn FreshSecret(
    /// The endpoint's id.
    id: Signal<String>,
    /// Moves when a new one was made on this page.
    #[prop(into)]
    made: Signal<usize>,
) -> impl IntoView {
    let fresh = load_after(move || made.get(), move || TakeFreshSecret { id: id.get() });
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                fresh.await.ok().flatten().map(|secret| view! { <ShownOnce secret=secret /> })
            })}
        </Suspense>
    }
}

#[component]
fn ShownOnce(secret: String) -> impl IntoView {
    view! {
        <section class="notice ok mb-4" aria-labelledby="fresh-secret-title">
            <Icon name="key" />
            <div class="grow stack gap-2">
                <h2 id="fresh-secret-title">"Copy the signing secret now"</h2>
                <p class="muted">"It is shown this once. Your receiver needs it to verify that requests come from here."</p>
                <div class="row wrap">
                    <input class="input mono grow min-w-0" readonly aria-label="Signing secret" value=secret.clone() />
                    <Copy text=secret label="Copy" />
                </div>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hint_is_its_last_four_characters() {
        assert_eq!(super::last_four("whsec_…Yx2e"), "Yx2e");
        assert_eq!(super::last_four("2e"), "2e");
    }
}
