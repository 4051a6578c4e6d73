//! Members and invitations. Emits `user.invited`, `user.joined` and `user.removed`.

use super::actions::{Client, fits, sign_in_refused};
use super::store::members as store;
use super::store::members::OpenInvitation;
use super::store::users::Credentials;
use super::store::{sessions, users};
use super::{
    INVITATION_MS, Invitation, InvitationPreview, Member, NewInvitation, SessionToken, User, check_email,
    check_password, check_person_name, events, may_assign, password, session, throttle,
};
use crate::audit::store::record;
use crate::caller::{OperatorRole, Role};
use crate::connection::people;
use crate::db::Conn;
use crate::id::{InvitationId, OrgId, UserId};
use crate::node::signal::Work;
use crate::{Caller, Error, Hub, Permission, Result};

/// The members, owners first, then by name. Needs `members:read`.
///
/// # Errors
/// Forbidden.
pub async fn list(hub: &Hub, caller: &Caller) -> Result<Vec<Member>> {
    let org_id = caller.require(Permission::MembersRead)?;
    store::list(&mut hub.db.read().await?, org_id).await
}

/// One member. Needs `members:read`.
///
/// # Errors
/// Forbidden, or nobody of this id is a member.
pub async fn get(hub: &Hub, caller: &Caller, user_id: &UserId) -> Result<Member> {
    let org_id = caller.require(Permission::MembersRead)?;
    find(&mut hub.db.read().await?, org_id, user_id).await
}

async fn find(conn: &mut Conn, org_id: &OrgId, user_id: &UserId) -> Result<Member> {
    store::find(conn, org_id, user_id).await?.ok_or_else(|| Error::not_found("member"))
}

/// The open invitations, newest first. Needs `members:read`.
///
/// # Errors
/// Forbidden.
pub async fn list_invitations(hub: &Hub, caller: &Caller) -> Result<Vec<Invitation>> {
    let org_id = caller.require(Permission::MembersRead)?;
    store::list_invitations(&mut hub.db.read().await?, org_id, hub.now()).await
}

/// One open invitation. Needs `members:read`.
///
/// # Errors
/// Forbidden, or there is no such open invitation.
pub async fn get_invitation(hub: &Hub, caller: &Caller, id: &InvitationId) -> Result<Invitation> {
    let org_id = caller.require(Permission::MembersRead)?;
    let found = store::find_invitation(&mut hub.db.read().await?, org_id, id, hub.now()).await?;
    found.ok_or_else(|| Error::not_found("invitation"))
}

/// Refuses to give or take a role that is above the caller.
fn may_give_or_take(caller: &Caller, role: Role) -> Result<()> {
    if may_assign(caller.role, caller.operator == Some(OperatorRole::Operator), role) {
        return Ok(());
    }
    Err(Error::forbidden("Only an owner of the organization may make or unmake owners."))
}

/// Invites somebody; the link (`{base}/invitations/{token}`) is in the answer, this once. Needs `members:write`.
/// An open invitation for the same address is replaced. Conflict when they are a member.
///
/// # Errors
/// Forbidden, not an address, or a member already.
pub async fn invite(hub: &Hub, caller: &Caller, email: &str, role: Role) -> Result<NewInvitation> {
    let org_id = caller.require(Permission::MembersWrite)?;
    may_give_or_take(caller, role)?;
    let (email, now, token) = (check_email(email)?, hub.now(), hub.random.token());
    let invitation = Invitation {
        id: hub.id(InvitationId::new),
        email,
        role,
        created_at: now,
        expires_at: now.plus_ms(INVITATION_MS),
    };
    let mut tx = hub.db.begin().await?;
    store::lock(&mut tx, org_id).await?;
    if store::has_email(&mut tx, org_id, &invitation.email).await? {
        return Err(Error::conflict(
            "already_member",
            format!("{} is a member of this organization already.", invitation.email),
        ));
    }
    store::close_invitations_of(&mut tx, org_id, &invitation.email, now).await?;
    store::insert_invitation(&mut tx, org_id, &invitation, &password::token_hash(&token), caller.actor()).await?;
    events::invited(&mut tx, hub, caller, org_id, &invitation).await?;
    let note = format!("{} as {role}", invitation.email);
    record(&mut tx, hub, caller, Some(org_id), "member.invited", Some(invitation.id.as_str()), Some(&note)).await?;
    tx.commit().await?;
    hub.wake(Work::Dispatch);
    Ok(NewInvitation { url: format!("{}/invitations/{token}", hub.settings.base_url), invitation })
}

