//! A fresh installation of the binary that is measured.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::http::{Connection, post};
use crate::measure;
use crate::postgres::Postgres;
use crate::redis::Redis;

/// A running hub with one organization and one endpoint at the sink.
pub struct Hub {
    /// Where it listens.
    pub address: SocketAddr,
    /// A key with every scope.
    pub api_key: String,
    child: Child,
    binary: PathBuf,
    postgres: Option<Postgres>,
    redis: Option<Redis>,
    folder: PathBuf,
}

impl Hub {
    /// Starts the binary on a fresh database and sets it up, with one endpoint at the sink.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn start(binary: &Path, database: &str, sink: SocketAddr) -> Result<Self> {
        let this = Self::start_bare(binary, database).await?;
        this.endpoint(&this.api_key, &format!("http://{sink}/hook"), "", 10).await?;
        Ok(this)
    }

    /// Starts the binary on a fresh database with an organization that has no endpoint yet.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn start_bare(binary: &Path, database: &str) -> Result<Self> {
        Self::start_with(binary, database, None).await
    }

    /// The same with a Redis that its nodes share.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn start_with(binary: &Path, database: &str, redis: Option<Redis>) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("patchbay-bench-{}-{database}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let postgres = match database {
            "sqlite" => None,
            "postgres" => Some(Postgres::start().await?),
            other => bail!("{other:?} is neither `sqlite` nor `postgres`"),
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address: SocketAddr = ([127, 0, 0, 1], port).into();
        let command = |argument| command(binary, argument, address, &folder, postgres.as_ref(), redis.as_ref());
        let api_key = bootstrap(command("bootstrap")).await?;
        let child = command("serve").spawn().context("the binary starts")?;
        let this = Self { address, api_key, child, binary: binary.to_owned(), postgres, redis, folder };
        ready(this.address).await?;
        Ok(this)
    }

    /// Ends the server, does something to its database meanwhile, and starts it again.
    ///
    /// # Errors
    /// The machine, the work or the hub does not do its part.
    pub async fn offline(&mut self, work: impl AsyncFnOnce(Option<&str>, &Path) -> Result<()>) -> Result<()> {
        self.child.kill().await?;
        work(self.postgres.as_ref().map(|postgres| postgres.url.as_str()), &self.folder.join("patchbay.db")).await?;
        self.child = self.command("serve", self.address).spawn()?;
        ready(self.address).await
    }

    /// A key that may act for every organization.
    ///
    /// # Errors
    /// The binary does not make one.
    pub async fn operator_key(&self) -> Result<String> {
        let mut admin = self.command("admin", self.address);
        let made = admin.args(["api-key", "--name", "Bench"]).stdout(Stdio::piped()).output().await?;
        let text = String::from_utf8_lossy(&made.stdout);
        let key = text.split_whitespace().find(|word| word.starts_with("pb_")).context("the binary prints a key")?;
        Ok(key.to_owned())
    }

    /// Ends the server as a power loss would (`kill -9`) and starts it again on the same database.
    ///
    /// # Errors
    /// It does not come back.
    pub async fn crash(&mut self) -> Result<()> {
        self.child.kill().await?;
        self.child = self.command("serve", self.address).spawn()?;
        ready(self.address).await
    }

    /// Makes an endpoint for everything, without a rate limit; `headers` may name an organization.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn endpoint(&self, key: &str, url: &str, headers: &str, timeout_s: u32) -> Result<()> {
        let body = serde_json::json!({"name": "Sink", "url": url, "event_types": ["*"], "rate_limit_per_minute": null, "timeout_ms": timeout_s * 1000});
        self.ask("/api/v1/endpoints", key, headers, &body).await.map(drop)
    }

    /// Posts to the API and reads the answer, which must be 201.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn ask(
        &self,
        path: &str,
        key: &str,
        headers: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value> {
        let request = post(path, &format!("authorization: Bearer {key}\r\n{headers}"), body.to_string().as_bytes());
        let (status, answer) = Connection::open(self.address).await?.send(&request).await?;
        if status != 201 {
            bail!("{path} was answered {status}: {}", String::from_utf8_lossy(&answer));
        }
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Starts another process of the same installation. On PostgreSQL only.
    ///
    /// # Errors
    /// It does not start.
    pub async fn second(&self) -> Result<Node> {
        self.node("all").await
    }

    /// The same, for one role.
    ///
    /// # Errors
    /// It does not start.
    pub async fn node(&self, role: &'static str) -> Result<Node> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address: SocketAddr = ([127, 0, 0, 1], port).into();
        let child = self.command("serve", address).env("PATCHBAY_ROLE", role).spawn()?;
        ready(address).await?;
        Ok(Node { address, role, child })
    }

    /// Kills another process and starts it again.
    ///
    /// # Errors
    /// It does not come back.
    pub async fn crash_second(&self, node: &mut Node, away: std::time::Duration) -> Result<()> {
        node.child.kill().await?;
        tokio::time::sleep(away).await;
        node.child = self.command("serve", node.address).env("PATCHBAY_ROLE", node.role).spawn()?;
        ready(node.address).await
    }

    /// Ends PostgreSQL as a power loss would and starts it again, under the feet of all processes.
    ///
    /// # Errors
    /// It does not come back.
    pub async fn crash_database(&mut self) -> Result<()> {
        self.postgres.as_mut().context("on PostgreSQL only")?.restart().await
    }

    /// Ends Redis and starts an empty one in its place, under the feet of all processes.
    ///
    /// # Errors
    /// There is none, or it does not come back.
    pub async fn crash_redis(&mut self, away: std::time::Duration) -> Result<()> {
        self.redis.as_mut().context("without Redis")?.restart(away).await
    }

    /// The Redis that its nodes share.
    ///
    /// # Errors
    /// There is none.
    pub fn redis(&self) -> Result<&Redis> {
        self.redis.as_ref().context("without Redis")
    }

    /// A command of the binary, set up like this hub.
    fn command(&self, argument: &str, address: SocketAddr) -> Command {
        command(&self.binary, argument, address, &self.folder, self.postgres.as_ref(), self.redis.as_ref())
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Milliseconds of processor time that server and database have used so far.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub fn cpu_ms(&self) -> Result<f64> {
        let mut pids = vec![self.pid()];
        pids.extend(self.postgres.iter().flat_map(Postgres::pids));
        measure::cpu_ms(&pids)
    }

    /// KiB that the disk of the database has written so far; none where that is not counted.
    pub fn written_kib(&self) -> Option<f64> {
        measure::written_kib(&self.folder)
    }

    /// Stops everything and removes the files.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        if let Some(postgres) = self.postgres {
            postgres.stop().await?;
        }
        std::fs::remove_dir_all(&self.folder).context("the hub's files can be removed")
    }
}

