//! Which fields the events of a source have, held against those that are read of them: seen, missing, of another kind, or there
//! and not read. Found out from the newest requests whenever somebody asks.

use std::collections::BTreeMap;

use inbound::{Expected, Layout, Provider, event_values, kind_of, other_places};
use serde_json::Value;

use super::store::found::{self, Facet, Filter};
use super::store::requests::{self, Sample};
use super::{EventField, FieldReport, FieldStanding, InboundOutcome, InboundVerdict, presets, store};
use crate::id::SourceId;
use crate::{Caller, Error, Hub, Permission, Result, event_type};

/// Requests that are looked at, the newest of a type.
const REQUESTS: i64 = 20;
/// Requests whose events are counted one by one, the newest, where each is a list.
const LISTS: i64 = 500;
/// Events in them that are.
const EVENTS: usize = 50;
/// Fields that are named though nothing reads them.
const UNREAD: usize = 100;

/// Holds the newest events of a provider's type against what is expected of them. Needs `connections:read`.
///
/// # Errors
/// Not found; no type is named.
pub async fn report(hub: &Hub, caller: &Caller, id: &SourceId, provider_type: &str) -> Result<FieldReport> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    // PostgreSQL has no text with NUL in it.
    let kind = &provider_type.replace('\0', "");
    let kind = kind.trim();
    if kind.is_empty() {
        return Err(Error::invalid("provider_event_type", "is needed: a type of the provider's, as it came."));
    }
    let mut conn = hub.db.read().await?;
    let source = store::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("source"))?;
    let provider = presets::read(&source.provider)?;
    let layout = Layout::of(provider);
    let samples = requests::samples(&mut conn, id, kind, layout.list.is_some(), REQUESTS).await?;
    let mapping = layout.mapping(kind);
    let here = match mapping {
        Some(mapping) => event_type::store::resolve(&mut conn, org_id, mapping.hub_type).await?,
        None => None,
    };
    drop(conn);
    let schema = here.and_then(|known| known.schema);
    let events = events(provider, kind, &samples)?;
    let expected = Expected::of(provider, kind);
    let mut fields: Vec<_> = expected.iter().map(|field| held(field, schema.as_ref(), &events)).collect();
    fields.extend(unread(provider, kind, &expected, &events));
    Ok(FieldReport {
        provider_event_type: kind.to_owned(),
        event_type: mapping.map(|mapping| mapping.hub_type.to_owned()),
        events: i64::try_from(events.len()).unwrap_or(i64::MAX),
        fields,
    })
}

/// How often each of the provider's types has come lately, most frequent first. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn seen(hub: &Hub, caller: &Caller, id: &SourceId) -> Result<Vec<(String, i64)>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    let source = store::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("source"))?;
    if Layout::of(presets::read(&source.provider)?).list.is_none() {
        let verdict = Some(InboundVerdict::Verified);
        let filter = Filter { source_id: Some(id.clone()), verdict, ..Filter::default() };
        let counts = found::facet(&mut conn, org_id, &filter, Facet::Type).await?;
        return Ok(counts.into_iter().map(|count| (count.value, count.count)).collect());
    }
    let mut often: BTreeMap<String, i64> = BTreeMap::new();
    for text in requests::outcomes(&mut conn, id, LISTS).await? {
        let outcomes: Vec<InboundOutcome> = serde_json::from_str(&text).map_err(Error::internal)?;
        // What it came to when it was handled once more stands behind.
        let first = outcomes.first().map(|outcome| outcome.at);
        let came = outcomes.into_iter().take_while(|outcome| Some(outcome.at) == first);
        came.filter_map(|outcome| outcome.provider_event_type).for_each(|kind| *often.entry(kind).or_default() += 1);
    }
    let mut often: Vec<_> = often.into_iter().collect();
    often.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(often)
}

/// The events of a type in some requests; what cannot be read is left out.
fn events(provider: Provider, kind: &str, samples: &[Sample]) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    for sample in samples {
        let headers = serde_json::from_str::<Vec<(String, String)>>(&sample.headers_json).map_err(Error::internal)?;
        let request =
            inbound::InboundRequest { method: &sample.method, url: &sample.url, headers: &headers, body: &sample.body };
        let found = event_values(provider, &request).unwrap_or_default();
        all.extend(found.into_iter().filter(|(name, _)| name.as_deref() == Some(kind)).map(|(_, value)| value));
    }
    all.truncate(EVENTS);
    Ok(all)
}

/// One expected field, held against the events.
fn held(expected: &Expected, schema: Option<&Value>, events: &[Value]) -> EventField {
    let (kinds, is_required) = demanded(schema, expected);
    let mut seen: BTreeMap<&'static str, i64> = BTreeMap::new();
    let mut place = expected.places.first().cloned().unwrap_or_default();
    for event in events {
        let is_held = |value: &&Value| !value.is_null() && value.as_str() != Some("");
        let found = expected.places.iter().find_map(|at| Some((at, event.pointer(at).filter(is_held)?)));
        if let Some((at, value)) = found {
            at.clone_into(&mut place);
            *seen.entry(kind_of(value)).or_default() += 1;
        }
    }
    let fits = |kind: &&str| {
        kinds.is_empty() || kinds.iter().any(|known| known == *kind || (known == "number" && *kind == "integer"))
    };
    EventField {
        standing: match seen.is_empty() {
            true => FieldStanding::Missing,
            false if seen.keys().all(fits) => FieldStanding::Seen,
            false => FieldStanding::OtherKind,
        },
        place,
        field: Some(expected.field.to_owned()),
        is_required,
        seen: seen.values().sum(),
        kinds: seen.into_keys().map(str::to_owned).collect(),
        expected: kinds,
    }
}

