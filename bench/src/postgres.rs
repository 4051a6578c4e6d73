//! A private PostgreSQL cluster with its ordinary, durable settings.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

/// A running cluster; it stops and its files go with [`Postgres::stop`].
pub struct Postgres {
    /// Where it can be reached.
    pub url: String,
    child: Child,
    folder: PathBuf,
    bin: PathBuf,
    port: u16,
}

impl Postgres {
    /// Makes and starts a cluster on a free port. PostgreSQL refuses to run as root, so root hands it to the
    /// user `postgres`.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn start() -> Result<Self> {
        let bin = bin_folder()?;
        let folder = std::env::temp_dir().join(format!("patchbay-bench-pg-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        run(Command::new("chown").args(["postgres"]).arg(&folder)).await.ok();
        let data = folder.join("data");
        run(as_postgres(&bin.join("initdb")).args(["-A", "trust", "-U", "postgres", "-D"]).arg(&data)).await?;
        let child = spawn(&bin, &data, port)?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let this = Self { url, child, folder, bin, port };
        this.ready().await?;
        Ok(this)
    }

    /// Ends the server as a power loss would and starts it again on the same files.
    ///
    /// # Errors
    /// It does not come back.
    pub async fn restart(&mut self) -> Result<()> {
        self.child.kill().await?;
        // The children of a killed server end by themselves, a moment later; until then the files are locked.
        for _ in 0..100 {
            self.child = spawn(&self.bin, &self.folder.join("data"), self.port)?;
            if self.ready().await.is_ok() {
                return Ok(());
            }
        }
        bail!("PostgreSQL did not come back")
    }

    /// Waits until it answers, or has ended.
    async fn ready(&self) -> Result<()> {
        for _ in 0..200 {
            let ready = Command::new(self.bin.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .await?;
            if ready.success() {
                return Ok(());
            }
            if self.child.id().is_none_or(|id| !std::path::Path::new(&format!("/proc/{id}/fd")).exists()) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        bail!("PostgreSQL did not start")
    }

    /// The process ids of the whole cluster.
    pub fn pids(&self) -> Vec<u32> {
        self.child.id().map(crate::measure::family).unwrap_or_default()
    }

    /// Stops the cluster and removes its files.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        std::fs::remove_dir_all(&self.folder).context("the cluster's files can be removed")
    }
}

fn spawn(bin: &std::path::Path, data: &std::path::Path, port: u16) -> Result<Child> {
    let settings = ["listen_addresses=127.0.0.1", "shared_buffers=256MB", "max_wal_size=4GB"];
    let mut command = as_postgres(&bin.join("postgres"));
    command.arg("-D").arg(data).args(["-p", &port.to_string(), "-k", ""]);
    command.args(settings.iter().flat_map(|setting| ["-c", setting]));
    command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().context("PostgreSQL starts")
}

/// The newest installed PostgreSQL.
fn bin_folder() -> Result<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    versions
        .pop()
        .filter(|bin| bin.join("initdb").exists())
        .context("PostgreSQL is not installed (looked in /usr/lib/postgresql)")
}

fn as_postgres(program: &std::path::Path) -> Command {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

async fn run(command: &mut Command) -> Result<()> {
    let done = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().await?;
    if !done.status.success() {
        bail!("{:?} failed: {}", command.as_std().get_program(), String::from_utf8_lossy(&done.stderr));
    }
    Ok(())
}
