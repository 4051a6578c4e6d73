//! What every door is handed: the hub, and what the doors themselves need to know.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::FromRef;
use domain::{Hub, Result};
use guarded_http::IpNet;
use leptos::prelude::LeptosOptions;
use tokio_util::sync::CancellationToken;

/// The state of the doors. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    inner: Arc<Inner>,
}

/// What [`AppState`] points to.
pub struct Inner {
    /// The hub.
    pub hub: Hub,
    /// What leptos asks for; the files of the site are served by us.
    pub leptos: LeptosOptions,
    /// Ends streams and accepting; the workers are stopped after the last request.
    pub stopping: CancellationToken,
    /// How often an open stream looks whether its session still holds.
    pub session_look: Duration,
    proxies: Vec<IpNet>,
    is_ready: AtomicBool,
    is_set_up: AtomicBool,
}

impl AppState {
    /// The state for a hub; `proxies` are the networks whose `X-Forwarded-For` is believed.
    #[must_use]
    pub fn new(hub: Hub, proxies: Vec<IpNet>) -> Self {
        Self::looking_every(hub, proxies, Duration::from_secs(30))
    }

    /// The same with another time between looks at the sessions of open streams.
    #[must_use]
    pub fn looking_every(hub: Hub, proxies: Vec<IpNet>, session_look: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                leptos: LeptosOptions::builder().output_name("patchbay").build(),
                stopping: hub.stopping.clone(),
                session_look,
                proxies,
                is_ready: AtomicBool::new(false),
                is_set_up: AtomicBool::new(false),
                hub,
            }),
        }
    }

    /// Whether people reach the hub by https, so that cookies and headers can insist on it.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.hub.settings.base_url.starts_with("https://")
    }

    /// The origins of the providers at which this installation has an app, each with a blank before it.
    #[must_use]
    pub fn providers(&self) -> String {
        let settings = &self.hub.settings;
        let slack = settings.slack.as_ref().map(|app| app.url.as_str());
        let jira = settings.jira.as_ref().map(|app| app.url.as_deref().unwrap_or(domain::provider::jira::facts::AUTH));
        let teams =
            settings.teams.as_ref().map(|app| app.url.as_deref().unwrap_or(domain::provider::teams::entra::LOGIN));
        [slack, jira, teams].into_iter().flatten().map(|origin| format!(" {origin}")).collect()
    }

    /// Says that the workers run (or no longer do).
    pub fn set_ready(&self, ready: bool) {
        self.inner.is_ready.store(ready, Ordering::SeqCst);
    }

    /// Whether the workers run and the program is not stopping.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.inner.is_ready.load(Ordering::SeqCst) && !self.stopping.is_cancelled()
    }

    /// Whether any proxy is trusted.
    #[must_use]
    pub fn has_proxies(&self) -> bool {
        !self.inner.proxies.is_empty()
    }

    /// Whether the address is a trusted proxy's.
    #[must_use]
    pub fn is_proxy(&self, ip: IpAddr) -> bool {
        self.inner.proxies.iter().any(|network| network.contains(&ip))
    }

    /// Whether nobody has an account yet. Once somebody has, the database is not asked again.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn needs_setup(&self) -> Result<bool> {
        if self.inner.is_set_up.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let needed = domain::account::actions::needs_setup(&self.hub).await?;
        self.inner.is_set_up.store(!needed, Ordering::Relaxed);
        Ok(needed)
    }
}

impl Deref for AppState {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
