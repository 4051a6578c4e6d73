//! What the log and the delivery page ask the server.

use domain::delivery::DeliverySummary;
use domain::replay::Settings;
use domain::{Page, Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// A page of the log with what its rows need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogPage {
    /// The rows.
    pub page: Page<DeliverySummary>,
    /// The server's time, from which ages are told until the browser's clock takes over.
    pub now: Timestamp,
    /// Whether the viewer may replay.
    pub may_replay: bool,
}

/// What stands around the rows, drawn by [`super::side`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The views.
    pub views: String,
    /// What makes a view of the filters.
    pub save: String,
    /// The filters that are set.
    pub chips: String,
    /// The presets of time.
    pub presets: String,
    /// Totals, percentiles and histogram, and why what failed did.
    pub histogram: String,
    /// The other directions, where there is something to see.
    pub directions: String,
    /// The facets.
    pub facets: String,
    /// What to show where rows would be.
    pub empty: String,
    /// Dead letters under all filters but the status.
    pub failed: i64,
}

/// What came in (and went out), drawn by [`super::inbound_sheet`]: the rows, or what stands around them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundLog {
    /// The filters that are set, and the fields that keep them while words are searched.
    pub chips: String,
    /// The free words that are searched for.
    pub words: String,
    /// The presets of time.
    pub presets: String,
    /// Totals and histogram.
    pub histogram: String,
    /// The directions and facets.
    pub facets: String,
    /// The rows and the way to others.
    pub rows: String,
}

/// One delivery from one place, drawn by [`super::sheet`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The event, whose other deliveries matter too.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// The chosen attempt as a command.
    pub curl: Option<String>,
    /// Status and ids.
    pub facts: String,
    /// The timeline.
    pub lifecycle: String,
    /// The chosen attempt and section.
    pub attempts: String,
    /// Whether an attempt is planned.
    pub waits: bool,
    /// Whether there is an attempt to repeat as it was.
    pub attempted: bool,
    /// Whether the viewer may replay.
    pub may_replay: bool,
}

/// A page of the log; `search` is the part of the URL behind the question mark.
#[server]
pub async fn list_log(search: String) -> Result<LogPage, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let page = domain::delivery::actions::list(&hub, &caller, &super::url::read(&search)).await?;
    Ok(LogPage { page, now: hub.now(), may_replay: caller.may(domain::Permission::DeliveriesReplay) })
}

/// Facets, histogram and percentiles for the same filters.
#[server]
pub async fn count_log(search: String) -> Result<Side, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let query = super::url::read(&search);
    // What is wrong with the filters is said once, where the rows would be.
    let stats = domain::delivery::actions::stats(&hub, &caller, &query).await.ok();
    let saved = super::views::Saved {
        views: domain::view::actions::list(&hub, &caller).await.unwrap_or_default(),
        may_change: caller.may(domain::Permission::EndpointsWrite),
    };
    let mut side = super::side::draw(&query, stats.as_ref(), &saved, hub.now(), &hub.settings.base_url);
    if caller.may_see_inbound() {
        use super::direction::{Direction, Shared, directions};
        let shared = Shared { since: query.since.as_deref(), until: query.until.as_deref(), words: query.q.as_deref() };
        let asked = domain::source::requests::RequestQuery {
            since: query.since.clone(),
            until: query.until.clone(),
            q: query.q.clone(),
            ..Default::default()
        };
        let inbound = domain::source::log::count(&hub, &caller, &asked).await.unwrap_or(0);
        let outbound = stats.as_ref().map(|stats| stats.total);
        let came = inbound > 0 || domain::source::log::any(&hub, &caller).await.unwrap_or(false);
        // While nothing has come in there is one direction.
        if came {
            side.directions = super::drawn::html(directions(Direction::Outbound, shared, Some(inbound), outbound));
        }
    }
    if query.status.as_deref() == Some("failed")
        && let Ok(reasons) = domain::delivery::actions::failure_reasons(&hub, &caller, &query).await
    {
        let may_replay = caller.may(domain::Permission::DeliveriesReplay);
        side.histogram.push_str(&super::drawn::html(super::reasons::reasons(&query, &reasons, hub.now(), may_replay)));
    }
    Ok(side)
}