/// Which kinds are expected: by what is done with the value, or else by the schema of the event type, which also says whether it must
/// be there.
fn demanded(schema: Option<&Value>, expected: &Expected) -> (Vec<String>, bool) {
    let mut at = schema;
    let mut is_required = false;
    for name in expected.field.split('.') {
        let names = at.and_then(|at| at["required"].as_array());
        is_required = names.is_some_and(|names| names.iter().any(|known| known == name));
        at = at.and_then(|at| at["properties"].get(name));
    }
    let kinds: Vec<String> = match at.map(|at| &at["type"]) {
        _ if !expected.kinds.is_empty() => expected.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        Some(Value::String(kind)) => vec![kind.clone()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    (kinds, is_required && !expected.has_otherwise)
}

/// What is in the events and not read, by place.
fn unread(provider: Provider, kind: &str, expected: &[Expected], events: &[Value]) -> Vec<EventField> {
    let mut read: Vec<String> = expected.iter().flat_map(|field| field.places.clone()).collect();
    read.extend(other_places(provider, kind).into_iter().map(str::to_owned));
    // What a parser makes of e-mail is taken whole.
    if provider.is_email() {
        return Vec::new();
    }
    let mut found: BTreeMap<String, (i64, Vec<&'static str>)> = BTreeMap::new();
    for event in events {
        walk(event, String::new(), &read, &mut |place, value| {
            if found.len() < UNREAD || found.contains_key(&place) {
                let (seen, kinds) = found.entry(place).or_default();
                *seen += 1;
                if !kinds.contains(&kind_of(value)) {
                    kinds.push(kind_of(value));
                }
            }
        });
    }
    let field = |(place, (seen, kinds)): (String, (i64, Vec<&str>))| EventField {
        place,
        field: None,
        standing: FieldStanding::Unexpected,
        is_required: false,
        expected: Vec::new(),
        seen,
        kinds: kinds.into_iter().map(str::to_owned).collect(),
    };
    found.into_iter().map(field).collect()
}

/// Names each value that is not read: objects of which nothing is are named as a whole, others are looked into.
fn walk(value: &Value, place: String, read: &[String], name: &mut impl FnMut(String, &Value)) {
    let is_below = |inner: &String| inner.strip_prefix(&place).is_some_and(|rest| rest.starts_with('/'));
    match value {
        _ if read.contains(&place) => {}
        Value::Object(object) if place.is_empty() || read.iter().any(is_below) => {
            for (key, inner) in object {
                let key = key.replace('~', "~0").replace('/', "~1");
                walk(inner, format!("{place}/{key}"), read, name);
            }
        }
        // Of a list, one entry is read.
        Value::Array(_) if read.iter().any(is_below) => {}
        Value::Null => {}
        _ => name(place, value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_not_read_is_named() {
        let read = ["/data/object/id", "/data/object/plan", "/items/0/id", "/type"].map(str::to_owned);
        let event = json!({
            "type": "x", "data": {"object": {"id": 1, "plan": {"a": 1}, "tax": 2}, "previous": {"a": 1}},
            "items": [{"id": 1}], "a/b": "", "none": null,
        });
        let mut found = Vec::new();
        walk(&event, String::new(), &read, &mut |place, value| found.push((place, kind_of(value))));
        found.sort();
        let expected = [("/a~1b", "string"), ("/data/object/tax", "integer"), ("/data/previous", "object")];
        assert_eq!(found, expected.map(|(place, kind)| (place.to_owned(), kind)));
    }

    #[test]
    fn kinds_are_those_of_the_use_or_else_of_the_schema() {
        let schema = json!({"properties": {"amount": {"type": "number"}, "plan": {"properties": {"id": {"type": ["string", "null"]}},
            "required": ["id"]}}, "required": ["amount"]});
        let field = |field, kinds: &'static [&'static str]| Expected {
            field,
            places: vec!["/a".into()],
            kinds,
            has_otherwise: false,
        };
        let kinds = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(demanded(Some(&schema), &field("amount", &[])), (kinds(&["number"]), true));
        assert_eq!(demanded(Some(&schema), &field("plan.id", &[])), (kinds(&["string", "null"]), true));
        assert_eq!(demanded(Some(&schema), &field("other", &["array"])), (kinds(&["array"]), false));
        assert_eq!(demanded(None, &field("amount", &[])), (vec![], false));
        let held = |event: Value| held(&field("amount", &[]), Some(&schema), &[event]).standing;
        assert_eq!(held(json!({"a": 7})), FieldStanding::Seen, "a whole number is a number");
        assert_eq!(held(json!({"a": "7"})), FieldStanding::OtherKind);
        assert_eq!(held(json!({"a": null})), FieldStanding::Missing);
    }
}
