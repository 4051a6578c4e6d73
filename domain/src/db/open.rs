//! Opening the database and bringing its schema up to date.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Db;

static SQLITE_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations/postgres");

/// Why the database could not be opened or migrated. `Display` is one sentence for the console.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or server cannot be reached.
    #[error("the database at {place} cannot be opened: {source}")]
    Open {
        /// A path, or host and name without the password.
        place: String,
        /// What the driver says.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The URL is not one of a PostgreSQL server.
    #[error("DATABASE_URL is not a PostgreSQL address like postgres://user:password@host/name: {0}")]
    Url(sqlx::Error),
}

impl Db {
    /// Opens (and makes, if needed) the SQLite file. Commits are durable: `synchronous=FULL` in WAL mode.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub async fn open_sqlite(file: &Path) -> Result<Self, OpenError> {
        let fail = |source| OpenError::Open { place: file.display().to_string(), source };
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(256)
            .pragma("cache_size", "-65536")
            .pragma("wal_autocheckpoint", "4000")
            .pragma("temp_store", "memory");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await
            .map_err(fail)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_lazy_with(options.create_if_missing(false).read_only(true));
        Ok(Self::Sqlite { writer, readers })
    }

    /// Connects to a PostgreSQL server.
    ///
    /// # Errors
    /// The address is wrong or the server does not answer.
    pub async fn open_postgres(url: &str) -> Result<Self, OpenError> {
        let options: PgConnectOptions = url.parse().map_err(OpenError::Url)?;
        let place =
            format!("{}:{}/{}", options.get_host(), options.get_port(), options.get_database().unwrap_or_default());
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_with(options.statement_cache_capacity(256).application_name("patchbay"))
            .await
            .map_err(|source| OpenError::Open { place, source })?;
        Ok(Self::Postgres(pool))
    }

    /// Brings the schema to a version and no further, to see how the next one meets full tables.
    #[cfg(test)]
    pub(crate) async fn migrate_to(&self, version: i64) {
        let all = match self {
            Self::Sqlite { .. } => &SQLITE_MIGRATIONS,
            Self::Postgres(_) => &POSTGRES_MIGRATIONS,
        };
        let until = all.iter().filter(|migration| migration.version <= version).cloned().collect();
        let until = sqlx::migrate::Migrator::with_migrations(until);
        match self {
            Self::Sqlite { writer, .. } => until.run(writer).await,
            Self::Postgres(pool) => until.run(pool).await,
        }
        .expect("the migrations run over full tables");
    }

    /// Brings the schema up to date. Safe to run by several processes at once.
    ///
    /// # Errors
    /// A migration fails, or the database is newer than this program.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        match self {
            Self::Sqlite { writer, .. } => SQLITE_MIGRATIONS.run(writer).await?,
            Self::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }
}
