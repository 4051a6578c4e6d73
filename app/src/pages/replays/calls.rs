//! What the pages of replays ask the server.

use domain::replay::{ReplayState, Settings};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// A plan, drawn by [`super::plan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// What it says.
    pub html: String,
    /// How many would be sent.
    pub expected: i64,
}

/// A part that the server drew, and whether anything in it still moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// What it shows: [`super::rows`], [`super::sheet`].
    pub html: String,
    /// How many the replay counted; of a list nothing.
    pub expected: i64,
    /// Where it stands; running if any of a list runs.
    pub state: ReplayState,
    /// Whether the viewer may change it.
    pub may_replay: bool,
}

/// What a replay would do; `search` is the part of the URL behind the question mark.
#[server]
pub async fn plan_replay(search: String) -> Result<Planned, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let asked = super::asked::Asked::read(&search);
    let plan = domain::replay::actions::plan(&hub, &caller, &asked.replay()?).await?;
    let endpoint = crate::naming::endpoint(&hub, &caller, asked.query.endpoint.as_deref()).await;
    Ok(Planned { html: super::plan::draw(&asked, &plan, endpoint.as_deref()), expected: plan.expected })
}

/// Shows the plan for other settings; `search` holds the filters.
#[server]
pub async fn update_plan(
    search: String,
    settings: Settings,
    #[server(default)] rate_per_minute: String,
    #[server(default)] skip: bool,
) -> Result<(), UiError> {
    let (_, caller) = crate::session::caller()?;
    caller.require(domain::Permission::DeliveriesReplay)?;
    let asked = super::asked::Asked { settings, rate: rate_per_minute, skip, ..super::asked::Asked::read(&search) };
    asked.replay()?;
    crate::session::redirect(&asked.href());
    Ok(())
}

/// Starts a replay and shows it; `search` holds the filters.
#[server]
pub async fn start_replay(
    search: String,
    settings: Settings,
    #[server(default)] rate_per_minute: String,
    #[server(default)] skip: bool,
) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let asked = super::asked::Asked { settings, rate: rate_per_minute, skip, ..super::asked::Asked::read(&search) };
    let replay = domain::replay::actions::create(&hub, &caller, &asked.replay()?).await?;
    crate::session::redirect(&format!("/replays/{}", replay.id));
    Ok(())
}

/// A page of the list.
#[server]
pub async fn list_replays(#[server(default)] cursor: Option<String>) -> Result<Drawn, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let query = domain::PageQuery { limit: None, cursor };
    let page = domain::replay::actions::list(&hub, &caller, &query).await?;
    let running = page.data.iter().any(|replay| replay.state == ReplayState::Running);
    Ok(Drawn {
        html: super::rows::draw(&page, hub.now()),
        expected: 0,
        state: if running { ReplayState::Running } else { ReplayState::Finished },
        may_replay: caller.may(domain::Permission::DeliveriesReplay),
    })
}

/// One replay.
#[server]
pub async fn read_replay(id: String) -> Result<Drawn, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("replay"))?;
    let replay = domain::replay::actions::get(&hub, &caller, &id).await?;
    let asked = super::sheet::asked(&replay);
    let endpoint = crate::naming::endpoint(&hub, &caller, asked.query.endpoint.as_deref()).await;
    Ok(Drawn {
        html: super::sheet::draw(&replay, endpoint.as_deref(), hub.now()),
        expected: replay.expected,
        state: replay.state,
        may_replay: caller.may(domain::Permission::DeliveriesReplay),
    })
}

/// Pauses a replay, lets it go on, or cancels it.
#[server]
pub async fn set_replay_state(id: String, state: ReplayState) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("replay"))?;
    domain::replay::actions::set_state(&hub, &caller, &id, state).await?;
    Ok(())
}
