//! Fresh databases for tests: SQLite in a temporary folder always, PostgreSQL when
//! `PATCHBAY_TEST_DATABASE_URL` names a server (the test command starts one).

use std::sync::atomic::{AtomicU32, Ordering};

use super::Db;

/// A fresh, migrated database that goes with this value (SQLite) or with the cluster (PostgreSQL).
pub(crate) struct TestDb {
    /// The database.
    pub(crate) db: Db,
    folder: Option<std::path::PathBuf>,
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _gone_anyway = std::fs::remove_dir_all(folder);
        }
    }
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

fn unique() -> String {
    // Process ids come again while a test server lives, so they alone do not tell databases apart.
    let random: [u8; 10] = crate::hub::Random::System.bytes();
    let run = &crate::id::sortable(0, random)[10..];
    format!("patchbay_{}_{}_{run}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// A fresh SQLite database.
pub(crate) async fn sqlite() -> TestDb {
    let test = empty_sqlite().await;
    test.db.migrate().await.expect("the schema is made");
    test
}

/// A SQLite database without a schema.
pub(crate) async fn empty_sqlite() -> TestDb {
    let folder = std::env::temp_dir().join(unique());
    std::fs::create_dir_all(&folder).expect("the temporary folder can be made");
    let db = Db::open_sqlite(&folder.join("patchbay.db")).await.expect("SQLite opens");
    TestDb { db, folder: Some(folder) }
}

/// A fresh PostgreSQL database, or none (with a line on the console) when no server is named.
pub(crate) async fn postgres() -> Option<TestDb> {
    let test = empty_postgres().await?;
    test.db.migrate().await.expect("the schema is made");
    Some(test)
}

/// A PostgreSQL database without a schema, or none.
pub(crate) async fn empty_postgres() -> Option<TestDb> {
    let Ok(url) = std::env::var("PATCHBAY_TEST_DATABASE_URL") else {
        eprintln!("skipped on PostgreSQL: PATCHBAY_TEST_DATABASE_URL is not set");
        return None;
    };
    let name = unique();
    let admin = sqlx::PgPool::connect(&url).await.expect("the test server answers");
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&admin)
        .await
        .expect("a database can be made");
    admin.close().await;
    let (base, _) = url.rsplit_once('/').expect("the URL ends with a database name");
    let db = Db::open_postgres(&format!("{base}/{name}")).await.expect("PostgreSQL opens");
    Some(TestDb { db, folder: None })
}

/// Runs one async test body on both databases: `both!(a_sentence, |hub| { … })` where `hub` is a fresh
/// [`crate::hub::testing::TestHub`].
macro_rules! both {
    ($name:ident, |$hub:ident| $body:block) => {
        mod $name {
            use super::*;

            async fn body($hub: $crate::hub::testing::TestHub) $body

            #[tokio::test]
            async fn on_sqlite() {
                body($crate::hub::testing::TestHub::new($crate::db::testing::sqlite().await)).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(db) = $crate::db::testing::postgres().await {
                    body($crate::hub::testing::TestHub::new(db)).await;
                }
            }
        }
    };
}
pub(crate) use both;