/// Another process of the same installation.
pub struct Node {
    /// Where it listens.
    pub address: SocketAddr,
    role: &'static str,
    child: Child,
}

async fn ready(address: SocketAddr) -> Result<()> {
    for _ in 0..200 {
        if let Ok(mut connection) = Connection::open(address).await
            && let Ok((200, _)) = connection.send(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n").await
        {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    bail!("the hub was not ready after ten seconds")
}

fn command(
    binary: &Path,
    argument: &str,
    address: SocketAddr,
    folder: &Path,
    postgres: Option<&Postgres>,
    redis: Option<&Redis>,
) -> Command {
    let mut command = Command::new(binary);
    command.arg(argument).stdout(Stdio::null()).kill_on_drop(true);
    command.env("PATCHBAY_ADDR", address.to_string()).env("PATCHBAY_DATA_DIR", folder);
    command.env("PATCHBAY_ALLOW_TARGETS", "127.0.0.0/8").env("PATCHBAY_LOG", "warn");
    command.env_remove("DATABASE_URL").env_remove("REDIS_URL");
    if let Some(postgres) = postgres {
        command.env("DATABASE_URL", &postgres.url);
    }
    if let Some(redis) = redis {
        command.env("REDIS_URL", &redis.url);
    }
    command
}

/// Makes organization, operator and key; answers the key.
async fn bootstrap(mut command: Command) -> Result<String> {
    command.args(["--org", "Bench", "--email", "bench@example.com", "--password-stdin", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("stdin is piped")?.write_all(b"correct horse battery\n").await?;
    let done = child.wait_with_output().await?;
    let answer: serde_json::Value = serde_json::from_slice(&done.stdout).context("bootstrap prints JSON")?;
    Ok(answer["api_key"].as_str().context("bootstrap makes a key")?.to_owned())
}
