//! The first start: one operator and one organization, from the set-up page or the command line.

use super::actions::Client;
use super::store::{members, users};
use super::{
    Bootstrapped, SessionToken, User, check_email, check_password, check_person_name, password, session, throttle,
};
use crate::api_key::{self, NewApiKey};
use crate::audit::store::record;
use crate::caller::{OperatorRole, Role};
use crate::db::Conn;
use crate::id::{OrgId, UserId};
use crate::key::FirstKey;
use crate::org::{self, Org};
use crate::{Caller, Error, Hub, Permission, Result};

/// Whether nobody has an account yet, so that the set-up page is open.
///
/// # Errors
/// The database does not answer.
pub async fn needs_setup(hub: &Hub) -> Result<bool> {
    Ok(!users::any(&mut hub.db.read().await?).await?)
}

/// The one-time set-up token of this process (made at first use, kept in memory), for the console.
#[must_use]
pub fn setup_token(hub: &Hub) -> String {
    hub.setup_token.get_or_init(|| hub.random.token()).clone()
}

/// Creates the operator and the first organization from the set-up page. The token is compared in
/// constant time and is good for one use; wrong tokens are throttled.
///
/// # Errors
/// The token or a field is wrong (422), there were too many wrong tokens (429), or somebody was
/// faster (409).
pub async fn set_up(
    hub: &Hub,
    client: &Client,
    token: &str,
    org: &str,
    name: &str,
    email: &str,
    password: &str,
) -> Result<SessionToken> {
    if !needs_setup(hub).await? {
        return Err(already_set_up());
    }
    let attempt = throttle::count(hub, None, client.ip.as_deref()).await?;
    // Hashes of equal length are compared, and they tell nothing about how much of a guess was right.
    if password::token_hash(token.trim()) != password::token_hash(&setup_token(hub)) {
        return Err(Error::invalid("token", "is not the one that the console printed at the start."));
    }
    let (org_name, email) = (org::check_name(org)?, check_email(email)?);
    let name = check_person_name(name)?;
    check_password(password)?;
    let hash = password::hash(hub, password).await?;
    let key = FirstKey::make(hub, &hub.id(OrgId::new)).await?;
    let mut tx = hub.db.begin().await?;
    attempt.was_right(&mut tx).await?;
    let (org_id, user) = create_first(&mut tx, hub, &key, (&org_name, &name, &email), &hash).await?;
    let token = session::open(&mut tx, hub, &user.id, &user.email, &user.name, Some(&org_id), client).await?;
    tx.commit().await?;
    key.learn(hub);
    Ok(token)
}

/// Headless set-up: the same as [`set_up`] plus an API key with every scope. With the same organization
/// and address a second time, changes nothing and says so; with others on a set-up installation: conflict.
///
/// # Errors
/// A field is wrong, or the installation is set up with other names.
pub async fn bootstrap(hub: &Hub, org: &str, email: &str, password: &str) -> Result<Bootstrapped> {
    let (org_name, email) = (org::check_name(org)?, check_email(email)?);
    if let Some((org_id, user_id)) = users::find_bootstrapped(&mut hub.db.read().await?, &org_name, &email).await? {
        return Ok(Bootstrapped { org_id, user_id, api_key: None, created: false });
    }
    if !needs_setup(hub).await? {
        return Err(already_set_up());
    }
    check_password(password)?;
    let hash = password::hash(hub, password).await?;
    let name = email.split('@').next().unwrap_or(&email).to_owned();
    let first_key = FirstKey::make(hub, &hub.id(OrgId::new)).await?;
    let mut tx = hub.db.begin().await?;
    let (org_id, user) = create_first(&mut tx, hub, &first_key, (&org_name, &name, &email), &hash).await?;
    let scopes = Permission::ALL.iter().copied().filter(|scope| Role::Owner.allows(*scope)).collect();
    let new = NewApiKey { name: "Bootstrap".into(), scopes, expires_at: None };
    let key = api_key::actions::insert(&mut tx, hub, &Caller::system(Some(org_id.clone())), Some(&org_id), new).await?;
    tx.commit().await?;
    first_key.learn(hub);
    Ok(Bootstrapped { org_id, user_id: user.id, api_key: Some(key.key), created: true })
}

/// Stores the operator and the organization they own (its name, theirs, and their address), if there is nobody yet.
async fn create_first(
    conn: &mut Conn,
    hub: &Hub,
    key: &FirstKey,
    (org, name, email): (&str, &str, &str),
    hash: &str,
) -> Result<(OrgId, User)> {
    users::lock_setup(conn).await?;
    if users::any(conn).await? {
        return Err(already_set_up());
    }
    let now = hub.now();
    let org = Org {
        id: key.org_id().clone(),
        name: org.to_owned(),
        payload_days: None,
        log_days: None,
        created_at: now,
        updated_at: now,
    };
    let user = User {
        id: hub.id(UserId::new),
        email: email.to_owned(),
        name: name.to_owned(),
        operator_role: Some(OperatorRole::Operator),
        created_at: now,
    };
    org::store::insert(conn, &org).await?;
    key.store(conn).await?;
    users::insert(conn, &user, hash).await?;
    members::insert(conn, &org.id, &user.id, Role::Owner, now).await?;
    let system = Caller::system(Some(org.id.clone()));
    record(conn, hub, &system, Some(&org.id), "org.created", Some(org.id.as_str()), Some(&org.name)).await?;
    record(
        conn,
        hub,
        &system,
        Some(&org.id),
        "member.joined",
        Some(user.id.as_str()),
        Some("operator and owner, by the first set-up"),
    )
    .await?;
    Ok((org.id, user))
}

fn already_set_up() -> Error {
    Error::conflict(
        "already_set_up",
        "This installation is set up already. Sign in, or ask its operator for an invitation.",
    )
}
