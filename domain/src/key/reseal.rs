//! Seals with an organization's newest key what older ones, or the master key, have sealed. Every column that holds sealed values
//! is listed here; `connection_flows` is not, because its rows live for ten minutes.

use secret_box::{Key, key_id_of};

use super::PIECE;
use crate::db::{Conn, on};
use crate::id::OrgId;
use crate::{Hub, Result};

/// A column of sealed values.
struct Column {
    /// Values that another key has sealed: those of a range of rows, in order.
    find: &'static str,
    /// Puts another value there, unless it has changed.
    save: &'static str,
    /// The first value that a key has sealed.
    any: &'static str,
    /// The middle of the place to which a value's seal is bound.
    place: &'static str,
}

/// `column!(table.sealed, id, number, condition, place)`: rows are told apart by a text and a number.
macro_rules! column {
    ($table:literal, $sealed:literal, $id:literal, $number:literal, $own:literal, $place:literal) => {
        Column {
            find: concat!(
                "SELECT ",
                $id,
                ", ",
                $number,
                ", ",
                $sealed,
                " FROM ",
                $table,
                " WHERE ",
                $own,
                " AND ",
                $sealed,
                " IS NOT NULL AND substr(",
                $sealed,
                ", 2, 8) <> $2 AND (",
                $id,
                " > $3 OR (",
                $id,
                " = $3 AND ",
                $number,
                " > $4)) ORDER BY 1, 2 LIMIT $5"
            ),
            save: concat!(
                "UPDATE ",
                $table,
                " SET ",
                $sealed,
                " = $1 WHERE ",
                $id,
                " = $2 AND ",
                $number,
                " = $3 AND ",
                $sealed,
                " = $4"
            ),
            any: concat!(
                "SELECT ",
                $id,
                " FROM ",
                $table,
                " WHERE ",
                $own,
                " AND ",
                $sealed,
                " IS NOT NULL AND substr(",
                $sealed,
                ", 2, 8) = $2 LIMIT 1"
            ),
            place: $place,
        }
    };
}

#[rustfmt::skip]
const COLUMNS: [Column; 8] = [
    column!("signing_secrets", "sealed", "endpoint_id", "created_at", "endpoint_id IN (SELECT id FROM endpoints WHERE org_id = $1)", "signing_secrets"),
    column!("endpoints", "sealed_headers", "id", "CAST(0 AS BIGINT)", "org_id = $1", "endpoints"),
    column!("endpoints", "sealed_auth", "id", "CAST(0 AS BIGINT)", "org_id = $1", "endpoints.auth"),
    column!("endpoint_versions", "sealed_headers", "endpoint_id", "version", "org_id = $1", "endpoints"),
    column!("endpoint_versions", "sealed_auth", "endpoint_id", "version", "org_id = $1", "endpoints.auth"),
    column!("connections", "sealed_tokens", "id", "CAST(0 AS BIGINT)", "org_id = $1", "connections"),
    column!("sources", "sealed_token", "id", "CAST(0 AS BIGINT)", "org_id = $1", "sources"),
    column!("source_secrets", "sealed", "source_id", "created_at", "source_id IN (SELECT id FROM sources WHERE org_id = $1)", "source_secrets"),
];

/// A sealed value in its row.
type Value = (String, i64, Vec<u8>);

/// What came of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resealed {
    /// Values that were sealed anew.
    pub(super) sealed: usize,
    /// Values that do not open, and are left alone.
    pub(super) stuck: usize,
}

/// Seals what is an organization's with a key, some hundred values to a transaction.
pub(super) async fn all(hub: &Hub, org_id: &OrgId, key: &Key) -> Result<Resealed> {
    let mut done = Resealed::default();
    for column in &COLUMNS {
        let mut after = (String::new(), 0);
        loop {
            let mut tx = hub.db.begin().await?;
            let values = find(&mut tx, column, org_id, key, &after).await?;
            let Some((id, number, _)) = values.last() else { break };
            after = (id.clone(), *number);
            for (id, number, sealed) in &values {
                let place = format!("{org_id}|{}|{id}", column.place);
                match hub.open_sealed(&place, sealed) {
                    Ok(plain) => {
                        let new = key.seal(hub.random.bytes(), &place, &plain);
                        done.sealed += usize::from(save(&mut tx, column, (id, *number), sealed, &new).await?);
                    }
                    Err(error) => {
                        let key = key_id_of(sealed).map(|id| id.to_string());
                        let why = std::error::Error::source(&error).map(ToString::to_string);
                        tracing::warn!(%org_id, place, key, why, "a sealed value does not open and is left as it is");
                        done.stuck += 1;
                    }
                }
            }
            tx.commit().await?;
        }
    }
    Ok(done)
}

/// Whether a key has sealed anything that an organization has.
pub(super) async fn is_used(conn: &mut Conn, org_id: &OrgId, key_id: &[u8]) -> Result<bool> {
    for column in &COLUMNS {
        let found: Option<String> =
            on!(conn, |c| sqlx::query_scalar(column.any).bind(org_id).bind(key_id).fetch_optional(c).await)?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn find(
    conn: &mut Conn,
    column: &Column,
    org_id: &OrgId,
    key: &Key,
    after: &(String, i64),
) -> Result<Vec<Value>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(column.find)
            .bind(org_id)
            .bind(&key.id().bytes()[..])
            .bind(&after.0)
            .bind(after.1)
            .bind(PIECE as i64)
            .fetch_all(c)
            .await
    })?)
}

async fn save(conn: &mut Conn, column: &Column, (id, number): (&str, i64), old: &[u8], new: &[u8]) -> Result<bool> {
    let count = on!(conn, |c| {
        sqlx::query(column.save)
            .bind(new)
            .bind(id)
            .bind(number)
            .bind(old)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(count > 0)
}
