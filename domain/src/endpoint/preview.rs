//! Trying a subscription, a filter and a transformation on events that really happened, with the code that deliveries
//! go through. Nothing is sent and nothing is kept.

use serde::{Deserialize, Serialize};

use super::actions::controls;
use super::{Controls, Subscription, store};
use crate::event::{Matter, store as event_store};
use crate::filter::Filter;
use crate::id::{EndpointId, EventId, OrgId};
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Permission, Result, transformation};

/// Events that are tried.
const EVENTS: i64 = 100;

/// What to try; what is absent is taken from the endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PreviewQuery {
    /// Patterns of event types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_types: Option<Vec<String>>,
    /// Only events that name one of these channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<String>>,
    /// The filter; `null` for none.
    #[serde(deserialize_with = "super::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub filter: Option<Option<serde_json::Value>>,
    /// The transformation; `null` for none.
    #[serde(deserialize_with = "super::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub transformation: Option<Option<String>>,
    /// The event to transform; the newest that matches when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
}

/// An event that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Tried {
    /// The event.
    pub event_id: EventId,
    /// Its type.
    pub event_type: String,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Why it does not match; nothing where it does.
    pub reasons: Vec<String>,
}

/// What a transformation made of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Transformed {
    /// The event.
    pub event_id: EventId,
    /// The body as it would be sent without a transformation.
    pub input: String,
    /// The body that would be sent; none when nothing would be, or the script failed.
    pub output: Option<String>,
    /// Headers that the script adds.
    pub headers: Vec<(String, String)>,
    /// Why there is no output.
    pub error: Option<String>,
    /// What the script logged.
    pub log: Vec<String>,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// How much memory it used, in bytes.
    pub memory_bytes: u64,
}

/// What came of trying.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Preview {
    /// Events that were tried: the newest, 100 at most.
    pub tried: usize,
    /// Those that match, newest first.
    pub matched: Vec<Tried>,
    /// Those that do not, with the reasons.
    pub missed: Vec<Tried>,
    /// What would be sent for one of them, where there is a transformation and an event.
    pub transformed: Option<Transformed>,
}

/// Tries it. `id` may be absent for an endpoint that is not made yet. Needs `endpoints:write`, and `events:read` for what is shown of the
/// events.
///
/// # Errors
/// Not found; the fields that are wrong.
pub async fn preview(hub: &Hub, caller: &Caller, id: Option<&EndpointId>, query: PreviewQuery) -> Result<Preview> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    caller.require(Permission::EventsRead)?;
    let mut conn = hub.db.read().await?;
    let (mut patterns, mut settings) = (vec!["*".to_owned()], Controls::default());
    if let Some(id) = id {
        let row = store::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("endpoint"))?;
        patterns = serde_json::from_str(&row.event_types_json).map_err(Error::internal)?;
        settings = controls(&row)?;
    }
    let subscription = Subscription::parse(query.event_types.as_deref().unwrap_or(&patterns))?;
    if let Some(channels) = query.channels {
        settings.channels = channels;
    }
    if let Some(filter) = query.filter {
        settings.filter = filter.as_ref().map(Filter::from_value).transpose()?;
    }
    if let Some(script) = query.transformation {
        settings.transformation = script.filter(|script| !script.trim().is_empty());
    }
    let events = event_store::recent(&mut conn, org_id, EVENTS).await?;
    drop(conn);
    let mut preview = Preview { tried: events.len(), ..Preview::default() };
    for event in &events {
        let reasons = reasons(event, &subscription, &settings)?;
        let list = if reasons.is_empty() { &mut preview.matched } else { &mut preview.missed };
        list.push(Tried {
            event_id: event.id.clone(),
            event_type: event.event_type.clone(),
            created_at: event.created_at,
            reasons,
        });
    }
    let chosen = query.event_id.as_ref().or(preview.matched.first().map(|tried| &tried.event_id));
    let chosen = events.iter().find(|event| Some(&event.id) == chosen);
    if let (Some(script), Some(event)) = (&settings.transformation, chosen) {
        transformation::check(hub, org_id, script).await?;
        preview.transformed = Some(transform(hub, org_id, script, event).await);
    }
    Ok(preview)
}

/// Why an event is not wanted.
fn reasons(event: &event_store::Recent, subscription: &Subscription, settings: &Controls) -> Result<Vec<String>> {
    let channels: Vec<String> = match &event.channels {
        Some(list) => serde_json::from_str(list).map_err(Error::internal)?,
        None => Vec::new(),
    };
    if !subscription.wants(&event.event_type) {
        return Ok(vec![format!("{} is not among the event types.", event.event_type)]);
    }
    if !settings.wants_channels(&channels) {
        return Ok(vec!["It names none of the channels.".to_owned()]);
    }
    let matter = Matter::new(&event.event_type, &channels, event.ordering_key.as_deref(), &event.data);
    let Some(filter) = &settings.filter else { return Ok(Vec::new()) };
    let explained = filter.explain(matter.document());
    if explained.matches {
        return Ok(Vec::new());
    }
    Ok(explained.mismatches.into_iter().map(|mismatch| mismatch.message).collect())
}

async fn transform(hub: &Hub, org_id: &OrgId, source: &str, event: &event_store::Recent) -> Transformed {
    let body = crate::event::body(&event.id, &event.event_type, event.occurred_at, &event.data);
    let input = String::from_utf8(body).unwrap_or_default();
    let run = transformation::run(hub, org_id, &sandbox::Script::accepted(source), &event.id, &input).await;
    let (took_us, memory_bytes, log) = (run.took_us, run.memory_bytes, run.log.clone());
    let (output, headers, error) = match transformation::outcome(run) {
        Ok(Some((body, headers))) => (Some(body), headers, None),
        Ok(None) => (None, Vec::new(), Some("It answered that nothing is to be sent.".to_owned())),
        Err(sentence) => (None, Vec::new(), Some(sentence)),
    };
    Transformed { event_id: event.id.clone(), input, output, headers, error, log, took_us, memory_bytes }
}
