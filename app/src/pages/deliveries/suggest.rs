//! Suggestions while typing into the search box: shows those of [`super::tokens`] that fit the part at the caret, and
//! takes one on Enter or a click.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::drawn::{around, hear};
use super::keys::all;

/// The id of the list that the server has drawn.
const LIST_ID: &str = "log-suggestions";

/// The text field.
const FIELD: &str = "#log-search";
/// A suggestion.
const ROW: &str = "#log-suggestions [role=option]";

/// Rows shown at once.
const MOST: usize = 12;

/// The part of a text that ends at the caret (counted as the browser does), in bytes.
fn part(text: &str, caret: usize) -> std::ops::Range<usize> {
    let (mut start, mut units, mut quoted) = (0, 0, false);
    for (at, c) in text.char_indices() {
        if units >= caret {
            return start..at;
        }
        units += c.len_utf16();
        if c == '"' {
            quoted = !quoted;
        } else if c.is_whitespace() && !quoted {
            start = at + c.len_utf8();
        }
    }
    start..text.len()
}

/// Whether a suggestion fits what is typed, both in lower case and without quotes: names by their beginning, values
/// by the beginning of any of their words.
fn fits(suggestion: &str, typed: &str) -> bool {
    let Some((name, value)) = suggestion.split_once(':') else { return false };
    let begins = |typed: &str| value.match_indices(typed).any(|(at, _)| !value[..at].ends_with(char::is_alphanumeric));
    match typed.split_once(':') {
        Some((token, rest)) => name == token && !value.is_empty() && begins(rest),
        None if value.is_empty() => name.starts_with(typed),
        None => !typed.is_empty() && begins(typed),
    }
}

#[inline(never)]
fn plain(text: &str) -> String {
    text.replace('"', "").to_lowercase()
}

fn field() -> Option<HtmlInputElement> {
    document().query_selector(FIELD).ok()??.dyn_into().ok()
}

fn list() -> Option<HtmlElement> {
    document().get_element_by_id(LIST_ID)?.dyn_into().ok()
}

/// The suggestion that Enter takes.
fn chosen(list: &HtmlElement) -> Option<HtmlElement> {
    all(list, "[aria-selected=true]").pop()
}

/// Setting an attribute fails only for a name that is none.
fn set(element: &Element, name: &str, value: &str) {
    _ = element.set_attribute(name, value);
}

/// Shows what fits, or nothing.
fn show() {
    let (Some(field), Some(list)) = (field(), list()) else { return };
    let text = field.value();
    let typed = plain(&text[part(&text, caret(&field))]);
    let mut shown = 0;
    for row in all(&list, "[role=option]") {
        let fits = shown < MOST && fits(&plain(&value(&row)), &typed);
        row.set_hidden(!fits);
        shown += usize::from(fits);
    }
    choose(&field, &list, None);
    set(&field, "aria-autocomplete", "list");
    set(&field, "aria-controls", LIST_ID);
    list.set_scroll_top(0);
    list.set_hidden(shown == 0);
    set(&field, "aria-expanded", if shown == 0 { "false" } else { "true" });
}

/// Hides the list.
pub fn close() {
    let (Some(field), Some(list)) = (field(), list()) else { return };
    list.set_hidden(true);
    choose(&field, &list, None);
    set(&field, "aria-expanded", "false");
}

fn caret(field: &HtmlInputElement) -> usize {
    field.selection_start().ok().flatten().map_or(usize::MAX, |caret| caret as usize)
}

fn value(row: &Element) -> String {
    row.get_attribute("data-v").unwrap_or_default()
}

/// Marks a suggestion as the one that Enter takes.
fn choose(field: &HtmlInputElement, list: &HtmlElement, row: Option<&HtmlElement>) {
    if let Some(old) = chosen(list) {
        set(&old, "aria-selected", "false");
    }
    match row {
        Some(row) => {
            set(row, "aria-selected", "true");
            set(field, "aria-activedescendant", &row.id());
            list.set_scroll_top(row.offset_top() - list.client_height() / 2);
        }
        None => _ = field.remove_attribute("aria-activedescendant"),
    }
}

