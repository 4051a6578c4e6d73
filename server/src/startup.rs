//! From settings to a running program, and back: database, keys, hub, workers, listener; and the order in which they
//! end.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use domain::db::Db;
use domain::hub::{HubParts, Random, Settings, calls_config};
use domain::node::Redis;
use domain::worker::Workers;
use domain::{Caller, Clock, Hub, account, org};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::state::AppState;
use crate::{listen, master_key, router};

/// How long open requests have to end.
const REQUESTS: Duration = Duration::from_secs(10);
/// How long deliveries under way have to end after that; what has not ended is tried again after its lease.
const DELIVERIES: Duration = Duration::from_secs(8);

/// The word by which this program knows that it is to run transformations for another process of its own.
pub const SANDBOX_WORD: &str = "run-transformations";

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// It cannot be opened or migrated.
pub async fn open_database(config: &Config) -> Result<Db> {
    let db = match &config.database_url {
        Some(url) => Db::open_postgres(url).await?,
        None => {
            make_data_dir(config)?;
            Db::open_sqlite(&config.data_dir.join("patchbay.db")).await?
        }
    };
    db.migrate().await?;
    Ok(db)
}

/// Builds the hub, with the keys for secrets in memory; starts nothing.
///
/// # Errors
/// The database, the master key or Vault cannot be used.
pub async fn open_hub(config: &Config, listen: SocketAddr) -> Result<Hub> {
    let master = master_key::open(config)?;
    let db = open_database(config).await?;
    // With SQLite there is nobody to share with.
    let redis_url = config.redis_url.as_deref().filter(|_| config.database_url.is_some());
    let redis = redis_url.map(Redis::open).transpose().context("REDIS_URL cannot be used")?;
    let http = guarded_http::Config {
        allow: config.allow_targets.clone(),
        user_agent: concat!("Patchbay/", env!("CARGO_PKG_VERSION")).to_owned(),
        ..guarded_http::Config::default()
    };
    let hub = Hub::new(HubParts {
        db,
        clock: Clock::System,
        random: Random::System,
        master,
        settings: Settings {
            base_url: config.base_url(listen),
            listen,
            role: config.role,
            operations_org: config.operations_org.clone(),
            slack: config.slack.clone(),
            teams: config.teams.clone(),
            teams_url: config.teams_url.clone(),
            jira: config.jira.clone(),
            plans: config.plans.clone(),
            mail: config.mail.clone(),
        },
        http: guarded_http::Client::new(http.clone())?,
        calls: guarded_http::Client::new(calls_config(http))?,
        sandbox: sandbox::Sandbox::new(sandbox::Config::new(isolation(config)?))
            .context("transformations cannot be run")?,
        redis,
    });
    master_key::prepare(&hub).await?;
    Ok(hub)
}

/// Alerts must not go to an organization that nobody has.
async fn check_operations_org(hub: &Hub) -> Result<()> {
    if let Some(id) = &hub.settings.operations_org {
        let found = org::actions::get(hub, &Caller::system(Some(id.clone()))).await;
        found.with_context(|| format!("PATCHBAY_OPERATIONS_ORG: the organization {id} cannot be found"))?;
    }
    Ok(())
}

/// Where transformations run: in processes of their own, which can be killed, unless this is no `patchbay` program.
fn isolation(config: &Config) -> Result<sandbox::Isolation> {
    if !config.own_processes {
        return Ok(sandbox::Isolation::Threads);
    }
    let program = std::env::current_exe().context("this program does not know its own file")?;
    Ok(sandbox::Isolation::Process { program, args: vec![SANDBOX_WORD.into()] })
}

/// Runs the program until it is told to stop.
///
/// # Errors
/// It cannot start.
pub async fn serve(config: &Config) -> Result<()> {
    let listener = TcpListener::bind(config.addr);
    let listener = listener.await.with_context(|| format!("PATCHBAY_ADDR: {} cannot be listened at", config.addr))?;
    let mut stop = std::pin::pin!(told_to_stop()?);
    let running = tokio::select! {
        running = Running::start(config, listener) => running?,
        // Whatever it waits for.
        () = &mut stop => return Ok(()),
    };
    let base = &running.state.hub.settings.base_url;
    if running.state.hub.settings.role.serves() {
        announce(&format!("Patchbay is running at {base}"));
    } else {
        announce(&format!("This node delivers; it listens at {} for health checks", running.state.hub.settings.listen));
    }
    if running.state.hub.settings.role.serves() && running.state.needs_setup().await? {
        let token = account::actions::setup_token(&running.state.hub);
        announce(&format!("Set-up token: {token} Open {base}/setup"));
    }
    stop.await;
    tracing::info!("stopping");
    running.stop().await;
    Ok(())
}

/// The running program.
pub struct Running {
    /// The state of its doors.
    pub state: AppState,
    workers: Workers,
    server: tokio::task::JoinHandle<()>,
}

impl Running {
    /// Opens everything and starts serving at a listener.
    ///
    /// # Errors
    /// Something cannot be opened.
    pub async fn start(config: &Config, listener: TcpListener) -> Result<Self> {
        let listen = listener.local_addr().context("the listener has no address")?;
        let hub = open_hub(config, listen).await?;
        check_operations_org(&hub).await?;
        if let Err(error) = domain::retention::prepare(&hub).await {
            tracing::warn!(%error, "the days ahead have no parts of their own yet; the next round makes them");
        }
        let state = AppState::new(hub, config.trust_proxy.clone());
        let (router, _) = router::build(&state)?;
        let workers = domain::worker::start(&state.hub);
        state.set_ready(true);
        let stopping: CancellationToken = state.stopping.clone();
        let server = tokio::spawn(listen::serve(listener, router, stopping, REQUESTS));
        Ok(Self { state, workers, server })
    }

    /// Stops: accepts nothing new, ends streams, lets requests end, then the workers, then closes the database.
    pub async fn stop(self) {
        self.state.stopping.cancel();
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the server ended badly");
        }
        self.workers.stop(&self.state.hub, DELIVERIES).await;
        if tokio::time::timeout(Duration::from_secs(1), self.state.hub.db.close()).await.is_err() {
            tracing::warn!("the database was still in use when the program ended");
        }
    }
}

/// Tells whoever started the program; nobody may be listening.
fn announce(line: &str) {
    let mut console = std::io::stdout();
    if let Err(error) = writeln!(console, "{line}").and_then(|()| console.flush()) {
        tracing::debug!(%error, "standard output is closed");
    }
}

/// Listens for SIGTERM and SIGINT from now on; what is answered waits for one.
fn told_to_stop() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be received")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be received")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Makes the data folder, for its owner only.
pub(crate) fn make_data_dir(config: &Config) -> Result<()> {
    let folder = &config.data_dir;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("PATCHBAY_DATA_DIR: the folder {} cannot be made", folder.display()))
}
