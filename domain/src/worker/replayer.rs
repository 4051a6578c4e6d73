//! Does replays piece by piece. A piece and how far it came are one transaction, so a crash repeats or loses nothing.

use crate::db::Tx;
use crate::delivery::query::LogQuery;
use crate::delivery::{Trigger, log, store as deliveries};
use crate::event::Matter;
use crate::live::Notice;
use crate::node::signal::Work;
use crate::replay::store::{self, Row};
use crate::replay::{ReplayState, Settings, actions::reason};
use crate::time::Timestamp;
use crate::worker::{deliverer, dispatcher};
use crate::{Error, Hub, Result};

/// Deliveries that one piece looks at.
const PIECE: i64 = 200;

/// So much of what a replay with a rate is late is made up for, in milliseconds.
const LATE_MS: i64 = 2000;

/// For how long a replay that cannot go on is put off, in milliseconds.
const PUT_OFF_MS: i64 = 60_000;

/// One round: the next piece of one replay. Answers how many deliveries it looked at. A replay that cannot go on is put
/// off, so that it holds up no other.
///
/// # Errors
/// The database does not answer; nothing is half done.
pub(crate) async fn tick(hub: &Hub) -> Result<usize> {
    let now = hub.now();
    if !store::any_due(&mut hub.db.read().await?, now).await? {
        return Ok(0);
    }
    let mut tx = hub.db.begin().await?;
    let Some(replay) = store::next_due(&mut tx, now).await? else { return Ok(0) };
    let id = replay.id.clone();
    match go_on(hub, tx, replay, now).await {
        Err(error) => {
            tracing::error!(replay = %id, %error, source = ?std::error::Error::source(&error), "a replay cannot go on; it is tried again in a minute");
            let mut tx = hub.db.begin().await?;
            store::put_off(&mut tx, &id, now.plus_ms(PUT_OFF_MS)).await?;
            tx.commit().await?;
            Ok(1)
        }
        done => done,
    }
}

/// The next piece of a replay.
async fn go_on(hub: &Hub, mut tx: Tx, mut replay: Row, now: Timestamp) -> Result<usize> {
    let query: LogQuery = serde_json::from_str(&replay.query_json).map_err(Error::internal)?;
    let entry = crate::directory::entry(hub, &replay.org_id).await?;
    let size = piece(&replay);
    let found = log::plan_page(&mut tx, &replay.org_id, &query.filter(now)?, replay.cursor.as_ref(), size).await?;
    let mut rows = Vec::new();
    for candidate in &found {
        let left_out = reason(&candidate.facts(), replay.skip_delivered != 0).is_some();
        let route = entry.route(&candidate.endpoint_id).filter(|_| !left_out);
        let Some(route) = route else {
            replay.excluded += 1;
            continue;
        };
        let matter = Matter::new(&candidate.event_type, &[], None, "{}");
        let mut row = dispatcher::row(hub, route, &candidate.event_id, &matter, Trigger::Replay, now);
        row.replay_of = Some(candidate.id.clone());
        if replay.settings == Settings::Then {
            row.endpoint_version = candidate.version;
        }
        rows.push((row, route));
    }
    let new: Vec<deliveries::Row> = rows.iter().map(|(row, _)| row.clone()).collect();
    deliveries::insert(&mut tx, &new).await?;
    let looked_at = found.len();
    replay.made += new.len() as i64;
    replay.cursor = found.into_iter().next_back().map(|last| last.id).or(replay.cursor);
    replay.updated_at = now;
    if (looked_at as i64) < size {
        replay.state = ReplayState::Finished;
        replay.due_at = None;
        replay.finished_at = Some(now);
    } else {
        replay.due_at = Some(after(&replay, new.len() as i64, now));
    }
    store::advance(&mut tx, &replay).await?;
    tx.commit().await?;
    for (row, route) in &rows {
        hub.bus.notify(&row.org_id, Notice::Delivery(Box::new(deliverer::summary(row, route, None))));
    }
    hub.wake(Work::Due);
    hub.pulls.wake_all(&new);
    Ok(looked_at)
}

/// How many a piece may look at: with a rate, a second's worth.
fn piece(replay: &Row) -> i64 {
    replay.rate_per_minute.map_or(PIECE, |rate| (rate / 60).clamp(1, PIECE))
}

/// When the next piece is due after one that made so many: counted from when this one was due, so that the looks between add
/// nothing up, unless it is long late.
fn after(replay: &Row, made: i64, now: Timestamp) -> Timestamp {
    let begun = replay.due_at.map_or(now, |due| due.max(now.plus_ms(-LATE_MS)));
    replay.rate_per_minute.map_or(now, |rate| begun.plus_ms(made * 60_000 / rate))
}
