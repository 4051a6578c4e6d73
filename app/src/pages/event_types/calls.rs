//! What the event type pages ask the server.

use domain::event_type::EventType;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::form::TypeForm;
use crate::error::UiError;

/// The list of types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypeList {
    /// The standard types and the organization's own, by name; schema and sample left out.
    pub types: Vec<TypeLine>,
    /// Whether the person may add, change and delete own types.
    pub may_write: bool,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TypeLine {
    /// The type's name.
    pub name: String,
    /// When it happens.
    pub description: String,
    /// Whether it is of the standard catalogue.
    pub standard: bool,
}

impl From<EventType> for TypeLine {
    fn from(event_type: EventType) -> Self {
        Self { name: event_type.name, description: event_type.description, standard: event_type.standard }
    }
}

/// An endpoint that wants a type, and by which pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanting {
    /// The endpoint's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The pattern that covers the type.
    pub pattern: String,
}

/// What the page of one type shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypeDetail {
    /// The type.
    pub event_type: EventType,
    /// The endpoints that want it.
    pub wanting: Vec<Wanting>,
    /// The URL that events are posted to.
    pub events_url: String,
    /// Whether the person may change own types.
    pub may_write: bool,
}

/// All types.
#[server]
pub async fn list_event_types() -> Result<TypeList, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let types = domain::event_type::actions::list(&hub, &caller).await?.into_iter().map(TypeLine::from).collect();
    Ok(TypeList { types, may_write: caller.may(domain::Permission::EventTypesWrite) })
}

/// One type with the endpoints that want it.
#[server]
pub async fn get_event_type(name: String) -> Result<TypeDetail, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let event_type = domain::event_type::actions::get(&hub, &caller, &name).await?;
    let endpoints = domain::endpoint::actions::list_overview(&hub, &caller).await?;
    let wanting = super::form::wanting(&name, endpoints.into_iter().map(|row| row.endpoint));
    let events_url = format!("{}/api/v1/events", hub.settings.base_url);
    Ok(TypeDetail { event_type, wanting, events_url, may_write: caller.may(domain::Permission::EventTypesWrite) })
}

/// Adds a type of the organization's own, or changes one, and goes to its page.
#[server]
pub async fn save_event_type(form: TypeForm) -> Result<(), UiError> {
    crate::saving::event_type(form).await
}

/// What was typed before, if it was refused; `existing` is empty for a new type.
#[server]
pub async fn take_type_draft(existing: String) -> Result<Option<TypeForm>, UiError> {
    Ok(crate::saving::draft::<TypeForm>("event_type").filter(|draft| draft.existing == existing))
}

/// Deletes a type of the organization's own and goes back to the list.
#[server]
pub async fn delete_event_type(name: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::event_type::actions::delete(&hub, &caller, &name).await?;
    crate::session::redirect("/event-types");
    Ok(())
}
