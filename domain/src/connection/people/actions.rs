//! Linking people at a provider to members.

use super::store::{self, RequestRow};
use super::{LinkOffer, LinkedPerson};
use crate::account::store::members;
use crate::account::{Member, token_hash};
use crate::connection::store::{self as connections, Row};
use crate::db::Conn;
use crate::id::{ConnectionId, OrgId};
use crate::{Caller, Error, Hub, Permission, Result, audit};

/// How long a link is good, in milliseconds.
const OPEN_MS: i64 = 15 * 60_000;
/// The longest name that is kept, in characters.
const MAX_NAME: usize = 80;

/// Makes the address of a page on which a member can link somebody at the provider to their own account; an earlier one for the
/// same person is worth nothing any more.
pub(crate) async fn offer(hub: &Hub, row: &Row, person_id: &str, person_name: &str) -> Result<String> {
    let (token, now) = (hub.random.token(), hub.now());
    let name: String = person_name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    let request = RequestRow {
        token_hash: token_hash(&token).to_vec(),
        provider: row.provider,
        account_id: row.account_id.clone(),
        person_id: person_id.to_owned(),
        person_name: if name.trim().is_empty() { person_id.to_owned() } else { name },
        expires_at: now.plus_ms(OPEN_MS),
    };
    let mut tx = hub.db.begin().await?;
    store::insert_request(&mut tx, &request, now).await?;
    tx.commit().await?;
    Ok(format!("{}/integrations/{}/link/{token}", hub.settings.base_url, row.provider))
}

/// Who asks to be linked to the caller's account. Needs `connections:read`, and a membership.
///
/// # Errors
/// Forbidden; not found where the link is unknown, used or lapsed, or its account is not connected here.
pub async fn look(hub: &Hub, caller: &Caller, token: &str) -> Result<LinkOffer> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    let request = store::find_request(&mut conn, &token_hash(token), hub.now()).await?.ok_or_else(gone)?;
    let row = connection(&mut conn, org_id, &request).await?;
    let member = membership(&mut conn, caller, org_id).await?;
    Ok(LinkOffer {
        provider: row.provider,
        connection_id: row.id,
        account_name: row.account_name,
        person_id: request.person_id,
        person_name: request.person_name,
        email: member.email,
    })
}

/// Links whoever asked to the caller's account; answers the connection. The link is used up by it. Needs `connections:read`, and a
/// membership.
///
/// # Errors
/// As [`look`].
pub async fn accept(hub: &Hub, caller: &Caller, token: &str) -> Result<ConnectionId> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    let request = store::take_request(&mut tx, &token_hash(token), now).await?.ok_or_else(gone)?;
    let row = connection(&mut tx, org_id, &request).await?;
    // Nobody is removed meanwhile, or the link would outlive the membership.
    members::lock(&mut tx, org_id).await?;
    let member = membership(&mut tx, caller, org_id).await?;
    store::link(&mut tx, org_id, &request, &member.user_id, now).await?;
    let note = format!("{} ({}) of {}", request.person_name, request.person_id, row.account_name);
    let target = Some(member.user_id.as_str());
    audit::store::record(&mut tx, hub, caller, Some(org_id), "member.linked", target, Some(&note)).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// Who is linked at the account of a connection. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn list(hub: &Hub, caller: &Caller, id: &ConnectionId) -> Result<Vec<LinkedPerson>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    let row = must_exist(&mut conn, org_id, id).await?;
    store::list(&mut conn, &row).await
}

/// Unlinks somebody: members those who are linked to them, who may change connections everybody.
///
/// # Errors
/// Forbidden; not found.
pub async fn unlink(hub: &Hub, caller: &Caller, id: &ConnectionId, person_id: &str) -> Result<()> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut tx = hub.db.begin().await?;
    let row = must_exist(&mut tx, org_id, id).await?;
    let linked = store::list(&mut tx, &row).await?.into_iter().find(|linked| linked.person_id == person_id);
    let linked = linked.ok_or_else(|| Error::not_found("linked person"))?;
    if caller.user().ok() != Some(&linked.user_id) {
        caller.require(Permission::ConnectionsWrite)?;
    }
    store::unlink(&mut tx, &row, person_id).await?;
    let note = format!("{} ({}) of {}", linked.person_name, linked.person_id, row.account_name);
    let target = Some(linked.user_id.as_str());
    audit::store::record(&mut tx, hub, caller, Some(org_id), "member.unlinked", target, Some(&note)).await?;
    tx.commit().await
}

/// The organization's connection to the account of whoever asked: what is asked elsewhere is not found here.
async fn connection(conn: &mut Conn, org_id: &OrgId, request: &RequestRow) -> Result<Row> {
    let all = connections::of_workspace(conn, request.provider, &request.account_id).await?;
    all.into_iter().find(|row| row.org_id == *org_id).ok_or_else(gone)
}

/// The caller as a member: operators who look in from outside have no rights that could be lent.
async fn membership(conn: &mut Conn, caller: &Caller, org_id: &OrgId) -> Result<Member> {
    let found = members::find(conn, org_id, caller.user()?).await?;
    found.ok_or_else(|| Error::forbidden("Only a member of the organization can be linked."))
}

async fn must_exist(conn: &mut Conn, org_id: &OrgId, id: &ConnectionId) -> Result<Row> {
    connections::find(conn, org_id, id).await?.ok_or_else(|| Error::not_found("connection"))
}

fn gone() -> Error {
    Error::not_found("link")
}
