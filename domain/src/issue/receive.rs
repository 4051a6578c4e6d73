//! Webhooks of Jira: proven, stored, answered. What they mean is found out afterwards, by `heed`.

use sha2::{Digest as _, Sha256};

use super::store::{self, Webhook};
use crate::connection::{self, ConnectionAccess, Provider, apps};
use crate::id::ConnectionId;
use crate::node::signal::Work;
use crate::{Error, Hub, Result, key};

/// The longest identifier that is believed, in bytes.
const MAX_IDENTIFIER: usize = 200;

/// What comes with the body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `Authorization`: a token that is signed with the app's client secret, where the app has registered the webhook.
    pub authorization: Option<&'a str>,
    /// `X-Hub-Signature`: where an administrator has.
    pub signature: Option<&'a str>,
    /// `X-Atlassian-Webhook-Identifier`: the same over Jira's retries.
    pub identifier: Option<&'a str>,
}

/// Takes a webhook for a connection. One that is known already is taken and forgotten.
///
/// # Errors
/// *Unauthenticated* where the token is not signed with the app's client secret or has lapsed, or the signature over the body does not
/// hold, or there is no such connection; *malformed*.
pub async fn receive(hub: &Hub, id: &ConnectionId, headers: Headers<'_>, body: &[u8]) -> Result<()> {
    let row = connection::store::by_id(&mut hub.db.read().await?, id).await?;
    let row = row.filter(|row| row.provider == Provider::Jira).ok_or_else(Error::unauthenticated)?;
    key::learn(hub, &row.org_id).await;
    prove(hub, &row, headers, body)?;
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        return Err(Error::malformed(format!("The body is not JSON: {error}")));
    }
    let identifier = headers.identifier.filter(|text| !text.is_empty() && text.len() <= MAX_IDENTIFIER);
    let identifier = identifier.map_or_else(|| hash(body), str::to_owned);
    let now = hub.now();
    let webhook = Webhook {
        connection_id: row.id,
        identifier,
        org_id: row.org_id,
        body: body.to_vec(),
        received_at: now,
        due_at: Some(now),
        attempts: 0,
    };
    let mut tx = hub.db.begin().await?;
    let is_new = store::insert_webhook(&mut tx, &webhook).await?;
    tx.commit().await?;
    if is_new {
        hub.wake(Work::Chores);
    }
    Ok(())
}

/// Whether a webhook is Jira's.
fn prove(hub: &Hub, row: &connection::store::Row, headers: Headers<'_>, body: &[u8]) -> Result<()> {
    if row.access() == ConnectionAccess::ApiToken {
        let secret = connection::api_token::webhook_secret(hub, row)?;
        let key = signature::TextKey::new(&secret);
        let proven = signature::verify_github(&[&key], headers.signature.unwrap_or_default(), body);
        return proven.map_err(|_| Error::unauthenticated());
    }
    let key = signature::TextKey::new(apps::jira(hub)?.client_secret.expose());
    let bearer = |value: &'static str| headers.authorization.and_then(|text| text.strip_prefix(value));
    let token = bearer("Bearer ").or_else(|| bearer("JWT ")).unwrap_or_default();
    let proven = signature::verify_jwt(&[&key], token.trim(), hub.now().seconds());
    proven.map(drop).map_err(|_| Error::unauthenticated())
}

fn hash(body: &[u8]) -> String {
    Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}
