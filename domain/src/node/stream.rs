//! The streams that carry offers: one for each group, which all nodes that deliver read together. (An entry goes to one of them.)
//!
//! An entry stays pending at the node that read it until what it names is leased, or found to be taken. Those of a node that
//! died are not taken over: by the time one could know, their offers have lapsed and every claimer finds the deliveries. They
//! go with the dead consumer.

use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::streams::{StreamInfoConsumersReply, StreamInfoGroupsReply, StreamReadReply};
use redis::{RedisError, RedisResult};

use super::Progress;
use super::offer::{Group, Offer};
use super::redis::Redis;

/// Entries that a stream keeps, about. One that goes unread lapses.
const KEPT: usize = 20_000;
/// How long one look waits for entries.
const LOOK: Duration = Duration::from_secs(2);
/// A consumer that has read nothing for this long is dead, or has nothing pending that matters, in milliseconds.
const DEAD_MS: usize = 60_000;

/// What was read of a stream.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// The ids of the entries.
    pub(crate) ids: Vec<String>,
    /// What they offer, as far as it is understood: a newer version may write what this one does not know.
    pub(crate) offers: Vec<Offer>,
}

/// The name of a group's stream.
fn stream(group: Group) -> String {
    format!("patchbay:offers:{group}")
}

impl Redis {
    /// Offers deliveries to the nodes that deliver, all in one round trip.
    pub(crate) async fn offer(&self, offers: &[(Group, Offer)]) -> RedisResult<()> {
        let mut pipe = redis::pipe();
        for (group, offer) in offers {
            let text = serde_json::to_string(offer).unwrap_or_default();
            let add = pipe.cmd("XADD").arg(stream(*group)).arg("MAXLEN").arg("~").arg(KEPT).arg("*");
            add.arg("offer").arg(text).ignore();
        }
        pipe.query_async(&mut self.manager()).await
    }

    /// Begins to read the entries of a group as this node.
    pub(crate) async fn read_group(&self, group: Group, node_id: &str) -> RedisResult<GroupReader> {
        let connection = self.connection_of_its_own(LOOK).await?;
        let mut reader = GroupReader { connection, stream: stream(group), group, node_id: node_id.to_owned() };
        reader.make().await?;
        reader.bury(DEAD_MS).await?;
        Ok(reader)
    }

    /// Takes a node that ends off a group. Its reader must be gone.
    pub(crate) async fn leave_group(&self, group: Group, node_id: &str) -> RedisResult<()> {
        remove(&mut self.manager(), group, node_id).await
    }

    /// How far the groups are, but for those in which nobody has read yet.
    pub(crate) async fn progress(&self) -> RedisResult<Vec<Progress>> {
        let mut all = Vec::new();
        for group in Group::ALL {
            all.extend(self.progress_of(*group).await?);
        }
        Ok(all)
    }

    async fn progress_of(&self, group: Group) -> RedisResult<Option<Progress>> {
        let mut ask = redis::cmd("XINFO");
        ask.arg("GROUPS").arg(stream(group));
        let groups: StreamInfoGroupsReply = match ask.query_async(&mut self.manager()).await {
            Ok(groups) => groups,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let found = groups.groups.into_iter().find(|found| found.name == group.as_str());
        Ok(found.map(|found| Progress { group: group.as_str(), lag: found.lag, pending: found.pending }))
    }
}

/// A node's reader of one group, on a connection of its own, because a look blocks it.
pub(crate) struct GroupReader {
    connection: MultiplexedConnection,
    stream: String,
    group: Group,
    node_id: String,
}

impl GroupReader {
    /// The next entries, `count` at most; none after a while without. Where stream or group are gone, because Redis was
    /// emptied, they are made again.
    pub(crate) async fn read(&mut self, count: usize) -> RedisResult<Read> {
        let mut read = redis::cmd("XREADGROUP");
        read.arg("GROUP").arg(self.group.as_str()).arg(&self.node_id).arg("COUNT").arg(count);
        read.arg("BLOCK").arg(LOOK.as_millis() as u64).arg("STREAMS").arg(&self.stream).arg(">");
        let reply: Option<StreamReadReply> = match read.query_async(&mut self.connection).await {
            Ok(reply) => reply,
            Err(error) if is_missing(&error) => {
                self.make().await?;
                None
            }
            Err(error) => return Err(error),
        };
        let mut read = Read::default();
        for entry in reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids) {
            let text = entry.get::<String>("offer").unwrap_or_default();
            read.offers.extend(serde_json::from_str::<Offer>(&text));
            read.ids.push(entry.id);
        }
        Ok(read)
    }

    /// Says that entries are done.
    pub(crate) async fn done(&mut self, ids: &[String]) -> RedisResult<()> {
        let mut ack = redis::cmd("XACK");
        ack.arg(&self.stream).arg(self.group.as_str()).arg(ids);
        ack.query_async(&mut self.connection).await
    }

    /// Makes stream and group where they are missing. What was written before there was a group is read, too.
    async fn make(&mut self) -> RedisResult<()> {
        let mut create = redis::cmd("XGROUP");
        create.arg("CREATE").arg(&self.stream).arg(self.group.as_str()).arg("0").arg("MKSTREAM");
        let made: RedisResult<()> = create.query_async(&mut self.connection).await;
        made.or_else(|error| if error.code() == Some("BUSYGROUP") { Ok(()) } else { Err(error) })
    }

    /// Removes consumers that have read nothing for so many milliseconds, with what is pending at them.
    pub(crate) async fn bury(&mut self, dead_ms: usize) -> RedisResult<()> {
        let mut ask = redis::cmd("XINFO");
        ask.arg("CONSUMERS").arg(&self.stream).arg(self.group.as_str());
        let found: StreamInfoConsumersReply = ask.query_async(&mut self.connection).await?;
        for dead in found.consumers.into_iter().filter(|consumer| consumer.idle >= dead_ms) {
            if dead.name != self.node_id {
                remove(&mut self.connection, self.group, &dead.name).await?;
            }
        }
        Ok(())
    }
}

/// Removes a consumer, with what is pending at it.
async fn remove(connection: &mut impl ConnectionLike, group: Group, node_id: &str) -> RedisResult<()> {
    let mut remove = redis::cmd("XGROUP");
    remove.arg("DELCONSUMER").arg(stream(group)).arg(group.as_str()).arg(node_id);
    remove.query_async(connection).await
}

/// Whether an answer says that the stream or its group is not there (any more).
fn is_missing(error: &RedisError) -> bool {
    matches!(error.code(), Some("NOGROUP" | "UNBLOCKED"))
        || error.detail().is_some_and(|detail| detail.contains("no such key"))
}
