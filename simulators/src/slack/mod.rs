//! A Slack to install an app in: consent page, tokens, Web API, events, and a control panel for people.
//!
//! [`Slack::start`] serves it on 127.0.0.1. Under `/oauth/v2/authorize` is the consent page, under `/api/` the Web API,
//! under `/commands/`, `/actions/` and `/services/` the addresses at which an app posts without a token, and under
//! `/_control` the panel. Everything it knows is one [`state::State`] under one lock; [`Shared`] carries it about. What
//! Slack sends to the app by itself is put into the state's outbox and sent by a task of its own, see [`events`].
//!
//! There is one app. What is not documented is decided in the harsher way and said in the README.

mod acts;
mod api;
mod check;
pub mod events;
mod handle;
mod hooks;
mod manifest;
mod oauth;
pub mod options;
mod panel;
mod scopes;
mod state;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, post};
use tokio_util::task::TaskTracker;

pub use events::First;
pub use events::by_hand::{Outgoing, Press, SlashCommand};
pub use handle::NewChannel;
pub use oauth::Consent;
pub use options::{App, SlackOptions, Workspace};
pub use state::{Channel, Enterprise, Install, Message, Team, Token, TokenStatus, User};

use self::state::State;
use crate::host::{self, Host};
use crate::specs::Specs;
use crate::watched::Watched;

/// What the pages call it.
const PROVIDER: &str = "Slack";

/// A running Slack. It ends when it is dropped.
pub struct Slack {
    shared: Shared,
    base_url: String,
    _host: Host,
}

impl Slack {
    /// Serves it on a port of 127.0.0.1.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(options: SlackOptions) -> io::Result<Self> {
        let (listener, address) = host::bind(options.port).await?;
        let base_url = format!("http://{address}");
        let shared = Shared(Arc::new(Inner {
            state: Watched::new(State::new(&options, base_url.clone())),
            posts: TaskTracker::new(),
            specs: options.specs,
        }));
        let router = Router::new()
            .route("/oauth/v2/authorize", get(oauth::ask).post(oauth::answer))
            .route("/api/{method}", any(api::call))
            .route("/commands/{*key}", post(hooks::post))
            .route("/actions/{*key}", post(hooks::post))
            .route("/services/{*key}", post(hooks::post))
            .merge(panel::routes())
            .with_state(shared.clone());
        Ok(Self { shared, base_url, _host: host::serve(listener, router) })
    }

    /// Where it is: `http://127.0.0.1:4010`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

/// The state, its lock, and what hangs on its changes.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Inner>);

struct Inner {
    state: Watched<State>,
    /// Posts to the app that are under way.
    posts: TaskTracker,
    specs: Specs,
}

impl Shared {
    /// Looks at the state, or changes it in a way that nobody waits for.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        self.0.state.with(look)
    }

    /// Changes the state, wakes those who wait for a change, and sends what the change put into the outbox.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (result, posts) = self.0.state.change(|state| (change(state), std::mem::take(&mut state.outbox)));
        if !posts.is_empty() {
            let shared = self.clone();
            // One task, so that they arrive in order.
            self.0.posts.spawn(async move {
                for post in posts {
                    events::deliver(&shared, &post).await;
                }
            });
        }
        result
    }

    /// The published schemas.
    pub(crate) fn specs(&self) -> &Specs {
        &self.0.specs
    }
}
