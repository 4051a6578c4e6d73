//! A private PostgreSQL for one run: own data folder, own port, gone afterwards. Never touches a
//! cluster of the machine.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell;
use crate::tools::find_program;

const START_LIMIT: Duration = Duration::from_secs(60);
const FOLDER_PREFIX: &str = "patchbay-postgres-";

/// A running cluster; dropped, it stops and its folder goes.
#[derive(Debug)]
pub struct Cluster {
    server: Child,
    folder: PathBuf,
    port: u16,
}

/// Whom the cluster runs as.
struct User {
    name: &'static str,
    group: String,
}

impl Cluster {
    /// Creates and starts a cluster and waits until it answers.
    pub fn start() -> Result<Self> {
        let binaries = binaries().context("PostgreSQL is missing")?;
        sweep();
        let folder = std::env::temp_dir().join(format!("{FOLDER_PREFIX}{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let user = unprivileged_user()?;
        if let Some(user) = &user {
            shell::run(Command::new("chown").arg(user.name).arg(&folder))?;
        }
        let data = folder.join("data");
        let mut initdb = as_user(user.as_ref(), &binaries.join("initdb"));
        initdb.arg("--pgdata").arg(&data).args([
            "--username=patchbay",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        shell::run(initdb.current_dir(&folder).stdout(Stdio::null()))?;

        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = fs::File::create(folder.join("log"))?;
        let mut postgres = as_user(user.as_ref(), &binaries.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(&folder).args(["-p", &port.to_string()]);
        postgres.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let server = postgres.current_dir(&folder).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let mut cluster = Self { server, folder, port };
        cluster.wait_until_ready(&binaries)?;
        Ok(cluster)
    }

    /// The address for sqlx.
    pub fn url(&self) -> String {
        format!("postgres://patchbay@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self, binaries: &Path) -> Result<()> {
        let started = Instant::now();
        loop {
            let mut probe = Command::new(binaries.join("pg_isready"));
            probe.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            if shell::works(&mut probe) {
                return Ok(());
            }
            if self.server.try_wait()?.is_some() || started.elapsed() > START_LIMIT {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("the private PostgreSQL did not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown.
        shell::works(Command::new("kill").args(["-INT", &self.server.id().to_string()]));
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            if !matches!(self.server.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.server.kill().ok();
        self.server.wait().ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// The folder with `initdb` and `postgres`, the newest version where there are several.
pub fn binaries() -> Option<PathBuf> {
    if let Some(initdb) = find_program("initdb") {
        // A link elsewhere may stand alone; the other programs lie beside the real one.
        return fs::canonicalize(initdb).ok()?.parent().map(Path::to_path_buf);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").is_file())
        .max_by_key(|folder| {
            let version = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
            version.and_then(|version| version.parse::<u32>().ok())
        })
}

/// Commits stay in memory: tests lose nothing that they would miss.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "max_connections=300",
    "shared_buffers=128MB",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

/// PostgreSQL refuses to run as root; then it runs as its own or as nobody's user.
fn unprivileged_user() -> Result<Option<User>> {
    if shell::output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Ok(None);
    }
    let known = ["postgres", "nobody"].into_iter().find(|user| shell::works(Command::new("id").arg(user)));
    let name = known.context("PostgreSQL cannot run as root and there is no other user")?;
    let group = shell::output(Command::new("id").args(["-g", name]))?.trim().to_owned();
    Ok(Some(User { name, group }))
}

/// A command as another user that also ends when this process is killed, where the system offers it.
fn as_user(user: Option<&User>, program: &Path) -> Command {
    if find_program("setpriv").is_none() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if let Some(user) = user {
        command.args(["--reuid", user.name, "--regid", &user.group, "--clear-groups"]);
    }
    command.arg("--").arg(program);
    command
}

/// Removes what killed runs have left behind.
fn sweep() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(FOLDER_PREFIX));
        if owner.is_some_and(|pid| !shell::works(Command::new("kill").args(["-0", pid]))) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}
