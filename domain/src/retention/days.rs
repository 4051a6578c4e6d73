//! The days of PostgreSQL: `events`, `attempts` and `search_docs` are cut into parts by the time in an id, one for each UTC day, so
//! that a day which nobody keeps any more is dropped whole instead of row by row. Deliveries are not cut: they are narrow, and
//! looked up by things that know no day. SQLite has no parts; there all of this does nothing.
//!
//! Parts are made a week ahead. A row that fits none goes to the default part (`…_other`) and is deleted like on SQLite.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{DAY_MS, PIECE, PIECES};
use crate::Result;
use crate::db::{Conn, Db, Tx};
use crate::id::{DeliveryId, EventId};
use crate::time::Timestamp;

/// Days that are ready before they begin.
const AHEAD: i64 = 7;
/// Two programs never change the parts at once: they hold this advisory lock.
const LOCK: i64 = 0x7061_7274;

/// A table that is cut into days, the column that decides, and how the ids in it begin.
struct Cut {
    table: &'static str,
    column: &'static str,
    prefix: &'static str,
}

const CUTS: [Cut; 3] = [
    Cut { table: "events", column: "id", prefix: EventId::PREFIX },
    Cut { table: "attempts", column: "delivery_id", prefix: DeliveryId::PREFIX },
    Cut { table: "search_docs", column: "delivery_id", prefix: DeliveryId::PREFIX },
];

/// A part of a table: what it is called, and the time at which it ends.
struct Part {
    name: String,
    end: Timestamp,
}

impl Cut {
    /// The smallest id of a time.
    fn bound(&self, at: Timestamp) -> String {
        format!("{}{}", self.prefix, crate::id::sortable(at.0.max(0), [0; 10]))
    }

    /// The parts there are, oldest first, without the default one.
    async fn parts(&self, c: &mut PgConnection) -> Result<Vec<Part>> {
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass($1)",
        )
        .bind(self.table)
        .fetch_all(c)
        .await?;
        let mut parts: Vec<_> = names.into_iter().filter_map(|name| self.part(name)).collect();
        parts.sort_by_key(|part| part.end);
        Ok(parts)
    }

    /// Reads a part's name: `events_20261127` is that day, `events_until_20261127` everything before it.
    fn part(&self, name: String) -> Option<Part> {
        let rest = name.strip_prefix(self.table)?.strip_prefix('_')?;
        let (day, length) = rest.strip_prefix("until_").map_or((rest, DAY_MS), |day| (day, 0));
        let (year, month, date) = (day.get(..4)?, day.get(4..6)?, day.get(6..)?);
        let begin = Timestamp::parse_rfc3339(&format!("{year}-{month}-{date}T00:00:00Z")).ok()?;
        Some(Part { name, end: begin.plus_ms(length) })
    }

    /// Makes the part of a day, and lets the table have it. Writers of the table go on meanwhile.
    async fn make(&self, c: &mut PgConnection, begin: Timestamp) -> Result<()> {
        let table = self.table;
        let name = format!("{table}_{}", begin.rfc3339()[..10].replace('-', ""));
        let (from, to) = (self.bound(begin), self.bound(begin.plus_ms(DAY_MS)));
        // Names and bounds are our own letters, and PostgreSQL takes no parameters here.
        run(c, format!("CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")).await?;
        run(c, format!("ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{from}') TO ('{to}')")).await
    }
}

async fn run(c: &mut PgConnection, statement: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(c).await?;
    Ok(())
}

/// Midnight before a time.
pub(super) const fn midnight(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(DAY_MS) * DAY_MS)
}

/// A transaction that alone changes the parts and does not wait long for those who use them; none on SQLite, and none while
/// another program is at it.
async fn alone(db: &Db) -> Result<Option<Tx>> {
    if matches!(db, Db::Sqlite { .. }) {
        return Ok(None);
    }
    let mut tx = db.begin().await?;
    let Conn::Postgres(c) = &mut *tx else { return Ok(None) };
    sqlx::query("SET LOCAL lock_timeout = '500ms'").execute(&mut **c).await?;
    let mine: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)").bind(LOCK).fetch_one(&mut **c).await?;
    Ok(mine.then_some(tx))
}

/// Makes the days that are missing up to a week from now.
///
/// # Errors
/// The database does not answer, or somebody uses the table for too long; the next round tries again.
pub(super) async fn prepare(db: &Db, now: Timestamp) -> Result<()> {
    let Some(mut tx) = alone(db).await? else { return Ok(()) };
    let Conn::Postgres(c) = &mut *tx else { return Ok(()) };
    for cut in CUTS {
        let known = cut.parts(c).await?.last().map_or(Timestamp(0), |part| part.end);
        let mut begin = midnight(now).max(known);
        while begin < midnight(now).plus_ms((AHEAD + 1) * DAY_MS) {
            let stray: bool = sqlx::query_scalar(AssertSqlSafe(format!(
                "SELECT EXISTS (SELECT 1 FROM {}_other WHERE {} >= $1 AND {1} < $2)",
                cut.table, cut.column
            )))
            .bind(cut.bound(begin))
            .bind(cut.bound(begin.plus_ms(DAY_MS)))
            .fetch_one(&mut **c)
            .await?;
            // A day that has rows in the default part stays there: it has begun without a part of its own.
            if !stray {
                cut.make(c, begin).await?;
            }
            begin = begin.plus_ms(DAY_MS);
        }
    }
    tx.commit().await
}

