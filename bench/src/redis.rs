//! A private Redis that keeps nothing on disk.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
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

    /// Has it forget everything.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn empty(&self) -> Result<()> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).await?;
        connection.write_all(b"FLUSHALL\r\n").await?;
        let mut answer = [0; 5];
        connection.read_exact(&mut answer).await?;
        anyhow::ensure!(answer == *b"+OK\r\n", "FLUSHALL was answered {}", String::from_utf8_lossy(&answer));
        Ok(())
    }

    /// Lets it stand still for a while, its connections open.
    ///
    /// # Errors
    /// The machine does not do its part.
    pub async fn freeze(&self, pause: std::time::Duration) -> Result<()> {
        let pid = self.child.id().context("it runs")?.to_string();
        Command::new("kill").args(["-STOP", &pid]).status().await?;
        tokio::time::sleep(pause).await;
        Command::new("kill").args(["-CONT", &pid]).status().await?;
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
