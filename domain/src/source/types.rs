//! The event types of what a provider sends: they become the organization's own when a source is made (decision 16).

use inbound::{Field, Layout, Mapping, Preset, Provider};
use serde_json::{Map, Value, json};

use crate::db::Conn;
use crate::event_type::{EventType, MAX_OWN, catalogue, store};
use crate::id::{EventTypeId, OrgId};
use crate::{Error, Hub, Result};

/// Adds the types that a provider's events become, unless the organization has them.
///
/// # Errors
/// There is no room for them.
pub(super) async fn add(conn: &mut Conn, hub: &Hub, org_id: &OrgId, provider: Provider) -> Result<()> {
    let own = store::own_names(conn, org_id).await?;
    let is_new = |made: &EventType| !catalogue::NAMES.contains(&made.name.as_str()) && !own.contains(&made.name);
    let missing: Vec<EventType> = types(provider).into_iter().filter(is_new).collect();
    if own.len() + missing.len() > MAX_OWN {
        return Err(Error::conflict(
            "event_types_full",
            format!(
                "{} would need {} more event types, and an organization may have {MAX_OWN} of its own.",
                Preset::of(provider).name,
                missing.len()
            ),
        ));
    }
    let now = hub.now();
    for made in &missing {
        let made = EventType { created_at: Some(now), ..made.clone() };
        store::insert(conn, org_id, &hub.id(EventTypeId::new), &made, now).await?;
    }
    Ok(())
}

/// The types that a provider's events become, each once.
fn types(provider: Provider) -> Vec<EventType> {
    let mut all: Vec<EventType> = Vec::new();
    for mapping in Layout::of(provider).mappings {
        if all.iter().all(|known| known.name != mapping.hub_type) {
            all.push(of(provider, mapping));
        }
    }
    all
}

fn of(provider: Provider, mapping: &Mapping) -> EventType {
    let name = Preset::of(provider).name;
    let from = match mapping.provider_type {
        "*" => "any event".to_owned(),
        kind => format!("`{kind}`"),
    };
    EventType {
        name: mapping.hub_type.to_owned(),
        description: format!(
            "{name} told of {from}, and the source verified it. Other sources may send this type, too."
        ),
        schema: None,
        sample: sample(provider, mapping),
        standard: false,
        created_at: None,
    }
}

/// The fields of the data, each with the place in the provider's event that it is taken from.
fn sample(provider: Provider, mapping: &Mapping) -> Value {
    let told = [("provider", provider.key()), ("source_id", "src_…"), ("inbound_request_id", "ibr_…")];
    let mut data = Map::from_iter(told.map(|(name, value)| (name.to_owned(), json!(value))));
    for Field { name, from, .. } in mapping.fields.iter().copied().chain([Layout::of(provider).common]).flatten() {
        let from = json!(from.first().copied().unwrap_or_default());
        match name.split_once('.') {
            None => {
                data.entry(*name).or_insert(from);
            }
            Some((outer, inner)) => {
                if let Value::Object(object) = data.entry(outer).or_insert_with(|| json!({})) {
                    object.insert(inner.to_owned(), from);
                }
            }
        }
    }
    Value::Object(data)
}
