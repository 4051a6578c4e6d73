//! One text of SQL for two databases: an enum of native pools and two macros, no layer above them.
//!
//! Stores are free functions that take `&mut Conn`, so they can be joined in one transaction and can
//! never open a second connection behind an open one. `db.read()` gives a snapshot to read from,
//! `db.begin()` a transaction to write in.

mod open;
#[cfg(test)]
mod parity;
#[cfg(test)]
pub(crate) mod testing;

pub use open::OpenError;

use std::ops::{Deref, DerefMut};

use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use crate::Result;

/// The database of an installation. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Db {
    /// A file: one writer connection, several read-only readers.
    Sqlite {
        /// The only connection that writes.
        writer: SqlitePool,
        /// Read-only connections.
        readers: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A connection inside a transaction, on either database.
#[derive(Debug)]
pub enum Conn {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction that writes; rolled back unless committed.
#[derive(Debug)]
pub struct Tx(Conn);

impl Db {
    /// A snapshot to read from.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn read(&self) -> Result<Conn> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Conn::Sqlite(readers.begin().await?),
            Self::Postgres(pool) => Conn::Postgres(pool.begin().await?),
        })
    }

    /// A transaction to write in. On SQLite there is one at a time.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx(match self {
            Self::Sqlite { writer, .. } => Conn::Sqlite(begin_sqlite(writer).await?),
            Self::Postgres(pool) => Conn::Postgres(pool.begin().await?),
        }))
    }

    /// Closes all connections; what is committed stays.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

/// Begins on the only writing connection. When the disk is full SQLite rolls back by itself, after which the driver
/// counts one transaction too many; such a connection is replaced.
async fn begin_sqlite(writer: &SqlitePool) -> sqlx::Result<Transaction<'static, Sqlite>> {
    match writer.begin_with("BEGIN IMMEDIATE").await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            writer.acquire().await?.close().await?;
            writer.begin_with("BEGIN IMMEDIATE").await
        }
        begun => begun,
    }
}

impl Tx {
    /// Makes the changes durable.
    ///
    /// # Errors
    /// The database could not; nothing of the transaction is kept.
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            Conn::Sqlite(tx) => tx.commit().await?,
            Conn::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// Expands one body for both drivers: `on!(conn, |c| sqlx::query("…").bind(x).execute(&mut *c).await)`.
/// `c` is a `&mut SqliteConnection` or a `&mut PgConnection`.
macro_rules! on {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(tx) => {
                let $c: &mut sqlx::SqliteConnection = &mut *tx;
                $body
            }
            $crate::db::Conn::Postgres(tx) => {
                let $c: &mut sqlx::PgConnection = &mut *tx;
                $body
            }
        }
    };
}
pub(crate) use on;

/// Picks between two texts for the few statements that cannot agree:
/// `dialect!(conn, sqlite: "…", postgres: "…")`.
macro_rules! dialect {
    ($conn:expr, sqlite: $sqlite:expr, postgres: $postgres:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(_) => $sqlite,
            $crate::db::Conn::Postgres(_) => $postgres,
        }
    };
}
pub(crate) use dialect;
