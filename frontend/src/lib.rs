//! The wasm entry with every page, for development. In a release each part of the pages has its own: see `src/bin`.

/// Hydrates the page that the server rendered, as soon as the module has loaded.
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn hydrate() {
    app::hydrate(app::parts::all);
}
