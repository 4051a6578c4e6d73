//! What the endpoint pages ask the server.

use domain::delivery::{Attempt, DeliveryDetail, DeliverySummary};
use domain::endpoint::Health;
use domain::event_type::EventType;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::form::EndpointForm;
use super::tree::TypeRow;
use crate::error::UiError;
use crate::shown::{Endpoint, EndpointOverview};

/// The endpoint list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointList {
    /// The endpoints with their health.
    pub endpoints: Vec<EndpointOverview>,
    /// Whether the person may change them.
    pub may_write: bool,
}

/// What the page of one endpoint shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointDetail {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// In what form deliveries reach the receiver, where that has to be told: drawn on the server.
    pub delivery: String,
    /// How it has been doing.
    pub health: Health,
    /// Its last deliveries.
    pub recent: Vec<DeliverySummary>,
    /// The types that a test can send.
    pub types: Vec<String>,
    /// Whether the person may change it.
    pub may_write: bool,
}

/// What the editor needs besides the form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EditorData {
    /// The endpoint to change; none for a new one.
    pub endpoint: Option<Endpoint>,
    /// All event types.
    pub types: Vec<TypeRow>,
    /// The URL of the organization's inbox.
    pub inbox_url: String,
    /// What was typed before, if it was refused.
    pub draft: Option<EndpointForm>,
    /// Whether the person may save.
    pub may_write: bool,
}

/// A test delivery and how its last attempt went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestResult {
    /// The delivery.
    pub delivery: DeliverySummary,
    /// Its last attempt, if there was one.
    pub attempt: Option<Attempt>,
}

impl From<DeliveryDetail> for TestResult {
    fn from(mut detail: DeliveryDetail) -> Self {
        Self { attempt: detail.attempts.pop(), delivery: detail.delivery }
    }
}

impl From<EventType> for TypeRow {
    fn from(event_type: EventType) -> Self {
        Self { name: event_type.name, description: event_type.description }
    }
}

/// All endpoints with their health.
#[server]
pub async fn list_endpoints() -> Result<EndpointList, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let endpoints = domain::endpoint::actions::list_overview(&hub, &caller).await?;
    let endpoints = endpoints.into_iter().map(EndpointOverview::from).collect();
    Ok(EndpointList { endpoints, may_write: caller.may(domain::Permission::EndpointsWrite) })
}

/// One endpoint with its health and last deliveries.
#[server]
pub async fn get_endpoint(id: String) -> Result<EndpointDetail, UiError> {
    use domain::endpoint::actions;
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("endpoint"))?;
    let stored = actions::get(&hub, &caller, &id).await?;
    crate::trying::leave_rule(&stored);
    let messages_url = format!("{}/api/v1/endpoints/{id}/messages", hub.settings.base_url);
    let delivery = super::delivery_form::draw(stored.delivery, &messages_url);
    let mut endpoint = Endpoint::from(stored);
    if endpoint.fetched {
        endpoint.url = messages_url;
    }
    let (health, recent) = (actions::health(&hub, &caller, &id).await?, actions::recent(&hub, &caller, &id).await?);
    let types =
        domain::event_type::actions::list(&hub, &caller).await?.into_iter().map(|event_type| event_type.name).collect();
    let may_write = caller.may(domain::Permission::EndpointsWrite);
    Ok(EndpointDetail { endpoint, delivery, health, recent, types, may_write })
}

/// What the editor needs; `id` is empty for a new endpoint.
#[server]
pub async fn load_editor(id: String) -> Result<EditorData, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let endpoint = match id.as_str() {
        "" => None,
        id => Some(
            domain::endpoint::actions::get(
                &hub,
                &caller,
                &id.parse().map_err(|_| domain::Error::not_found("endpoint"))?,
            )
            .await?
            .into(),
        ),
    };
    let types = domain::event_type::actions::list(&hub, &caller).await?.into_iter().map(TypeRow::from).collect();
    let inbox_url = domain::inbox::actions::get_or_create(&hub, &caller).await?.url;
    let draft = crate::saving::draft::<EndpointForm>("endpoint").filter(|draft| draft.id == id);
    Ok(EditorData { endpoint, types, inbox_url, draft, may_write: caller.may(domain::Permission::EndpointsWrite) })
}

/// Creates or changes an endpoint, sends a test if asked to, and goes to its page.
#[server]
pub async fn save_endpoint(form: EndpointForm) -> Result<(), UiError> {
    crate::saving::endpoint(form).await
}

/// Makes an endpoint active or pauses it.
#[server]
pub async fn set_endpoint_status(id: String, status: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("endpoint"))?;
    let status = status.parse().map_err(|message: String| domain::Error::invalid("status", message))?;
    let change = domain::endpoint::EndpointChange { status: Some(status), ..Default::default() };
    domain::endpoint::actions::update(&hub, &caller, &id, change).await?;
    Ok(())
}

/// Makes a new signing secret and shows it on the endpoint's page, once.
#[server]
pub async fn rotate_endpoint_secret(id: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let parsed = id.parse().map_err(|_| domain::Error::not_found("endpoint"))?;
    let rotated =
        domain::endpoint::secrets::rotate(&hub, &caller, &parsed, &domain::endpoint::secrets::Rotation::default())
            .await?;
    crate::session::flash_put(&crate::session::visit()?, &super::form::flash_text(&id, &rotated.secret));
    crate::session::redirect(&format!("/endpoints/{id}"));
    Ok(())
}

/// Deletes an endpoint and goes back to the list.
#[server]
pub async fn delete_endpoint(id: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("endpoint"))?;
    domain::endpoint::actions::delete(&hub, &caller, &id).await?;
    crate::session::redirect("/endpoints");
    Ok(())
}

/// Sends a sample of a type to the endpoint through the real path; with `open` goes to its page, where the outcome is.
#[server]
pub async fn test_endpoint(
    id: String,
    #[server(default)] event_type: String,
    #[server(default)] open: bool,
) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let parsed = id.parse().map_err(|_| domain::Error::not_found("endpoint"))?;
    let event_type = Some(event_type.as_str()).filter(|name| !name.is_empty());
    domain::endpoint::actions::test(&hub, &caller, &parsed, event_type).await?;
    if open {
        crate::session::redirect(&format!("/endpoints/{id}"));
    }
    Ok(())
}

/// The last test of an endpoint. With `wait` it is waited for, up to 15 seconds.
#[server]
pub async fn last_test(endpoint_id: String, wait: bool) -> Result<Option<TestResult>, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let query = domain::delivery::query::LogQuery {
        endpoint_id: Some(endpoint_id),
        trigger: Some("test".into()),
        limit: Some(1),
        ..Default::default()
    };
    let rows = domain::delivery::actions::list(&hub, &caller, &query).await?.data;
    let Some(row) = rows.first() else { return Ok(None) };
    let max_ms = if wait { 15_000 } else { super::figures::patience_ms(row, hub.now()) };
    Ok(Some(domain::delivery::actions::wait(&hub, &caller, &row.id, max_ms).await?.into()))
}

/// The receiver's side in the languages people ask for, drawn by [`super::verify`].
#[server]
pub async fn draw_verify_code() -> Result<String, UiError> {
    crate::session::caller()?;
    Ok(super::verify::draw())
}

/// The signing secret that was just made for this endpoint, once.
#[server]
pub async fn take_fresh_secret(id: String) -> Result<Option<String>, UiError> {
    let visit = crate::session::visit()?;
    let text = crate::session::flash_take(&visit);
    Ok(text.as_deref().and_then(|text| super::form::secret_of(text, &id)).map(ToOwned::to_owned))
}
