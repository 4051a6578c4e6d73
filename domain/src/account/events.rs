//! What the hub tells an organization's receivers about its members, in the shape of the standard types'
//! schemas. Written in the transaction of the change; wake the dispatcher after the commit.

use serde_json::{Value, json};

use super::store::members::OpenInvitation;
use super::{Invitation, Member, User};
use crate::caller::Identity;
use crate::db::Conn;
use crate::event::store::insert_system;
use crate::id::OrgId;
use crate::{Caller, Hub, Result};

/// `user.invited`; never the secret part of the link.
pub(super) async fn invited(
    conn: &mut Conn,
    hub: &Hub,
    caller: &Caller,
    org_id: &OrgId,
    new: &Invitation,
) -> Result<()> {
    let data = json!({
        "invitation_id": new.id, "email": new.email, "role": new.role,
        "invited_by": actor(caller), "expires_at": new.expires_at,
    });
    insert_system(conn, hub, org_id, "user.invited", &data).await.map(drop)
}

/// `user.joined`.
pub(super) async fn joined(conn: &mut Conn, hub: &Hub, open: &OpenInvitation, user: &User) -> Result<()> {
    let data = json!({
        "user": { "id": user.id, "email": user.email, "name": user.name }, "role": open.role,
        "invitation_id": open.id, "joined_at": hub.now(),
    });
    insert_system(conn, hub, &open.org_id, "user.joined", &data).await.map(drop)
}

/// `user.removed`, also for those who left by themselves.
pub(super) async fn removed(
    conn: &mut Conn,
    hub: &Hub,
    caller: &Caller,
    org_id: &OrgId,
    member: &Member,
) -> Result<()> {
    let data = json!({
        "user": { "id": member.user_id, "email": member.email, "name": member.name }, "role": member.role,
        "removed_by": actor(caller), "removed_at": hub.now(),
    });
    insert_system(conn, hub, org_id, "user.removed", &data).await.map(drop)
}

/// Who did it. Staff is named by its office, not by its people.
fn actor(caller: &Caller) -> Value {
    match &caller.identity {
        Identity::User { .. } if caller.role.is_none() => {
            json!({ "type": "system", "id": "system", "name": "Operator" })
        }
        Identity::User { id, name, .. } => json!({ "type": "user", "id": id, "name": name }),
        Identity::ApiKey { id, name, .. } => json!({ "type": "api_key", "id": id, "name": name }),
        Identity::System => json!({ "type": "system", "id": "system", "name": "System" }),
    }
}
