//! The form of an own event type.

use leptos::prelude::*;

use super::calls::SaveEventType;
use super::form::{TypeForm, escape};
use crate::components::{FieldError, FormError, PageHead};
use crate::error::UiError;
use crate::remote::{Post, PostForm};

/// The fields that show their own messages.
const FIELDS: &[&str] = &["name", "event_type", "description", "sample", "schema"];

/// A new type, or one that exists.
#[component]
pub fn TypeEditor(
    /// What the form holds at first.
    form: TypeForm,
) -> impl IntoView {
    let save = Post::<SaveEventType>::new();
    let error = save.error();
    let is_new = form.existing.is_empty();
    let (title, back) = if is_new {
        ("Add event type".to_owned(), "/event-types".to_owned())
    } else {
        (format!("Edit {}", form.existing), format!("/event-types/{}", form.existing))
    };
    let mut crumbs = vec![("Event types".to_owned(), "/event-types".to_owned())];
    crumbs.extend((!is_new).then(|| (form.existing.clone(), back.clone())));
    view! {
        <PageHead title=title crumbs=crumbs />
        <PostForm action=save attr:class="panel pad stack gap-4 max-w-3xl" attr:autocomplete="off">
            <FormError error=error fields=FIELDS />
            <input type="hidden" name="form[existing]" value=form.existing.clone() />
            <div class="field">
                <label for="type-name">"Name"</label>
                <input id="type-name" class="input mono" name="form[name]" required maxlength="100" value=form.name readonly=!is_new placeholder="order.created"
                    pattern="[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)+" title="resource.action: lower-case letters, digits and _, joined by dots" aria-describedby="type-name-help name-error event_type-error" spellcheck="false" />
                <p class="help" id="type-name-help">{if is_new { "The resource, a dot, and what happened to it: order.created" } else { "A name is for ever: receivers rely on it." }}</p>
                <FieldError error=error field="name" />
                <FieldError error=error field="event_type" />
            </div>
            <div class="field">
                <label for="type-description">"Description"</label>
                <input id="type-description" class="input" name="form[description]" maxlength="500" value=form.description placeholder="An order was placed and paid for." aria-describedby="description-error" />
                <FieldError error=error field="description" />
            </div>
            {area("sample", "Sample", "A realistic data object. Tests send it, and developers build against it.", "{\n  \"order_id\": \"o_1001\",\n  \"total\": 4200\n}", &form.sample, error)}
            {area("schema", "JSON Schema", "Optional. What every data object of this type holds.", "{\n  \"type\": \"object\",\n  \"required\": [\"order_id\"]\n}", &form.schema, error)}
            <div class="row justify-end">
                <a class="btn quiet" href=back>"Cancel"</a>
                <button class="btn primary" type="submit" disabled=save.pending()>"Save"</button>
            </div>
        </PostForm>
    }
}

/// A field for JSON. Its content is set as HTML because a text area's children are not escaped on the server.
fn area(
    field: &'static str,
    label: &'static str,
    help: &'static str,
    example: &'static str,
    value: &str,
    error: Signal<Option<UiError>>,
) -> impl IntoView + use<> {
    let rows = value.lines().count().clamp(6, 18).to_string();
    view! {
        <div class="field">
            <label for=format!("type-{field}")>{label}</label>
            <textarea id=format!("type-{field}") class="input mono block!" name=format!("form[{field}]") rows=rows placeholder=example spellcheck="false"
                aria-describedby=format!("type-{field}-help {field}-error") inner_html=escape(value)></textarea>
            <FieldError error=error field=field />
            <p class="help" id=format!("type-{field}-help")>{help}</p>
        </div>
    }
}
