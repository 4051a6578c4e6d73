//! Values of fields: the shape that each must have, how Jira keeps it, and how it shows it.

use jiff::civil::Date;
use jiff::fmt::strtime;
use serde_json::{Value, json};

use super::{Field, Kind, PRIORITIES, TYPES, issue_type, option, thing};
use crate::jira::adf;
use crate::jira::state::{Site, State};
use crate::jira::workflow::RESOLUTIONS;

/// What is wrong with a value, in Jira's words where they are known.
type Wrong = String;

/// One line holds so many characters.
const LONGEST_LINE: usize = 255;
/// Where everybody lives.
const ZONE: &str = "Europe/Amsterdam";

/// Whether a value has the shape that the field's kind must have, whatever there is in the site. `null` clears a field.
pub(in crate::jira) fn shape(field: &Field, value: &Value) -> Result<(), Wrong> {
    if value.is_null() {
        return Ok(());
    }
    match field.kind {
        Kind::Line => line(field, value),
        Kind::Document if !value.is_object() => {
            Err("Operation value must be an Atlassian Document (see the Atlassian Document Format)".to_owned())
        }
        Kind::Document => match adf::complaints(value) {
            found if found.is_empty() => Ok(()),
            found => Err(format!("INVALID_INPUT: {}", found.join("; "))),
        },
        Kind::Number => value.is_number().then_some(()).ok_or_else(|| "Operation value must be a number".to_owned()),
        Kind::Date => value
            .as_str()
            .filter(|text| text.len() == 10 && text.parse::<Date>().is_ok())
            .map(drop)
            .ok_or_else(|| "Operation value must be a date in the format yyyy-MM-dd".to_owned()),
        Kind::Moment => value
            .as_str()
            .filter(|text| strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).is_ok())
            .map(drop)
            .ok_or_else(|| "Operation value must be a datetime in the format yyyy-MM-dd'T'HH:mm:ss.SSSZ".to_owned()),
        Kind::Labels => labels(value),
        Kind::Users => each(value, &["accountId", "id"]),
        Kind::User => named(value, &["accountId", "id"]),
        Kind::Project | Kind::Parent => named(value, &["id", "key"]),
        Kind::Priority | Kind::Resolution | Kind::IssueType => named(value, &["id", "name"]),
        Kind::Choice(_) => named(value, &["id", "value"]),
        Kind::Cascade(..) => {
            named(value, &["id", "value"])?;
            if value["child"].is_null() { Ok(()) } else { named(&value["child"], &["id", "value"]) }
        }
        Kind::Choices(_) => each(value, &["id", "value"]),
        Kind::Things(..) => each(value, &["id", "name"]),
    }
}

/// A list of objects that each name a thing by one of these keys.
fn each(value: &Value, keys: &[&str]) -> Result<(), Wrong> {
    value.as_array().ok_or("data was not an array")?.iter().try_for_each(|one| named(one, keys))
}

fn line(field: &Field, value: &Value) -> Result<(), Wrong> {
    let text = value.as_str().ok_or("Operation value must be a string")?;
    if text.chars().count() > LONGEST_LINE {
        return Err(format!("{} must be less than {LONGEST_LINE} characters.", field.name));
    }
    match text.contains(['\n', '\r']) {
        true => Err(format!("The {} is invalid because it contains newline characters.", field.id)),
        false => Ok(()),
    }
}

fn labels(value: &Value) -> Result<(), Wrong> {
    for label in value.as_array().ok_or("data was not an array")? {
        let label = label.as_str().ok_or("Operation value must be a string")?;
        if label.is_empty() || label.contains(char::is_whitespace) {
            return Err(format!("The label '{label}' contains spaces which is invalid."));
        }
        if label.chars().count() > LONGEST_LINE {
            return Err(format!("The label '{label}' exceeds the maximum length for a single label (255 characters)."));
        }
    }
    Ok(())
}

/// An object that names a thing by one of these keys.
fn named(value: &Value, keys: &[&str]) -> Result<(), Wrong> {
    let is_named = keys.iter().any(|key| value[*key].is_string());
    is_named.then_some(()).ok_or_else(|| format!("expected an object with '{}' as a string", keys.join("' or '")))
}

