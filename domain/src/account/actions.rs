//! Set-up, sign-in, sessions and passwords: everything a person does with their own account.
//! Set-up itself is in `setup.rs`, what staff does with accounts in `staff.rs`.

pub use super::setup::{bootstrap, needs_setup, set_up, setup_token};
pub use super::staff::{reset_password, set_operator_role};

use super::store::users::Credentials;
use super::store::{members, sessions, users};
use super::{Me, Session, SessionToken, User, check_password, check_person_name, password, session, throttle};
use crate::audit::store::record;
use crate::caller::Identity;
use crate::id::{OrgId, SessionId, UserId};
use crate::{Caller, Error, Hub, Problem, Result, key, org};

/// What the door knows about a browser that signs in.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The address of the request.
    pub ip: Option<String>,
    /// The browser, as it names itself.
    pub user_agent: Option<String>,
}

/// How precisely the last use of a session is known.
const TOUCH_MS: i64 = 60 * 1000;

/// Longer words are no passwords of ours and are not hashed.
const MAX_PASSWORD_BYTES: usize = 1000;

/// Signs in. After 5 wrong passwords for an address (or 30 from one IP) within 15 minutes, further tries wait
/// (429). The answer never tells whether the account exists, nor does its timing.
///
/// # Errors
/// The address or password is wrong (401, code `sign_in_refused`), or there were too many tries.
pub async fn sign_in(hub: &Hub, client: &Client, email: &str, password: &str) -> Result<SessionToken> {
    let email = email.trim().to_lowercase();
    let attempt = throttle::count(hub, Some(&email), client.ip.as_deref()).await?;
    let found = users::credentials(&mut hub.db.read().await?, &email).await?;
    if !fits(password, found.as_ref().map(|user| user.password_hash.as_str())).await? {
        return Err(sign_in_refused());
    }
    enter(hub, client, attempt, found.ok_or_else(sign_in_refused)?).await
}

/// Opens a session for somebody whose password was right when it was read.
pub(crate) async fn enter(
    hub: &Hub,
    client: &Client,
    attempt: throttle::Try,
    user: Credentials,
) -> Result<SessionToken> {
    let mut tx = hub.db.begin().await?;
    attempt.was_right(&mut tx).await?;
    // It may have been changed while it was compared: then whoever knows the old one stays outside.
    if !users::has_password(&mut tx, &user.id, &user.password_hash).await? {
        return Err(sign_in_refused());
    }
    let org_id = sessions::home_org(&mut tx, &user.id).await?;
    let token = session::open(&mut tx, hub, &user.id, &user.email, &user.name, org_id.as_ref(), client).await?;
    tx.commit().await?;
    Ok(token)
}

/// Whether the password belongs to the hash; takes as long without a hash.
pub(super) async fn fits(password: &str, hash: Option<&str>) -> Result<bool> {
    match password.len() {
        0..=MAX_PASSWORD_BYTES => password::matches(password, hash).await,
        _ => password::matches("", None).await,
    }
}

/// The one answer to every wrong address or password.
pub(super) fn sign_in_refused() -> Error {
    let message = "The e-mail address or the password is wrong.".to_owned();
    Error::Unauthenticated(Problem { code: "sign_in_refused".into(), message, details: Vec::new() })
}

/// Resolves a cookie's token to its caller and notes the use (at most once a minute). None when unknown,
/// lapsed or revoked. Operators and support who chose an organization they are no member of have `role` none.
///
/// # Errors
/// The database does not answer.
pub async fn resolve_session(hub: &Hub, token: &str, client: &Client) -> Result<Option<Caller>> {
    let now = hub.now();
    let found = sessions::find_by_token(&mut hub.db.read().await?, &password::token_hash(token), now).await?;
    let Some(known) = found else { return Ok(None) };
    if now.since(known.last_seen_at) >= TOUCH_MS
        && let Err(error) = touch(hub, &known.id, client).await
    {
        // Reading goes on when nothing can be written, for example on a full disk.
        tracing::warn!(error = &error as &dyn std::error::Error, "the use of a session could not be noted");
    }
    // Without membership and office there is no organization, whatever the session says.
    let org_id = known.org_id.filter(|_| known.role.is_some() || known.operator_role.is_some());
    if let Some(org_id) = &org_id {
        key::learn(hub, org_id).await;
    }
    Ok(Some(Caller {
        identity: Identity::User { id: known.user_id, session_id: known.id, email: known.email, name: known.name },
        operator: known.operator_role,
        org_id,
        role: known.role,
        ip: client.ip.clone(),
    }))
}

async fn touch(hub: &Hub, id: &SessionId, client: &Client) -> Result<()> {
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    sessions::touch(&mut tx, id, now, now.plus_ms(-TOUCH_MS), client.ip.as_deref()).await?;
    tx.commit().await
}

/// The caller's own account and session.
fn own(caller: &Caller) -> Result<(&UserId, &SessionId)> {
    match &caller.identity {
        Identity::User { id, session_id, .. } => Ok((id, session_id)),
        Identity::ApiKey { .. } | Identity::System => Err(Error::forbidden("Only a signed-in person may do this.")),
    }
}

