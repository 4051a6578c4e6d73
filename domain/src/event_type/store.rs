//! SQL of an organization's own event types.

use super::EventType;
use crate::db::{Conn, on};
use crate::id::{EventTypeId, OrgId};
use crate::time::Timestamp;
use crate::{Error, Result};

/// A stored type.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    name: String,
    description: String,
    schema_json: Option<String>,
    sample_json: String,
    created_at: Timestamp,
}

impl Row {
    /// The type as it is shown.
    pub(crate) fn read(self) -> Result<EventType> {
        Ok(EventType {
            schema: self.schema_json.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?,
            sample: serde_json::from_str(&self.sample_json).map_err(Error::internal)?,
            name: self.name,
            description: self.description,
            standard: false,
            created_at: Some(self.created_at),
        })
    }
}

/// The names of the organization's own types.
pub(crate) async fn own_names(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<String>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar("SELECT name FROM event_types WHERE org_id = $1 ORDER BY name")
            .bind(org_id)
            .fetch_all(c)
            .await
    })?)
}

/// The organization's own types, by name.
pub(crate) async fn list(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT name, description, schema_json, sample_json, created_at
             FROM event_types WHERE org_id = $1 ORDER BY name",
        )
        .bind(org_id)
        .fetch_all(c)
        .await
    })?)
}

/// One own type.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, name: &str) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT name, description, schema_json, sample_json, created_at
             FROM event_types WHERE org_id = $1 AND name = $2",
        )
        .bind(org_id)
        .bind(name)
        .fetch_optional(c)
        .await
    })?)
}

/// A type of this name, standard or own.
pub(crate) async fn resolve(conn: &mut Conn, org_id: &OrgId, name: &str) -> Result<Option<EventType>> {
    if let Some(known) = super::standard::find(name) {
        return Ok(Some(known.clone()));
    }
    find(conn, org_id, name).await?.map(Row::read).transpose()
}

/// Adds a type; false when the name is taken.
pub(crate) async fn insert(
    conn: &mut Conn,
    org_id: &OrgId,
    id: &EventTypeId,
    new: &EventType,
    now: Timestamp,
) -> Result<bool> {
    let done = on!(conn, |c| {
        sqlx::query(
            "INSERT INTO event_types (id, org_id, name, description, schema_json, sample_json, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (org_id, name) DO NOTHING",
        )
        .bind(id)
        .bind(org_id)
        .bind(&new.name)
        .bind(&new.description)
        .bind(new.schema.as_ref().map(ToString::to_string))
        .bind(new.sample.to_string())
        .bind(now)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(done == 1)
}

/// Changes a type.
pub(crate) async fn update(conn: &mut Conn, org_id: &OrgId, changed: &EventType, now: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "UPDATE event_types SET description = $3, schema_json = $4, sample_json = $5, updated_at = $6
             WHERE org_id = $1 AND name = $2",
        )
        .bind(org_id)
        .bind(&changed.name)
        .bind(&changed.description)
        .bind(changed.schema.as_ref().map(ToString::to_string))
        .bind(changed.sample.to_string())
        .bind(now)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Deletes a type.
pub(crate) async fn delete(conn: &mut Conn, org_id: &OrgId, name: &str) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM event_types WHERE org_id = $1 AND name = $2")
            .bind(org_id)
            .bind(name)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Names of the endpoints that subscribe to exactly this type.
pub(crate) async fn subscribers(conn: &mut Conn, org_id: &OrgId, name: &str) -> Result<Vec<String>> {
    let rows: Vec<(String, String)> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT name, event_types_json FROM endpoints WHERE org_id = $1 AND deleted_at IS NULL ORDER BY name",
        )
        .bind(org_id)
        .fetch_all(c)
        .await
    })?;
    let mut names = Vec::new();
    for (endpoint, patterns) in rows {
        let patterns: Vec<String> = serde_json::from_str(&patterns).map_err(Error::internal)?;
        if patterns.iter().any(|pattern| pattern == name) {
            names.push(endpoint);
        }
    }
    Ok(names)
}
