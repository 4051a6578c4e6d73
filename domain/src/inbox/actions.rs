//! What can be done with the inbox.

use signature::Secret;

use super::{Inbox, InboxRequest, MAX_BODY, SHOWN, store};
use crate::caller::Permission;
use crate::id::{InboxId, InboxRequestId, OrgId};
use crate::live::Notice;
use crate::{Caller, Error, Hub, Result};

/// The organization's inbox with the last 50 requests; made at first use. Needs `endpoints:read`
/// (making it needs nothing more: it is part of looking at the home page).
///
/// # Errors
/// Forbidden, or the database does not answer.
pub async fn get_or_create(hub: &Hub, caller: &Caller) -> Result<Inbox> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    let mut found = store::of_org(&mut hub.db.read().await?, org_id).await?;
    if found.is_none() {
        let mut tx = hub.db.begin().await?;
        let new = store::Row { id: hub.id(InboxId::new), org_id: org_id.clone(), token: hub.random.token() };
        store::insert(&mut tx, &new, hub.now()).await?;
        // Somebody else may have been first; theirs is read then.
        found = store::of_org(&mut tx, org_id).await?;
        tx.commit().await?;
    }
    let row = found.ok_or_else(|| Error::internal("the inbox that was just made is gone"))?;
    let requests = store::requests(&mut hub.db.read().await?, &row.id, SHOWN).await?;
    Ok(Inbox { url: url(hub, &row.token), id: row.id, requests })
}

/// Records a request that arrived at `/inbox/{token}`. Not found for an unknown token. Keeps the last
/// [`super::KEPT`] and pushes a live notice.
///
/// # Errors
/// Not found; a body over [`MAX_BODY`]; headers over [`super::MAX_HEADERS`].
pub async fn record(
    hub: &Hub,
    token: &str,
    method: &str,
    headers: Vec<(String, String)>,
    body: &[u8],
) -> Result<InboxRequest> {
    let mut conn = hub.db.read().await?;
    let inbox = store::by_token(&mut conn, token).await?.ok_or_else(|| Error::not_found("inbox"))?;
    if body.len() > MAX_BODY {
        return Err(Error::too_large(format!("An inbox takes bodies of at most {} KiB.", MAX_BODY / 1024)));
    }
    if headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > super::MAX_HEADERS {
        return Err(Error::too_large(format!("An inbox takes headers of at most {} KiB.", super::MAX_HEADERS / 1024)));
    }
    let now = hub.now();
    let sealed = store::sealed_secrets(&mut conn, &inbox.org_id, &url(hub, token), now).await?;
    drop(conn);
    crate::key::learn(hub, &inbox.org_id).await;
    let verified = match sealed.is_empty() {
        true => None,
        false => Some(verify(&open(hub, &inbox.org_id, sealed)?, &headers, body, now.seconds())),
    };
    // PostgreSQL has no text with NUL in it.
    let text = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
    let request = InboxRequest {
        id: hub.id(InboxRequestId::new),
        received_at: now,
        method: method.to_owned(),
        headers,
        body: text,
        verified,
    };
    let mut tx = hub.db.begin().await?;
    store::add(&mut tx, &inbox.id, &request).await?;
    tx.commit().await?;
    hub.bus.notify(&inbox.org_id, Notice::Inbox(Box::new(request.clone())));
    Ok(request)
}

/// Forgets what arrived. Needs `endpoints:write`.
///
/// # Errors
/// Forbidden, or the database does not answer.
pub async fn clear(hub: &Hub, caller: &Caller) -> Result<()> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let mut tx = hub.db.begin().await?;
    if let Some(inbox) = store::of_org(&mut tx, org_id).await? {
        store::clear(&mut tx, &inbox.id).await?;
        crate::audit::store::record(&mut tx, hub, caller, Some(org_id), "inbox.cleared", Some(inbox.id.as_str()), None)
            .await?;
    }
    tx.commit().await
}

/// The URL that leads to an inbox.
fn url(hub: &Hub, token: &str) -> String {
    format!("{}/inbox/{token}", hub.settings.base_url)
}

/// The secrets in the clear.
fn open(hub: &Hub, org_id: &OrgId, sealed: Vec<(crate::id::EndpointId, Vec<u8>)>) -> Result<Vec<Secret>> {
    let mut secrets = Vec::with_capacity(sealed.len());
    for (endpoint_id, sealed) in sealed {
        let plain = hub.open_sealed(&crate::directory::secret_place(org_id, &endpoint_id), &sealed)?;
        let text = std::str::from_utf8(&plain).map_err(Error::internal)?;
        secrets.push(Secret::parse(text).map_err(Error::internal)?);
    }
    Ok(secrets)
}

/// Whether the Standard Webhooks signature is that of one of the secrets.
fn verify(secrets: &[Secret], headers: &[(String, String)], body: &[u8], now_s: i64) -> bool {
    let header = |name: &str| {
        headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value.as_str())
    };
    signature::verify_standard(
        secrets,
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        body,
        now_s,
    )
    .is_ok()
}

#[cfg(test)]
mod tests;
