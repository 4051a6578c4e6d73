//! SQL of views. A name is unique by its lower-case form, which the program makes: the databases disagree about it.

use super::View;
use crate::Result;
use crate::db::{Conn, on};
use crate::id::{OrgId, ViewId};

/// The form of a name that is taken once.
fn key(name: &str) -> String {
    name.to_lowercase()
}

/// The organization's views, by name.
pub(crate) async fn list(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<View>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, name, query, created_by, created_at FROM saved_views WHERE org_id = $1 ORDER BY name_key",
        )
        .bind(org_id)
        .fetch_all(c)
        .await
    })?)
}

/// One view.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, id: &ViewId) -> Result<Option<View>> {
    Ok(on!(conn, |c| {
        sqlx::query_as("SELECT id, name, query, created_by, created_at FROM saved_views WHERE org_id = $1 AND id = $2")
            .bind(org_id)
            .bind(id)
            .fetch_optional(c)
            .await
    })?)
}

/// How many the organization has.
pub(crate) async fn count(conn: &mut Conn, org_id: &OrgId) -> Result<i64> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar("SELECT COUNT(*) FROM saved_views WHERE org_id = $1").bind(org_id).fetch_one(c).await
    })?)
}

/// Adds a view; false when the name is taken.
pub(crate) async fn insert(conn: &mut Conn, org_id: &OrgId, new: &View) -> Result<bool> {
    let done = on!(conn, |c| {
        sqlx::query(
            "INSERT INTO saved_views (id, org_id, name, name_key, query, created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (org_id, name_key) DO NOTHING",
        )
        .bind(&new.id)
        .bind(org_id)
        .bind(&new.name)
        .bind(key(&new.name))
        .bind(&new.query)
        .bind(&new.created_by)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(done == 1)
}

/// Gives a view another name; false when another view has it.
pub(crate) async fn rename(conn: &mut Conn, org_id: &OrgId, id: &ViewId, name: &str) -> Result<bool> {
    let done = on!(conn, |c| {
        sqlx::query(
            "UPDATE saved_views SET name = $3, name_key = $4 WHERE org_id = $1 AND id = $2
             AND NOT EXISTS (SELECT 1 FROM saved_views o WHERE o.org_id = $1 AND o.name_key = $4 AND o.id <> $2)",
        )
        .bind(org_id)
        .bind(id)
        .bind(name)
        .bind(key(name))
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(done == 1)
}

/// Deletes a view.
pub(crate) async fn delete(conn: &mut Conn, org_id: &OrgId, id: &ViewId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM saved_views WHERE org_id = $1 AND id = $2")
            .bind(org_id)
            .bind(id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}
