//! The pages in parts. Each part is a wasm module of its own, so that the first page brings only
//! what its part needs; the frame is in every part. A link from one part to another is followed by
//! the browser, which loads the other page, drawn by the server, with the other module.
//!
//! The features of this crate say which parts are compiled; the server and development builds have
//! all of them. `cargo xtask build --release` builds one module per part.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// The parts, by the names of their features.
pub const PARTS: [&str; 11] = [
    "account",
    "controls",
    "debugger",
    "editor",
    "endpoint",
    "endpoints",
    "integrations",
    "log",
    "replays",
    "start",
    "types",
];

/// The part that a page belongs to, by its path.
#[must_use]
pub fn part_of(path: &str) -> &'static str {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut names = path.split('/').filter(|name| !name.is_empty());
    match (names.next().unwrap_or_default(), names.next(), names.next()) {
        ("deliveries", ..) => "log",
        ("replays", ..) => "replays",
        ("endpoints", Some(_), Some("filter" | "security" | "rules" | "history")) => "controls",
        ("endpoints", Some("new"), _) | ("endpoints", Some(_), Some(_)) => "editor",
        ("endpoints", Some(_), None) => "endpoint",
        ("endpoints", ..) => "endpoints",
        ("event-types", ..) => "types",
        ("integrations" | "connections", ..) => "integrations",
        ("developers", Some("signature"), _) => "debugger",
        ("setup" | "sign-in" | "invitations" | "developers" | "settings" | "operator" | "health", ..) => "account",
        _ => "start",
    }
}

/// Whether the browser must load this address to get from the page it shows to there.
fn is_elsewhere(address: &str) -> bool {
    let here = window().location();
    let path = match address.strip_prefix(&here.origin().unwrap_or_default()) {
        Some(path) => path,
        None if address.starts_with('/') => address,
        None => return true,
    };
    here.pathname().is_ok_and(|shown| part_of(&shown) != part_of(path))
}

/// Leaves links to other parts to the browser. Listens at the document: the router listens at the window, after it.
pub fn leave_links_to_the_browser() {
    Effect::new(|_| {
        let mark = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(|event: web_sys::Event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let link = target.and_then(|element| element.closest("a[href^='/']").ok().flatten());
            if let Some(link) = link.filter(|link| link.get_attribute("href").is_some_and(|href| is_elsewhere(&href))) {
                // It fails only for names that are no attribute's.
                let _marked = link.set_attribute("rel", "external");
            }
        });
        // It fails only without a document. The listener lives as long as the page.
        let _listening = document().add_event_listener_with_callback("click", mark.as_ref().unchecked_ref());
        mark.forget();
    });
}

/// Goes where an answer sends the browser: inside this part by the router, else by loading the page.
pub fn follow(address: &str) {
    if is_elsewhere(address) {
        // It fails only for addresses that are none.
        let _going = window().location().set_href(address);
    } else {
        leptos::server_fn::redirect::call_redirect_hook(address);
    }
}

/// Stands for the pages of the parts that this module does not have: has the browser load the page.
#[component]
pub fn Elsewhere() -> impl IntoView {
    Effect::new(|_| {
        // It fails only without a window.
        let _loading = window().location().reload();
    });
}

#[cfg(test)]
mod tests {
    use super::{PARTS, part_of};

    #[test]
    fn every_page_has_a_part() {
        for (path, part) in [
            ("/", "start"),
            ("/event-types/invoice.paid", "types"),
            ("/inbox", "start"),
            ("/nowhere", "start"),
            ("/deliveries?status=failed", "log"),
            ("/deliveries/dlv_1", "log"),
            ("/replays/new?status=failed", "replays"),
            ("/endpoints", "endpoints"),
            ("/endpoints/ep_1", "endpoint"),
            ("/endpoints/new", "editor"),
            ("/endpoints/ep_1/edit#url", "editor"),
            ("/endpoints/ep_1/filter?done=saved", "controls"),
            ("/endpoints/ep_1/security", "controls"),
            ("/endpoints/ep_1/rules", "controls"),
            ("/endpoints/ep_1/history", "controls"),
            ("/settings/members", "account"),
            ("/developers?preset=all", "account"),
            ("/developers/signature#body=x", "debugger"),
            ("/sign-in?next=/deliveries", "account"),
            ("/health?span=7d", "account"),
            ("/operator/health", "account"),
        ] {
            assert_eq!(part_of(path), part, "{path}");
            assert!(PARTS.contains(&part));
        }
    }
}
