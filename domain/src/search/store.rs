//! SQL of the full-text indexes: the one place where the two databases keep things differently.
//!
//! SQLite: `search_words` is a contentless FTS5 table whose rows share their number with `search_docs`; the
//! organization is a word of its own column. PostgreSQL: a `tsvector` of ready words in `search_docs`, with one that stands for the
//! organization, so that its index alone finds what is rare. Deliveries and requests that came in have such tables each.

use sqlx::{Database, Encode, Postgres, QueryBuilder, Sqlite, SqliteConnection, Type};

use super::document::Document;
use crate::Result;
use crate::db::{Conn, Tx, on};
use crate::id::{DeliveryId, OrgId};
use crate::time::Timestamp;

/// Words of one search; more are ignored.
const MAX_WORDS: usize = 32;

/// An index: its tables, the column of what it is of, and how queries that search call that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Index {
    docs: &'static str,
    words: &'static str,
    id: &'static str,
    found: &'static str,
}

/// The index of deliveries, `d` in queries.
pub(crate) const DELIVERIES: Index =
    Index { docs: "search_docs", words: "search_words", id: "delivery_id", found: "d.id" };
/// The index of requests that came in, `r` in queries.
pub(crate) const REQUESTS: Index =
    Index { docs: "inbound_search_docs", words: "inbound_search_words", id: "request_id", found: "r.id" };

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

/// Puts documents into an index, in place of older ones of the same.
pub(super) async fn replace(tx: &mut Tx, index: Index, documents: &[Document]) -> Result<()> {
    if documents.is_empty() {
        return Ok(());
    }
    match &mut **tx {
        Conn::Sqlite(c) => replace_sqlite(c, index, documents).await?,
        Conn::Postgres(c) => {
            let mut sql = QueryBuilder::<Postgres>::new("INSERT INTO ");
            sql.push(index.docs).push(" (org_id, ").push(index.id).push(", words) ");
            sql.push_values(documents, |mut row, document| {
                row.push_bind(&document.org_id).push_bind(&document.id);
                let own = org_lexeme(&document.org_id);
                let words: Vec<String> = document.words.iter().cloned().chain([own]).collect();
                row.push("array_to_tsvector(").push_bind_unseparated(words).push_unseparated(")");
            });
            sql.push(" ON CONFLICT (org_id, ").push(index.id).push(") DO UPDATE SET words = EXCLUDED.words");
            sql.build().execute(&mut **c).await?;
        }
    }
    Ok(())
}

