//! `entity.created`, `entity.updated`, `entity.deleted`: records of the organization's application.

use super::data::Data;
use super::{Summary, Words, generic, value};

/// The kind of record where it is a lower-case name, as the schema promises: it stands in titles.
fn kind(d: Data<'_>) -> String {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    match d.text("entity") {
        Some(kind)
            if kind.len() <= 60 && kind.starts_with(|c: char| c.is_ascii_lowercase()) && kind.chars().all(good) =>
        {
            value::label(kind)
        }
        _ => "Record".into(),
    }
}

/// The attribute by which people know the record.
fn known_by(attributes: Data<'_>) -> Option<&'static str> {
    ["name", "title", "number", "label"].into_iter().find(|key| attributes.text(key).is_some())
}

/// `**Northwind Traders** (cus_4Hn8)`, or what there is of it.
fn record(d: Data<'_>) -> Words {
    let attributes = d.part("attributes");
    match (known_by(attributes).and_then(|key| attributes.text(key)), d.text("id")) {
        (Some(name), Some(id)) => Words::default().strong(name).text(" (").code(id).text(")"),
        (Some(name), None) => Words::default().strong(name),
        (None, Some(id)) => Words::plain(kind(d)).text(" ").code(id),
        (None, None) => Words::plain("A ").text(kind(d).to_lowercase()),
    }
}

pub(super) fn created(d: Data<'_>) -> Summary {
    let lead = record(d).text(" was created").then(d.by("actor")).text(".");
    let summary = Summary::new(format!("{} created", kind(d)), lead);
    let attributes = d.part("attributes");
    generic::with_key_fields(summary, attributes, known_by(attributes))
}

pub(super) fn updated(d: Data<'_>) -> Summary {
    let changes = d.changes();
    let count = match changes.len() {
        0 | 1 => " was changed".to_owned(),
        n => format!(" was changed in {n} fields"),
    };
    let lead = record(d).text(count).then(d.by("actor")).text(".");
    Summary::new(format!("{} changed", kind(d)), lead).with_fields(changes)
}

pub(super) fn deleted(d: Data<'_>) -> Summary {
    let lead = record(d).text(" was deleted").then(d.by("actor")).text(".");
    Summary::new(format!("{} deleted", kind(d)), lead).field("Reason", d.show("reason"))
}
