//! Issue types, the fields of their screens, and what may be written into each.

mod value;

use serde_json::{Value, json};

pub(super) use value::{read, shape, show, words};

use super::state::Site;
use super::workflow;

/// The id of the issue type that has a workflow and a required field of its own.
pub(super) const BUG: &str = "10004";
const SUBTASK: &str = "10003";

/// A kind of issue.
#[derive(Debug)]
pub(super) struct IssueType {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) is_subtask: bool,
}

/// All of them, in every project.
pub(super) static TYPES: [IssueType; 4] = [
    IssueType { id: "10001", name: "Task", is_subtask: false },
    IssueType { id: "10002", name: "Story", is_subtask: false },
    IssueType { id: BUG, name: "Bug", is_subtask: false },
    IssueType { id: SUBTASK, name: "Sub-task", is_subtask: true },
];

/// Id and name of each priority; issues have the middle one unless they say so.
pub(super) const PRIORITIES: [(&str, &str); 5] =
    [("1", "Highest"), ("2", "High"), ("3", "Medium"), ("4", "Low"), ("5", "Lowest")];
/// The priority of issues that name none.
pub(super) const USUAL_PRIORITY: &str = "3";

type Choices = &'static [(&'static str, &'static str)];

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One line.
    Line,
    /// Rich text.
    Document,
    Number,
    /// A day.
    Date,
    /// A day and a time.
    Moment,
    User,
    /// Some people.
    Users,
    Labels,
    Priority,
    Resolution,
    IssueType,
    Project,
    Parent,
    /// One of these.
    Choice(Choices),
    /// One of the first, and one of those below it.
    Cascade(Choices, &'static [(&'static str, &'static str, &'static str)]),
    /// Some of these.
    Choices(Choices),
    /// Some of these things of the project: components, versions.
    Things(&'static str, Choices),
}

/// A field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

const fn field(id: &'static str, name: &'static str, kind: Kind) -> Field {
    Field { id, name, kind }
}

/// All fields that something may be written into, in the order of the screens.
pub(super) static FIELDS: [Field; 21] = [
    field("summary", "Summary", Kind::Line),
    field("issuetype", "Issue Type", Kind::IssueType),
    field("project", "Project", Kind::Project),
    field("parent", "Parent", Kind::Parent),
    field("description", "Description", Kind::Document),
    field("priority", "Priority", Kind::Priority),
    field("labels", "Labels", Kind::Labels),
    field("assignee", "Assignee", Kind::User),
    field("reporter", "Reporter", Kind::User),
    field("duedate", "Due date", Kind::Date),
    field("resolution", "Resolution", Kind::Resolution),
    field(
        "customfield_10020",
        "Severity",
        Kind::Choice(&[("10100", "Critical"), ("10101", "Major"), ("10102", "Minor")]),
    ),
    field("customfield_10030", "Customer", Kind::Line),
    field("customfield_10031", "Impact", Kind::Document),
    field("customfield_10032", "Story points", Kind::Number),
    field("customfield_10033", "Areas", Kind::Choices(&[("10110", "Billing"), ("10111", "Shop"), ("10112", "Mobile")])),
    field("components", "Components", Kind::Things("component", &[("10200", "API"), ("10201", "Web")])),
    field("fixVersions", "Fix versions", Kind::Things("version", &[("10210", "1.0"), ("10211", "1.1")])),
    field("customfield_10034", "Failed at", Kind::Moment),
    field("customfield_10035", "Responders", Kind::Users),
    field(
        "customfield_10036",
        "Region",
        Kind::Cascade(
            &[("10120", "Europe"), ("10121", "Asia")],
            &[("10120", "10130", "Berlin"), ("10120", "10131", "Madrid"), ("10121", "10132", "Tokyo")],
        ),
    ),
];

/// A field by its id.
pub(super) fn find(id: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.id == id)
}

/// An issue type by its id.
pub(super) fn issue_type(id: &str) -> Option<&'static IssueType> {
    TYPES.iter().find(|kind| kind.id == id)
}

/// The fields of the screen on which an issue of a type is made.
pub(super) fn of_create(issue_type: &str) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| match field.id {
        "resolution" => false,
        "parent" => issue_type == SUBTASK,
        "customfield_10020" => issue_type == BUG,
        "customfield_10032" => issue_type != BUG && issue_type != SUBTASK,
        _ => true,
    })
}

/// The fields of the screen on which it is changed.
pub(super) fn of_edit(issue_type: &str) -> impl Iterator<Item = &'static Field> {
    of_create(issue_type).filter(|field| !["project", "reporter"].contains(&field.id))
}

impl Field {
    /// Whether an issue of a type cannot be without it.
    pub(super) fn is_required(&self) -> bool {
        // Where severity and parent are on the screen at all, they are required.
        ["summary", "issuetype", "project", "reporter", "parent", "customfield_10020"].contains(&self.id)
    }

    /// Whether Jira fills it in where nothing is said.
    pub(super) fn has_default(&self) -> bool {
        ["reporter", "priority"].contains(&self.id)
    }

