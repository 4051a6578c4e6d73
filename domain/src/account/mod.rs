//! People: accounts, sessions, memberships and invitations.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
mod events;
#[cfg(feature = "server")]
pub mod members;
#[cfg(feature = "server")]
mod password;
#[cfg(feature = "server")]
mod session;
#[cfg(feature = "server")]
mod setup;
#[cfg(feature = "server")]
mod staff;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(feature = "server")]
mod throttle;

#[cfg(feature = "server")]
pub(crate) use password::token_hash;

use serde::{Deserialize, Serialize};

use crate::caller::{OperatorRole, Role};
use crate::id::{InvitationId, OrgId, SessionId, UserId};
use crate::org::{Org, OrgMembership};
use crate::time::Timestamp;
use crate::{Error, Result};

/// A session lasts this long after its last use.
pub const SESSION_IDLE_MS: i64 = 14 * 24 * 3600 * 1000;
/// A session ends this long after sign-in, whatever happens.
pub const SESSION_MAX_MS: i64 = 90 * 24 * 3600 * 1000;
/// An invitation can be accepted for this long.
pub const INVITATION_MS: i64 = 7 * 24 * 3600 * 1000;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The address they sign in with, in lower case.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their role in the installation, if any.
    pub operator_role: Option<OperatorRole>,
    /// When the account was created.
    pub created_at: Timestamp,
}

/// Who is signed in, where, and where they could be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Me {
    /// The account.
    pub user: User,
    /// The organization they act in; none when they belong to none.
    pub org: Option<Org>,
    /// Their role in it; none for staff who are no member of it.
    pub role: Option<Role>,
    /// The organizations they belong to, by name.
    pub orgs: Vec<OrgMembership>,
}

/// A person in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct Member {
    /// The account.
    pub user_id: UserId,
    /// The address they sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Their role in this organization.
    pub role: Role,
    /// When they joined.
    pub joined_at: Timestamp,
}

/// An invitation that can still be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    pub email: String,
    /// The role they will have.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// A fresh invitation with the secret part of its link, shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NewInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The link to hand to the person.
    pub url: String,
}

/// What the page behind an invitation link shows before it is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationPreview {
    /// Who is invited.
    pub email: String,
    /// To which organization.
    pub org_name: String,
    /// In which role.
    pub role: Role,
    /// Whether an account with this address exists: then its password is asked for, else a new one.
    pub has_account: bool,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct Session {
    /// Its id; not the secret in the cookie.
    pub id: SessionId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// The browser, as it names itself.
    pub user_agent: Option<String>,
    /// The address it was last used from.
    pub ip: Option<String>,
}

/// The secret of a session just made, for the cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(pub String);

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// Checks an e-mail address (one `@`, a dot in the domain, no spaces) and lowers its case.
///
/// # Errors
/// Not an address.
pub fn check_email(email: &str) -> Result<String> {
    let email = email.trim().to_lowercase();
    let good = email.len() <= 254
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.contains('@')
                && domain.len() >= 3
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        })
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if good { Ok(email) } else { Err(Error::invalid("email", "is not an e-mail address like name@example.com.")) }
}

/// Checks a person's name and trims it.
///
/// # Errors
/// Empty, longer than 80 characters, or with control characters.
pub fn check_person_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "must have 1 to 80 printable characters."));
    }
    Ok(name.to_owned())
}

/// Checks a new password: 10 to 200 characters.
///
/// # Errors
/// Too short or too long.
pub fn check_password(password: &str) -> Result<()> {
    match password.chars().count() {
        10..=200 => Ok(()),
        0..=9 => Err(Error::invalid("password", "must have at least 10 characters.")),
        _ => Err(Error::invalid("password", "must have at most 200 characters.")),
    }
}

/// Whether somebody with `actor` as role may give or take `role`: only owners make or unmake owners.
#[must_use]
pub fn may_assign(actor: Option<Role>, is_operator: bool, role: Role) -> bool {
    is_operator
        || match actor {
            Some(Role::Owner) => true,
            Some(Role::Admin) => role != Role::Owner,
            Some(Role::Member) | None => false,
        }
}

/// What a new installation needs to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrapped {
    /// The first organization.
    pub org_id: OrgId,
    /// The operator, owner of it.
    pub user_id: UserId,
    /// A key with every scope, shown once; none when nothing was created.
    pub api_key: Option<String>,
    /// Whether anything was created by this call.
    pub created: bool,
}
