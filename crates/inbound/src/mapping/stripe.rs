//! Stripe: <https://docs.stripe.com/api/events>. Objects come in the shape of the API version of the endpoint; those
//! before and after 2025-03-31 are read.

use serde_json::Value;

use super::{Field, Form, Layout, Mapping, Place, StateRule, formed, or, same, time};
use crate::read::Passed;

pub(super) static LAYOUT: Layout = Layout {
    list: None,
    id: &[Place::Field(&["/id"])],
    kind: &[Place::Field(&["/type"])],
    kind_otherwise: None,
    occurred_at: &["/created"],
    common: &[same("livemode", &["/livemode"]), same("account_id", &["/account"])],
    mappings: &[
        Mapping::new("invoice.paid", "invoice.paid", &[INVOICE, PAID], Some(INVOICE_STATE)),
        Mapping::new("invoice.payment_failed", "invoice.failed", &[INVOICE, FAILED], Some(INVOICE_STATE)),
        Mapping::new(
            "customer.subscription.created",
            "subscription.created",
            &[SUBSCRIPTION, &[time("trial_ends_at", &["/data/object/trial_end"]), time("created_at", &["/created"])]],
            Some(SUBSCRIPTION_STATE),
        ),
        Mapping::new(
            "customer.subscription.updated",
            "subscription.updated",
            &[SUBSCRIPTION, UPDATED],
            Some(SUBSCRIPTION_STATE),
        ),
        Mapping::new(
            "customer.subscription.deleted",
            "subscription.cancelled",
            &[SUBSCRIPTION, CANCELLED],
            Some(SUBSCRIPTION_STATE.end()),
        ),
        Mapping::new("checkout.session.completed", "checkout.session.completed", &[CHECKOUT], Some(CHECKOUT_STATE)),
        Mapping::new(
            "account.application.deauthorized",
            "app.uninstalled",
            &[&[same("app_id", &["/data/object/id"]), same("app_name", &["/data/object/name"])]],
            None,
        ),
    ],
    passed,
};

const INVOICE_STATE: StateRule = StateRule::new("invoice", &["/data/object/id"], &["/created"]);
const SUBSCRIPTION_STATE: StateRule = StateRule::new("subscription", &["/data/object/id"], &["/created"]);
const CHECKOUT_STATE: StateRule = StateRule::new("checkout.session", &["/data/object/id"], &["/created"]);

const INVOICE: &[Field] = &[
    same("invoice_id", &["/data/object/id"]),
    same("number", &["/data/object/number"]),
    same("customer_id", &["/data/object/customer"]),
    same("customer_email", &["/data/object/customer_email"]),
    same("subscription_id", &["/data/object/parent/subscription_details/subscription", "/data/object/subscription"]),
    formed("currency", &["/data/object/currency"], Form::Upper),
    same("amount_due", &["/data/object/amount_due"]),
    same("amount_paid", &["/data/object/amount_paid"]),
    same("amount_remaining", &["/data/object/amount_remaining"]),
    same("billing_reason", &["/data/object/billing_reason"]),
    same("url", &["/data/object/hosted_invoice_url"]),
    same("metadata", &["/data/object/metadata"]),
    same("subscription_metadata", &["/data/object/parent/subscription_details/metadata"]),
];

const PAID: &[Field] = &[time("paid_at", &["/data/object/status_transitions/paid_at", "/created"])];

/// The event does not say why a payment failed, unless the invoice could not be finalised.
const FAILED: &[Field] = &[
    or(same("failure.code", &["/data/object/last_finalization_error/code"]), "processing_error"),
    or(
        same("failure.message", &["/data/object/last_finalization_error/message"]),
        "Stripe does not say in this event why the payment failed.",
    ),
    same("attempt", &["/data/object/attempt_count"]),
    time("next_attempt_at", &["/data/object/next_payment_attempt"]),
    time("failed_at", &["/created"]),
];

const SUBSCRIPTION: &[Field] = &[
    same("subscription_id", &["/data/object/id"]),
    same("customer_id", &["/data/object/customer"]),
    formed("status", &["/data/object/status"], Form::Words(STATUSES)),
    same("provider_status", &["/data/object/status"]),
    same("plan.id", &["/data/object/items/data/0/price/id", "/data/object/plan/id"]),
    same(
        "plan.name",
        &[
            "/data/object/items/data/0/price/nickname",
            "/data/object/items/data/0/price/product",
            "/data/object/items/data/0/price/id",
            "/data/object/plan/id",
        ],
    ),
    same("plan.amount", &["/data/object/items/data/0/price/unit_amount", "/data/object/plan/amount"]),
    formed("plan.currency", &["/data/object/items/data/0/price/currency", "/data/object/currency"], Form::Upper),
    same("plan.interval", &["/data/object/items/data/0/price/recurring/interval", "/data/object/plan/interval"]),
    same("quantity", &["/data/object/items/data/0/quantity", "/data/object/quantity"]),
    time("current_period_end", &["/data/object/items/data/0/current_period_end", "/data/object/current_period_end"]),
    same("cancel_at_period_end", &["/data/object/cancel_at_period_end"]),
    same("metadata", &["/data/object/metadata"]),
];

const STATUSES: &[(&str, &str)] = &[
    ("canceled", "cancelled"),
    ("incomplete_expired", "cancelled"),
    ("incomplete", "past_due"),
    ("unpaid", "past_due"),
];

const UPDATED: &[Field] = &[
    formed("changes", &["/data/previous_attributes"], Form::Changes("/data/object")),
    time("updated_at", &["/created"]),
];

const CANCELLED: &[Field] = &[
    formed(
        "reason",
        &["/data/object/cancellation_details/reason"],
        Form::Words(&[("cancellation_requested", "requested"), ("payment_disputed", "other")]),
    ),
    same("comment", &["/data/object/cancellation_details/comment"]),
    time("cancelled_at", &["/data/object/canceled_at", "/created"]),
    time("ends_at", &["/data/object/ended_at", "/data/object/cancel_at", "/data/object/canceled_at", "/created"]),
];

/// `payment_status` is `unpaid` for delayed methods: `checkout.session.async_payment_succeeded` comes later.
const CHECKOUT: &[Field] = &[
    same("checkout_session_id", &["/data/object/id"]),
    same("mode", &["/data/object/mode"]),
    same("status", &["/data/object/status"]),
    same("payment_status", &["/data/object/payment_status"]),
    same("customer_id", &["/data/object/customer"]),
    same("customer_email", &["/data/object/customer_details/email", "/data/object/customer_email"]),
    same("subscription_id", &["/data/object/subscription"]),
    same("invoice_id", &["/data/object/invoice"]),
    same("reference", &["/data/object/client_reference_id"]),
    same("amount_total", &["/data/object/amount_total"]),
    formed("currency", &["/data/object/currency"], Form::Upper),
    same("metadata", &["/data/object/metadata"]),
];

/// Events of the newer interface carry no object to read.
fn passed(event: &Value) -> Option<Passed> {
    let thin = event.pointer("/object").and_then(Value::as_str).is_some_and(|object| object != "event");
    thin.then_some(Passed::THIN)
}
