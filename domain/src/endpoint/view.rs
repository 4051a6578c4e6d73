//! An endpoint as it is shown: without its secrets.

use std::collections::HashMap;

use super::actions::controls;
use super::store::{self, Row, SecretRow};
use super::{CustomHeader, Endpoint, Failing, SecretHint};
use crate::db::Conn;
use crate::directory::{open_auth, open_headers};
use crate::failure::store as failures;
use crate::id::{EndpointId, OrgId};
use crate::{Error, Hub, Result};

/// A value as it is shown: only its last four characters, and those only of a long one.
pub(super) fn mask(value: &str) -> String {
    let count = value.chars().count();
    let tail: String = if count >= 12 { value.chars().skip(count - 4).collect() } else { String::new() };
    format!("••••{tail}")
}

/// Some endpoints of an organization, each with its secrets' hints and its failures in a row.
pub(super) async fn views(hub: &Hub, conn: &mut Conn, org_id: &OrgId, rows: Vec<Row>) -> Result<Vec<Endpoint>> {
    let mut secrets: HashMap<EndpointId, Vec<SecretRow>> = HashMap::new();
    for row in store::secrets_of_org(conn, org_id).await? {
        secrets.entry(row.endpoint_id.clone()).or_default().push(row);
    }
    let mut failing = failures::of_org(conn, org_id).await?;
    rows.into_iter()
        .map(|row| {
            let (own, failing) = (secrets.remove(&row.id).unwrap_or_default(), failing.remove(&row.id));
            view(hub, row, own, failing)
        })
        .collect()
}

/// One endpoint, with what is kept of it elsewhere.
pub(super) fn view(hub: &Hub, row: Row, secrets: Vec<SecretRow>, failing: Option<failures::Row>) -> Result<Endpoint> {
    let now = hub.now();
    let headers =
        open_headers(hub, &row)?.into_iter().map(|(name, value)| CustomHeader { name, value: mask(&value) }).collect();
    let live = || secrets.iter().filter(|s| s.expires_at.is_none_or(|end| end > now));
    let controls = controls(&row)?;
    Ok(Endpoint {
        event_types: serde_json::from_str(&row.event_types_json).map_err(Error::internal)?,
        retry: serde_json::from_str(&row.retry_json).map_err(Error::internal)?,
        headers,
        secrets: live()
            .filter(|s| s.public_key.is_none())
            .map(|s| SecretHint { hint: s.hint.clone(), created_at: s.created_at, expires_at: s.expires_at })
            .collect(),
        public_key: live().find_map(|s| s.public_key.clone()),
        auth: open_auth(hub, &row)?.masked(),
        concurrency_limit: controls.concurrency(),
        delivery: controls.delivery,
        signing_schemes: controls.schemes().to_vec(),
        destination: controls.destination,
        status_rules: controls.status_rules,
        channels: controls.channels,
        filter: controls.filter.map(serde_json::to_value).transpose().map_err(Error::internal)?,
        transformation: controls.transformation,
        version: row.version,
        failing: failing.map(|f| Failing {
            failures: f.failures,
            since: f.first_at,
            open_until: f.open_until.filter(|until| *until > now),
        }),
        id: row.id,
        name: row.name,
        url: row.url,
        description: row.description,
        status: row.status,
        disabled_reason: row.disabled_reason,
        timeout_ms: row.timeout_ms,
        rate_limit_per_minute: row.rate_limit_per_minute,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
