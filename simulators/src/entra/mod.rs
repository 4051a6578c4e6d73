//! A Microsoft Entra ID with the part of Microsoft Graph that reaches channels of Teams: sign-in and consent of people
//! and administrators, tokens, teams, channels, messages, change notifications, and a control panel for people.
//!
//! [`Entra::start`] serves it on 127.0.0.1, where one address stands for both hosts. Under `/{tenant}/oauth2/v2.0/` and
//! `/{tenant}/v2.0/adminconsent` is what is at `login.microsoftonline.com`, under `/v1.0/` what is at
//! `graph.microsoft.com`, and under `/_control` the panel. Everything it knows is one [`state::State`] under one lock;
//! [`Shared`] carries it about. What Graph sends by itself is put into the state's outbox and sent by a task of its
//! own, see [`events`].
//!
//! There is one app, known in every tenant. What is not documented is decided in the harsher way and said in the
//! README. Workflows, which need no account, are [`crate::teams`].

mod check;
mod events;
mod graph;
mod handle;
mod oauth;
pub mod options;
mod panel;
mod scopes;
mod state;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio_util::task::TaskTracker;

pub use oauth::Consent;
pub use options::{App, EntraOptions, NewTenant};
pub use state::{
    AdminConsent, Channel, ChannelMessage, Grant, Lifecycle, Membership, Person, Subscription, Team, Tenant, Token,
};

use self::state::State;
use crate::host::{self, Host};
use crate::specs::Specs;
use crate::watched::Watched;

/// What the pages call it.
const PROVIDER: &str = "Microsoft";

/// A running Entra ID and Graph. It ends when it is dropped.
pub struct Entra {
    shared: Shared,
    base_url: String,
    _host: Host,
}

impl Entra {
    /// Serves it on a port of 127.0.0.1.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(options: EntraOptions) -> io::Result<Self> {
        let (listener, address) = host::bind(options.port).await?;
        let base_url = format!("http://{address}");
        let shared = Shared(Arc::new(Inner {
            state: Watched::new(State::new(&options, &base_url)),
            posts: TaskTracker::new(),
            specs: options.specs,
        }));
        let router = Router::new()
            .route("/{tenant}/oauth2/v2.0/authorize", get(oauth::ask).post(oauth::answer))
            .route("/{tenant}/v2.0/adminconsent", get(oauth::ask_admin).post(oauth::answer_admin))
            .merge(panel::routes())
            .fallback(graph::call)
            .with_state(shared.clone());
        Ok(Self { shared, base_url, _host: host::serve(listener, router) })
    }

    /// Where it is: `http://127.0.0.1:4030`. It stands for `login.microsoftonline.com` and for `graph.microsoft.com`.
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
