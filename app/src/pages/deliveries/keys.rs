//! The keys of the log and of a delivery. They press what is on the page, so the mouse can do all of it too.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement};

/// Calls `on_key` for keys pressed outside of fields and dialogs, without modifiers, as long as the page is shown.
/// It answers whether the key meant something; then nobody else hears of it. The frame listens at the window, so
/// a listener at the document comes first.
pub fn listen(on_key: impl Fn(&str) -> bool + Clone + 'static) {
    // The effect holds the listener, and is gone with the page. (A local stored value would be made on the server
    // too, and must not be dropped by another thread.)
    Effect::new(move |_: Option<Option<Listener>>| Listener::new(on_key.clone()));
}

/// A listener at the document, gone when dropped.
struct Listener(Closure<dyn FnMut(KeyboardEvent)>);

impl Listener {
    fn new(on_key: impl Fn(&str) -> bool + 'static) -> Option<Self> {
        let closure = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            let key = event.key();
            let field = "input:not([type=checkbox]), textarea, select, [contenteditable]";
            let typing = target(&event).is_some_and(|element| element.closest(field).ok().flatten().is_some());
            if typing && key == "Escape" {
                blur();
            }
            let busy = typing
                || event.ctrl_key()
                || event.meta_key()
                || event.alt_key()
                || is_there("dialog[open], .confirm[open]")
                || is_there("[data-drawn] :popover-open");
            if !busy && !event.default_prevented() && on_key(&key) {
                event.prevent_default();
                event.stop_propagation();
            }
        });
        document().add_event_listener_with_callback("keydown", closure.as_ref().unchecked_ref()).ok()?;
        Some(Self(closure))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // It fails only if there is no such listener.
        let _removed = document().remove_event_listener_with_callback("keydown", self.0.as_ref().unchecked_ref());
    }
}

fn target(event: &KeyboardEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The first element that a selector names.
fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// All that a selector names within an element.
pub fn all(within: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = within.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// Whether there is something that a selector names.
pub fn is_there(selector: &str) -> bool {
    find(selector).is_some()
}

/// Clicks what a selector names, if it is there.
pub fn click(selector: &str) -> bool {
    find(selector).inspect(HtmlElement::click).is_some()
}

/// Focuses what a selector names, if it is there.
pub fn focus(selector: &str) -> bool {
    find(selector).is_some_and(|element| element.focus().is_ok())
}

/// How to find the link in a drawn part that has the focus, after the part was drawn again.
pub fn focused_link() -> Option<String> {
    let link =
        document().active_element().filter(|element| element.closest("[data-drawn]").ok().flatten().is_some())?;
    let href = link.get_attribute("href").filter(|href| !href.contains(['"', '\\']))?;
    Some(format!("[data-drawn] [href=\"{href}\"]"))
}

/// Takes the focus away from where it is.
pub fn blur() {
    if let Some(element) = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _blurred = element.blur();
    }
}

/// The row that has the focus.
pub fn current_row() -> Option<Element> {
    document().active_element()?.closest("[data-row]").ok()?
}

/// Moves the focus to the next row, or the one before; to the first if none has it.
pub fn move_row(forward: bool) -> bool {
    let next = match current_row() {
        Some(row) if forward => row.next_element_sibling(),
        Some(row) => row.previous_element_sibling(),
        None => document().query_selector("[data-row]").ok().flatten(),
    };
    let link = next
        .and_then(|row| row.query_selector("a").ok().flatten())
        .and_then(|link| link.dyn_into::<HtmlElement>().ok());
    link.is_some_and(|link| link.focus().is_ok())
}

/// Clicks something in the row that has the focus.
pub fn click_in_row(selector: &str) -> bool {
    let found = current_row()
        .and_then(|row| row.query_selector(selector).ok().flatten())
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    found.inspect(HtmlElement::click).is_some()
}

/// The list of keys behind the `?` button; a popover, so it opens without scripts of ours and closes on Escape.
#[component]
pub fn KeySheet(
    /// Key and meaning.
    keys: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let rows = keys
        .iter()
        .map(|(key, meaning)| view! { <dt><span class="kbd">{*key}</span></dt><dd class="muted">{*meaning}</dd> })
        .collect_view();
    view! {
        <button type="button" id="keys-button" class="btn small quiet square js-only hide-s" popovertarget="keys-sheet" title="Keyboard shortcuts" aria-label="Keyboard shortcuts">"?"</button>
        <div id="keys-sheet" popover="auto" class="panel pad m-auto shadow-xl text-ink backdrop:bg-ink/30">
            <h2 class="mb-3">"Keyboard shortcuts"</h2>
            <dl class="grid grid-cols-[auto_auto] gap-x-4 gap-y-1.5">{rows}</dl>
        </div>
    }
}
