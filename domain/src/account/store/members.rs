//! SQL of memberships and invitations.

use sqlx::QueryBuilder;

use crate::Result;
use crate::account::{Invitation, Member};
use crate::caller::Role;
use crate::db::{Conn, dialect, on};
use crate::id::{InvitationId, OrgId, UserId};
use crate::time::Timestamp;

/// An open invitation as its link finds it.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct OpenInvitation {
    pub(crate) id: InvitationId,
    pub(crate) org_id: OrgId,
    pub(crate) org_name: String,
    pub(crate) email: String,
    pub(crate) role: Role,
}

/// Holds all changes of an organization's members until the transaction ends, so that what is counted
/// stays true. Foreign keys to the organization are not held up.
pub(crate) async fn lock(conn: &mut Conn, org_id: &OrgId) -> Result<()> {
    // On SQLite there is one writing transaction anyway.
    let text = dialect!(conn,
        sqlite: "SELECT id FROM orgs WHERE id = $1",
        postgres: "SELECT id FROM orgs WHERE id = $1 FOR NO KEY UPDATE");
    on!(conn, |c| sqlx::query(text).bind(org_id).fetch_optional(c).await.map(drop))?;
    Ok(())
}

/// The members, owners first, then by name.
pub(crate) async fn list(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<Member>> {
    let members = on!(conn, |c| {
        sqlx::query_as(
            "SELECT m.user_id, u.email, u.name, m.role, m.joined_at
             FROM memberships m JOIN users u ON u.id = m.user_id
             WHERE m.org_id = $1
             ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 ELSE 2 END, LOWER(u.name), u.email",
        )
        .bind(org_id)
        .fetch_all(c)
        .await
    })?;
    Ok(members)
}

/// One member.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, user_id: &UserId) -> Result<Option<Member>> {
    let member = on!(conn, |c| {
        sqlx::query_as(
            "SELECT m.user_id, u.email, u.name, m.role, m.joined_at
             FROM memberships m JOIN users u ON u.id = m.user_id
             WHERE m.org_id = $1 AND m.user_id = $2",
        )
        .bind(org_id)
        .bind(user_id)
        .fetch_optional(c)
        .await
    })?;
    Ok(member)
}

/// The person of an organization with this address.
pub(crate) async fn member_by_email(conn: &mut Conn, org_id: &OrgId, email: &str) -> Result<Option<Member>> {
    let member = on!(conn, |c| {
        sqlx::query_as(
            "SELECT m.user_id, u.email, u.name, m.role, m.joined_at
             FROM memberships m JOIN users u ON u.id = m.user_id
             WHERE m.org_id = $1 AND u.email = $2",
        )
        .bind(org_id)
        .bind(email)
        .fetch_optional(c)
        .await
    })?;
    Ok(member)
}

/// Whether the person with this address is a member.
pub(crate) async fn has_email(conn: &mut Conn, org_id: &OrgId, email: &str) -> Result<bool> {
    let found: Option<UserId> = on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.org_id = $1 AND u.email = $2",
        )
        .bind(org_id)
        .bind(email)
        .fetch_optional(c)
        .await
    })?;
    Ok(found.is_some())
}

/// How many owners there are. Call [`lock`] first when something depends on it.
pub(crate) async fn count_owners(conn: &mut Conn, org_id: &OrgId) -> Result<i64> {
    let owners = on!(conn, |c| {
        sqlx::query_scalar("SELECT COUNT(*) FROM memberships WHERE org_id = $1 AND role = 'owner'")
            .bind(org_id)
            .fetch_one(c)
            .await
    })?;
    Ok(owners)
}

