//! Shows the code that `verify` draws, and lets its buttons copy.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::calls::DrawVerifyCode;
use crate::components::loaded;
use crate::remote::load;

/// The panel: one language at a time. The tabs are radio buttons and the style sheet does the rest, so it works
/// without scripts and by the arrow keys.
#[component]
pub fn VerifyCode() -> impl IntoView {
    loaded(load(|| DrawVerifyCode {}), |html| {
        view! { <div class="contents" inner_html=html on:click=|event| _ = copy(&event)></div> }.into_any()
    })
}

/// Copies the code beside the button that was pressed, and shows a tick for two seconds.
fn copy(event: &MouseEvent) -> Option<()> {
    let button = event.target()?.dyn_into::<Element>().ok()?.closest("[data-copy]").ok()??;
    let code = button.closest("div.relative").ok()??.query_selector("pre").ok()??.text_content()?;
    let _copying = window().navigator().clipboard().write_text(&code);
    mark(&button, "Copied", "check");
    set_timeout(move || mark(&button, "Copy", "copy"), std::time::Duration::from_secs(2));
    Some(())
}

fn mark(button: &Element, label: &str, icon: &str) {
    // Setting an attribute fails only for a name that is none.
    let _labelled = button.set_attribute("aria-label", label);
    if let Ok(Some(sign)) = button.query_selector("use") {
        let _drawn = sign.set_attribute("href", &format!("/icons.svg#{icon}"));
    }
}
