//! Parts that the server draws and the browser only shows.
//!
//! What changes only together with its data (facets, histogram, timeline, the sections of an attempt) travels as
//! HTML inside the answer of a server function. So it weighs nothing in the browser's wasm, and the browser gets
//! only the section that is looked at. The views are ordinary Leptos views, so texts are escaped as everywhere.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event};

use super::calls::Side;
use super::keys;
use crate::components::Icon;
use crate::error::UiError;
use crate::remote::ask;

/// The view as HTML.
#[must_use]
pub fn html(view: AnyView) -> String {
    view.to_html()
}

/// A part of what stands around the rows.
pub fn piece(side: RwSignal<Result<Side, UiError>>, part: fn(&Side) -> &str) -> AnyView {
    let html = move || side.with(|side| side.as_ref().map(|side| part(side).to_owned()).unwrap_or_default());
    view! { <div class="contents" data-drawn="" inner_html=html></div> }.into_any()
}

/// Whether somebody is busy with a drawn part, so that it is left alone.
pub fn is_busy() -> bool {
    keys::is_there("[data-drawn] > :hover, [data-drawn]:focus-within") || is_held()
}

/// Whether somebody has something of a drawn part open or in hand, which would be taken from them.
pub fn is_held() -> bool {
    keys::is_there("[data-drawn] details[open], [data-columns] [data-on], .confirm[open]")
        || keys::is_there("[data-drawn] :popover-open")
}

/// Asks again in the browser: for other arguments whenever `key` moves, for the same ones whenever `again` does. The
/// newest answer replaces what is shown, if it differs; the focus stays on the link that had it. When the same is
/// asked again and the server does not answer, what is shown stays; it does so too where `keep` says so, which then has to
/// see to it that it is asked later.
pub fn ask_again<K, S>(
    shown: RwSignal<Result<S::Output, UiError>>,
    key: Memo<K>,
    again: RwSignal<usize>,
    keep: impl Fn() -> bool + Copy + Send + Sync + 'static,
    input: fn(K) -> S,
) where
    K: Clone + PartialEq + Send + Sync + 'static,
    S: ServerFn<Error = UiError> + Serialize + 'static,
    S::Output: Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static,
{
    let newest = StoredValue::new(0_usize);
    let handler = move |now: &(K, usize), before: Option<&(K, usize)>, _: Option<()>| {
        let moved = before.is_some_and(|before| before.0 != now.0);
        let turn = newest.get_value() + 1;
        newest.set_value(turn);
        let answer = ask(input(now.0.clone()));
        spawn_local(async move {
            let answer = answer.await;
            let late = newest.try_get_value() != Some(turn);
            let lost = !moved && answer.as_ref().is_err_and(|error| error.status == 0 || error.status >= 500);
            if !late && !lost && (moved || !keep()) && shown.try_with_untracked(|old| *old != answer) == Some(true) {
                let focused = keys::focused_link();
                shown.set(answer);
                if let Some(selector) = focused {
                    set_timeout(move || _ = keys::focus(&selector), std::time::Duration::ZERO);
                }
            }
        });
    };
    Effect::watch(move || (key.get(), again.get()), handler, false);
}

/// A copy button in a drawn part; [`listen_for_copies`] makes it work.
pub fn copy(text: String) -> AnyView {
    view! {
        <button type="button" class="btn small quiet square js-only" data-copy=text title="Copy" aria-label="Copy"><Icon name="copy"/></button>
    }
    .into_any()
}

/// Lets the copy buttons of drawn parts copy, as long as the page is shown.
pub fn listen_for_copies() {
    hear(&["click"], |event| {
        if let Some(button) = around(event, "[data-copy]") {
            copy_from(button);
        }
    });
}

/// Calls `handler` for events of these kinds before anything on the page hears of them, as long as the page is shown.
/// One listener at the document does for all that stands in a drawn part, and weighs less than one per element.
pub fn hear(kinds: &'static [&'static str], handler: impl Fn(&Event) + 'static) {
    hear_any(kinds, Rc::new(handler));
}

/// Compiled once for all handlers.
fn hear_any(kinds: &'static [&'static str], handler: Rc<dyn Fn(&Event)>) {
    Effect::new(move |_| {
        let handler = Rc::clone(&handler);
        // One event may lead to another at once, as a key that moves the focus does.
        let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| handler(&event));
        for kind in kinds {
            let callback = closure.as_ref().unchecked_ref();
            // It fails only without a document.
            let _added = document().add_event_listener_with_callback_and_bool(kind, callback, true);
        }
        // Belongs to this effect; dropped, and so made deaf, with the page.
        StoredValue::new_local(Listener { kinds, closure });
    });
}

/// A listener, gone when dropped.
struct Listener {
    kinds: &'static [&'static str],
    closure: Closure<dyn Fn(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        for kind in self.kinds {
            let callback = self.closure.as_ref().unchecked_ref();
            // It fails only if there is no such listener.
            let _removed = document().remove_event_listener_with_callback_and_bool(kind, callback, true);
        }
    }
}

/// The element that a selector names and that an event met: its target, or what is around that.
pub fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// Copies the button's text and shows a tick for two seconds.
fn copy_from(button: Element) {
    let text = button.get_attribute("data-copy").unwrap_or_default();
    let _copying = window().navigator().clipboard().write_text(&text);
    mark(&button, "Copied", "check");
    set_timeout(move || mark(&button, "Copy", "copy"), std::time::Duration::from_secs(2));
}

fn mark(button: &Element, label: &str, icon: &str) {
    // Setting an attribute fails only for a name that is none.
    let _labelled = button.set_attribute("aria-label", label);
    if let Ok(Some(sign)) = button.query_selector("use") {
        let _drawn = sign.set_attribute("href", &format!("/icons.svg#{icon}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_from_outside_stays_text() {
        let drawn = html(copy("\"><script>alert(1)</script>".into()));
        assert!(drawn.contains("data-copy=\"&quot;") && !drawn.contains("<script>"), "{drawn}");
        let drawn = html(view! { <p title="<b>">{"<script>".to_owned()}</p> }.into_any());
        assert!(drawn.contains("&lt;script") && !drawn.contains("<script>"), "{drawn}");
    }
}
