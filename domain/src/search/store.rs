//! SQL of the full-text index: the one place where the two databases keep things differently.
//!
//! SQLite: `search_words` is a contentless FTS5 table whose rows share their number with `search_docs`; the
//! organization is a word of its own column. PostgreSQL: a `tsvector` of ready words in `search_docs`.

use sqlx::{Database, Encode, Postgres, QueryBuilder, Sqlite, SqliteConnection, Type};

use super::document::Document;
use crate::Result;
use crate::db::{Conn, Tx, on};
use crate::id::{DeliveryId, OrgId};
use crate::time::Timestamp;

/// Words of one search; more are ignored.
const MAX_WORDS: usize = 32;

/// A delivery that changed since it was indexed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Due {
    pub(super) org_id: OrgId,
    pub(super) id: DeliveryId,
    pub(super) attempt_count: i64,
    pub(super) unindexed_at: i64,
}

/// The deliveries that changed longest ago, without those whose attempt has just begun.
pub(super) async fn unindexed(conn: &mut Conn, now: Timestamp, settle_ms: i64, limit: i64) -> Result<Vec<Due>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT org_id, id, attempt_count, unindexed_at FROM deliveries
             WHERE unindexed_at IS NOT NULL
               AND NOT (unindexed_at > $1 AND status IN ('pending', 'retrying') AND COALESCE(due_at, 0) > $2)
             ORDER BY unindexed_at LIMIT $3",
        )
        .bind(now.plus_ms(-settle_ms))
        .bind(now)
        .bind(limit)
        .fetch_all(c)
        .await
    })?)
}

/// How many deliveries wait to be indexed.
pub(super) async fn lag(conn: &mut Conn) -> Result<i64> {
    Ok(on!(conn, |c| sqlx::query_scalar("SELECT COUNT(*) FROM deliveries WHERE unindexed_at IS NOT NULL")
        .fetch_one(c)
        .await)?)
}