/// What came to sources, or that and what goes out in one line of time: the rows, which are asked for often, or what stands around
/// them. `search` is the part of the URL behind the question mark.
#[server]
pub async fn list_inbound_log(both: bool, rows: bool, search: String) -> Result<InboundLog, UiError> {
    use super::direction::Direction;
    use super::inbound_query::Asked;
    use super::inbound_sheet as sheet;
    let (hub, caller) = crate::session::caller()?;
    let asked = Asked::read(if both { Direction::Both } else { Direction::Inbound }, &search);
    let sees_deliveries = caller.may(domain::Permission::DeliveriesRead);
    let names = domain::source::log::names(&hub, &caller).await?;
    let beside = sheet::Beside { names, now: hub.now(), sees_deliveries };
    let drawn = async {
        if both {
            let query = asked.entry_query();
            return Ok::<_, domain::Error>(match rows {
                true => sheet::both_rows(&asked, &domain::source::both::list(&hub, &caller, &query).await?, &beside),
                false => sheet::both_side(&asked, &domain::source::both::facets(&hub, &caller, &query).await?, &beside),
            });
        }
        let query = asked.request_query()?;
        Ok::<_, domain::Error>(match rows {
            true => sheet::inbound_rows(&asked, &domain::source::requests::list(&hub, &caller, &query).await?, &beside),
            false => sheet::inbound_side(&asked, &domain::source::log::facets(&hub, &caller, &query).await?, &beside),
        })
    };
    match drawn.await {
        // What is wrong with the filters is said where the rows would be, and they can be taken off.
        Err(error) if error.status() == 422 => Ok(sheet::unreadable(&asked, &error.problem().message)),
        drawn => Ok(drawn?),
    }
}

/// What the search box suggests, drawn by [`super::tokens`].
#[server]
pub async fn suggest_tokens() -> Result<String, UiError> {
    let (hub, caller) = crate::session::caller()?;
    caller.require(domain::Permission::DeliveriesRead)?;
    // Who may see the log need not see the endpoints and types themselves; then there are the tokens alone.
    let page = domain::PageQuery { limit: Some(200), cursor: None };
    let endpoints = domain::endpoint::actions::list(&hub, &caller, None, &page).await.map(|page| page.data);
    let named = |endpoint: domain::endpoint::Endpoint| super::tokens::Named {
        id: endpoint.id.to_string(),
        name: endpoint.name,
        url: endpoint.url,
    };
    let endpoints: Vec<_> = endpoints.unwrap_or_default().into_iter().map(named).collect();
    let types = domain::event_type::actions::list(&hub, &caller).await.unwrap_or_default();
    Ok(super::tokens::draw(&endpoints, &types))
}

/// One delivery; `search` says which attempt and section.
#[server]
pub async fn read_delivery(id: String, search: String) -> Result<Sheet, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("delivery"))?;
    let detail = domain::delivery::actions::get(&hub, &caller, &id).await?;
    let rights = super::sheet::Rights {
        replay: caller.may(domain::Permission::DeliveriesReplay),
        see_inbound: caller.may_see_inbound(),
    };
    Ok(super::sheet::draw(&detail, &search, hub.now(), rights))
}

/// Sends one delivery again, with the endpoint's settings of now or of then, and shows the new one.
#[server]
pub async fn replay_delivery(id: String, #[server(default)] settings: Option<Settings>) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("delivery"))?;
    let settings = settings.unwrap_or(Settings::Now);
    let new = domain::delivery::actions::replay(&hub, &caller, &id, settings).await?;
    crate::session::redirect(&format!("/deliveries/{new}"));
    Ok(())
}

/// Sends a selection again; answers how many.
#[server]
pub async fn replay_selection(#[server(default)] ids: Vec<String>) -> Result<i64, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let ids: Result<Vec<_>, _> =
        ids.iter().map(|id| id.parse().map_err(|_| domain::Error::not_found("delivery"))).collect();
    Ok(domain::delivery::actions::replay_many(&hub, &caller, &ids?).await?.len() as i64)
}

/// Sends all dead letters of an endpoint (or of the organization) again; answers how many.
#[server]
pub async fn replay_all_failed(#[server(default)] endpoint_id: String) -> Result<i64, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let endpoint = Some(endpoint_id.as_str())
        .filter(|id| !id.is_empty())
        .map(|id| id.parse().map_err(|_| domain::Error::not_found("endpoint")));
    Ok(domain::delivery::actions::replay_failed(&hub, &caller, endpoint.transpose()?.as_ref()).await?)
}

/// Tries a waiting delivery now.
#[server]
pub async fn try_delivery_now(id: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("delivery"))?;
    Ok(domain::delivery::actions::try_now(&hub, &caller, &id).await?)
}

/// Keeps filters under a name and shows them as that view; `query` is the part of the URL behind the question mark.
#[server]
pub async fn save_view(name: String, query: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let new = domain::view::NewView { name, query };
    let view = domain::view::actions::create(&hub, &caller, &new).await?;
    crate::session::redirect(&super::views::href(&view));
    Ok(())
}

/// Gives a view another name and shows it.
#[server]
pub async fn rename_view(id: String, name: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("view"))?;
    let view = domain::view::actions::rename(&hub, &caller, &id, &name).await?;
    crate::session::redirect(&super::views::href(&view));
    Ok(())
}

/// Deletes a view; the filters stay.
#[server]
pub async fn delete_view(id: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("view"))?;
    Ok(domain::view::actions::delete(&hub, &caller, &id).await?)
}