/// The value as Jira keeps it: the id of what it names. An error is a thing that is not there.
pub(in crate::jira) fn read(state: &State, site: &Site, field: &Field, value: &Value) -> Result<Value, Wrong> {
    shape(field, value)?;
    if value.is_null() {
        return Ok(Value::Null);
    }
    let of = |choices: &[(&str, &str)], one: &Value| {
        let is_it = |(id, name): &&(&str, &str)| one["id"] == *id || one["value"] == *name || one["name"] == *name;
        choices.iter().find(is_it).map(|(id, _)| json!(id))
    };
    let text = |keys: [&str; 2]| keys.iter().find_map(|key| value[*key].as_str()).unwrap_or_default().to_owned();
    let kept = match field.kind {
        Kind::Line | Kind::Document | Kind::Number | Kind::Date | Kind::Moment => Some(value.clone()),
        Kind::Labels => Some(once(value.as_array().cloned().unwrap_or_default())),
        Kind::Users => {
            let named = |one: &Value| one["accountId"].as_str().or(one["id"].as_str()).unwrap_or_default().to_owned();
            let each = value.as_array().into_iter().flatten();
            each.map(|one| state.person(&named(one)).map(|person| json!(person.account_id)))
                .collect::<Option<Vec<_>>>()
                .map(once)
        }
        Kind::User => state.person(&text(["accountId", "id"])).map(|person| json!(person.account_id)),
        Kind::Project => site.project(&text(["id", "key"])).filter(|it| !it.is_hidden).map(|project| json!(project.id)),
        Kind::Parent => site.visible(&text(["id", "key"])).map(|issue| json!(issue.id)),
        Kind::IssueType => {
            let is_it = |kind: &&super::IssueType| value["id"] == kind.id || value["name"] == kind.name;
            TYPES.iter().find(is_it).map(|kind| json!(kind.id))
        }
        Kind::Priority => of(&PRIORITIES, value),
        Kind::Resolution => of(&RESOLUTIONS, value),
        Kind::Choice(choices) => of(choices, value),
        Kind::Cascade(choices, below) => of(choices, value).and_then(|first| {
            let child = &value["child"];
            let is_it = |(_, id, name): &&(&str, &str, &str)| child["id"] == *id || child["value"] == *name;
            let second = below.iter().filter(|(of, ..)| first == *of).find(is_it).map(|(_, id, _)| *id);
            (child.is_null() || second.is_some()).then(|| json!([first, second]))
        }),
        Kind::Choices(choices) | Kind::Things(_, choices) => {
            let each = value.as_array().into_iter().flatten().map(|one| of(choices, one));
            each.collect::<Option<Vec<_>>>().map(once)
        }
    };
    kept.ok_or_else(|| match field.kind {
        Kind::User => format!("User '{}' does not exist.", text(["accountId", "id"])),
        Kind::Project => "valid project is required".to_owned(),
        Kind::IssueType => "Specify a valid issue type".to_owned(),
        Kind::Parent => "Could not find issue by id or key.".to_owned(),
        _ => format!("Option '{}' is not valid for the field '{}'.", text(["value", "id"]), field.name),
    })
}

/// A list in which each stands once.
fn once(all: Vec<Value>) -> Value {
    let mut list: Vec<Value> = Vec::new();
    for one in all {
        if !list.contains(&one) {
            list.push(one);
        }
    }
    list.into()
}

/// A moment in the zone of the account that asks: everybody's is Amsterdam's.
fn in_zone(text: &str) -> Option<String> {
    let at = strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", text).and_then(|parsed| parsed.to_timestamp()).ok()?;
    let there = at.in_tz(ZONE).ok()?;
    Some(there.strftime("%Y-%m-%dT%H:%M:%S%.3f%z").to_string())
}