/// Marks deliveries as indexed and counted, but for those that have changed since they were read.
pub(super) async fn clear(tx: &mut Tx, done: &[Due]) -> Result<()> {
    on!(&mut **tx, |c| {
        let mut sql = QueryBuilder::new(
            "UPDATE deliveries SET unindexed_at = NULL, counted_status = status, counted_attempts = attempt_count
             WHERE (org_id, id, unindexed_at) IN (",
        );
        sql.push_values(done, |mut row, due| {
            row.push_bind(&due.org_id).push_bind(&due.id).push_bind(due.unindexed_at);
        });
        sql.push(")").build().execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Puts documents into the index, in place of older ones of the same deliveries.
pub(super) async fn replace(tx: &mut Tx, documents: &[Document]) -> Result<()> {
    if documents.is_empty() {
        return Ok(());
    }
    match &mut **tx {
        Conn::Sqlite(c) => replace_sqlite(c, documents).await?,
        Conn::Postgres(c) => {
            let mut sql = QueryBuilder::<Postgres>::new("INSERT INTO search_docs (org_id, delivery_id, words) ");
            sql.push_values(documents, |mut row, document| {
                row.push_bind(&document.org_id).push_bind(&document.delivery_id);
                row.push("array_to_tsvector(").push_bind_unseparated(&document.words).push_unseparated(")");
            });
            sql.push(" ON CONFLICT (org_id, delivery_id) DO UPDATE SET words = EXCLUDED.words");
            sql.build().execute(&mut **c).await?;
        }
    }
    Ok(())
}

/// Drops the documents of deliveries.
pub(super) async fn forget(tx: &mut Tx, org_id: &OrgId, ids: &[DeliveryId]) -> Result<()> {
    if let Conn::Sqlite(c) = &mut **tx {
        let mut sql = QueryBuilder::<Sqlite>::new(
            "DELETE FROM search_words WHERE rowid IN (SELECT doc FROM search_docs WHERE org_id = ",
        );
        sql.push_bind(org_id).push(" AND delivery_id IN (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(id);
        }
        sql.push("))");
        sql.build().execute(&mut **c).await?;
    }
    for (head, column) in [
        ("DELETE FROM search_docs WHERE org_id = ", " AND delivery_id IN ("),
        ("UPDATE deliveries SET unindexed_at = NULL WHERE org_id = ", " AND id IN ("),
    ] {
        on!(&mut **tx, |c| {
            let mut sql = QueryBuilder::new(head);
            sql.push_bind(org_id).push(column);
            let mut list = sql.separated(", ");
            for id in ids {
                list.push_bind(id);
            }
            sql.push(")");
            sql.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

async fn replace_sqlite(c: &mut SqliteConnection, documents: &[Document]) -> Result<(), sqlx::Error> {
    let mut sql = QueryBuilder::<Sqlite>::new("INSERT INTO search_docs (org_id, delivery_id) ");
    sql.push_values(documents, |mut row, document| {
        row.push_bind(&document.org_id).push_bind(&document.delivery_id);
    });
    // The change that changes nothing makes RETURNING answer for known deliveries as well.
    sql.push(" ON CONFLICT (org_id, delivery_id) DO UPDATE SET org_id = excluded.org_id RETURNING doc, delivery_id");
    let numbers: Vec<(i64, DeliveryId)> = sql.build_query_as().fetch_all(&mut *c).await?;

    let mut sql = QueryBuilder::<Sqlite>::new("DELETE FROM search_words WHERE rowid IN (");
    let mut list = sql.separated(", ");
    for (number, _) in &numbers {
        list.push_bind(*number);
    }
    sql.push(")");
    sql.build().execute(&mut *c).await?;

    let numbers: std::collections::HashMap<_, _> = numbers.into_iter().map(|(number, id)| (id, number)).collect();
    let mut sql = QueryBuilder::<Sqlite>::new("INSERT INTO search_words (rowid, org, words) ");
    sql.push_values(documents, |mut row, document| {
        let words: Vec<_> = document.words.iter().map(|word| token(word)).collect();
        row.push_bind(numbers.get(&document.delivery_id).copied());
        row.push_bind(org_token(&document.org_id).to_owned()).push_bind(words.join(" "));
    });
    sql.build().execute(&mut *c).await?;
    Ok(())
}

/// Pushes a condition that holds for deliveries (alias `d`) of the organization whose document has all the
/// words, the last of which may be the beginning of one. `words` come from [`crate::delivery::query::words`].
pub(crate) fn push_match<DB: Database>(sql: &mut QueryBuilder<DB>, org_id: &OrgId, words: &[String])
where
    for<'a> String: Encode<'a, DB> + Type<DB>,
{
    let words = &words[..words.len().min(MAX_WORDS)];
    let Some((last, whole)) = words.split_last() else {
        sql.push("1 = 1");
        return;
    };
    sql.push("d.id IN (SELECT s.delivery_id FROM search_docs s WHERE s.org_id = ")
        .push_bind(org_id.as_str().to_owned());
    if DB::NAME == Sqlite::NAME {
        let whole: String = whole.iter().map(|word| format!("\"{}\" AND ", token(word))).collect();
        let wanted = format!("org : \"{}\" AND words : ({whole}\"{}\" *)", org_token(org_id), token(last));
        sql.push(" AND s.doc IN (SELECT rowid FROM search_words WHERE search_words MATCH ")
            .push_bind(wanted)
            .push("))");
    } else {
        let quoted = |word: &String| format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"));
        let whole: String = whole.iter().map(|word| quoted(word) + " & ").collect();
        sql.push(" AND s.words @@ CAST(").push_bind(format!("{whole}{}:*", quoted(last))).push(" AS tsquery))");
    }
}

/// The organization as one word.
fn org_token(org_id: &OrgId) -> &str {
    org_id.as_str().strip_prefix(OrgId::PREFIX).unwrap_or(org_id.as_str())
}

/// A word in letters that FTS5 neither splits nor folds. Its idea of letters is an older Unicode's than ours,
/// so each letter beyond ASCII is written as two of the private use area; a beginning stays a beginning.
fn token(word: &str) -> String {
    let mut token = String::with_capacity(word.len());
    for letter in word.chars() {
        if letter.is_ascii_alphanumeric() {
            token.push(letter);
        } else {
            let code = u32::from(letter);
            let private =
                |offset: u32, value: u32| char::from_u32(offset + value).expect("inside the private use area");
            token.push(private(0xe000, code >> 12));
            token.push(private(0xe200, code & 0xfff));
        }
    }
    token
}
