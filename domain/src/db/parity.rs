//! The two schemas must be one: the same tables, columns, nullability, kinds of values, primary keys and
//! indexes. And each migration meets full tables: rows of `tests/data/` go into a fresh database of each kind.

use std::collections::{BTreeMap, BTreeSet};

use super::testing::TestDb;
use super::{Db, testing};

/// Kept differently on purpose: the full-text indexes.
const DIFFERENT: &[&str] = &["search_docs", "search_words", "inbound_search"];

/// A table as both databases can describe it.
#[derive(Debug, PartialEq, Eq)]
struct Table {
    /// By name: kind of value, and whether it must be there.
    columns: BTreeMap<String, (&'static str, bool)>,
    primary_key: Vec<String>,
    /// By name.
    indexes: BTreeMap<String, Index>,
    /// Column and table it refers to.
    references: BTreeSet<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Index {
    columns: Vec<String>,
    unique: bool,
    partial: bool,
}

type Schema = BTreeMap<String, Table>;

/// The kinds of values that both databases have: how each calls them.
fn kind(sql: &str) -> &'static str {
    match sql.to_ascii_uppercase().as_str() {
        "TEXT" => "text",
        "INTEGER" | "BIGINT" => "integer",
        "BLOB" | "BYTEA" => "bytes",
        other => panic!("{other} is no type that both databases have"),
    }
}

fn is_ours(table: &str) -> bool {
    !DIFFERENT.iter().any(|name| table.starts_with(name))
        && !table.starts_with("_sqlx")
        && !table.starts_with("sqlite_")
}

async fn of_sqlite(db: &Db) -> Schema {
    let Db::Sqlite { writer, .. } = db else { panic!("not SQLite") };
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .fetch_all(writer)
        .await
        .expect("tables");
    let mut schema = Schema::new();
    for table in tables.into_iter().filter(|table| is_ours(table)) {
        let columns: Vec<(String, String, bool, i64)> =
            sqlx::query_as("SELECT name, type, \"notnull\", pk FROM pragma_table_info($1)")
                .bind(&table)
                .fetch_all(writer)
                .await
                .expect("columns");
        let mut key: Vec<_> =
            columns.iter().filter(|(.., place)| *place > 0).map(|(name, _, _, place)| (*place, name.clone())).collect();
        key.sort();
        let list: Vec<(String, bool, bool)> =
            sqlx::query_as("SELECT name, \"unique\", partial FROM pragma_index_list($1) WHERE origin = 'c'")
                .bind(&table)
                .fetch_all(writer)
                .await
                .expect("indexes");
        let mut indexes = BTreeMap::new();
        for (name, unique, partial) in list {
            let columns = sqlx::query_scalar("SELECT name FROM pragma_index_info($1) ORDER BY seqno").bind(&name);
            let columns = columns.fetch_all(writer).await.expect("columns of an index");
            indexes.insert(name, Index { columns, unique, partial });
        }
        let references = sqlx::query_as("SELECT \"from\", \"table\" FROM pragma_foreign_key_list($1)").bind(&table);
        let references: Vec<(String, String)> = references.fetch_all(writer).await.expect("references");
        let described = Table {
            columns: columns.into_iter().map(|(name, sql, needed, _)| (name, (kind(&sql), needed))).collect(),
            primary_key: key.into_iter().map(|(_, name)| name).collect(),
            indexes,
            references: references.into_iter().collect(),
        };
        schema.insert(table, described);
    }
    schema
}

async fn of_postgres(db: &Db) -> Schema {
    let Db::Postgres(pool) = db else { panic!("not PostgreSQL") };
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable = 'NO'
         FROM information_schema.columns c JOIN pg_class t ON t.oid = to_regclass(c.table_name::text)
         WHERE c.table_schema = 'public' AND t.relkind IN ('r', 'p') AND NOT t.relispartition",
    )
    .fetch_all(pool)
    .await
    .expect("columns");
    let mut schema = Schema::new();
    for (table, column, sql, needed) in columns.into_iter().filter(|(table, ..)| is_ours(table)) {
        let described = schema.entry(table).or_insert_with(|| Table {
            columns: BTreeMap::new(),
            primary_key: Vec::new(),
            indexes: BTreeMap::new(),
            references: BTreeSet::new(),
        });
        described.columns.insert(column, (kind(&sql), needed));
    }
    let indexes: Vec<(String, String, bool, bool, bool, Vec<String>)> = sqlx::query_as(
        "SELECT t.relname::text, i.relname::text, x.indisprimary, x.indisunique, x.indpred IS NOT NULL,
                ARRAY(SELECT pg_get_indexdef(x.indexrelid, place, true) FROM generate_series(1, x.indnkeyatts) place ORDER BY place)
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
         WHERE t.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(pool)
    .await
    .expect("indexes");
    for (table, name, primary, unique, partial, columns) in indexes {
        let Some(described) = schema.get_mut(&table) else { continue };
        if primary {
            described.primary_key = columns;
        } else {
            described.indexes.insert(name, Index { columns, unique, partial });
        }
    }
    let references: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT t.relname::text, a.attname::text, r.relname::text FROM pg_constraint k
         JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
         WHERE k.contype = 'f'",
    )
    .fetch_all(pool)
    .await
    .expect("references");
    for (table, column, to) in references {
        schema.get_mut(&table).map(|described| described.references.insert((column, to)));
    }
    schema
}