/// Marks the next suggestion or the one before; beyond the last comes none, which leaves Enter to the search.
fn step(field: &HtmlInputElement, list: &HtmlElement, forward: bool) {
    let shown = all(list, "[role=option]:not([hidden])");
    let now = shown.iter().position(|row| row.get_attribute("aria-selected").as_deref() == Some("true"));
    let next = match (now, forward) {
        (None, true) => Some(0),
        (None, false) => shown.len().checked_sub(1),
        (Some(at), true) => Some(at + 1),
        (Some(at), false) => at.checked_sub(1),
    };
    choose(field, list, next.and_then(|next| shown.get(next)));
}

/// Puts a suggestion in place of the part that is being typed. Answers the text if that makes it whole.
fn take(row: &Element) -> Option<String> {
    let field = field()?;
    let (old, token) = (field.value(), value(row));
    let part = part(&old, caret(&field));
    let before = format!("{}{token}", &old[..part.start]);
    let end = u32::try_from(before.encode_utf16().count()).ok()?;
    field.set_value(&format!("{before}{}", &old[part.end..]));
    // It fails only for fields that have no caret.
    _ = field.set_selection_range(end, end);
    if token.ends_with(':') {
        show();
        return None;
    }
    close();
    Some(field.value())
}

/// Lets the field suggest, as long as the page is shown. `search` gets the text when a suggestion made it whole.
pub fn listen(search: impl Fn(String) + 'static) {
    hear(&["focusin", "focusout", "input", "keydown", "mousedown", "click"], move |event| {
        if around(event, FIELD).is_some() {
            match (event.type_().as_str(), event.dyn_ref::<KeyboardEvent>()) {
                ("focusin" | "input", _) => show(),
                ("focusout", _) => close(),
                ("keydown", Some(event)) => on_key(event).into_iter().for_each(&search),
                _ => {}
            }
        } else if let Some(row) = around(event, ROW) {
            match event.type_().as_str() {
                // The field keeps the focus.
                "mousedown" => event.prevent_default(),
                "click" => take(&row).into_iter().for_each(&search),
                _ => {}
            }
        }
    });
}

/// Keys in the field. Answers the text to search for when a suggestion made it whole.
fn on_key(event: &KeyboardEvent) -> Option<String> {
    let (field, list) = (field()?, list()?);
    let open = !list.hidden();
    let mut taken = None;
    match event.key().as_str() {
        _ if event.is_composing() => return None,
        "ArrowDown" | "ArrowUp" if !open => show(),
        key @ ("ArrowDown" | "ArrowUp") => step(&field, &list, key == "ArrowDown"),
        "Enter" => {
            let row = chosen(&list)?;
            taken = take(&row);
        }
        "Escape" if open => close(),
        _ => return None,
    }
    event.prevent_default();
    event.stop_propagation();
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_at_the_caret_is_what_is_being_typed() {
        for (text, caret, expected) in [
            ("", 0, ""),
            ("late sta", 8, "sta"),
            ("late sta", 4, "late"),
            ("late ", 5, ""),
            ("endpoint:\"Billing sy", 20, "endpoint:\"Billing sy"),
            ("\u{1f600}é code:5xx", 10, "code:5"),
            ("code:5", usize::MAX, "code:5"),
        ] {
            assert_eq!(&text[part(text, caret)], expected, "{text}");
        }
    }

    #[test]
    fn names_fit_by_their_beginning_and_values_by_that_of_any_word() {
        for (suggestion, typed) in [
            ("status:", ""),
            ("status:", "sta"),
            ("status:failed", "fail"),
            ("status:failed", "status:"),
            ("type:invoice.paid", "paid"),
            ("endpoint:billing sync", "endpoint:sync"),
        ] {
            assert!(fits(suggestion, typed), "{suggestion} for {typed}");
        }
        for (suggestion, typed) in [
            ("status:failed", ""),
            ("status:", "status:"),
            ("status:", "us"),
            ("status:failed", "code:fail"),
            ("status:failed", "status:led"),
            ("status:pending", "end"),
        ] {
            assert!(!fits(suggestion, typed), "{suggestion} for {typed}");
        }
    }
}
