//! SQL of data keys.

use crate::Result;
use crate::db::{Conn, on};
use crate::id::OrgId;
use crate::time::Timestamp;

/// A data key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Row {
    /// The id of the key, as sealed values name it, in hex.
    pub(crate) key_id: String,
    /// Whose secrets it seals; none for the installation's.
    pub(crate) org_id: Option<OrgId>,
    /// Counts the keys of an organization.
    pub(crate) number: i64,
    /// The key, sealed by the master key or by Vault.
    pub(crate) wrapped: Vec<u8>,
    /// The id of that master key, or Vault's version of it (`vault:v1`).
    pub(crate) wrapped_by: String,
    pub(crate) created_at: Timestamp,
    /// It seals from then on, unless there is a newer one.
    pub(crate) seals_from: Timestamp,
    /// When what older keys have sealed is to be sealed with it.
    pub(crate) reseal_at: Option<Timestamp>,
    /// Since when there is nothing left that it has sealed.
    pub(crate) retired_at: Option<Timestamp>,
}

/// Adds a key, unless its organization, or the installation, has one of this number.
pub(crate) async fn insert(conn: &mut Conn, row: &Row) -> Result<bool> {
    const SQL: &str =
        "INSERT INTO data_keys (key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    let count = on!(conn, |c| {
        sqlx::query(SQL)
            .bind(&row.key_id)
            .bind(&row.org_id)
            .bind(row.number)
            .bind(&row.wrapped)
            .bind(&row.wrapped_by)
            .bind(row.created_at)
            .bind(row.seals_from)
            .bind(row.reseal_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(count > 0)
}

/// Keys that were made at a time or later, oldest first.
pub(crate) async fn since(conn: &mut Conn, at: Timestamp) -> Result<Vec<Row>> {
    const SQL: &str =
        "SELECT key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at, retired_at
                       FROM data_keys WHERE created_at >= $1 ORDER BY created_at, key_id";
    Ok(on!(conn, |c| sqlx::query_as(SQL).bind(at).fetch_all(c).await)?)
}

/// The keys of an organization, oldest first.
pub(crate) async fn of_org(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<Row>> {
    const SQL: &str =
        "SELECT key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at, retired_at
                       FROM data_keys WHERE org_id = $1 ORDER BY number";
    Ok(on!(conn, |c| sqlx::query_as(SQL).bind(org_id).fetch_all(c).await)?)
}

/// Organizations that have no key yet.
pub(crate) async fn without(conn: &mut Conn, limit: i64) -> Result<Vec<OrgId>> {
    const SQL: &str = "SELECT id FROM orgs WHERE NOT EXISTS (SELECT 1 FROM data_keys k WHERE k.org_id = orgs.id) ORDER BY id LIMIT $1";
    Ok(on!(conn, |c| sqlx::query_scalar(SQL).bind(limit).fetch_all(c).await)?)
}

/// Some key that Vault has wrapped.
pub(crate) async fn any_in_vault(conn: &mut Conn) -> Result<Option<Row>> {
    const SQL: &str =
        "SELECT key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at, retired_at
                       FROM data_keys WHERE wrapped_by LIKE 'vault:%' ORDER BY wrapped_by, key_id LIMIT 1";
    Ok(on!(conn, |c| sqlx::query_as(SQL).fetch_optional(c).await)?)
}

/// Keys that something else than `by` has wrapped, those after one by id.
pub(crate) async fn wrapped_otherwise(conn: &mut Conn, by: &str, after: &str, limit: i64) -> Result<Vec<Row>> {
    const SQL: &str =
        "SELECT key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at, retired_at
                       FROM data_keys WHERE wrapped_by <> $1 AND key_id > $2 ORDER BY key_id LIMIT $3";
    Ok(on!(conn, |c| sqlx::query_as(SQL).bind(by).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Keeps a key as it is wrapped now, unless somebody else has wrapped it anew.
pub(crate) async fn rewrap(conn: &mut Conn, row: &Row, wrapped: &[u8], by: &str) -> Result<bool> {
    const SQL: &str = "UPDATE data_keys SET wrapped = $1, wrapped_by = $2 WHERE key_id = $3 AND wrapped = $4";
    let count = on!(conn, |c| {
        sqlx::query(SQL)
            .bind(wrapped)
            .bind(by)
            .bind(&row.key_id)
            .bind(&row.wrapped)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(count > 0)
}

/// Claims a key with which it is time to seal anew what older ones have sealed.
pub(crate) async fn claim(conn: &mut Conn, now: Timestamp, until: Timestamp) -> Result<Option<Row>> {
    const SQL: &str = "UPDATE data_keys SET reseal_at = $2
                       WHERE reseal_at <= $1 AND key_id = (SELECT key_id FROM data_keys WHERE reseal_at <= $1 ORDER BY reseal_at LIMIT 1)
                       RETURNING key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at, retired_at";
    Ok(on!(conn, |c| sqlx::query_as(SQL).bind(now).bind(until).fetch_optional(c).await)?)
}

/// What the older keys of an organization had sealed is sealed with this one.
pub(crate) async fn retire_older(conn: &mut Conn, org_id: &OrgId, number: i64, now: Timestamp) -> Result<()> {
    const DONE: &str = "UPDATE data_keys SET reseal_at = NULL WHERE org_id = $1 AND number <= $2";
    const RETIRE: &str =
        "UPDATE data_keys SET retired_at = $3 WHERE org_id = $1 AND number < $2 AND retired_at IS NULL";
    on!(conn, |c| {
        sqlx::query(DONE).bind(org_id).bind(number).execute(&mut *c).await?;
        sqlx::query(RETIRE).bind(org_id).bind(number).bind(now).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Keys that have been retired before a time.
pub(crate) async fn retired(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<Vec<Row>> {
    const SQL: &str =
        "SELECT key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at, retired_at
                       FROM data_keys WHERE retired_at < $1 ORDER BY retired_at LIMIT $2";
    Ok(on!(conn, |c| sqlx::query_as(SQL).bind(before).bind(limit).fetch_all(c).await)?)
}

/// Has what a key sealed after all sealed with the newest of its organization.
pub(crate) async fn reopen(conn: &mut Conn, row: &Row, now: Timestamp) -> Result<()> {
    const BACK: &str = "UPDATE data_keys SET retired_at = NULL WHERE key_id = $1";
    const AGAIN: &str = "UPDATE data_keys SET reseal_at = $1 WHERE org_id = $2
                         AND number = (SELECT MAX(k.number) FROM data_keys k WHERE k.org_id = $2)";
    on!(conn, |c| {
        sqlx::query(BACK).bind(&row.key_id).execute(&mut *c).await?;
        sqlx::query(AGAIN).bind(now).bind(&row.org_id).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Deletes a key for good.
pub(crate) async fn delete(conn: &mut Conn, key_id: &str) -> Result<()> {
    on!(conn, |c| sqlx::query("DELETE FROM data_keys WHERE key_id = $1").bind(key_id).execute(c).await.map(drop))?;
    Ok(())
}

/// How many keys there are, and by what they are wrapped.
pub(crate) async fn count(conn: &mut Conn) -> Result<Vec<(String, i64)>> {
    const SQL: &str = "SELECT wrapped_by, COUNT(*) FROM data_keys GROUP BY wrapped_by ORDER BY wrapped_by";
    Ok(on!(conn, |c| sqlx::query_as(SQL).fetch_all(c).await)?)
}

/// How many organizations have no key, or secrets that are yet to be sealed with their newest one.
pub(crate) async fn count_unsealed(conn: &mut Conn) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM orgs WHERE NOT EXISTS (SELECT 1 FROM data_keys k WHERE k.org_id = orgs.id)
                       OR EXISTS (SELECT 1 FROM data_keys k WHERE k.org_id = orgs.id AND k.reseal_at IS NOT NULL)";
    Ok(on!(conn, |c| sqlx::query_scalar(SQL).fetch_one(c).await)?)
}