/// Withdraws an invitation. Needs `members:write`.
///
/// # Errors
/// Forbidden, or there is no such open invitation.
pub async fn revoke_invitation(hub: &Hub, caller: &Caller, id: &InvitationId) -> Result<()> {
    let org_id = caller.require(Permission::MembersWrite)?;
    let mut tx = hub.db.begin().await?;
    let gone = || Error::not_found("invitation");
    let invitation = store::find_invitation(&mut tx, org_id, id, hub.now()).await?.ok_or_else(gone)?;
    may_give_or_take(caller, invitation.role)?;
    if !store::close_invitation(&mut tx, org_id, id, hub.now()).await? {
        return Err(gone());
    }
    record(&mut tx, hub, caller, Some(org_id), "invitation.revoked", Some(id.as_str()), Some(&invitation.email))
        .await?;
    tx.commit().await
}

async fn open_invitation(conn: &mut Conn, hub: &Hub, token: &str) -> Result<OpenInvitation> {
    let found = store::find_invitation_by_token(conn, &password::token_hash(token), hub.now()).await?;
    found.ok_or_else(|| Error::not_found("invitation"))
}

/// What the page behind a link shows. Not found when unknown, used, withdrawn or lapsed.
///
/// # Errors
/// Not found.
pub async fn preview_invitation(hub: &Hub, token: &str) -> Result<InvitationPreview> {
    let mut conn = hub.db.read().await?;
    let open = open_invitation(&mut conn, hub, token).await?;
    let has_account = users::credentials(&mut conn, &open.email).await?.is_some();
    Ok(InvitationPreview { email: open.email, org_name: open.org_name, role: open.role, has_account })
}

/// Accepts an invitation: makes the account (name and new password) or, where one exists, checks its
/// password (throttled like sign-in); signs in, in the new organization.
///
/// # Errors
/// The link is not good (any more), the password is wrong or too short, or the name is missing.
pub async fn accept_invitation(
    hub: &Hub,
    client: &Client,
    token: &str,
    name: &str,
    password: &str,
) -> Result<SessionToken> {
    let mut conn = hub.db.read().await?;
    let open = open_invitation(&mut conn, hub, token).await?;
    let known = users::credentials(&mut conn, &open.email).await?;
    drop(conn);
    let (user, fresh_hash, attempt) = match known {
        Some(known) => {
            let attempt = throttle::count(hub, Some(&open.email), client.ip.as_deref()).await?;
            if !fits(password, Some(&known.password_hash)).await? {
                return Err(sign_in_refused());
            }
            let Credentials { id, email, name, password_hash } = known;
            let user = User { id, email, name, operator_role: None, created_at: hub.now() };
            (user, None, Some((attempt, password_hash)))
        }
        None => {
            let name = check_person_name(name)?;
            check_password(password)?;
            let hash = password::hash(hub, password).await?;
            let user = User {
                id: hub.id(UserId::new),
                email: open.email.clone(),
                name,
                operator_role: None,
                created_at: hub.now(),
            };
            (user, Some(hash), None)
        }
    };
    let mut tx = hub.db.begin().await?;
    if let Some((attempt, compared)) = attempt {
        attempt.was_right(&mut tx).await?;
        // It may have been changed while it was compared.
        if !users::has_password(&mut tx, &user.id, &compared).await? {
            return Err(sign_in_refused());
        }
    }
    join(&mut tx, hub, &open, &user, fresh_hash.as_deref()).await?;
    let token = session::open(&mut tx, hub, &user.id, &user.email, &user.name, Some(&open.org_id), client).await?;
    tx.commit().await?;
    hub.wake(Work::Dispatch);
    Ok(token)
}

