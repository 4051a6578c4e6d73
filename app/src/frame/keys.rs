//! The keyboard: `Cmd/Ctrl+K` jumps to a page, `g` and a letter too, `?` shows the keys.

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDetailsElement, HtmlElement, HtmlInputElement};

use super::rail::Place;
use crate::components::Icon;

/// What the help shows; pages add their own keys to their own sheets.
const KEYS: [(&str, &str); 9] = [
    ("⌘K / Ctrl K", "Jump to a page"),
    ("g h", "Home"),
    ("g d", "Delivery log"),
    ("g e", "Endpoints"),
    ("g t", "Event types"),
    ("/", "Search in a list"),
    ("j / k", "Next and previous row of the log"),
    ("Enter", "Open the row"),
    ("Esc", "Close what is open"),
];

type Dialog = NodeRef<leptos::html::Dialog>;

/// The button at the foot of the rail and the two dialogs.
pub fn view(places: Vec<Place>) -> impl IntoView {
    let palette = Dialog::new();
    let help = Dialog::new();
    let words = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let open = move || {
        words.set(String::new());
        chosen.set(0);
        show(palette);
    };
    listen(open, help);
    view! {
        <button type="button" class="nav js-only hide-s" on:click=move |_| open()>
            <span class="kbd">"⌘K"</span>
            "Jump anywhere"
        </button>
        {palette_dialog(palette, places, words, chosen)}
        {help_dialog(help)}
    }
}

fn show(dialog: Dialog) {
    if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
        // It fails only for a dialog that is open or gone, and then there is nothing to do.
        let _shown = dialog.show_modal();
    }
}

fn close(dialog: Dialog) {
    if let Some(dialog) = dialog.get_untracked() {
        dialog.close();
    }
}

fn matching(places: &[Place], words: &str) -> Vec<Place> {
    let words = words.trim().to_lowercase();
    places.iter().copied().filter(|place| place.label.to_lowercase().contains(&words)).collect()
}

fn palette_dialog(
    dialog: Dialog,
    places: Vec<Place>,
    words: RwSignal<String>,
    chosen: RwSignal<usize>,
) -> impl IntoView {
    let found = Memo::new(move |_| {
        matching(&places, &words.get()).iter().map(|place| (place.label, place.href, place.icon)).collect::<Vec<_>>()
    });
    let on_key = move |event: KeyboardEvent| {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|at| *at = (*at + 1).min(last)),
            "ArrowUp" => chosen.update(|at| *at = at.saturating_sub(1)),
            "Enter" => click(&format!("#jump-{}", chosen.get_untracked())),
            _ => return,
        }
        event.prevent_default();
    };
    let row = move |index: usize, (label, href, icon): (&'static str, &'static str, &'static str)| {
        view! {
            <a class="nav" role="option" id=format!("jump-{index}") href=href tabindex="-1"
                aria-selected=move || if chosen.get() == index { "true" } else { "false" } on:click=move |_| close(dialog)>
                <Icon name=icon/>
                {label}
            </a>
        }
        .into_any()
    };
    view! {
        <dialog class="dialog" node_ref=dialog aria-label="Jump to a page">
            <div class="pad row">
                <Icon name="search"/>
                <input class="grow outline-0" placeholder="Jump to a page" role="combobox" aria-expanded="true" aria-controls="jump-list"
                    aria-label="Page" autocomplete="off" aria-activedescendant=move || format!("jump-{}", chosen.get())
                    prop:value=move || words.get() on:keydown=on_key
                    on:input=move |event| { words.set(event_target_value(&event)); chosen.set(0); }/>
                <span class="kbd">"Esc"</span>
            </div>
            <div class="border-t border-line p-1.5" role="listbox" id="jump-list" aria-label="Pages">
                {move || found.get().into_iter().enumerate().map(|(index, place)| row(index, place)).collect::<Vec<_>>()}
                {move || found.with(Vec::is_empty).then(|| view! { <p class="pad faint">"No page has this name."</p> })}
            </div>
        </dialog>
    }
}

fn help_dialog(dialog: Dialog) -> impl IntoView {
    let rows: Vec<_> = KEYS
        .iter()
        .map(|(key, what)| {
            view! { <div class="row spread"><span>{*what}</span><span class="kbd">{*key}</span></div> }.into_any()
        })
        .collect();
    view! {
        <dialog class="dialog" node_ref=dialog aria-label="Keys">
            <div class="pad stack">
                <div class="row spread">
                    <h2>"Keys"</h2>
                    <button type="button" class="btn small quiet square" aria-label="Close" on:click=move |_| close(dialog)><Icon name="x"/></button>
                </div>
                {rows}
            </div>
        </dialog>
    }
}

/// Follows the link that a selector names, if it is on the page.
fn click(selector: &str) {
    if let Some(link) =
        document().query_selector(selector).ok().flatten().and_then(|link| link.dyn_into::<HtmlElement>().ok())
    {
        link.click();
    }
}

/// Whether keys belong to what has the focus.
fn is_typing() -> bool {
    let focused = document().active_element();
    focused.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || element.has_attribute("contenteditable")
    })
}

fn listen(open: impl Fn() + Copy + 'static, help: Dialog) {
    let after_g = StoredValue::new(0.0_f64);
    let on_key = move |event: KeyboardEvent| {
        let key = event.key();
        if key.eq_ignore_ascii_case("k") && (event.meta_key() || event.ctrl_key()) {
            event.prevent_default();
            return open();
        }
        if key == "Escape" {
            close_menus();
        }
        if event.meta_key() || event.ctrl_key() || event.alt_key() || is_typing() {
            return;
        }
        if event.time_stamp() - after_g.get_value() < 1200.0 {
            let href = match key.as_str() {
                "h" => "/",
                "d" => "/deliveries",
                "e" => "/endpoints",
                "t" => "/event-types",
                _ => "",
            };
            if !href.is_empty() {
                event.prevent_default();
                after_g.set_value(0.0);
                return click(&format!(".rail .nav[href='{href}']"));
            }
        }
        match key.as_str() {
            "g" => after_g.set_value(event.time_stamp()),
            "?" => show(help),
            _ => {}
        }
    };
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, on_key);
        on_cleanup(move || handle.remove());
    });
    Effect::new(move |_| {
        let handle = window_event_listener(ev::click, |event| {
            close_menus_but(event.target().and_then(|target| target.dyn_into().ok()))
        });
        on_cleanup(move || handle.remove());
    });
}

/// Closes the drawer and the rail's menus.
pub fn close_menus() {
    if let Some(drawer) =
        document().get_element_by_id("drawer").and_then(|drawer| drawer.dyn_into::<HtmlInputElement>().ok())
    {
        drawer.set_checked(false);
    }
    close_menus_but(None);
}

/// Closes the rail's menus except the one that holds this element.
fn close_menus_but(inside: Option<Element>) {
    let Ok(menus) = document().query_selector_all("details.menu[open]") else { return };
    for index in 0..menus.length() {
        let Some(menu) = menus.item(index).and_then(|menu| menu.dyn_into::<HtmlDetailsElement>().ok()) else {
            continue;
        };
        if !inside.as_ref().is_some_and(|inside| menu.contains(Some(inside))) {
            menu.set_open(false);
        }
    }
}