    pub(super) fn is_custom(&self) -> bool {
        self.id.starts_with("customfield_")
    }

    /// The kind of its value, as Jira describes it.
    pub(super) fn schema(&self) -> Value {
        let (kind, items, custom) = match self.kind {
            Kind::Line => ("string", None, "textfield"),
            Kind::Document => ("string", None, "textarea"),
            Kind::Number => ("number", None, "float"),
            Kind::Date => ("date", None, "datepicker"),
            Kind::Moment => ("datetime", None, "datetime"),
            Kind::User => ("user", None, "userpicker"),
            Kind::Users => ("array", Some("user"), "multiuserpicker"),
            Kind::Labels => ("array", Some("string"), "labels"),
            Kind::Priority => ("priority", None, ""),
            Kind::Resolution => ("resolution", None, ""),
            Kind::IssueType => ("issuetype", None, ""),
            Kind::Project => ("project", None, ""),
            Kind::Parent => ("issuelink", None, ""),
            Kind::Choice(_) => ("option", None, "select"),
            Kind::Cascade(..) => ("option-with-child", None, "cascadingselect"),
            Kind::Choices(_) => ("array", Some("option"), "multiselect"),
            Kind::Things(items, _) => ("array", Some(items), ""),
        };
        let mut schema = json!({ "type": kind });
        if let Some(items) = items {
            schema["items"] = items.into();
        }
        match self.id.strip_prefix("customfield_") {
            Some(number) => {
                schema["custom"] = format!("com.atlassian.jira.plugin.system.customfieldtypes:{custom}").into();
                schema["customId"] = number.parse::<i64>().unwrap_or_default().into();
            }
            None => schema["system"] = self.id.into(),
        }
        schema
    }

    /// What a screen says of it, for one issue type of a site.
    pub(super) fn meta(&self, site: &Site, issue_type: &str, project: &str) -> Value {
        let operations: &[&str] = match self.kind {
            Kind::Labels | Kind::Users | Kind::Choices(_) | Kind::Things(..) => &["add", "set", "remove"],
            _ => &["set"],
        };
        let mut meta = json!({
            "required": self.is_required(),
            "schema": self.schema(),
            "name": self.name,
            "key": self.id,
            "hasDefaultValue": self.has_default(),
            "operations": operations,
        });
        let api = site.api(3);
        let allowed = match self.kind {
            Kind::Priority => Some(PRIORITIES.map(|(id, name)| json!({ "id": id, "name": name })).to_vec()),
            Kind::Resolution => {
                Some(workflow::RESOLUTIONS.map(|(id, name)| json!({ "id": id, "name": name })).to_vec())
            }
            Kind::Choice(of) | Kind::Choices(of) => {
                Some(of.iter().map(|(id, value)| option(&api, id, value)).collect())
            }
            Kind::Cascade(of, below) => Some(of.iter().map(|(id, value)| branch(&api, id, value, below)).collect()),
            Kind::Things(items, of) => Some(of.iter().map(|(id, name)| thing(&api, items, id, name)).collect()),
            Kind::IssueType => Some(find_type(&api, issue_type)),
            Kind::Project => Some(site.project(project).map(|project| project.show(&api)).into_iter().collect()),
            _ => None,
        };
        if let Some(allowed) = allowed {
            meta["allowedValues"] = allowed.into();
        }
        if matches!(self.kind, Kind::User | Kind::Users) {
            meta["autoCompleteUrl"] = format!("{api}/user/assignable/search?project={project}&query=").into();
        }
        meta
    }
}

fn find_type(api: &str, id: &str) -> Vec<Value> {
    issue_type(id).map(|kind| kind.show(api)).into_iter().collect()
}

fn option(api: &str, id: &str, value: &str) -> Value {
    json!({ "self": format!("{api}/customFieldOption/{id}"), "id": id, "value": value })
}

/// A choice with what is below it, as a screen lists it.
fn branch(api: &str, id: &str, value: &str, below: &[(&str, &str, &str)]) -> Value {
    let mut shown = option(api, id, value);
    let own = below.iter().filter(|(of, ..)| *of == id);
    shown["children"] = own.map(|(_, id, value)| option(api, id, value)).collect();
    shown
}

/// A component or a version.
fn thing(api: &str, items: &str, id: &str, name: &str) -> Value {
    json!({ "self": format!("{api}/{items}/{id}"), "id": id, "name": name })
}

impl IssueType {
    /// The type in an answer; `api` is `{site}/rest/api/3`.
    pub(super) fn show(&self, api: &str) -> Value {
        json!({ "self": format!("{api}/issuetype/{}", self.id), "id": self.id, "name": self.name, "subtask": self.is_subtask })
    }
}

impl super::state::Project {
    /// The project in an answer; `api` is `{site}/rest/api/3`.
    pub(super) fn show(&self, api: &str) -> Value {
        json!({ "self": format!("{api}/project/{}", self.id), "id": self.id, "key": self.key, "name": self.name,
            "projectTypeKey": "software", "simplified": false })
    }
}
