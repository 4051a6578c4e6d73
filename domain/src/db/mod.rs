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

use sqlx::{Database, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use crate::Result;
use crate::audit::AuditEntry;

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
    Sqlite(Open<Sqlite>),
    /// On PostgreSQL.
    Postgres(Open<Postgres>),
}

/// A transaction of one driver, with the entries of the audit log that are written as it is committed: they lock the ends of
/// their chains, and must do so after everything else, or two transactions would wait for each other.
#[derive(Debug)]
pub struct Open<D: Database> {
    tx: Transaction<'static, D>,
    entries: Vec<AuditEntry>,
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
            Self::Sqlite { readers, .. } => Conn::Sqlite(Open::new(readers.begin().await?)),
            Self::Postgres(pool) => Conn::Postgres(Open::new(pool.begin().await?)),
        })
    }

    /// A transaction to write in. On SQLite there is one at a time.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx(match self {
            Self::Sqlite { writer, .. } => Conn::Sqlite(Open::new(begin_sqlite(writer).await?)),
            Self::Postgres(pool) => Conn::Postgres(Open::new(pool.begin().await?)),
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

impl Conn {
    /// Keeps an entry of the audit log until the commit, which writes it.
    pub(crate) fn keep(&mut self, entry: AuditEntry) {
        match self {
            Self::Sqlite(open) => open.entries.push(entry),
            Self::Postgres(open) => open.entries.push(entry),
        }
    }

    /// The entries that have been kept.
    fn take_entries(&mut self) -> Vec<AuditEntry> {
        match self {
            Self::Sqlite(open) => std::mem::take(&mut open.entries),
            Self::Postgres(open) => std::mem::take(&mut open.entries),
        }
    }
}

impl<D: Database> Open<D> {
    fn new(tx: Transaction<'static, D>) -> Self {
        Self { tx, entries: Vec::new() }
    }
}

impl<D: Database> Deref for Open<D> {
    type Target = D::Connection;
    fn deref(&self) -> &D::Connection {
        &self.tx
    }
}

impl<D: Database> DerefMut for Open<D> {
    fn deref_mut(&mut self) -> &mut D::Connection {
        &mut self.tx
    }
}

impl Tx {
    /// Makes the changes durable, and with them the entries of the audit log.
    ///
    /// # Errors
    /// The database could not; nothing of the transaction is kept.
    pub async fn commit(mut self) -> Result<()> {
        let entries = self.0.take_entries();
        if !entries.is_empty() {
            crate::audit::store::append(&mut self.0, entries).await?;
        }
        match self.0 {
            Conn::Sqlite(open) => open.tx.commit().await?,
            Conn::Postgres(open) => open.tx.commit().await?,
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
