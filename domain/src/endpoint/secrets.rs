//! Signing secrets of an endpoint: made, rotated with an overlap, never shown again.

use serde::{Deserialize, Serialize};

use super::actions::{changed, get, must_lock};
use super::store::{self, SecretRow};
use super::{Endpoint, EndpointWithSecret, ROTATION_OVERLAP_MS, SigningScheme};
use crate::db::Conn;
use crate::directory::secret_place;
use crate::id::{EndpointId, OrgId};
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Permission, Result, audit, key};

/// The longest overlap, in hours: 30 days.
const MAX_OVERLAP_HOURS: i64 = 720;

/// How a secret is to be rotated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Rotation {
    /// How long the older secrets keep signing, in hours: 0 to 720, 24 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_hours: Option<i64>,
    /// The new secret; made for you when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Rotates the Ed25519 key instead of the shared secret.
    pub ed25519: bool,
}

impl Rotation {
    fn overlap_ms(&self) -> Result<i64> {
        match self.overlap_hours {
            None => Ok(ROTATION_OVERLAP_MS),
            Some(hours) if (0..=MAX_OVERLAP_HOURS).contains(&hours) => Ok(hours * 3_600_000),
            Some(_) => Err(Error::invalid("overlap_hours", "must be between 0 and 720.")),
        }
    }
}

/// Makes a new signing secret, shown this once; the older ones keep signing for the overlap. Of an Ed25519 key nothing
/// secret is shown: the receiver needs the public key alone. Needs `endpoints:write`.
///
/// # Errors
/// Not found; the fields that are wrong.
pub async fn rotate(hub: &Hub, caller: &Caller, id: &EndpointId, rotation: &Rotation) -> Result<EndpointWithSecret> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let overlap_ms = rotation.overlap_ms()?;
    let given = rotation.secret.as_deref().filter(|text| !text.trim().is_empty());
    if rotation.ed25519 && given.is_some() {
        return Err(Error::invalid("secret", "an Ed25519 key is made by the hub; leave it out."));
    }
    let secret = match given {
        Some(text) => signature::Secret::parse(text).map_err(|error| Error::invalid("secret", format!("{error}.")))?,
        None => signature::Secret::generate(hub.random.bytes()),
    };
    key::ready(hub, org_id).await?;
    let mut tx = hub.db.begin().await?;
    must_lock(&mut tx, org_id, id).await?;
    let newest = store::secrets(&mut tx, id).await?.first().map_or(0, |row| row.created_at.0);
    // The newest secret is found by its time: two rotations in one millisecond still differ.
    let now = Timestamp(hub.now().0.max(newest + 1));
    store::retire_secrets(&mut tx, id, rotation.ed25519, now.plus_ms(overlap_ms), now).await?;
    let row =
        if rotation.ed25519 { new_key(hub, org_id, id, now) } else { seal_secret(hub, org_id, id, &secret, now) }?;
    store::insert_secret(&mut tx, &row).await?;
    let note = if rotation.ed25519 { "ed25519" } else { "shared secret" };
    audit::store::record(&mut tx, hub, caller, Some(org_id), "endpoint.secret_rotated", Some(id.as_str()), Some(note))
        .await?;
    tx.commit().await?;
    changed(hub, org_id, id);
    let endpoint: Endpoint = get(hub, &Caller::system(Some(org_id.clone())), id).await?;
    let secret = match row.public_key {
        Some(public) => public,
        None => secret.text().to_owned(),
    };
    Ok(EndpointWithSecret { endpoint, secret })
}

/// Makes an Ed25519 key where the endpoint signs with one and has none.
pub(super) async fn ensure_key(
    conn: &mut Conn,
    hub: &Hub,
    org_id: &OrgId,
    id: &EndpointId,
    schemes: &[SigningScheme],
) -> Result<()> {
    if !schemes.contains(&SigningScheme::Ed25519) {
        return Ok(());
    }
    let rows = store::secrets(conn, id).await?;
    if rows.iter().any(|row| row.public_key.is_some()) {
        return Ok(());
    }
    let newest = rows.first().map_or(0, |row| row.created_at.0);
    store::insert_secret(conn, &new_key(hub, org_id, id, Timestamp(hub.now().0.max(newest + 1)))?).await
}

fn new_key(hub: &Hub, org_id: &OrgId, id: &EndpointId, now: Timestamp) -> Result<SecretRow> {
    let key = signature::SigningKey::generate(hub.random.bytes());
    Ok(SecretRow {
        endpoint_id: id.clone(),
        created_at: now,
        sealed: hub.seal(org_id, &secret_place(org_id, id), key.text().as_bytes())?,
        hint: key.hint(),
        expires_at: None,
        public_key: Some(key.public_text().to_owned()),
    })
}

/// A shared secret, ready to be stored.
pub(super) fn seal_secret(
    hub: &Hub,
    org_id: &OrgId,
    id: &EndpointId,
    secret: &signature::Secret,
    now: Timestamp,
) -> Result<SecretRow> {
    Ok(SecretRow {
        endpoint_id: id.clone(),
        created_at: now,
        sealed: hub.seal(org_id, &secret_place(org_id, id), secret.text().as_bytes())?,
        hint: secret.hint(),
        expires_at: None,
        public_key: None,
    })
}