/// Who is signed in, where, and where they could be.
///
/// # Errors
/// The caller is a program.
pub async fn me(hub: &Hub, caller: &Caller) -> Result<Me> {
    let (user_id, _) = own(caller)?;
    let mut conn = hub.db.read().await?;
    let user = users::find(&mut conn, user_id).await?.ok_or_else(Error::unauthenticated)?;
    let org = match &caller.org_id {
        Some(org_id) => org::store::find(&mut conn, org_id).await?,
        None => None,
    };
    let orgs = org::store::list_of_user(&mut conn, user_id).await?;
    Ok(Me { user, org, role: caller.role, orgs })
}

/// Changes what the caller is called.
///
/// # Errors
/// The name is empty or too long.
pub async fn update_name(hub: &Hub, caller: &Caller, name: &str) -> Result<User> {
    let (user_id, _) = own(caller)?;
    let name = check_person_name(name)?;
    let mut tx = hub.db.begin().await?;
    let user = users::set_name(&mut tx, user_id, &name).await?.ok_or_else(Error::unauthenticated)?;
    record(&mut tx, hub, caller, caller.org_id.as_ref(), "user.renamed", Some(user_id.as_str()), Some(&name)).await?;
    tx.commit().await?;
    Ok(user)
}

/// Ends the caller's own session.
///
/// # Errors
/// The caller is a program.
pub async fn sign_out(hub: &Hub, caller: &Caller) -> Result<()> {
    let (user_id, session_id) = own(caller)?;
    let mut tx = hub.db.begin().await?;
    if sessions::delete(&mut tx, user_id, session_id).await? {
        record(&mut tx, hub, caller, caller.org_id.as_ref(), "session.ended", Some(session_id.as_str()), None).await?;
    }
    tx.commit().await
}

/// The caller's own sessions, latest use first.
///
/// # Errors
/// The caller is a program.
pub async fn list_sessions(hub: &Hub, caller: &Caller) -> Result<Vec<Session>> {
    let (user_id, _) = own(caller)?;
    sessions::list(&mut hub.db.read().await?, user_id, hub.now()).await
}

/// Ends one of the caller's own sessions.
///
/// # Errors
/// The caller has no such session.
pub async fn revoke_session(hub: &Hub, caller: &Caller, id: &SessionId) -> Result<()> {
    let (user_id, _) = own(caller)?;
    let mut tx = hub.db.begin().await?;
    if !sessions::delete(&mut tx, user_id, id).await? {
        return Err(Error::not_found("session"));
    }
    record(&mut tx, hub, caller, caller.org_id.as_ref(), "session.revoked", Some(id.as_str()), None).await?;
    tx.commit().await
}

/// Ends all of the caller's own sessions but this one; answers how many.
///
/// # Errors
/// The caller is a program.
pub async fn revoke_other_sessions(hub: &Hub, caller: &Caller) -> Result<i64> {
    let (user_id, session_id) = own(caller)?;
    let mut tx = hub.db.begin().await?;
    let ended = sessions::delete_all(&mut tx, user_id, Some(session_id)).await?;
    if ended > 0 {
        let note = format!("{ended} other sessions");
        record(&mut tx, hub, caller, caller.org_id.as_ref(), "session.revoked", Some(user_id.as_str()), Some(&note))
            .await?;
    }
    tx.commit().await?;
    Ok(ended)
}

/// Makes the session act in another organization: one of the caller's, or any for operators and support
/// (which is recorded there).
///
/// # Errors
/// There is no such organization, or the caller has no business in it.
pub async fn switch_org(hub: &Hub, caller: &Caller, org_id: &OrgId) -> Result<()> {
    let (user_id, session_id) = own(caller)?;
    let mut tx = hub.db.begin().await?;
    if members::find(&mut tx, org_id, user_id).await?.is_none() {
        let exists = caller.operator.is_some() && org::store::find(&mut tx, org_id).await?.is_some();
        if !exists {
            return Err(Error::not_found("organization"));
        }
        let office = caller.operator.map(|role| format!("as {role}"));
        record(&mut tx, hub, caller, Some(org_id), "org.entered", Some(org_id.as_str()), office.as_deref()).await?;
    }
    sessions::set_org(&mut tx, user_id, session_id, org_id).await?;
    tx.commit().await
}

/// Changes the caller's password; the other sessions end.
///
/// # Errors
/// The current password is wrong (throttled like sign-in), or the new one is too short.
pub async fn change_password(hub: &Hub, caller: &Caller, current: &str, new: &str) -> Result<()> {
    let (user_id, session_id) = own(caller)?;
    check_password(new).map_err(|_| Error::invalid("new", "must have 10 to 200 characters."))?;
    let user = users::find(&mut hub.db.read().await?, user_id).await?.ok_or_else(Error::unauthenticated)?;
    let attempt = throttle::count(hub, Some(&user.email), caller.ip.as_deref()).await?;
    let found = users::credentials(&mut hub.db.read().await?, &user.email).await?;
    if !fits(current, found.as_ref().map(|user| user.password_hash.as_str())).await? {
        return Err(Error::invalid("current", "is not your current password."));
    }
    let hash = password::hash(hub, new).await?;
    let mut tx = hub.db.begin().await?;
    attempt.was_right(&mut tx).await?;
    users::set_password(&mut tx, user_id, &hash).await?;
    sessions::delete_all(&mut tx, user_id, Some(session_id)).await?;
    record(&mut tx, hub, caller, caller.org_id.as_ref(), "user.password_changed", Some(user_id.as_str()), None).await?;
    tx.commit().await
}
