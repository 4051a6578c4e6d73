//! What the screens of a project ask for: issue types, fields, the kind of each, what may be chosen.

use serde_json::Value;

/// Entries of a list, and where the next page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// The index of the next page, if there is one.
    pub next: Option<usize>,
}

/// A thing with a name, of which one is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its id, which goes into requests.
    pub id: String,
    /// Its name, which people know.
    pub name: String,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id, which stays when the key is changed.
    pub id: String,
    /// `ED`.
    pub key: String,
    /// Its name.
    pub name: String,
}

/// An issue type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueType {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `new`, `indeterminate` or `done`; empty where Jira does not say.
    pub category: String,
}

/// A field of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its id: `summary`, `customfield_10020`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether something must be written into it; not so where Jira fills it in by itself.
    pub is_required: bool,
    /// What it holds.
    pub kind: Kind,
    /// What may be chosen, where Jira lists it.
    pub choices: Vec<Choice>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Line,
    /// Rich text.
    Document,
    /// A number.
    Number,
    /// A day.
    Date,
    /// A moment.
    Moment,
    /// A person.
    Person,
    /// Some people.
    People,
    /// Words without blanks.
    Labels,
    /// One of the choices.
    One,
    /// Some of the choices.
    Some,
    /// One of the choices, and one below it; the choices hold both ids with a slash between.
    Cascade,
    /// The issue that this one lies below.
    Parent,
    /// The project or the issue type: named when the issue is made, not by what is mapped.
    Frame,
    /// A kind that cannot be filled yet, by its name at Jira.
    Other(String),
}

impl Field {
    /// Whether Patchbay can write into it.
    #[must_use]
    pub const fn is_writable(&self) -> bool {
        !matches!(self.kind, Kind::Frame | Kind::Other(_))
    }
}

/// The projects of an answer to a search for them.
#[must_use]
pub fn projects(answer: &Value) -> Page<Project> {
    let project =
        |value: &Value| Some(Project { id: text(value, "id")?, key: text(value, "key")?, name: text(value, "name")? });
    page(answer, "values", project)
}

/// The issue types of a project.
#[must_use]
pub fn issue_types(answer: &Value) -> Page<IssueType> {
    let kind = |value: &Value| Some(IssueType { id: text(value, "id")?, name: text(value, "name")? });
    page(answer, "issueTypes", kind)
}

/// The fields of the screen on which an issue is made.
#[must_use]
pub fn create_fields(answer: &Value) -> Page<Field> {
    page(answer, "fields", |value| field(&text(value, "fieldId")?, value))
}

/// The fields of the screen on which an issue is changed.
#[must_use]
pub fn edit_fields(answer: &Value) -> Vec<Field> {
    let fields = answer["fields"].as_object().into_iter().flatten();
    fields.filter_map(|(id, value)| field(id, value)).collect()
}

