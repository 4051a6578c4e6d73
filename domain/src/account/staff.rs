//! What only the installation's staff does with accounts, mostly from the command line.

use super::store::{sessions, throttles, users};
use super::{User, check_email, check_password, password, throttle};
use crate::audit::store::record;
use crate::caller::OperatorRole;
use crate::{Caller, Error, Hub, Result};

/// Gives an account a role in the installation, or takes it (none). Operators only; recorded.
///
/// # Errors
/// Forbidden, or no account has this address.
pub async fn set_operator_role(hub: &Hub, caller: &Caller, email: &str, role: Option<OperatorRole>) -> Result<User> {
    caller.require_operator()?;
    let email = check_email(email)?;
    let mut tx = hub.db.begin().await?;
    let user = users::set_operator_role(&mut tx, &email, role).await?.ok_or_else(|| Error::not_found("user"))?;
    let note = role.map_or("none", OperatorRole::as_str);
    record(&mut tx, hub, caller, None, "user.operator_role_changed", Some(user.id.as_str()), Some(note)).await?;
    tx.commit().await?;
    Ok(user)
}

/// Gives an account a new password and ends all its sessions. Operators only; recorded.
///
/// # Errors
/// Forbidden, no account has this address, or the password is too short.
pub async fn reset_password(hub: &Hub, caller: &Caller, email: &str, new: &str) -> Result<User> {
    caller.require_operator()?;
    let email = check_email(email)?;
    check_password(new)?;
    let hash = password::hash(hub, new).await?;
    let mut tx = hub.db.begin().await?;
    // First the throttle, then the account: the order of everybody, so that nobody waits in a circle.
    throttles::clear(&mut tx, &throttle::email_name(&email)).await?;
    let found = users::credentials(&mut tx, &email).await?.ok_or_else(|| Error::not_found("user"))?;
    users::set_password(&mut tx, &found.id, &hash).await?;
    sessions::delete_all(&mut tx, &found.id, None).await?;
    record(&mut tx, hub, caller, None, "user.password_reset", Some(found.id.as_str()), Some(&email)).await?;
    let user = users::find(&mut tx, &found.id).await?.ok_or_else(|| Error::not_found("user"))?;
    tx.commit().await?;
    Ok(user)
}