/// Drops the documents of deliveries, and what waits for them.
pub(super) async fn forget(tx: &mut Tx, org_id: &OrgId, ids: &[DeliveryId]) -> Result<()> {
    drop_documents(tx, DELIVERIES, org_id, ids.iter().map(DeliveryId::as_str)).await?;
    on!(&mut **tx, |c| {
        let mut sql = QueryBuilder::new("UPDATE deliveries SET unindexed_at = NULL WHERE org_id = ");
        sql.push_bind(org_id).push(" AND id IN (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(id);
        }
        sql.push(")");
        sql.build().execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Drops documents of an organization, by the ids of what they are of.
pub(super) async fn drop_documents<'a>(
    conn: &mut Conn,
    index: Index,
    org_id: &OrgId,
    ids: impl Iterator<Item = &'a str> + Clone,
) -> Result<()> {
    if let Conn::Sqlite(c) = &mut *conn {
        let mut sql = QueryBuilder::<Sqlite>::new("DELETE FROM ");
        sql.push(index.words).push(" WHERE rowid IN (SELECT doc FROM ").push(index.docs);
        push_ids(&mut sql, index, org_id, ids.clone());
        sql.push(")");
        sql.build().execute(&mut **c).await?;
    }
    on!(conn, |c| {
        let mut sql = QueryBuilder::new("DELETE FROM ");
        sql.push(index.docs);
        push_ids(&mut sql, index, org_id, ids);
        sql.build().execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Pushes `WHERE …` for these ids of an organization.
fn push_ids<'a, DB: Database>(
    sql: &mut QueryBuilder<DB>,
    index: Index,
    org_id: &OrgId,
    ids: impl Iterator<Item = &'a str>,
) where
    for<'b> String: Encode<'b, DB> + Type<DB>,
{
    sql.push(" WHERE org_id = ").push_bind(org_id.as_str().to_owned()).push(" AND ").push(index.id).push(" IN (");
    let mut list = sql.separated(", ");
    for id in ids {
        list.push_bind(id.to_owned());
    }
    sql.push(")");
}

async fn replace_sqlite(c: &mut SqliteConnection, index: Index, documents: &[Document]) -> Result<(), sqlx::Error> {
    let mut sql = QueryBuilder::<Sqlite>::new("INSERT INTO ");
    sql.push(index.docs).push(" (org_id, ").push(index.id).push(") ");
    sql.push_values(documents, |mut row, document| {
        row.push_bind(&document.org_id).push_bind(&document.id);
    });
    // The change that changes nothing makes RETURNING answer for known ones as well.
    sql.push(" ON CONFLICT (org_id, ").push(index.id).push(") DO UPDATE SET org_id = excluded.org_id RETURNING doc, ");
    sql.push(index.id);
    let numbers: Vec<(i64, String)> = sql.build_query_as().fetch_all(&mut *c).await?;

    let mut sql = QueryBuilder::<Sqlite>::new("DELETE FROM ");
    sql.push(index.words).push(" WHERE rowid IN (");
    let mut list = sql.separated(", ");
    for (number, _) in &numbers {
        list.push_bind(*number);
    }
    sql.push(")");
    sql.build().execute(&mut *c).await?;

    let numbers: std::collections::HashMap<_, _> = numbers.into_iter().map(|(number, id)| (id, number)).collect();
    let mut sql = QueryBuilder::<Sqlite>::new("INSERT INTO ");
    sql.push(index.words).push(" (rowid, org, words) ");
    sql.push_values(documents, |mut row, document| {
        let words: Vec<_> = document.words.iter().map(|word| token(word)).collect();
        row.push_bind(numbers.get(&document.id).copied());
        row.push_bind(org_token(&document.org_id).to_owned()).push_bind(words.join(" "));
    });
    sql.build().execute(&mut *c).await?;
    Ok(())
}

/// Pushes a condition that holds for what of the organization has a document with all the words, the last of which may be
/// the beginning of one. `words` come from [`crate::delivery::query::words`], `spread` from [`spread`].
pub(crate) fn push_match<DB: Database>(
    sql: &mut QueryBuilder<DB>,
    index: Index,
    org_id: &OrgId,
    words: &[String],
    spread: Spread,
) where
    for<'a> String: Encode<'a, DB> + Type<DB>,
{
    let words = &words[..words.len().min(MAX_WORDS)];
    let Some((last, whole)) = words.split_last() else {
        sql.push("1 = 1");
        return;
    };
    let Index { docs, words: table, id, found } = index;
    if DB::NAME == Sqlite::NAME {
        sql.push(found).push(" IN (SELECT s.").push(id).push(" FROM ").push(docs);
        sql.push(" s WHERE s.org_id = ").push_bind(org_id.as_str().to_owned());
        let whole: String = whole.iter().map(|word| format!("\"{}\" AND ", token(word))).collect();
        let wanted = format!("org : \"{}\" AND words : ({whole}\"{}\" *)", org_token(org_id), token(last));
        sql.push(" AND s.doc IN (SELECT rowid FROM ").push(table).push(" WHERE ").push(table);
        sql.push(" MATCH ").push_bind(wanted).push("))");
    } else if spread == Spread::Common {
        // Looked at one by one, so that a page of the newest is found without all the others.
        sql.push("(SELECT s.words @@ CAST(").push_bind(ts_query(whole, last)).push(" AS tsquery) FROM ").push(docs);
        sql.push(" s WHERE s.org_id = ").push_bind(org_id.as_str().to_owned());
        sql.push(" AND s.").push(id).push(" = ").push(found).push(")");
    } else {
        // By the index of words alone: what else is known of the organization only leads the planner astray.
        let wanted = format!("'{}' & {}", org_lexeme(org_id), ts_query(whole, last));
        sql.push(found).push(" = ANY(ARRAY(SELECT s.").push(id).push(" FROM ").push(docs);
        sql.push(" s WHERE s.words @@ CAST(").push_bind(wanted).push(" AS tsquery)))");
    }
}

/// Words and the beginning of a last one, as PostgreSQL reads them.
fn ts_query(whole: &[String], last: &str) -> String {
    let quoted = |word: &str| format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"));
    let whole: String = whole.iter().map(|word| quoted(word) + " & ").collect();
    format!("{whole}{}:*", quoted(last))
}

/// How many of an organization's documents have all the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spread {
    /// That is not known.
    #[default]
    Unknown,
    /// Few: they are found by the index of words.
    Rare,
    /// Many: they are found by looking at the newest.
    Common,
}

/// The newest documents that [`spread`] looks at.
const SAMPLE: i64 = 500;
/// Words are common from so many of [`SAMPLE`] on: then a page of fifty is among the newest thousand or two.
const COMMON: i64 = 25;

/// Whether words stand in many of the newest documents of an organization. PostgreSQL's planner cannot know it of the beginning of a
/// word, and chooses what takes seconds; SQLite does well without.
pub(crate) async fn spread(conn: &mut Conn, index: Index, org_id: &OrgId, words: &[String]) -> Result<Spread> {
    let words = &words[..words.len().min(MAX_WORDS)];
    let (Conn::Postgres(c), Some((last, whole))) = (conn, words.split_last()) else { return Ok(Spread::Unknown) };
    let mut sql = QueryBuilder::<Postgres>::new("SELECT COUNT(*) FROM (SELECT words FROM ");
    sql.push(index.docs).push(" WHERE org_id = ").push_bind(org_id).push(" ORDER BY ").push(index.id);
    sql.push(" DESC LIMIT ").push_bind(SAMPLE).push(") m WHERE m.words @@ CAST(").push_bind(ts_query(whole, last));
    let count: i64 = sql.push(" AS tsquery)").build_query_scalar().fetch_one(&mut **c).await?;
    Ok(if count >= COMMON { Spread::Common } else { Spread::Rare })
}

/// The word in a document that stands for its organization. Nobody types one with a blank in it.
fn org_lexeme(org_id: &OrgId) -> String {
    format!("org {org_id}")
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
