//! `subscription.created`, `subscription.updated`, `subscription.cancelled`.

use super::data::Data;
use super::{Summary, Words};

/// `**Team**: 5 × 49.00 EUR a month`, or what there is of it.
fn plan(d: Data<'_>) -> Words {
    let name = d.text("plan.name").or_else(|| d.text("plan.id")).unwrap_or("a plan");
    let Some(price) = d.money("plan.amount", "plan.currency") else { return Words::default().strong(name) };
    let times = d.number("quantity").filter(|n| *n > 1).map(|n| format!("{n} × ")).unwrap_or_default();
    let each = d.text("plan.interval").map(|interval| format!(" a {interval}")).unwrap_or_default();
    Words::default().strong(name).text(format!(": {times}{price}{each}"))
}

fn customer(d: Data<'_>) -> Words {
    match d.text("customer_id") {
        Some(id) => Words::plain("Customer ").code(id),
        None => Words::plain("A customer"),
    }
}

fn with_state(summary: Summary, d: Data<'_>) -> Summary {
    summary.field("Subscription", d.show("subscription_id")).field("Status", d.word("status"))
}

pub(super) fn created(d: Data<'_>) -> Summary {
    let lead = customer(d).text(" subscribed to ").then(plan(d)).text(".");
    with_state(Summary::new("Subscription created", lead), d)
        .field("Trial ends", d.show("trial_ends_at"))
        .field("Period ends", d.show("current_period_end"))
}

pub(super) fn updated(d: Data<'_>) -> Summary {
    let lead = customer(d).text(" has a changed subscription to ").then(plan(d)).text(".");
    with_state(Summary::new("Subscription changed", lead), d).with_fields(d.changes())
}

pub(super) fn cancelled(d: Data<'_>) -> Summary {
    let lead = customer(d).text(" cancelled ").then(plan(d)).text(".");
    with_state(Summary::new("Subscription cancelled", lead), d)
        .field("Reason", d.word("reason"))
        .field("Comment", d.show("comment"))
        .field("Access ends", d.show("ends_at"))
}
