//! A private Redis that keeps nothing on disk.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A running server; it ends with this value.
pub struct Redis {
    /// Where it can be reached.
    pub url: String,
    port: u16,
    child: Child,
}

impl Redis {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// It is not installed, or does not start.
    pub async fn start() -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self { url: format!("redis://127.0.0.1:{port}/0"), port, child: spawn(port).await? })
    }

    /// Kills it and starts another, empty one in its place.
    ///
    /// # Errors
    /// It does not come back.
    pub async fn restart(&mut self, away: std::time::Duration) -> Result<()> {
        self.child.kill().await?;
        tokio::time::sleep(away).await;
        self.child = spawn(self.port).await?;
        Ok(())
    }
}

async fn spawn(port: u16) -> Result<Child> {
    let child = Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("redis-server starts")?;
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(child);
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    bail!("redis-server did not answer after five seconds")
}