/// The conditions of partial indexes, which the catalogues write each in its own way: by index.
async fn conditions(db: &Db) -> BTreeMap<String, String> {
    let rows: Vec<(String, String)> = match db {
        Db::Sqlite { writer, .. } => {
            sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'").fetch_all(writer).await
        }
        Db::Postgres(pool) => {
            sqlx::query_as("SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '% WHERE %' AND NOT (SELECT relispartition FROM pg_class WHERE oid = to_regclass(tablename::text))").fetch_all(pool).await
        }
    }
    .expect("definitions");
    let condition = |sql: &str| {
        let (_, condition) = sql.split_once(" WHERE ").expect("a partial index");
        condition.replace("::text", "").replace(['(', ')'], "")
    };
    rows.into_iter().map(|(name, sql)| (name, condition(&sql))).collect()
}

#[tokio::test]
async fn both_databases_have_the_same_schema() {
    let Some(postgres) = testing::postgres().await else { return };
    let sqlite = testing::sqlite().await;
    let (left, right) = (of_sqlite(&sqlite.db).await, of_postgres(&postgres.db).await);
    assert!(left.len() >= 16, "the tables were read: {:?}", left.keys());
    let names = |schema: &Schema| schema.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&left), names(&right), "tables");
    for (table, described) in &left {
        assert_eq!(Some(described), right.get(table), "{table}: left is SQLite, right is PostgreSQL");
    }
    assert_eq!(conditions(&sqlite.db).await, conditions(&postgres.db).await, "conditions of partial indexes");
}

#[tokio::test]
async fn ids_sort_alike_on_both_databases() {
    let Some(postgres) = testing::postgres().await else { return };
    let Db::Postgres(pool) = &postgres.db else { panic!("not PostgreSQL") };
    let loose: Vec<String> = sqlx::query_scalar(
        "SELECT t.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
         WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND a.attnum > 0 AND a.attcollation <> 0
           AND (a.attname = 'id' OR a.attname IN ('org_id', 'user_id', 'endpoint_id', 'event_id', 'delivery_id', 'inbox_id'))
           AND a.attcollation <> (SELECT oid FROM pg_collation WHERE collname = 'C' AND collnamespace = 'pg_catalog'::regnamespace)",
    )
    .fetch_all(pool)
    .await
    .expect("collations");
    assert_eq!(loose, [""; 0], "cursors compare ids byte by byte: give these COLLATE \"C\"");
}

/// Rows of each migration so far, written for the schema as it was then.
const ROWS: &[(i64, &str)] = &[
    (1, include_str!("../../tests/data/0001.sql")),
    (2, include_str!("../../tests/data/0002.sql")),
    (3, include_str!("../../tests/data/0003.sql")),
    (4, include_str!("../../tests/data/0004.sql")),
    (5, include_str!("../../tests/data/0005.sql")),
    (6, include_str!("../../tests/data/0006.sql")),
    (7, include_str!("../../tests/data/0007.sql")),
    (8, include_str!("../../tests/data/0008.sql")),
    (9, include_str!("../../tests/data/0009.sql")),
    (10, include_str!("../../tests/data/0010.sql")),
    (11, include_str!("../../tests/data/0011.sql")),
    (12, include_str!("../../tests/data/0012.sql")),
    (13, include_str!("../../tests/data/0013.sql")),
    (14, include_str!("../../tests/data/0014.sql")),
    (15, include_str!("../../tests/data/0015.sql")),
    (16, include_str!("../../tests/data/0016.sql")),
    (17, include_str!("../../tests/data/0017.sql")),
    (18, include_str!("../../tests/data/0018.sql")),
];

/// Runs each migration over the rows of those before it, then adds its own.
async fn fill(test: &TestDb) {
    for (version, rows) in ROWS {
        test.db.migrate_to(*version).await;
        for statement in rows.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
            // Both write bytes as x'…', but PostgreSQL means bits by it.
            let done = match &test.db {
                Db::Sqlite { writer, .. } => {
                    sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(writer).await.map(drop)
                }
                Db::Postgres(pool) => {
                    let statement = statement.replace("x'", "'\\x");
                    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(pool).await.map(drop)
                }
            };
            done.unwrap_or_else(|error| panic!("{error} in {statement}"));
        }
    }
}

