//! What the members page asks the server.

use domain::account::{Invitation, Member};
use domain::caller::Role;
use domain::id::{InvitationId, UserId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    /// The members, owners first.
    pub members: Vec<Member>,
    /// The open invitations, newest first.
    pub invitations: Vec<Invitation>,
    /// The roles that this person may give and take; empty for those who only read.
    pub roles: Vec<Role>,
    /// This person.
    pub own_id: Option<UserId>,
}

/// Members and open invitations.
#[server]
pub async fn load_members() -> Result<Members, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let members = domain::account::members::list(&hub, &caller).await?;
    let invitations = domain::account::members::list_invitations(&hub, &caller).await?;
    let is_operator = caller.operator == Some(domain::caller::OperatorRole::Operator);
    let may = |role: &Role| {
        caller.may(domain::Permission::MembersWrite) && domain::account::may_assign(caller.role, is_operator, *role)
    };
    let roles = Role::ALL.iter().copied().filter(may).collect();
    Ok(Members { members, invitations, roles, own_id: caller.user().ok().cloned() })
}

/// Invites somebody; the link is kept for the next page.
#[server]
pub async fn invite(email: String, role: Role) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let made = domain::account::members::invite(&hub, &caller, &email, role).await?;
    crate::session::flash_put(&crate::session::visit()?, &format!("invitation {} {}", made.invitation.email, made.url));
    Ok(())
}

/// Who was just invited, and their link; shown once.
#[server]
pub async fn take_invitation() -> Result<Option<(String, String)>, UiError> {
    let flash = crate::session::flash_take(&crate::session::visit()?);
    let made = flash.as_deref().and_then(|text| text.strip_prefix("invitation ")?.split_once(' '));
    Ok(made.map(|(email, url)| (email.to_owned(), url.to_owned())))
}

/// Withdraws an invitation.
#[server]
pub async fn revoke_invitation(id: InvitationId) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    Ok(domain::account::members::revoke_invitation(&hub, &caller, &id).await?)
}

/// Gives a member another role.
#[server]
pub async fn change_role(user_id: UserId, role: Role) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::account::members::change_role(&hub, &caller, &user_id, role).await?;
    Ok(())
}

/// Removes a member, or leaves.
#[server]
pub async fn remove_member(user_id: UserId) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    Ok(domain::account::members::remove(&hub, &caller, &user_id).await?)
}