/// The time before which nobody keeps anything: the end of the newest day that has lapsed for every organization with rows in it
/// or in an older one. `Timestamp(0)` where there is none, and on SQLite.
pub(super) async fn lapsed(db: &Db, now: Timestamp) -> Result<Timestamp> {
    let mut conn = db.read().await?;
    let Conn::Postgres(c) = &mut conn else { return Ok(Timestamp(0)) };
    let mut whole = Timestamp(0);
    let [events, attempts, _] = &CUTS;
    for part in events.parts(c).await?.into_iter().filter(|part| part.end < now) {
        let kept: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM orgs o WHERE (o.log_days IS NULL OR $1 - o.log_days * $2 < $3)
               AND (EXISTS (SELECT 1 FROM events e WHERE e.org_id = o.id AND e.id >= $4 AND e.id < $5)
                 OR EXISTS (SELECT 1 FROM deliveries d WHERE d.org_id = o.id AND d.id >= $6 AND d.id < $7)))",
        )
        .bind(midnight(now))
        .bind(DAY_MS)
        .bind(part.end)
        .bind(events.bound(whole))
        .bind(events.bound(part.end))
        .bind(attempts.bound(whole))
        .bind(attempts.bound(part.end))
        .fetch_one(&mut **c)
        .await?;
        if kept {
            break;
        }
        whole = part.end;
    }
    Ok(whole)
}

/// Drops the days before a time that nothing needs any more: no delivery has attempts or words in them, or was made of an event in
/// them. Of the days that stay, what belongs to deliveries that are gone is deleted. Answers how many parts and rows went.
pub(super) async fn drop_before(db: &Db, whole: Timestamp, complete: bool) -> Result<usize> {
    if whole == Timestamp(0) {
        return Ok(0);
    }
    let mut dropped = 0;
    for cut in CUTS {
        let Some(mut tx) = alone(db).await? else { return Ok(dropped) };
        let Conn::Postgres(c) = &mut *tx else { return Ok(dropped) };
        let (mut begin, mut left) = (Timestamp(0), Vec::new());
        for part in cut.parts(c).await?.into_iter().filter(|part| part.end <= whole) {
            if is_needed(&cut, c, begin, part.end).await? {
                left.push(part.name);
            } else {
                run(c, format!("DROP TABLE {}", part.name)).await?;
                dropped += 1;
            }
            begin = part.end;
        }
        // Nobody can use the table meanwhile, so all else has a transaction of its own.
        tx.commit().await?;
        // While deliveries are still being deleted, what is of them may go with its day.
        if complete && cut.column == "delivery_id" {
            left.push(format!("{}_other", cut.table));
            for name in left {
                dropped += delete_left(db, &cut, &name, whole).await?;
            }
        }
    }
    Ok(dropped)
}

/// Whether a delivery needs what the ids of a time hold.
async fn is_needed(cut: &Cut, c: &mut PgConnection, begin: Timestamp, end: Timestamp) -> Result<bool> {
    let statement = if cut.table == "events" {
        "SELECT EXISTS (SELECT 1 FROM deliveries WHERE event_id >= $1 AND event_id < $2)
             OR EXISTS (SELECT 1 FROM events WHERE dispatched_at IS NULL AND id >= $1 AND id < $2)"
    } else {
        "SELECT EXISTS (SELECT 1 FROM orgs o WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.org_id = o.id AND d.id >= $1 AND d.id < $2))"
    };
    let needed = sqlx::query_scalar(statement).bind(cut.bound(begin)).bind(cut.bound(end)).fetch_one(c).await?;
    Ok(needed)
}

/// Deletes from a part what belongs to deliveries of before a time that are gone, so much of it as one organization's round may;
/// answers how many rows.
async fn delete_left(db: &Db, cut: &Cut, name: &str, before: Timestamp) -> Result<usize> {
    let Some(mut tx) = alone(db).await? else { return Ok(0) };
    let Conn::Postgres(c) = &mut *tx else { return Ok(0) };
    let done = sqlx::query(AssertSqlSafe(format!(
        "DELETE FROM {name} WHERE ctid = ANY (ARRAY (SELECT a.ctid FROM {name} a WHERE a.delivery_id < $1
         AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.org_id = a.org_id AND d.id = a.delivery_id) LIMIT $2))"
    )))
    .bind(cut.bound(before))
    .bind(PIECE * PIECES as i64)
    .execute(&mut **c)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() as usize)
}
