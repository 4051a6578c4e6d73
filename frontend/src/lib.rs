//! The wasm entry: hydrates the page that the server rendered.

/// Called by the page's start script once the wasm module has loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    // Journeys wait for this before they use what only works from here on.
    if let Some(body) = leptos::prelude::document().body() {
        body.set_attribute("data-hydrated", "").ok();
    }
}