/// The value in an answer of an API version: version 2, which webhooks speak, has rich text as lines.
pub(in crate::jira) fn show(state: &State, site: &Site, field: &Field, kept: &Value, version: u8) -> Value {
    let api = site.api(version);
    let id = kept.as_str().unwrap_or_default();
    let name = |of: &[(&str, &str)]| of.iter().find(|(known, _)| *known == id).map_or("", |(_, name)| *name).to_owned();
    match field.kind {
        _ if kept.is_null() => Value::Null,
        Kind::Document if version == 2 => adf::text(kept).into(),
        Kind::Moment => in_zone(id).map_or_else(|| kept.clone(), Value::from),
        Kind::Line | Kind::Document | Kind::Number | Kind::Date | Kind::Labels => kept.clone(),
        Kind::Users => {
            let people = kept.as_array().into_iter().flatten().filter_map(Value::as_str);
            people.filter_map(|id| state.person(id)).map(|person| person.show(&api)).collect()
        }
        Kind::User => state.person(id).map_or(Value::Null, |person| person.show(&api)),
        Kind::Project => site.project(id).map_or(Value::Null, |project| project.show(&api)),
        Kind::Parent => site.issue(id).map_or(Value::Null, |issue| {
            json!({ "id": issue.id, "key": issue.key, "self": format!("{api}/issue/{}", issue.id),
                "fields": { "summary": issue.summary() } })
        }),
        Kind::IssueType => issue_type(id).map_or(Value::Null, |kind| kind.show(&api)),
        Kind::Priority => json!({ "self": format!("{api}/priority/{id}"), "id": id, "name": name(&PRIORITIES) }),
        Kind::Resolution => json!({ "self": format!("{api}/resolution/{id}"), "id": id, "name": name(&RESOLUTIONS) }),
        Kind::Choice(choices) => option(&api, id, &name(choices)),
        Kind::Choices(choices) => {
            let chosen = kept.as_array().into_iter().flatten().filter_map(Value::as_str);
            let named = chosen.filter_map(|id| choices.iter().find(|(known, _)| *known == id));
            named.map(|(id, value)| option(&api, id, value)).collect()
        }
        Kind::Cascade(choices, below) => {
            let (first, second) = (kept[0].as_str().unwrap_or_default(), kept[1].as_str());
            let name = choices.iter().find(|(id, _)| *id == first).map_or("", |(_, name)| name);
            let mut shown = option(&api, first, name);
            if let Some((_, id, name)) = below.iter().find(|(_, id, _)| Some(*id) == second) {
                shown["child"] = option(&api, id, name);
            }
            shown
        }
        Kind::Things(items, choices) => {
            let chosen = kept.as_array().into_iter().flatten().filter_map(Value::as_str);
            let named = chosen.filter_map(|id| choices.iter().find(|(known, _)| *known == id));
            named.map(|(id, name)| thing(&api, items, id, name)).collect()
        }
    }
}

/// The value as a changelog names it: an id, if it has one, and words.
pub(in crate::jira) fn words(state: &State, site: &Site, field: &Field, kept: &Value) -> (Value, Value) {
    let shown = show(state, site, field, kept, 2);
    match field.kind {
        _ if kept.is_null() => (Value::Null, Value::Null),
        Kind::User => (kept.clone(), shown["displayName"].clone()),
        Kind::Project | Kind::IssueType | Kind::Priority | Kind::Resolution => (kept.clone(), shown["name"].clone()),
        Kind::Parent => (kept.clone(), shown["key"].clone()),
        Kind::Choice(_) => (kept.clone(), shown["value"].clone()),
        Kind::Cascade(..) => {
            let name = |of: &Value| of["value"].as_str().unwrap_or_default().to_owned();
            (kept[0].clone(), format!("{} - {}", name(&shown), name(&shown["child"])).into())
        }
        Kind::Choices(_) | Kind::Things(..) | Kind::Users => {
            let list = |keys: [&str; 2]| {
                let name = |one: &Value| keys.iter().find_map(|key| one[*key].as_str()).unwrap_or_default().to_owned();
                shown.as_array().into_iter().flatten().map(name).collect::<Vec<_>>().join(", ")
            };
            let words = list(if field.kind == Kind::Users { ["displayName", "name"] } else { ["value", "name"] });
            (format!("[{}]", list(["id", "accountId"])).into(), words.into())
        }
        Kind::Labels => {
            let labels = kept.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
            (Value::Null, labels.join(" ").into())
        }
        Kind::Number => (Value::Null, kept.to_string().into()),
        Kind::Line | Kind::Document | Kind::Date | Kind::Moment => (Value::Null, shown),
    }
}

impl crate::jira::state::Person {
    /// The person in an answer; `api` is `{site}/rest/api/3`.
    pub(in crate::jira) fn show(&self, api: &str) -> Value {
        json!({
            "self": format!("{api}/user?accountId={}", self.account_id),
            "accountId": self.account_id,
            "avatarUrls": {},
            "displayName": self.name,
            "active": true,
            "timeZone": ZONE,
            "accountType": "atlassian",
        })
    }
}
