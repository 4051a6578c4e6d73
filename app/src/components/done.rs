//! What was done, said on the page that a form leads back to.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::Icon;

/// Shows the sentence for the address's `done=`; works after a form with and without scripts.
#[component]
pub fn Done(
    /// Each value of `done` with its sentence.
    words: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let query = use_query_map();
    move || {
        let done = query.with(|query| query.get("done"))?;
        let (_, sentence) = words.iter().find(|(word, _)| *word == done)?;
        Some(view! { <div class="notice ok mb-4" role="status"><Icon name="check"/><div>{*sentence}</div></div> })
    }
}