/// Uses an invitation up, stores the account if it is new, and makes it a member.
async fn join(conn: &mut Conn, hub: &Hub, open: &OpenInvitation, user: &User, fresh_hash: Option<&str>) -> Result<()> {
    let now = hub.now();
    store::lock(conn, &open.org_id).await?;
    if !store::close_invitation(conn, &open.org_id, &open.id, now).await? {
        return Err(Error::not_found("invitation"));
    }
    if let Some(hash) = fresh_hash {
        users::insert(conn, user, hash).await.map_err(|error| match error.as_database_error() {
            Some(db) if db.is_unique_violation() => Error::conflict(
                "account_exists",
                "An account with this address was made a moment ago. Open the link again and use its password.",
            ),
            _ => error.into(),
        })?;
    }
    if !store::insert(conn, &open.org_id, &user.id, open.role, now).await? {
        return Ok(()); // A member already, in the role they have.
    }
    events::joined(conn, hub, open, user).await?;
    let system = Caller::system(Some(open.org_id.clone()));
    let note = format!("{} as {}, by invitation", user.email, open.role);
    record(conn, hub, &system, Some(&open.org_id), "member.joined", Some(user.id.as_str()), Some(&note)).await
}

/// Refuses when the organization would be left without an owner.
async fn keep_an_owner(conn: &mut Conn, org_id: &OrgId, leaving: &Member) -> Result<()> {
    if leaving.role == Role::Owner && store::count_owners(conn, org_id).await? <= 1 {
        return Err(Error::conflict(
            "last_owner",
            "An organization keeps at least one owner. Make somebody else an owner first.",
        ));
    }
    Ok(())
}

/// Changes a member's role. Needs `members:write`; only owners make or unmake owners; the last owner stays. Their open
/// invitations to what they may no longer give are closed.
///
/// # Errors
/// Forbidden, not a member, or the last owner.
pub async fn change_role(hub: &Hub, caller: &Caller, user_id: &UserId, role: Role) -> Result<Member> {
    let org_id = caller.require(Permission::MembersWrite)?;
    let mut tx = hub.db.begin().await?;
    store::lock(&mut tx, org_id).await?;
    let member = find(&mut tx, org_id, user_id).await?;
    may_give_or_take(caller, member.role)?;
    may_give_or_take(caller, role)?;
    if member.role == role {
        return Ok(member);
    }
    keep_an_owner(&mut tx, org_id, &member).await?;
    store::set_role(&mut tx, org_id, user_id, role).await?;
    if !role.allows(Permission::MembersWrite) {
        store::close_invitations_by(&mut tx, org_id, user_id, None, hub.now()).await?;
    } else if role != Role::Owner {
        store::close_invitations_by(&mut tx, org_id, user_id, Some(Role::Owner), hub.now()).await?;
    }
    let note = format!("{}: {} to {role}", member.email, member.role);
    record(&mut tx, hub, caller, Some(org_id), "member.role_changed", Some(user_id.as_str()), Some(&note)).await?;
    tx.commit().await?;
    Ok(Member { role, ..member })
}

/// Removes a member (or leaves oneself, which needs no permission). The last owner stays. Their open invitations are closed: nobody comes
/// back by their own.
///
/// # Errors
/// Forbidden, not a member, or the last owner.
pub async fn remove(hub: &Hub, caller: &Caller, user_id: &UserId) -> Result<()> {
    let leaves = caller.user().is_ok_and(|own| own == user_id) && caller.role.is_some();
    let org_id = match &caller.org_id {
        Some(org_id) if leaves => org_id,
        _ => caller.require(Permission::MembersWrite)?,
    };
    let mut tx = hub.db.begin().await?;
    store::lock(&mut tx, org_id).await?;
    let member = find(&mut tx, org_id, user_id).await?;
    if !leaves {
        may_give_or_take(caller, member.role)?;
    }
    keep_an_owner(&mut tx, org_id, &member).await?;
    store::delete(&mut tx, org_id, user_id).await?;
    store::close_invitations_by(&mut tx, org_id, user_id, None, hub.now()).await?;
    sessions::leave_org(&mut tx, user_id, org_id).await?;
    people::store::forget_member(&mut tx, org_id, user_id).await?;
    events::removed(&mut tx, hub, caller, org_id, &member).await?;
    let action = if leaves { "member.left" } else { "member.removed" };
    record(&mut tx, hub, caller, Some(org_id), action, Some(user_id.as_str()), Some(&member.email)).await?;
    tx.commit().await?;
    hub.wake(Work::Dispatch);
    Ok(())
}
