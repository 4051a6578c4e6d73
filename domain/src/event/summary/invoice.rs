//! `invoice.paid`, `invoice.failed`.

use super::data::Data;
use super::{Summary, Words};

/// ` **2026-08812**`, with its id where no number is printed on it; nothing without either.
fn name(d: Data<'_>) -> Words {
    match (d.text("number"), d.text("invoice_id")) {
        (Some(number), _) => Words::plain(" ").strong(number),
        (None, Some(id)) => Words::plain(" ").code(id),
        (None, None) => Words::default(),
    }
}

fn over(d: Data<'_>, amount: &str) -> Words {
    d.money(amount, "currency").map_or_else(Words::default, |money| Words::plain(" over ").strong(money))
}

fn with_customer(summary: Summary, d: Data<'_>) -> Summary {
    summary.field("Customer", d.show("customer_id")).field("Subscription", d.show("subscription_id"))
}

pub(super) fn paid(d: Data<'_>) -> Summary {
    let amount = if d.number("amount_paid").is_some() { "amount_paid" } else { "amount_due" };
    let lead = Words::plain("Invoice").then(name(d)).then(over(d, amount)).text(" was paid.");
    with_customer(Summary::new("Invoice paid", lead), d)
        .field("Paid by", d.word("payment_method"))
        .field("Paid", d.show("paid_at"))
}

pub(super) fn failed(d: Data<'_>) -> Summary {
    let why = d.text("failure.message").or_else(|| d.text("failure.code"));
    let why = why.map_or_else(|| Words::plain("."), |why| Words::plain(format!(": {why}")));
    let lead =
        Words::plain("The payment of invoice").then(name(d)).then(over(d, "amount_due")).text(" failed").then(why);
    let last = d.0.get("next_attempt_at").is_some_and(serde_json::Value::is_null);
    let next = d.show("next_attempt_at").or_else(|| last.then(|| Words::plain("none: this was the last one")));
    with_customer(Summary::new("Payment failed", lead), d)
        .field("Attempt", d.show("attempt"))
        .field("Next attempt", next)
        .field("Failed", d.show("failed_at"))
}
