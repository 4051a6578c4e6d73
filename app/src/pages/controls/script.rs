//! The field for a transformation: a text area in which Tab indents.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

use super::open::inside;
use crate::components::FieldError;
use crate::error::UiError;

const EXAMPLE: &str = "function transform(event) {\n  if (event.data.test) return null; // send nothing\n  return {\n    text: `Paid: ${event.data.amount}`,\n    id: event.webhook_id,\n  };\n}";

/// The text area with its help and its error.
pub fn field(value: &str, error: Signal<Option<UiError>>) -> AnyView {
    let rows = value.lines().count().clamp(9, 24).to_string();
    let leaves = StoredValue::new(false);
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Tab" if !leaves.get_value() && !event.shift_key() && !event.ctrl_key() && !event.alt_key() => indent(&event),
        "Escape" => leaves.set_value(true),
        _ => leaves.set_value(false),
    };
    let invalid = super::open::invalid(error, "transformation");
    view! {
        <div class="field">
            <label for="script">"Transformation "<span class="faint font-normal">"optional"</span></label>
            <textarea id="script" class="input mono block! whitespace-pre overflow-x-auto" name="form[script]" rows=rows maxlength="32768" placeholder=EXAMPLE
                spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="script-help transformation-error" aria-invalid=invalid
                on:keydown=on_key on:blur=move |_| leaves.set_value(false) inner_html=inside(value)></textarea>
            <FieldError error=error field="transformation"/>
            <p class="help" id="script-help">
                "JavaScript with a function "<code>"transform(event)"</code>". It returns the body to send, or "<code>"null"</code>" to send nothing; "
                <code>"{ $body, $headers }"</code>" adds headers, "<code>"console.log"</code>" shows below the preview. At most 50 ms, 8 MiB, no network."
                <span class="js-only">" Tab indents; press Esc, then Tab, to leave the field."</span>
            </p>
        </div>
    }
    .into_any()
}

/// Two spaces where the cursor is.
fn indent(event: &KeyboardEvent) {
    let Some(area) = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok()) else { return };
    let (Ok(Some(start)), Ok(_)) = (area.selection_start(), area.set_range_text("  ")) else { return };
    event.prevent_default();
    // They fail only where an element has no selection.
    let _moved = area.set_selection_range(start + 2, start + 2);
}
