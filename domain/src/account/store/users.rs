//! SQL of accounts.

use sqlx::QueryBuilder;

use crate::Result;
use crate::account::User;
use crate::caller::OperatorRole;
use crate::db::{Conn, dialect, on};
use crate::id::{OrgId, UserId};

/// What sign-in compares with.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Credentials {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password_hash: String,
}

/// Whether there is any account.
pub(crate) async fn any(conn: &mut Conn) -> Result<bool> {
    let first: Option<UserId> =
        on!(conn, |c| sqlx::query_scalar("SELECT id FROM users LIMIT 1").fetch_optional(c).await)?;
    Ok(first.is_some())
}

/// Lets only one transaction at a time set up the installation.
pub(crate) async fn lock_setup(conn: &mut Conn) -> Result<()> {
    // On SQLite there is one writing transaction anyway.
    let text = dialect!(conn, sqlite: "SELECT 1", postgres: "LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE");
    on!(conn, |c| sqlx::query(text).execute(c).await.map(drop))?;
    Ok(())
}

/// Stores a new account.
pub(crate) async fn insert(conn: &mut Conn, user: &User, password_hash: &str) -> Result<(), sqlx::Error> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO users (id, email, name, password_hash, operator_role, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&user.id)
        .bind(&user.email)
        .bind(&user.name)
        .bind(password_hash)
        .bind(user.operator_role)
        .bind(user.created_at)
        .execute(c)
        .await
        .map(drop)
    })
}

/// The account with this id.
pub(crate) async fn find(conn: &mut Conn, id: &UserId) -> Result<Option<User>> {
    let user = on!(conn, |c| {
        sqlx::query_as("SELECT id, email, name, operator_role, created_at FROM users WHERE id = $1")
            .bind(id)
            .fetch_optional(c)
            .await
    })?;
    Ok(user)
}

/// What sign-in with this address compares with.
pub(crate) async fn credentials(conn: &mut Conn, email: &str) -> Result<Option<Credentials>> {
    let found = on!(conn, |c| {
        sqlx::query_as("SELECT id, email, name, password_hash FROM users WHERE email = $1")
            .bind(email)
            .fetch_optional(c)
            .await
    })?;
    Ok(found)
}

/// Whether the password of an account is still this one. On PostgreSQL it stays so until the transaction ends.
pub(crate) async fn has_password(conn: &mut Conn, id: &UserId, password_hash: &str) -> Result<bool> {
    let lock = dialect!(conn, sqlite: "", postgres: " FOR SHARE");
    let found: Option<UserId> = on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT id FROM users WHERE id = ");
        q.push_bind(id).push(" AND password_hash = ").push_bind(password_hash).push(lock);
        q.build_query_scalar().fetch_optional(c).await
    })?;
    Ok(found.is_some())
}

/// Replaces the password of an account.
pub(crate) async fn set_password(conn: &mut Conn, id: &UserId, password_hash: &str) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
            .bind(id)
            .bind(password_hash)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Replaces the name of an account.
pub(crate) async fn set_name(conn: &mut Conn, id: &UserId, name: &str) -> Result<Option<User>> {
    let user = on!(conn, |c| {
        sqlx::query_as("UPDATE users SET name = $2 WHERE id = $1 RETURNING id, email, name, operator_role, created_at")
            .bind(id)
            .bind(name)
            .fetch_optional(c)
            .await
    })?;
    Ok(user)
}

/// Gives or takes a role in the installation.
pub(crate) async fn set_operator_role(
    conn: &mut Conn,
    email: &str,
    role: Option<OperatorRole>,
) -> Result<Option<User>> {
    let user = on!(conn, |c| {
        sqlx::query_as(
            "UPDATE users SET operator_role = $2 WHERE email = $1 RETURNING id, email, name, operator_role, created_at",
        )
        .bind(email)
        .bind(role)
        .fetch_optional(c)
        .await
    })?;
    Ok(user)
}

/// The oldest organization of this name that the operator with this address owns, with their id.
pub(crate) async fn find_bootstrapped(conn: &mut Conn, org: &str, email: &str) -> Result<Option<(OrgId, UserId)>> {
    let found = on!(conn, |c| {
        sqlx::query_as(
            "SELECT o.id, u.id FROM users u
             JOIN memberships m ON m.user_id = u.id
             JOIN orgs o ON o.id = m.org_id
             WHERE u.email = $2 AND u.operator_role = 'operator' AND m.role = 'owner' AND o.name = $1
             ORDER BY o.id LIMIT 1",
        )
        .bind(org)
        .bind(email)
        .fetch_optional(c)
        .await
    })?;
    Ok(found)
}
