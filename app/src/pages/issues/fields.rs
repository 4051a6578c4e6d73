//! The fields of an issue in the form: each with what the event writes into it.

use domain::issue::{FieldKind, IssueField, IssueScreen};
use leptos::prelude::*;

use super::form::IssueRuleForm;

/// The fields that the project asks for.
pub fn view(screen: &IssueScreen, form: &IssueRuleForm) -> AnyView {
    let (first, more): (Vec<_>, Vec<_>) =
        screen.fields.iter().filter(|field| field.kind.is_some()).partition(|field| {
            let is_filled = !form.value_of(&field.field).is_empty();
            field.is_required || is_filled || ["summary", "description", "priority"].contains(&field.field.as_str())
        });
    let draw = |fields: Vec<&IssueField>| fields.into_iter().map(|field| row(field, form)).collect::<Vec<_>>();
    let unfit: Vec<&IssueField> =
        screen.fields.iter().filter(|field| field.kind.is_none() && field.is_required).collect();
    let unfit = (!unfit.is_empty()).then(|| {
        let names = unfit.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ");
        view! { <p class="notice warn">{format!("The project requires fields that cannot be filled from here: {names}. Give them a default in Jira, or choose another type of issue.")}</p> }
    });
    let count = more.len();
    let more = (count > 0).then(|| {
        view! { <details><summary class="font-[540] cursor-pointer">{format!("{count} more fields")}</summary><div class="stack pt-3">{draw(more)}</div></details> }
    });
    view! {
        <fieldset class="field">
            <legend class="mb-1.5">"Fields"</legend>
            <div class="stack">
                <p class="help"><code>"{{data.number}}"</code>" stands for the event's value there. Such fields are written again by later events; the others once."</p>
                {unfit}
                {draw(first)}
                {more}
            </div>
        </fieldset>
    }
    .into_any()
}

fn row(field: &IssueField, form: &IssueRuleForm) -> AnyView {
    let id = format!("field-{}", field.field);
    let value = form.value_of(&field.field).to_owned();
    let name = field.name.clone();
    let needed = field.is_required && !["summary", "description"].contains(&field.field.as_str());
    let mark = needed.then(|| view! { <span class="help">" required"</span> });
    if field.kind == Some(FieldKind::Some) {
        return several(field, form);
    }
    let hidden = view! { <input type="hidden" name="form[fields][]" value=field.field.clone()/> };
    let input = match field.kind {
        Some(FieldKind::One | FieldKind::Cascade) => {
            let options: Vec<_> = field
                .choices
                .iter()
                .map(|choice| view! { <option value=choice.id.clone() selected=choice.id == value>{choice.name.clone()}</option> }.into_any())
                .collect();
            view! { <select class="input" id=id.clone() name="form[values][]" required=needed><option value="">"Nothing"</option>{options}</select> }.into_any()
        }
        Some(FieldKind::Document) => {
            view! { <textarea class="input block!" id=id.clone() name="form[values][]" rows="3" required=needed placeholder=hint(field)>{value}</textarea> }.into_any()
        }
        _ => {
            view! { <input class="input" id=id.clone() name="form[values][]" value=value required=needed placeholder=hint(field)/> }.into_any()
        }
    };
    view! { <div class="field"><label for=id>{name}{mark}</label>{hidden}{input}</div> }.into_any()
}

/// What stands there, or what is written if nothing does.
fn hint(field: &IssueField) -> &'static str {
    match (field.field.as_str(), field.kind) {
        ("summary", _) => "The event in a line, unless you write something",
        ("description", _) => "The event with its fields and a link, unless you write something",
        (_, Some(FieldKind::Number)) => "{{data.amount}}",
        (_, Some(FieldKind::Date)) => "2026-12-01 or {{data.due_at}}",
        (_, Some(FieldKind::Moment)) => "{{data.failed_at}}",
        (_, Some(FieldKind::Labels)) => "billing {{data.plan}}",
        (_, Some(FieldKind::Person)) => "Account id at Atlassian",
        (_, Some(FieldKind::People)) => "Account ids at Atlassian, with commas between",
        (_, Some(FieldKind::Parent)) => "ED-12 or {{data.issue_key}}",
        _ => "",
    }
}

fn several(field: &IssueField, form: &IssueRuleForm) -> AnyView {
    let boxes: Vec<_> = field
        .choices
        .iter()
        .map(|choice| {
            let on = form.is_picked(&field.field, &choice.id);
            let value = format!("{}:{}", field.field, choice.id);
            view! { <label class="choice"><input type="checkbox" class="check" name="form[picked][]" value=value checked=on/><span>{choice.name.clone()}</span></label> }.into_any()
        })
        .collect();
    view! { <fieldset class="field"><legend>{field.name.clone()}</legend>{boxes}</fieldset> }.into_any()
}
