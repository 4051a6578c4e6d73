//! A Jira Cloud with Atlassian's authorization server: consent page, rotating tokens, REST API version 3, dynamic
//! webhooks, and a control panel for people.
//!
//! [`Jira::start`] serves it on 127.0.0.1. Under `/authorize` is the consent page, under `/oauth/token` the tokens, under
//! `/ex/jira/{cloudId}/rest/api/3/` the API of each site, and under `/_control` the panel. A site's own address, which
//! links in bodies start with, is `http://{domain}.localhost:{port}`. Everything it knows is one [`state::State`] under
//! one lock; [`Shared`] carries it about. What Jira sends to the app by itself is put into the state's outbox and sent by
//! a task of its own, see [`events`].
//!
//! There is one app. What is not documented is decided in the harsher way and said in the README.

mod acts;
mod adf;
mod api;
mod check;
pub mod events;
mod fields;
mod handle;
mod jql;
mod oauth;
pub mod options;
mod panel;
mod scopes;
mod state;
mod workflow;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio_util::task::TaskTracker;

pub use acts::NewIssue;
pub use events::by_hand::Outgoing;
pub use handle::Someone;
pub use oauth::Consent;
pub use options::{App, JiraOptions, NewSite};
pub use state::{AdminWebhook, Comment, Grant, Issue, Person, Project, RemoteLink, Site, Token, Webhook};

use self::state::State;
use crate::host::{self, Host};
use crate::specs::Specs;
use crate::watched::Watched;

/// What the pages call it.
const PROVIDER: &str = "Jira";

/// A running Jira. It ends when it is dropped.
pub struct Jira {
    shared: Shared,
    base_url: String,
    _host: Host,
}

impl Jira {
    /// Serves it on a port of 127.0.0.1.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(options: JiraOptions) -> io::Result<Self> {
        let (listener, address) = host::bind(options.port).await?;
        let base_url = format!("http://{address}");
        let shared = Shared(Arc::new(Inner {
            state: Watched::new(State::new(&options, address.port())),
            posts: TaskTracker::new(),
            specs: options.specs,
        }));
        let router = Router::new()
            .route("/authorize", get(oauth::ask).post(oauth::answer))
            .merge(panel::routes())
            .fallback(api::call)
            .with_state(shared.clone());
        Ok(Self { shared, base_url, _host: host::serve(listener, router) })
    }

    /// Where it is: `http://127.0.0.1:4020`. It stands for `auth.atlassian.com` and for `api.atlassian.com`.
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
