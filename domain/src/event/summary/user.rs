//! `user.invited`, `user.joined`, `user.removed`: the organization's members.

use super::data::Data;
use super::{Summary, Words};

/// `**Marta Lindqvist** (marta@northwind.example)`, or what there is of it.
fn person(d: Data<'_>) -> Words {
    match (d.text("user.name"), d.text("user.email")) {
        (Some(name), Some(email)) => Words::default().strong(name).text(format!(" ({email})")),
        (Some(one), None) | (None, Some(one)) => Words::default().strong(one),
        (None, None) => Words::plain("Somebody"),
    }
}

pub(super) fn invited(d: Data<'_>) -> Summary {
    let who = d.text("email").map_or_else(|| Words::plain("Somebody"), |email| Words::default().strong(email));
    let lead = who.text(" was invited").then(d.after(" as ", "role", Words::text)).then(d.by("invited_by")).text(".");
    Summary::new("Member invited", lead).field("Open until", d.show("expires_at"))
}

pub(super) fn joined(d: Data<'_>) -> Summary {
    let lead = person(d).text(" joined").then(d.after(" as ", "role", Words::text)).text(".");
    Summary::new("Member joined", lead).field("Joined", d.show("joined_at"))
}

pub(super) fn removed(d: Data<'_>) -> Summary {
    let by = d.by("removed_by");
    let itself = d.text("user.id").is_some() && d.text("user.id") == d.text("removed_by.id");
    let lead = if itself { person(d).text(" left.") } else { person(d).text(" was removed").then(by).text(".") };
    Summary::new("Member removed", lead).field("Role", d.show("role")).field("Removed", d.show("removed_at"))
}
