//! Asks before a changed form is left. Works after hydration; without scripts the browser leaves at once.

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys;

/// What is asked.
const QUESTION: &str = "Leave without saving? Your changes to this endpoint will be lost.";

/// Guards the page while `changed` holds: closing the window, and links inside the application.
pub fn guard(changed: RwSignal<bool>) {
    Effect::new(move |_| {
        let unload = window_event_listener(ev::beforeunload, move |event| {
            if changed.get_untracked() {
                event.prevent_default();
            }
        });
        let clicks = Closure::<dyn FnMut(web_sys::Event)>::new(move |event| refuse(&event, changed));
        // On the document, so that it comes before the router, which listens on the window.
        let listening = document().add_event_listener_with_callback("click", clicks.as_ref().unchecked_ref()).is_ok();
        let clicks = StoredValue::new_local(clicks);
        on_cleanup(move || {
            unload.remove();
            if listening {
                clicks.with_value(|clicks| {
                    _ = document().remove_event_listener_with_callback("click", clicks.as_ref().unchecked_ref())
                });
            }
        });
    });
}

/// Keeps a click on a link from being followed, if the person says so.
fn refuse(event: &web_sys::Event, changed: RwSignal<bool>) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let link = target.and_then(|element| element.closest("a[href]").ok().flatten());
    let leaves = link.is_some_and(|link| !link.has_attribute("download") && link.get_attribute("target").is_none());
    if !leaves || !changed.get_untracked() {
        return;
    }
    if window().confirm_with_message(QUESTION).unwrap_or(true) {
        changed.set(false);
    } else {
        event.prevent_default();
        event.stop_propagation();
    }
}
