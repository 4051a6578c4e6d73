//! Rows written past a hub that does not run, by the thousand.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

/// Something that executes text.
pub enum Target {
    /// SQLite.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Postgres(PgConnection),
}

impl Target {
    /// Opens the database of a hub that does not run; what is written there may be lost with the machine.
    ///
    /// # Errors
    /// It does not open.
    pub async fn open(postgres: Option<&str>, file: &Path) -> Result<Self> {
        let mut this = match postgres {
            Some(url) => Self::Postgres(PgConnection::connect(url).await?),
            None => Self::Sqlite(SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await?),
        };
        if matches!(this, Self::Sqlite(_)) {
            this.run("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;".to_owned()).await?;
        }
        Ok(this)
    }

    /// Executes statements.
    ///
    /// # Errors
    /// The database refuses one.
    pub async fn run(&mut self, sql: String) -> Result<()> {
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)?,
            Self::Postgres(connection) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)?,
        }
        Ok(())
    }
}

/// A statement that writes many rows.
pub fn insert(table: &str, values: impl Iterator<Item = String>) -> String {
    let mut sql = format!("INSERT INTO {table} VALUES ");
    for (index, value) in values.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a text does not fail.
        let _written = write!(sql, "{comma}{value}");
    }
    sql
}