/// Makes somebody a member; whether they were none before.
pub(crate) async fn insert(
    conn: &mut Conn,
    org_id: &OrgId,
    user_id: &UserId,
    role: Role,
    now: Timestamp,
) -> Result<bool> {
    let added = on!(conn, |c| {
        sqlx::query(
            "INSERT INTO memberships (org_id, user_id, role, joined_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (org_id, user_id) DO NOTHING",
        )
        .bind(org_id)
        .bind(user_id)
        .bind(role)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(added > 0)
}

/// Changes a member's role.
pub(crate) async fn set_role(conn: &mut Conn, org_id: &OrgId, user_id: &UserId, role: Role) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE memberships SET role = $3 WHERE org_id = $1 AND user_id = $2")
            .bind(org_id)
            .bind(user_id)
            .bind(role)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Ends a membership.
pub(crate) async fn delete(conn: &mut Conn, org_id: &OrgId, user_id: &UserId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM memberships WHERE org_id = $1 AND user_id = $2")
            .bind(org_id)
            .bind(user_id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// The open invitations, newest first.
pub(crate) async fn list_invitations(conn: &mut Conn, org_id: &OrgId, now: Timestamp) -> Result<Vec<Invitation>> {
    let invitations = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, email, role, created_at, expires_at FROM invitations
             WHERE org_id = $1 AND closed_at IS NULL AND expires_at > $2 ORDER BY id DESC",
        )
        .bind(org_id)
        .bind(now)
        .fetch_all(c)
        .await
    })?;
    Ok(invitations)
}

/// One open invitation.
pub(crate) async fn find_invitation(
    conn: &mut Conn,
    org_id: &OrgId,
    id: &InvitationId,
    now: Timestamp,
) -> Result<Option<Invitation>> {
    let invitation = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, email, role, created_at, expires_at FROM invitations
             WHERE org_id = $1 AND id = $2 AND closed_at IS NULL AND expires_at > $3",
        )
        .bind(org_id)
        .bind(id)
        .bind(now)
        .fetch_optional(c)
        .await
    })?;
    Ok(invitation)
}

/// Stores a new invitation.
pub(crate) async fn insert_invitation(
    conn: &mut Conn,
    org_id: &OrgId,
    invitation: &Invitation,
    token_hash: &[u8; 32],
    invited_by: &str,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO invitations (id, org_id, email, role, token_hash, invited_by, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&invitation.id)
        .bind(org_id)
        .bind(&invitation.email)
        .bind(invitation.role)
        .bind(token_hash.as_slice())
        .bind(invited_by)
        .bind(invitation.created_at)
        .bind(invitation.expires_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Closes the open invitations that somebody has sent, all or those to a role.
pub(crate) async fn close_invitations_by(
    conn: &mut Conn,
    org_id: &OrgId,
    user_id: &UserId,
    to: Option<Role>,
    now: Timestamp,
) -> Result<()> {
    on!(conn, |c| {
        let mut q = QueryBuilder::new("UPDATE invitations SET closed_at = ");
        q.push_bind(now).push(" WHERE closed_at IS NULL AND org_id = ").push_bind(org_id);
        q.push(" AND invited_by = ").push_bind(user_id);
        if let Some(role) = to {
            q.push(" AND role = ").push_bind(role);
        }
        q.build().execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Closes the open invitations of an address.
pub(crate) async fn close_invitations_of(conn: &mut Conn, org_id: &OrgId, email: &str, now: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE invitations SET closed_at = $3 WHERE org_id = $1 AND email = $2 AND closed_at IS NULL")
            .bind(org_id)
            .bind(email)
            .bind(now)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Closes an open invitation; whether this call did it, so that an invitation is good for one use.
pub(crate) async fn close_invitation(
    conn: &mut Conn,
    org_id: &OrgId,
    id: &InvitationId,
    now: Timestamp,
) -> Result<bool> {
    let closed = on!(conn, |c| {
        sqlx::query("UPDATE invitations SET closed_at = $3 WHERE org_id = $1 AND id = $2 AND closed_at IS NULL AND expires_at > $3")
            .bind(org_id)
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(closed > 0)
}

/// The open invitation behind a link.
pub(crate) async fn find_invitation_by_token(
    conn: &mut Conn,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<OpenInvitation>> {
    let found = on!(conn, |c| {
        sqlx::query_as(
            "SELECT i.id, i.org_id, o.name AS org_name, i.email, i.role
             FROM invitations i JOIN orgs o ON o.id = i.org_id
             WHERE i.token_hash = $1 AND i.closed_at IS NULL AND i.expires_at > $2",
        )
        .bind(token_hash.as_slice())
        .bind(now)
        .fetch_optional(c)
        .await
    })?;
    Ok(found)
}
