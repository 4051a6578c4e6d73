//! Clerk: <https://clerk.com/docs/webhooks/overview>, names and shapes of the published `webhooks/2025-04-15.yml`.

use super::{Field, Form, Layout, Mapping, Place, StateRule, formed, same, take_all, time};

pub(super) static LAYOUT: Layout = Layout {
    list: None,
    id: &[Place::Header(&["svix-id", "webhook-id"])],
    kind: &[Place::Field(&["/type"])],
    kind_otherwise: None,
    occurred_at: &["/timestamp", "/data/updated_at"],
    common: &[same("instance_id", &["/instance_id"])],
    mappings: &[
        Mapping::new("user.created", "user.created", &[USER], Some(USER_STATE)),
        Mapping::new("user.updated", "user.updated", &[USER], Some(USER_STATE)),
        Mapping::new("user.deleted", "user.deleted", &[DELETED_USER], Some(USER_STATE.end())),
        Mapping::new("session.created", "session.created", &[SESSION], Some(SESSION_STATE)),
        Mapping::new("session.ended", "session.ended", &[SESSION], Some(SESSION_STATE.end())),
        Mapping::new("session.removed", "session.ended", &[SESSION], Some(SESSION_STATE.end())),
        Mapping::new("session.revoked", "session.ended", &[SESSION], Some(SESSION_STATE.end())),
        Mapping::new("organization.created", "organization.created", &[ORGANIZATION], Some(ORGANIZATION_STATE)),
        Mapping::new("organization.updated", "organization.updated", &[ORGANIZATION], Some(ORGANIZATION_STATE)),
        Mapping::new("organization.deleted", "organization.deleted", &[ORGANIZATION], Some(ORGANIZATION_STATE.end())),
        Mapping::new(
            "organizationMembership.created",
            "organization_membership.created",
            &[MEMBERSHIP],
            Some(MEMBERSHIP_STATE),
        ),
        Mapping::new(
            "organizationMembership.updated",
            "organization_membership.updated",
            &[MEMBERSHIP],
            Some(MEMBERSHIP_STATE),
        ),
        Mapping::new(
            "organizationMembership.deleted",
            "organization_membership.deleted",
            &[MEMBERSHIP],
            Some(MEMBERSHIP_STATE.end()),
        ),
    ],
    passed: take_all,
};

const VERSION: &[&str] = &["/data/updated_at", "/timestamp"];
const USER_STATE: StateRule = StateRule::new("user", &["/data/id"], VERSION);
const SESSION_STATE: StateRule = StateRule::new("session", &["/data/id"], VERSION);
const ORGANIZATION_STATE: StateRule = StateRule::new("organization", &["/data/id"], VERSION);
const MEMBERSHIP_STATE: StateRule = StateRule::new("organization_membership", &["/data/id"], VERSION);

const USER: &[Field] = &[
    same("user_id", &["/data/id"]),
    same("external_id", &["/data/external_id"]),
    formed(
        "email",
        &["/data/email_addresses"],
        Form::Entry { id: "/data/primary_email_address_id", take: "email_address" },
    ),
    same("email_addresses", &["/data/email_addresses"]),
    same("username", &["/data/username"]),
    same("first_name", &["/data/first_name"]),
    same("last_name", &["/data/last_name"]),
    same("image_url", &["/data/image_url"]),
    same("banned", &["/data/banned"]),
    same("locked", &["/data/locked"]),
    same("public_metadata", &["/data/public_metadata"]),
    time("last_sign_in_at", &["/data/last_sign_in_at"]),
    time("created_at", &["/data/created_at"]),
    time("updated_at", &["/data/updated_at"]),
];

const DELETED_USER: &[Field] = &[same("user_id", &["/data/id"]), same("external_id", &["/data/external_id"])];

const SESSION: &[Field] = &[
    same("session_id", &["/data/id"]),
    same("user_id", &["/data/user_id"]),
    same("client_id", &["/data/client_id"]),
    same("status", &["/data/status"]),
    time("expires_at", &["/data/expire_at"]),
    time("created_at", &["/data/created_at"]),
];

const ORGANIZATION: &[Field] = &[
    same("organization_id", &["/data/id"]),
    same("name", &["/data/name"]),
    same("slug", &["/data/slug"]),
    same("members_count", &["/data/members_count"]),
    same("created_by", &["/data/created_by"]),
    same("public_metadata", &["/data/public_metadata"]),
    time("created_at", &["/data/created_at"]),
    time("updated_at", &["/data/updated_at"]),
];

const MEMBERSHIP: &[Field] = &[
    same("membership_id", &["/data/id"]),
    same("role", &["/data/role"]),
    same("permissions", &["/data/permissions"]),
    same("organization.id", &["/data/organization/id"]),
    same("organization.name", &["/data/organization/name"]),
    same("organization.slug", &["/data/organization/slug"]),
    same("user.id", &["/data/public_user_data/user_id"]),
    same("user.identifier", &["/data/public_user_data/identifier"]),
    same("user.first_name", &["/data/public_user_data/first_name"]),
    same("user.last_name", &["/data/public_user_data/last_name"]),
    time("created_at", &["/data/created_at"]),
    time("updated_at", &["/data/updated_at"]),
];