fn page<T>(answer: &Value, name: &str, read: impl Fn(&Value) -> Option<T>) -> Page<T> {
    let list = answer[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |name: &str| answer[name].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
    // A page may be empty and yet not the last.
    let step = if list.is_empty() { number("maxResults") } else { list.len() };
    let after = number("startAt").saturating_add(step);
    let next = (step > 0 && after < number("total")).then_some(after);
    Page { entries: list.iter().filter_map(read).collect(), next }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn field(id: &str, value: &Value) -> Option<Field> {
    let allowed = value["allowedValues"].as_array().into_iter().flatten();
    let has_default = value["hasDefaultValue"].as_bool().unwrap_or(false);
    Some(Field {
        id: id.to_owned(),
        name: text(value, "name")?,
        is_required: value["required"].as_bool().unwrap_or(false) && !has_default,
        kind: kind(&value["schema"]),
        choices: allowed.flat_map(choices).collect(),
    })
}

/// What an allowed value lets people choose: itself, and each that lies below it.
fn choices(value: &Value) -> Vec<Choice> {
    let name = ["name", "value", "key"].iter().find_map(|key| text(value, key));
    let Some((id, name)) = text(value, "id").zip(name) else { return Vec::new() };
    let below = value["children"].as_array().into_iter().flatten().flat_map(choices);
    let below =
        below.map(|one| Choice { id: format!("{id}/{}", one.id), name: format!("{name} / {}", one.name) }).collect();
    [vec![Choice { id, name }], below].concat()
}

fn kind(schema: &Value) -> Kind {
    let (system, items) = (schema["system"].as_str(), schema["items"].as_str());
    let custom = schema["custom"].as_str().and_then(|name| name.rsplit(':').next());
    match (schema["type"].as_str().unwrap_or_default(), system, custom, items) {
        (_, Some("project" | "issuetype"), ..) => Kind::Frame,
        (_, Some("parent"), ..) => Kind::Parent,
        ("string", Some("description" | "environment"), ..) | ("string", _, Some("textarea"), _) => Kind::Document,
        ("string", Some("summary"), ..) | ("string", _, Some("textfield" | "url"), _) => Kind::Line,
        ("number", ..) => Kind::Number,
        ("date", ..) => Kind::Date,
        ("datetime", ..) => Kind::Moment,
        ("user", ..) => Kind::Person,
        ("array", Some("labels"), ..) | ("array", _, Some("labels"), _) => Kind::Labels,
        ("option" | "priority" | "resolution" | "securitylevel" | "version" | "project", ..) => Kind::One,
        ("option-with-child", ..) => Kind::Cascade,
        ("array", _, _, Some("user")) => Kind::People,
        ("array", _, _, Some("option" | "component" | "version")) => Kind::Some,
        (other, ..) => Kind::Other(other.to_owned()),
    }
}

fn status(value: &Value) -> Option<Status> {
    let category = text(&value["statusCategory"], "key").unwrap_or_default();
    Some(Status { id: text(value, "id")?, name: text(value, "name")?, category })
}

/// A way that an issue can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Its id, which holds for the issue's present status only.
    pub id: String,
    /// The status that it leads to.
    pub to: Status,
    /// The fields that its screen asks for.
    pub fields: Vec<Field>,
}

/// The statuses that an issue of a type can have, of an answer about a project's.
#[must_use]
pub fn statuses(answer: &Value, issue_type: &str) -> Vec<Status> {
    let of_type = answer.as_array().into_iter().flatten().find(|kind| kind["id"] == issue_type);
    let listed = of_type.and_then(|kind| kind["statuses"].as_array()).into_iter().flatten();
    listed.filter_map(status).collect()
}

/// The ways of an answer about transitions.
#[must_use]
pub fn ways(answer: &Value) -> Vec<Way> {
    let way =
        |value: &Value| Some(Way { id: text(value, "id")?, to: status(&value["to"])?, fields: edit_fields(value) });
    answer["transitions"].as_array().into_iter().flatten().filter_map(way).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::{any_json, published};

    /// The example of an answer in the published description.
    fn example(path: &str) -> Option<Value> {
        let api = published("jira/jira-cloud-platform-v3.trimmed.json")?;
        let answer = &api["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["example"];
        Some(serde_json::from_str(answer.as_str().expect("an example")).expect("JSON"))
    }

    #[test]
    fn the_published_examples_are_read() {
        let Some(answer) = example("/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes") else { return };
        let types = issue_types(&answer);
        assert!(!types.entries.is_empty() && types.next.is_none(), "{answer}");
        let answer = example("/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}").expect("there");
        assert!(!create_fields(&answer).entries.is_empty(), "{answer}");
        let answer = example("/rest/api/3/project/search").expect("there");
        assert!(!projects(&answer).entries.is_empty(), "{answer}");
        let ways = ways(&example("/rest/api/3/issue/{issueIdOrKey}/transitions").expect("there"));
        assert_eq!(ways.iter().map(|way| way.to.name.as_str()).collect::<Vec<_>>(), ["In Progress", "Closed"]);
        assert_eq!(ways[1].fields.len(), 2);
        assert_eq!(ways[1].fields[0].kind, Kind::Some);
        let fields = edit_fields(&example("/rest/api/3/issue/{issueIdOrKey}/editmeta").expect("there"));
        assert!(!fields.is_empty());
    }

    #[test]
    fn kinds_are_known_by_their_schema_and_others_are_left_alone() {
        let custom = |kind: &str| format!("com.atlassian.jira.plugin.system.customfieldtypes:{kind}");
        for (schema, wanted) in [
            (json!({ "type": "string", "system": "summary" }), Kind::Line),
            (json!({ "type": "string", "system": "description" }), Kind::Document),
            (json!({ "type": "string", "custom": custom("textarea") }), Kind::Document),
            (json!({ "type": "string", "custom": custom("textfield") }), Kind::Line),
            (json!({ "type": "priority", "system": "priority" }), Kind::One),
            (json!({ "type": "option", "custom": custom("select") }), Kind::One),
            (json!({ "type": "array", "items": "option", "custom": custom("multiselect") }), Kind::Some),
            (json!({ "type": "array", "items": "string", "system": "labels" }), Kind::Labels),
            (json!({ "type": "issuelink", "system": "parent" }), Kind::Parent),
            (json!({ "type": "array", "items": "component", "system": "components" }), Kind::Some),
            (json!({ "type": "array", "items": "version", "system": "fixVersions" }), Kind::Some),
            (json!({ "type": "version", "custom": custom("version") }), Kind::One),
            (json!({ "type": "project", "custom": custom("project") }), Kind::One),
            (json!({ "type": "array", "items": "option", "custom": custom("multicheckboxes") }), Kind::Some),
            (json!({ "type": "option", "custom": custom("radiobuttons") }), Kind::One),
            (json!({ "type": "option-with-child", "custom": custom("cascadingselect") }), Kind::Cascade),
            (json!({ "type": "array", "items": "user", "custom": custom("multiuserpicker") }), Kind::People),
            (json!({ "type": "user", "custom": custom("userpicker") }), Kind::Person),
            (json!({ "type": "number", "custom": custom("float") }), Kind::Number),
            (json!({ "type": "date", "custom": custom("datepicker") }), Kind::Date),
            (json!({ "type": "string", "custom": custom("url") }), Kind::Line),
            (json!({ "type": "project", "system": "project" }), Kind::Frame),
            (json!({ "type": "datetime", "custom": custom("datetime") }), Kind::Moment),
            (json!({ "type": "timetracking", "system": "timetracking" }), Kind::Other("timetracking".to_owned())),
            (json!({}), Kind::Other(String::new())),
        ] {
            assert_eq!(kind(&schema), wanted, "{schema}");
        }
    }

    #[test]
    fn what_lies_below_a_choice_is_one_too() {
        let value =
            json!({ "id": "1", "value": "Europe", "children": [{ "id": "2", "value": "Berlin" }, { "id": "3" }] });
        let found: Vec<_> = choices(&value).into_iter().map(|choice| (choice.id, choice.name)).collect();
        assert_eq!(found, [("1".to_owned(), "Europe".to_owned()), ("1/2".to_owned(), "Europe / Berlin".to_owned())]);
        assert_eq!(choices(&json!("red")), []);
    }

    #[test]
    fn what_jira_fills_in_is_not_required_and_pages_go_on() {
        let field = |id: &str, has_default: bool| {
            json!({ "fieldId": id, "key": id, "name": id, "required": true, "hasDefaultValue": has_default,
                "operations": ["set"], "schema": { "type": "user", "system": id } })
        };
        let answer = json!({ "fields": [field("reporter", true), field("lead", false), { "name": "no id" }],
            "startAt": 50, "maxResults": 50, "total": 54 });
        let page = create_fields(&answer);
        assert_eq!(page.entries.iter().map(|field| field.is_required).collect::<Vec<_>>(), [false, true]);
        assert_eq!(page.next, Some(53));
        let next = |list: Value, total: u64| {
            create_fields(&json!({ "fields": list, "startAt": 0, "maxResults": 50, "total": total })).next
        };
        assert_eq!((next(json!([]), 60), next(json!([]), 50), next(json!([]), 0)), (Some(50), None, None));
    }

    proptest! {
        #[test]
        fn any_answer_can_be_read(answer in any_json()) {
            let _ = (create_fields(&answer), edit_fields(&answer), projects(&answer), issue_types(&answer), ways(&answer));
        }
    }
}
