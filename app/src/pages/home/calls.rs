//! What the home page asks the server.

use domain::alert::Alert;
use domain::delivery::DeliverySummary;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::progress::{Attention, Figures, Steps};
use crate::error::UiError;

/// How the organization is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HomeData {
    /// The last 24 hours.
    pub figures: Figures,
    /// The newest deliveries.
    pub recent: Vec<DeliverySummary>,
    /// How many endpoints there are.
    pub endpoints: usize,
    /// The endpoints that somebody should look at.
    pub attention: Vec<Attention>,
    /// The open alerts, newest first.
    pub alerts: Vec<Alert>,
    /// The URL that events are posted to.
    pub events_url: String,
}

/// How the organization is doing.
#[server]
pub async fn load_home() -> Result<HomeData, UiError> {
    use domain::delivery::{actions, query::LogQuery};
    let (hub, caller) = crate::session::caller()?;
    let day = LogQuery { since: Some("24h".into()), ..LogQuery::default() };
    let figures = Figures::of(&actions::stats(&hub, &caller, &day).await?);
    let recent = actions::list(&hub, &caller, &LogQuery { limit: Some(8), ..LogQuery::default() }).await?.data;
    let all = domain::endpoint::actions::list_overview(&hub, &caller).await?;
    let (endpoints, attention) = (all.len(), super::progress::needing_attention(all));
    let newest = domain::PageQuery { limit: Some(20), cursor: None };
    let alerts = domain::alert::actions::list(&hub, &caller, true, &newest).await?.data;
    Ok(HomeData {
        alerts,
        figures,
        recent,
        endpoints,
        attention,
        events_url: format!("{}/api/v1/events", hub.settings.base_url),
    })
}

/// How far the organization has come.
#[server]
pub async fn load_steps() -> Result<Steps, UiError> {
    use domain::PageQuery;
    use domain::account::members;
    use domain::delivery::query::LogQuery;
    let (hub, caller) = crate::session::caller()?;
    let (one, some) = (PageQuery { limit: Some(1), cursor: None }, PageQuery { limit: Some(50), cursor: None });
    let arrived = LogQuery { status: Some("delivered".into()), limit: Some(1), ..LogQuery::default() };
    Ok(Steps {
        endpoint: !domain::endpoint::actions::list(&hub, &caller, None, &one).await?.data.is_empty(),
        event: super::progress::any_posted(&domain::event::actions::list(&hub, &caller, None, &some).await?.data),
        delivered: domain::delivery::actions::list(&hub, &caller, &arrived).await?.data.pop(),
        invited: members::list(&hub, &caller).await?.len() > 1
            || !members::list_invitations(&hub, &caller).await?.is_empty(),
        skipped: crate::session::steps_skipped(),
        may_write: caller.may(domain::Permission::EndpointsWrite) && caller.may(domain::Permission::EventsWrite),
        may_invite: caller.may(domain::Permission::MembersWrite),
    })
}

/// Adds an endpoint at the organization's inbox that wants everything.
#[server]
pub async fn use_inbox() -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let url = domain::inbox::actions::get_or_create(&hub, &caller).await?.url;
    let new = serde_json::from_value(serde_json::json!({ "name": "Inbox", "url": url, "event_types": ["*"] }));
    domain::endpoint::actions::create(&hub, &caller, new.map_err(domain::Error::internal)?).await?;
    Ok(())
}

/// Posts a sample as an ordinary event, by the same function as the REST API.
#[server]
pub async fn send_sample() -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let sample = domain::event_type::actions::get(&hub, &caller, super::progress::SAMPLE_TYPE).await?.sample;
    domain::event::actions::ingest(&hub, &caller, &super::progress::sample_body(&sample), None).await?;
    Ok(())
}

/// Hides the first steps in this browser, or shows them again.
#[server]
pub async fn skip_steps(skip: bool) -> Result<(), UiError> {
    crate::session::caller()?;
    crate::session::steps_cookie(skip);
    Ok(())
}
