//! Resend: what became of e-mail, as the published `resend-openapi` describes its webhooks. Events of one message come
//! in any order.

use super::{Field, Form, Layout, Mapping, Place, StateRule, formed, same, take_all, time};

pub(super) static LAYOUT: Layout = Layout {
    list: None,
    id: &[Place::Header(&["svix-id", "webhook-id"])],
    kind: &[Place::Field(&["/type"])],
    kind_otherwise: None,
    occurred_at: &["/created_at", "/data/created_at"],
    common: &[],
    mappings: &[
        email("email.sent", &[EMAIL]),
        email("email.delivered", &[EMAIL]),
        email("email.delivery_delayed", &[EMAIL]),
        email("email.bounced", &[EMAIL, BOUNCE]),
        email("email.complained", &[EMAIL]),
        email("email.opened", &[EMAIL]),
        email("email.clicked", &[EMAIL, CLICK]),
        email("email.failed", &[EMAIL, &[same("reason", &["/data/failed/reason"])]]),
        email("email.scheduled", &[EMAIL]),
        email("email.suppressed", &[EMAIL, &[same("suppressed", &["/data/suppressed"])]]),
        Mapping::new("email.received", "email.received", &[RECEIVED], None),
    ],
    passed: take_all,
};

const fn email(name: &'static str, fields: &'static [&'static [Field]]) -> Mapping {
    Mapping::new(name, name, fields, Some(StateRule::new("email", &["/data/email_id"], &["/created_at"])))
}

/// `recipients` is the list of the whole message: an event need not be about all of them.
const EMAIL: &[Field] = &[
    same("message_id", &["/data/email_id"]),
    formed("recipient", &["/data/to"], Form::First),
    same("recipients", &["/data/to"]),
    same("from", &["/data/from"]),
    same("subject", &["/data/subject"]),
    same("tags", &["/data/tags"]),
    same("broadcast_id", &["/data/broadcast_id"]),
    same("template_id", &["/data/template_id"]),
    time("sent_at", &["/data/created_at"]),
];

/// Only `Permanent` means that the address is of no use.
const BOUNCE: &[Field] = &[
    same("bounce.type", &["/data/bounce/type"]),
    same("bounce.subtype", &["/data/bounce/subType"]),
    same("bounce.message", &["/data/bounce/message"]),
    same("bounce.diagnostics", &["/data/bounce/diagnosticCode"]),
];

const CLICK: &[Field] = &[same("click.url", &["/data/click/link"]), time("click.at", &["/data/click/timestamp"])];

/// Resend tells of a received message without its text: that is fetched by `email_id`.
const RECEIVED: &[Field] = &[
    same("email_id", &["/data/email_id"]),
    same("message_id", &["/data/message_id"]),
    same("from", &["/data/from"]),
    same("to", &["/data/to"]),
    same("cc", &["/data/cc"]),
    same("subject", &["/data/subject"]),
    same("attachments", &["/data/attachments"]),
    time("received_at", &["/data/created_at", "/created_at"]),
];
