//! What the nodes share besides the database, where Redis is given: signals that reach the others at once, rate limits
//! that hold for all nodes together, and offers of deliveries (`stream.rs`). It is never the truth: when Redis is lost or
//! emptied, signals go by the database, the nodes divide the limits among themselves, deliveries are claimed from the table,
//! and everything is as before when it is back.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::streams::StreamReadReply;
use redis::{AsyncConnectionConfig, Client, RedisResult, Script};

use crate::id::EndpointId;

/// The stream of signals.
const STREAM: &str = "patchbay:signals";
/// Signals that the stream keeps, about. A node reads from where it is, so this is what it may be behind.
const KEPT: usize = 2000;
/// How long an answer may take.
const ANSWER: Duration = Duration::from_millis(500);
/// How long one look waits for signals.
const LOOK: Duration = Duration::from_secs(2);

/// Lets as many deliveries go as the limit allows now: the generic cell rate algorithm, as the lanes have it, by the clock
/// of Redis. Answers how many may go, and how many milliseconds of the rate are used up from now on.
const RESERVE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local used = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
used = math.min(used, now + burst + interval)
local granted = 0
while granted < wanted and used - burst <= now do
  used = used + interval
  granted = granted + 1
end
if granted > 0 then redis.call('SET', KEYS[1], used, 'PX', used - now + 1000) end
return {granted, used - now}
";

/// Why the address of Redis cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("it must be like redis://:password@host:6379/0")]
pub struct RedisError(#[source] redis::RedisError);

/// A Redis server. Connects when it is first used, and again whenever the connection was lost. Cheap to clone.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    manager: ConnectionManager,
    reserve: Script,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.write_str("Redis")
    }
}

/// What a rate limit let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reserved {
    /// Deliveries that may go now.
    pub(crate) granted: u32,
    /// Milliseconds of the rate that are used up from now on.
    pub(crate) used_ms: i64,
}

impl Redis {
    /// Prepares the connection; inside a tokio runtime.
    ///
    /// # Errors
    /// The address is none.
    pub fn open(url: &str) -> Result<Self, RedisError> {
        let open = || {
            let client = Client::open(url)?;
            let config = ConnectionManagerConfig::new()
                .set_number_of_retries(1)
                .set_connection_timeout(Some(ANSWER))
                .set_response_timeout(Some(ANSWER));
            let manager = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
            Ok(Self { client, manager, reserve: Script::new(RESERVE) })
        };
        open().map_err(RedisError)
    }

    /// Whether it answers.
    pub(crate) async fn answers(&self) -> bool {
        let asked: RedisResult<String> = redis::cmd("PING").query_async(&mut self.manager()).await;
        asked.is_ok()
    }

    /// Sends a message to all nodes.
    pub(crate) async fn publish(&self, message: &str) -> RedisResult<()> {
        let mut add = redis::cmd("XADD");
        add.arg(STREAM).arg("MAXLEN").arg("~").arg(KEPT).arg("*").arg("message").arg(message);
        add.query_async(&mut self.manager()).await
    }

    /// The connection that all share who do not block it.
    pub(super) fn manager(&self) -> ConnectionManager {
        self.manager.clone()
    }

    /// A new connection, for looks that block it for so long.
    pub(super) async fn connection_of_its_own(&self, look: Duration) -> RedisResult<MultiplexedConnection> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(ANSWER)).set_response_timeout(Some(look + ANSWER));
        self.client.get_multiplexed_async_connection_with_config(&config).await
    }

    /// Begins to read what is sent from now on.
    pub(crate) async fn follow(&self) -> RedisResult<Follower> {
        let mut connection = self.connection_of_its_own(LOOK).await?;
        let newest: redis::streams::StreamRangeReply = redis::cmd("XREVRANGE")
            .arg(STREAM)
            .arg("+")
            .arg("-")
            .arg("COUNT")
            .arg(1)
            .query_async(&mut connection)
            .await?;
        let seen = newest.ids.into_iter().next().map_or_else(|| "0".to_owned(), |entry| entry.id);
        Ok(Follower { connection, seen })
    }

    /// Asks for the right to send: `interval_ms` between two deliveries, `burst_ms` of that at once after a quiet time.
    pub(crate) async fn reserve(
        &self,
        endpoint_id: &EndpointId,
        interval_ms: i64,
        burst_ms: i64,
        wanted: u32,
    ) -> RedisResult<Reserved> {
        let mut call = self.reserve.key(format!("patchbay:rate:{endpoint_id}"));
        call.arg(interval_ms).arg(burst_ms).arg(wanted);
        let (granted, used_ms) = call.invoke_async(&mut self.manager()).await?;
        Ok(Reserved { granted, used_ms })
    }
}

/// A reader of signals.
pub(crate) struct Follower {
    connection: MultiplexedConnection,
    seen: String,
}

impl Follower {
    /// The next messages; none after a while without.
    pub(crate) async fn next(&mut self) -> RedisResult<Vec<String>> {
        let mut read = redis::cmd("XREAD");
        read.arg("COUNT").arg(500).arg("BLOCK").arg(LOOK.as_millis() as u64).arg("STREAMS").arg(STREAM).arg(&self.seen);
        let reply: Option<StreamReadReply> = read.query_async(&mut self.connection).await?;
        let mut messages = Vec::new();
        for entry in reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids) {
            messages.extend(entry.get::<String>("message"));
            self.seen = entry.id;
        }
        Ok(messages)
    }
}
