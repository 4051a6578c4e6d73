//! The narrow page that the doors share.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::frame::mark;
use crate::remote::Post;
use crate::use_me;

/// The mark, a title, a sentence, and the form below it.
#[component]
pub fn Door(
    /// What happens here.
    #[prop(into)]
    title: String,
    /// Why, in a sentence.
    #[prop(into)]
    text: String,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <div class="door">
            <div class="brand">{mark()}"Patchbay"</div>
            <div class="stack gap-1">
                <h1>{title}</h1>
                <p class="muted">{text}</p>
            </div>
            {children()}
        </div>
    }
}

/// After the action let somebody in, the frame asks again who is signed in.
pub fn welcome_after<S: 'static>(action: Post<S>) {
    let me = use_me();
    Effect::new(move |_| {
        if action.is_done() {
            me.refetch();
        }
    });
}
