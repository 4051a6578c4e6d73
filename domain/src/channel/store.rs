//! SQL of channels.

use sqlx::QueryBuilder;

use super::{Channel, ChannelState};
use crate::Result;
use crate::db::{Conn, on};
use crate::id::{ChannelId, ConnectionId, OrgId};
use crate::time::Timestamp;

/// Channels that one statement stores.
const PIECE: usize = 500;

/// A row of `channels`.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: ChannelId,
    provider_id: String,
    name: String,
    workspace: Option<String>,
    topic: String,
    members: Option<i64>,
    private: i64,
    joined: i64,
    archived: i64,
    state: ChannelState,
}

impl From<Row> for Channel {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            provider_id: row.provider_id,
            name: row.name,
            workspace: row.workspace,
            topic: row.topic,
            members: row.members,
            private: row.private != 0,
            joined: row.joined != 0,
            archived: row.archived != 0,
            state: row.state,
        }
    }
}

/// Stores channels as they were seen at a time; those that are known keep their id.
pub(crate) async fn put(conn: &mut Conn, id: &ConnectionId, channels: &[Channel], now: Timestamp) -> Result<()> {
    for piece in channels.chunks(PIECE) {
        on!(conn, |c| {
            let mut q = QueryBuilder::new(
                "INSERT INTO channels (id, connection_id, provider_id, name, workspace, topic, members, private, joined, archived, state, seen_at) ",
            );
            q.push_values(piece, |mut b, channel| {
                b.push_bind(&channel.id).push_bind(id).push_bind(&channel.provider_id).push_bind(&channel.name);
                b.push_bind(&channel.workspace)
                    .push_bind(&channel.topic)
                    .push_bind(channel.members)
                    .push_bind(i64::from(channel.private));
                b.push_bind(i64::from(channel.joined)).push_bind(i64::from(channel.archived));
                b.push_bind(channel.state).push_bind(now);
            });
            q.push(
                " ON CONFLICT (connection_id, provider_id) DO UPDATE SET name = excluded.name, workspace = COALESCE(excluded.workspace, channels.workspace), topic = excluded.topic, members = excluded.members,
                 private = excluded.private, joined = excluded.joined, archived = excluded.archived, state = excluded.state, seen_at = excluded.seen_at",
            );
            q.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Marks the channels as gone that were not seen since a time.
pub(crate) async fn lose_unseen(conn: &mut Conn, id: &ConnectionId, since: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE channels SET state = $1 WHERE connection_id = $2 AND seen_at < $3")
            .bind(ChannelState::Gone)
            .bind(id)
            .bind(since)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Notes whether messages can go to a channel.
pub(crate) async fn set_state(
    conn: &mut Conn,
    id: &ConnectionId,
    provider_id: &str,
    state: ChannelState,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE channels SET state = $1, archived = $2 WHERE connection_id = $3 AND provider_id = $4")
            .bind(state)
            .bind(i64::from(state == ChannelState::Archived))
            .bind(id)
            .bind(provider_id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Notes a channel's new name.
pub(crate) async fn rename(conn: &mut Conn, id: &ConnectionId, provider_id: &str, name: &str) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE channels SET name = $1 WHERE connection_id = $2 AND provider_id = $3")
            .bind(name)
            .bind(id)
            .bind(provider_id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Drops all channels of a connection.
pub(crate) async fn forget(conn: &mut Conn, id: &ConnectionId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM channels WHERE connection_id = $1").bind(id).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// The channels of a connection that are still there.
pub(crate) async fn all(conn: &mut Conn, id: &ConnectionId) -> Result<Vec<Channel>> {
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, provider_id, name, workspace, topic, members, private, joined, archived, state FROM channels
             WHERE connection_id = $1 AND state <> 'gone'",
        )
        .bind(id)
        .fetch_all(c)
        .await
    })?;
    Ok(rows.into_iter().map(Channel::from).collect())
}

/// How many channels of a connection can be chosen.
pub(crate) async fn count(conn: &mut Conn, id: &ConnectionId) -> Result<usize> {
    let count: i64 = on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM channels WHERE connection_id = $1 AND state <> 'gone' AND archived = 0",
        )
        .bind(id)
        .fetch_one(c)
        .await
    })?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// The channels that can be chosen and stand first where nothing was typed: those with these ids at the provider, then those that the
/// app is a member of, then the alphabet.
pub(crate) async fn first(conn: &mut Conn, id: &ConnectionId, recent: &[String], limit: usize) -> Result<Vec<Channel>> {
    let rows: Vec<Row> = on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT id, provider_id, name, workspace, topic, members, private, joined, archived, state FROM channels WHERE connection_id = ",
        );
        q.push_bind(id).push(" AND state <> 'gone' AND archived = 0 ORDER BY CASE WHEN provider_id IN (''");
        for known in recent {
            q.push(", ").push_bind(known);
        }
        q.push(") THEN 0 ELSE 1 END, joined DESC, LOWER(name), provider_id LIMIT ");
        q.push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        q.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Channel::from).collect())
}

/// One channel, by its id at the provider.
pub(crate) async fn find(conn: &mut Conn, connection: &ConnectionId, provider_id: &str) -> Result<Option<Channel>> {
    let row: Option<Row> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, provider_id, name, workspace, topic, members, private, joined, archived, state FROM channels
             WHERE connection_id = $1 AND provider_id = $2",
        )
        .bind(connection)
        .bind(provider_id)
        .fetch_optional(c)
        .await
    })?;
    Ok(row.map(Channel::from))
}

/// One channel of an organization's connections, with its connection.
pub(crate) async fn of_org(conn: &mut Conn, org_id: &OrgId, id: &ChannelId) -> Result<Option<(ConnectionId, Channel)>> {
    let place: Option<(ConnectionId, String)> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT k.id, h.provider_id FROM channels h JOIN connections k ON k.id = h.connection_id
             WHERE k.org_id = $1 AND k.deleted_at IS NULL AND h.id = $2",
        )
        .bind(org_id)
        .bind(id)
        .fetch_optional(c)
        .await
    })?;
    let Some((connection, provider_id)) = place else { return Ok(None) };
    Ok(find(conn, &connection, &provider_id).await?.map(|channel| (connection, channel)))
}

/// How many channels of each of an organization's connections messages can go to.
pub(crate) async fn counts(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<(ConnectionId, i64)>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT k.id, CAST(COUNT(*) AS BIGINT) FROM connections k JOIN channels h ON h.connection_id = k.id
             WHERE k.org_id = $1 AND k.deleted_at IS NULL AND h.archived = 0 AND h.state <> 'gone' GROUP BY k.id",
        )
        .bind(org_id)
        .fetch_all(c)
        .await
    })?)
}