#[tokio::test]
async fn each_migration_meets_full_tables() {
    let sqlite = testing::empty_sqlite().await;
    fill(&sqlite).await;
    let Db::Sqlite { writer, .. } = &sqlite.db else { panic!("not SQLite") };
    for table in of_sqlite(&sqlite.db).await.into_keys() {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}")))
            .fetch_one(writer)
            .await
            .expect("a count");
        assert!(count > 0, "tests/data has no row for {table}");
    }
    if let Some(postgres) = testing::empty_postgres().await {
        fill(&postgres).await;
    }
}

#[tokio::test]
async fn health_is_counted_from_the_log_that_was_there() {
    const SQL: &str = "SELECT created, delivered, failed, dropped, attempts, retries, failures, latency_ms, within_5_s, within_60_s FROM health_hours
                       WHERE endpoint_id = 'ep_00000000000000000000000001' AND hour_at = 1795356000000";
    const QUEUE: &str =
        "SELECT pending, retrying, paused FROM endpoint_queues WHERE endpoint_id = 'ep_00000000000000000000000001'";
    type Row = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);
    let expected: Row = (2, 1, 0, 0, 3, 1, 2, 6000, 0, 1);
    let sqlite = testing::empty_sqlite().await;
    fill(&sqlite).await;
    let Db::Sqlite { writer, .. } = &sqlite.db else { panic!("not SQLite") };
    let row: Row = sqlx::query_as(SQL).fetch_one(writer).await.expect("an hour");
    let queue: (i64, i64, i64) = sqlx::query_as(QUEUE).fetch_one(writer).await.expect("a queue");
    assert_eq!((row, queue), (expected, (0, 1, 0)));
    if let Some(postgres) = testing::empty_postgres().await {
        fill(&postgres).await;
        let Db::Postgres(pool) = &postgres.db else { panic!("not PostgreSQL") };
        let row: Row = sqlx::query_as(SQL).fetch_one(pool).await.expect("an hour");
        let queue: (i64, i64, i64) = sqlx::query_as(QUEUE).fetch_one(pool).await.expect("a queue");
        assert_eq!((row, queue), (expected, (0, 1, 0)));
    }
}

#[tokio::test]
async fn documents_that_were_there_get_the_word_of_their_organization() {
    let Some(postgres) = testing::empty_postgres().await else { return };
    postgres.db.migrate_to(17).await;
    let Db::Postgres(pool) = &postgres.db else { panic!("not PostgreSQL") };
    for sql in [
        "INSERT INTO search_docs (org_id, delivery_id, words) VALUES ('org_1', 'dlv_1', array_to_tsvector(ARRAY['often']))",
        "INSERT INTO inbound_search_docs (org_id, request_id, words) VALUES ('org_1', 'ibr_1', array_to_tsvector(ARRAY['often']))",
    ] {
        sqlx::query(sql).execute(pool).await.expect("a document");
    }
    postgres.db.migrate_to(19).await;
    for table in ["search_docs", "inbound_search_docs"] {
        let found = format!("SELECT COUNT(*) FROM {table} WHERE words @@ CAST('''org org_1'' & ''oft'':*' AS tsquery)");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(found)).fetch_one(pool).await.expect("a count");
        assert_eq!(count, 1, "{table}");
    }
}

#[tokio::test]
async fn keys_that_two_nodes_made_at_once_are_both_kept() {
    const SQL: &str = "SELECT key_id, number FROM data_keys WHERE org_id IS NULL ORDER BY number";
    let expected = [("00000000000000b1", 1), ("00000000000000b2", 2), ("00000000000000b3", 3)];
    let expected = expected.map(|(id, number)| (id.to_owned(), number));
    let sqlite = testing::empty_sqlite().await;
    fill(&sqlite).await;
    let Db::Sqlite { writer, .. } = &sqlite.db else { panic!("not SQLite") };
    let rows: Vec<(String, i64)> = sqlx::query_as(SQL).fetch_all(writer).await.expect("keys");
    assert_eq!(rows, expected);
    if let Some(postgres) = testing::empty_postgres().await {
        fill(&postgres).await;
        let Db::Postgres(pool) = &postgres.db else { panic!("not PostgreSQL") };
        let rows: Vec<(String, i64)> = sqlx::query_as(SQL).fetch_all(pool).await.expect("keys");
        assert_eq!(rows, expected);
    }
}
