//! Stripe, and the two that send through Svix.

use super::{JSON, MadeBy, Preset, Retries, SVIX, SecretFacts, known, wanted};
use crate::provider::Provider;
use crate::scheme::Scheme;

pub(super) static STRIPE: Preset = Preset {
    provider: Provider::Stripe,
    name: "Stripe",
    about: "Invoices, subscriptions and finished checkouts.",
    verification: "HMAC-SHA256 over the timestamp and the body in Stripe-Signature; at most 5 minutes old.",
    schemes: &[Scheme::Stripe],
    secret: SecretFacts {
        name: "Signing secret of the endpoint",
        looks_like: "whsec_… (the whole text is the key; each endpoint has its own, and test mode another)",
        made_by: MadeBy::Provider,
        rotation: "Roll the secret at Stripe with a delay of up to 24 hours, and add the new one here: Stripe signs \
                   with both in the meantime.",
    },
    setup: &[
        "In the Stripe Dashboard open Developers, Webhooks, and choose Add destination.",
        "Choose events of your account, snapshot payload, and the event types below.",
        "Choose Webhook endpoint and paste {url}.",
        "Open the new endpoint, reveal its signing secret, and paste it here.",
    ],
    events: &[
        wanted("invoice.paid"),
        wanted("invoice.payment_failed"),
        wanted("customer.subscription.created"),
        wanted("customer.subscription.updated"),
        wanted("customer.subscription.deleted"),
        wanted("checkout.session.completed"),
        wanted("account.application.deauthorized"),
        known("checkout.session.async_payment_succeeded"),
    ],
    retries: Retries {
        words: "Stripe tries for three days, with growing gaps; in test mode three times within a few hours.",
        delays_s: &[],
        gives_up_after_s: Some(259_200),
        answer_within_s: Some(20),
    },
    challenge: None,
    content_types: JSON,
    duplicates: "The id of the event (evt_…). A retry is signed anew.",
};

pub(super) static CLERK: Preset = Preset {
    provider: Provider::Clerk,
    name: "Clerk",
    about: "Users, sessions, organizations and their members.",
    verification: "Standard Webhooks through Svix: HMAC-SHA256 over id, timestamp and body; at most 5 minutes old.",
    schemes: &[Scheme::Standard],
    secret: SecretFacts {
        name: "Signing secret of the endpoint",
        looks_like: "whsec_ and base64",
        made_by: MadeBy::Provider,
        rotation: "Rotate the secret on the endpoint's page at Clerk and add the new one here: the old one is good \
                   for 24 hours.",
    },
    setup: &[
        "In the Clerk Dashboard open Configure, Webhooks, and choose Add Endpoint.",
        "Paste {url} and choose the event types below.",
        "Copy the signing secret from the endpoint's page and paste it here.",
    ],
    events: &[
        wanted("user.created"),
        wanted("user.updated"),
        wanted("user.deleted"),
        wanted("session.created"),
        wanted("session.ended"),
        wanted("session.removed"),
        wanted("session.revoked"),
        wanted("organization.created"),
        wanted("organization.updated"),
        wanted("organization.deleted"),
        wanted("organizationMembership.created"),
        wanted("organizationMembership.updated"),
        wanted("organizationMembership.deleted"),
        known("session.pending"),
        known("organizationInvitation.created"),
        known("organizationInvitation.accepted"),
        known("organizationInvitation.revoked"),
    ],
    retries: SVIX,
    challenge: None,
    content_types: JSON,
    duplicates: "The id of the message (svix-id), the same over all tries.",
};

pub(super) static RESEND: Preset = Preset {
    provider: Provider::Resend,
    name: "Resend",
    about: "What became of e-mail that you sent, and word of e-mail that came in.",
    verification: "Standard Webhooks through Svix: HMAC-SHA256 over id, timestamp and body; at most 5 minutes old.",
    schemes: &[Scheme::Standard],
    secret: SecretFacts {
        name: "Signing secret of the webhook",
        looks_like: "whsec_ and base64",
        made_by: MadeBy::Provider,
        rotation: "Make a second webhook with the same address and add its secret here, then delete the first.",
    },
    setup: &[
        "In Resend open Webhooks and choose Add Webhook.",
        "Paste {url} and choose the event types below.",
        "Copy the signing secret from the webhook's page and paste it here.",
    ],
    events: &[
        wanted("email.sent"),
        wanted("email.delivered"),
        wanted("email.delivery_delayed"),
        wanted("email.bounced"),
        wanted("email.complained"),
        wanted("email.opened"),
        wanted("email.clicked"),
        wanted("email.failed"),
        wanted("email.scheduled"),
        wanted("email.suppressed"),
        wanted("email.received"),
        known("contact.created"),
        known("domain.updated"),
    ],
    retries: SVIX,
    challenge: None,
    content_types: JSON,
    duplicates: "The id of the message (svix-id), the same over all tries.",
};
