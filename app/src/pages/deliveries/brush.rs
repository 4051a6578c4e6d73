//! Choosing a range of time on the histogram: by dragging over its columns, or with Shift and the arrow keys.
//!
//! The columns are links that the server has drawn ([`super::histogram`]), each to its own range. A range of columns
//! goes from the start of the first one's link to the end of the last one's.

use leptos::ev::{FocusEvent, KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement};

use super::drawn::{around, hear};
use super::keys;

/// The columns on the page.
struct Columns {
    /// What holds them.
    bar: HtmlElement,
    links: Vec<HtmlElement>,
    /// The one that an event met; what stands left of the columns counts as the first.
    here: usize,
}

impl Columns {
    /// Those that an event met.
    fn met_by(event: &Event) -> Option<Self> {
        let bar: HtmlElement = around(event, "[data-columns]")?.dyn_into().ok()?;
        let links = keys::all(&bar, "a");
        let met = around(event, "a");
        let here = links.iter().position(|link| met.as_ref() == Some(link)).unwrap_or(0);
        Some(Self { bar, links, here })
    }

    /// The column under the pointer, which the bar has captured.
    fn under(&self, event: &MouseEvent) -> usize {
        let cells = self.bar.child_element_count() as usize;
        at(event.offset_x(), self.bar.client_width(), cells, self.links.len())
    }

    /// Shows which columns are chosen.
    fn mark(&self, range: Option<(usize, usize)>) {
        for (place, link) in self.links.iter().enumerate() {
            let on = range.is_some_and(|(a, b)| (a.min(b)..=a.max(b)).contains(&place));
            // It fails only for a name that is none.
            _ = link.toggle_attribute_with_force("data-on", on);
        }
    }

    /// Where the range leads.
    fn href(&self, a: usize, b: usize) -> Option<String> {
        let link = |place: usize| self.links.get(place)?.get_attribute("href");
        joined(&link(a.min(b))?, &link(a.max(b))?)
    }
}

/// The column at a distance from the left edge; there may be empty cells left of the columns.
fn at(x: i32, width: i32, cells: usize, columns: usize) -> usize {
    let cell = usize::try_from(x.max(0)).unwrap_or(0) * cells / usize::try_from(width.max(1)).unwrap_or(1);
    cell.saturating_sub(cells - columns).min(columns.saturating_sub(1))
}

/// From the start of one link's range to the end of another's. The two differ in nothing but their time, whose
/// end is the last filter in an address.
fn joined(first: &str, last: &str) -> Option<String> {
    const UNTIL: &str = "&until=";
    Some(format!("{}{}", &first[..first.find(UNTIL)?], &last[last.find(UNTIL)?..]))
}

/// Lets a range be chosen on the histogram, as long as the page is shown. `go` gets where it leads.
pub fn listen(go: impl Fn(&str) + 'static) {
    // The column where the range begins, while one is being chosen.
    let start = StoredValue::new(None::<usize>);
    hear(&["pointerdown", "pointermove", "pointerup", "pointercancel", "keydown", "focusout", "click"], move |event| {
        let Some(columns) = Columns::met_by(event) else { return };
        // Whoever leaves the columns has chosen none.
        if let Some(event) = event.dyn_ref::<FocusEvent>() {
            let to = event.related_target().and_then(|to| to.dyn_into().ok());
            if !columns.bar.contains(to.as_ref()) {
                start.set_value(None);
                columns.mark(None);
            }
            return;
        }
        let range = match event.dyn_ref::<KeyboardEvent>() {
            Some(event) => on_key(event, &columns, start),
            None => event.dyn_ref().and_then(|event| on_pointer(event, &columns, start)),
        };
        if let Some(href) = range.and_then(|(a, b)| columns.href(a, b)) {
            start.set_value(None);
            columns.mark(None);
            go(&href);
        }
    });
}

/// What the pointer does. Answers the range when it is let go.
fn on_pointer(event: &MouseEvent, columns: &Columns, start: StoredValue<Option<usize>>) -> Option<(usize, usize)> {
    let from = start.get_value();
    match event.type_().as_str() {
        "pointerdown" if is_plain(event) => {
            start.set_value(Some(columns.here));
            columns.mark(Some((columns.here, columns.here)));
            let id = event.dyn_ref().map(PointerEvent::pointer_id)?;
            // It fails only when the pointer is gone already.
            _ = columns.bar.set_pointer_capture(id);
        }
        "pointermove" if event.buttons() != 0 => columns.mark(Some((from?, columns.under(event)))),
        "pointerup" => return Some((from?, columns.under(event))),
        "pointercancel" => {
            start.set_value(None);
            columns.mark(None);
        }
        // The work is done by then; a click that Enter makes has no detail and follows its link.
        "click" if event.detail() != 0 && is_plain(event) => event.prevent_default(),
        _ => {}
    }
    None
}

/// What the keys do. Answers the range on Enter.
fn on_key(event: &KeyboardEvent, columns: &Columns, start: StoredValue<Option<usize>>) -> Option<(usize, usize)> {
    let (here, from) = (columns.here, start.get_value());
    let mut range = None;
    match event.key().as_str() {
        key @ ("ArrowLeft" | "ArrowRight") => {
            let next = if key == "ArrowLeft" { here.saturating_sub(1) } else { here + 1 };
            let next = next.min(columns.links.len().saturating_sub(1));
            let from = event.shift_key().then(|| from.unwrap_or(here));
            start.set_value(from);
            columns.mark(from.map(|from| (from, next)));
            _ = columns.links.get(next)?.focus();
        }
        "Enter" => range = Some((from?, here)),
        "Escape" => {
            from?;
            start.set_value(None);
            columns.mark(None);
        }
        _ => return None,
    }
    event.prevent_default();
    event.stop_propagation();
    range
}

/// Whether it is the first button alone: anything else is the browser's, like opening a column in a new tab.
fn is_plain(event: &MouseEvent) -> bool {
    event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key()
}

#[cfg(test)]
mod tests {
    use super::super::url;
    use super::*;

    #[test]
    fn a_place_on_the_bar_is_a_column() {
        for (x, expected) in [(-5, 0), (0, 0), (299, 0), (300, 0), (310, 1), (399, 9), (400, 9), (900, 9)] {
            assert_eq!(at(x, 400, 40, 10), expected, "{x}");
        }
        assert_eq!(at(3, 0, 0, 0), 0);
    }

    #[test]
    fn a_range_goes_from_the_first_columns_start_to_the_last_ones_end() {
        let at = |minute: i64| domain::Timestamp(minute * 60_000).rfc3339();
        let link = |minute| url::href(&url::between(&url::read("status=failed&limit=20"), at(minute), at(minute + 1)));
        assert_eq!(
            joined(&link(0), &link(5)),
            Some(url::href(&url::between(&url::read("status=failed&limit=20"), at(0), at(6))))
        );
        assert_eq!(joined("/deliveries", "/deliveries"), None);
    }
}
