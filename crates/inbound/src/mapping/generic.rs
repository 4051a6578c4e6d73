//! Senders of whom nothing is known: the whole body becomes the data of one event.

use super::{Layout, Mapping, Place, same, take_all};

pub(super) static LAYOUT: Layout = Layout {
    list: None,
    id: &[Place::Header(&["webhook-id", "svix-id", "x-webhook-id"])],
    kind: &[Place::Field(&["/type", "/event_type", "/event"])],
    kind_otherwise: Some("untyped"),
    occurred_at: &["/timestamp", "/occurred_at", "/created_at"],
    common: &[],
    mappings: &[Mapping::new("*", "webhook.received", &[&[same("body", &[""])]], None)],
    passed: take_all,
};
