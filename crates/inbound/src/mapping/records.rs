//! Records that are kept elsewhere: HubSpot's contacts, companies and deals, and Notion's pages. Both tell that
//! something changed and little of what: the record is to be fetched.
//!
//! HubSpot: one request holds up to a hundred events. Notion: <https://developers.notion.com/reference/webhooks>.

use super::{Field, Layout, Mapping, Place, StateRule, same, take_all};

pub(super) static HUBSPOT: Layout = Layout {
    list: Some(""),
    // The event's own id is not promised to be unique.
    id: &[
        Place::Field(&["/portalId"]),
        Place::Field(&["/subscriptionId"]),
        Place::Field(&["/eventId"]),
        Place::Field(&["/occurredAt"]),
        Place::Field(&["/objectId", "/primaryObjectId", "/fromObjectId"]),
    ],
    kind: &[Place::Field(&["/subscriptionType"])],
    kind_otherwise: None,
    occurred_at: &["/occurredAt"],
    common: &[
        same("portal_id", &["/portalId"]),
        same("change_source", &["/changeSource"]),
        same("change_source_id", &["/sourceId"]),
    ],
    mappings: &[
        record("contact.creation", "contact.created", "contact"),
        record("contact.propertyChange", "contact.updated", "contact"),
        gone("contact.deletion", "contact.deleted", "contact"),
        gone("contact.privacyDeletion", "contact.erased", "contact"),
        Mapping::new("contact.merge", "contact.merged", &[MERGED], None),
        record("company.creation", "company.created", "company"),
        record("company.propertyChange", "company.updated", "company"),
        gone("company.deletion", "company.deleted", "company"),
        Mapping::new("company.merge", "company.merged", &[MERGED], None),
        record("deal.creation", "deal.created", "deal"),
        record("deal.propertyChange", "deal.updated", "deal"),
        gone("deal.deletion", "deal.deleted", "deal"),
        Mapping::new("deal.merge", "deal.merged", &[MERGED], None),
        record("ticket.creation", "ticket.created", "ticket"),
        record("ticket.propertyChange", "ticket.updated", "ticket"),
        gone("ticket.deletion", "ticket.deleted", "ticket"),
    ],
    passed: take_all,
};

const fn record(name: &'static str, hub_type: &'static str, kind: &'static str) -> Mapping {
    Mapping::new(name, hub_type, &[RECORD], Some(StateRule::new(kind, &["/objectId"], &["/occurredAt"])))
}

const fn gone(name: &'static str, hub_type: &'static str, kind: &'static str) -> Mapping {
    Mapping::new(name, hub_type, &[RECORD], Some(StateRule::new(kind, &["/objectId"], &["/occurredAt"]).end()))
}

/// `change_source` is `IMPORT` in floods, and `INTEGRATION` with our own `change_source_id` for an echo of what we wrote.
const RECORD: &[Field] = &[
    same("object_id", &["/objectId"]),
    same("property.name", &["/propertyName"]),
    same("property.value", &["/propertyValue"]),
    same("change_flag", &["/changeFlag"]),
];

const MERGED: &[Field] = &[
    same("object_id", &["/newObjectId", "/primaryObjectId", "/objectId"]),
    same("primary_object_id", &["/primaryObjectId"]),
    same("merged_object_ids", &["/mergedObjectIds"]),
];

pub(super) static NOTION: Layout = Layout {
    list: None,
    id: &[Place::Field(&["/id"])],
    kind: &[Place::Field(&["/type"])],
    kind_otherwise: None,
    occurred_at: &["/timestamp"],
    common: &[
        same("workspace.id", &["/workspace_id"]),
        same("workspace.name", &["/workspace_name"]),
        same("authors", &["/authors"]),
    ],
    mappings: &[
        entity("page.created", "page.created", "page"),
        entity("page.content_updated", "page.updated", "page"),
        entity("page.properties_updated", "page.updated", "page"),
        entity("page.moved", "page.moved", "page"),
        entity("page.locked", "page.updated", "page"),
        entity("page.unlocked", "page.updated", "page"),
        // What is deleted can come back, so nothing ends here.
        entity("page.deleted", "page.deleted", "page"),
        entity("page.undeleted", "page.restored", "page"),
        entity("data_source.created", "data_source.created", "data_source"),
        entity("data_source.content_updated", "data_source.updated", "data_source"),
        entity("data_source.schema_updated", "data_source.updated", "data_source"),
        entity("data_source.moved", "data_source.moved", "data_source"),
        entity("data_source.deleted", "data_source.deleted", "data_source"),
        entity("data_source.undeleted", "data_source.restored", "data_source"),
        entity("comment.created", "comment.created", "comment"),
        entity("comment.updated", "comment.updated", "comment"),
        entity("comment.deleted", "comment.deleted", "comment"),
    ],
    passed: take_all,
};

const fn entity(name: &'static str, hub_type: &'static str, kind: &'static str) -> Mapping {
    Mapping::new(name, hub_type, &[ENTITY], Some(StateRule::new(kind, &["/entity/id"], &["/timestamp"])))
}

const ENTITY: &[Field] = &[
    same("entity.id", &["/entity/id"]),
    same("entity.type", &["/entity/type"]),
    same("parent", &["/data/parent"]),
    same("updated_blocks", &["/data/updated_blocks"]),
    same("updated_properties", &["/data/updated_properties"]),
    same("page_id", &["/data/page_id"]),
];
