//! What happens to issues, whoever does it: the app through the API, people through a test or the control panel. The
//! webhooks hear of all of it, the app's own writes too.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::adf;
use super::events::News;
use super::fields::{self, Field, USUAL_PRIORITY};
use super::state::{Comment, Issue, Site, State};
use super::workflow::{self, RESOLUTIONS, STATUSES, Transition};

/// An issue that a person makes.
#[derive(Debug, Clone)]
pub struct NewIssue {
    /// The key of the project.
    pub project: String,
    /// The name of the type: `Task`, `Bug`.
    pub issue_type: String,
    /// The one-line summary.
    pub summary: String,
    /// The description, a paragraph a line.
    pub description: String,
}

impl Default for NewIssue {
    fn default() -> Self {
        Self {
            project: "ED".to_owned(),
            issue_type: "Task".to_owned(),
            summary: "Main order flow broken".to_owned(),
            description: String::new(),
        }
    }
}

type Values = Vec<(&'static Field, Value)>;

/// An issue that is to be made: the ids of its project and type, and values as Jira keeps them.
pub(crate) struct Draft {
    pub(crate) project: String,
    pub(crate) issue_type: String,
    pub(crate) values: Values,
    pub(crate) properties: BTreeMap<String, Value>,
}

impl State {
    /// Makes an issue; gives its id and key.
    pub(crate) fn make_issue(&mut self, site: &str, user: &str, draft: Draft) -> Option<(String, String)> {
        let Draft { project, issue_type, values, properties } = draft;
        let (now_ms, id) = (self.now_ms(), self.number("issue").to_string());
        let kept = self.site_mut(site)?.projects.iter_mut().find(|known| known.id == project)?;
        kept.last_issue += 1;
        let key = format!("{}-{}", kept.key, kept.last_issue);
        let mut fields = Map::new();
        fields.insert("priority".to_owned(), USUAL_PRIORITY.into());
        fields.insert("reporter".to_owned(), user.into());
        let given = values.into_iter().filter(|(field, _)| !["project", "issuetype"].contains(&field.id));
        fields.extend(given.map(|(field, value)| (field.id.to_owned(), value)));
        let first = &STATUSES[0];
        self.site_mut(site)?.issues.push(Issue {
            id: id.clone(),
            key: key.clone(),
            project,
            issue_type,
            status: first.id.to_owned(),
            fields,
            creator: user.to_owned(),
            created_ms: now_ms,
            updated_ms: now_ms,
            moved_ms: now_ms,
            comments: Vec::new(),
            links: Vec::new(),
            properties,
        });
        let item = json!({ "field": "status", "fieldtype": "jira", "fieldId": "status", "from": "", "fromString": null,
            "to": first.id, "toString": first.name });
        let news = News { kind: Some("issue_created"), ..News::of("jira:issue_created", user) };
        self.tell(site, &id, News { items: vec![item], ..news });
        Some((id, key))
    }

    /// Changes fields, and the status if there is a way to go; says nothing if nothing is another than before.
    pub(crate) fn change_issue(&mut self, site: &str, user: &str, id: &str, values: Values, way: Option<&Transition>) {
        let Some(before) = self.site(site).and_then(|site| site.issue(id)).cloned() else { return };
        let mut values: Values = values;
        if let Some(way) = way {
            values.extend(resolution_of(way, &values, &before));
        }
        let Some(known) = self.site(site) else { return };
        let mut items: Vec<Value> = way.map(|way| moved(&before.status, way.to)).into_iter().collect();
        items.extend(values.iter().filter_map(|(field, value)| self.item(known, &before, field, value)));
        if items.is_empty() {
            return;
        }
        let now_ms = self.now_ms();
        let Some(issue) = self.site_mut(site).and_then(|site| site.issue_mut(id)) else { return };
        issue.updated_ms = now_ms;
        if let Some(way) = way {
            issue.status = way.to.to_owned();
            issue.moved_ms = now_ms;
        }
        for (field, value) in values {
            match (field.id, value.as_str()) {
                ("issuetype", Some(kind)) => kind.clone_into(&mut issue.issue_type),
                _ => drop(issue.fields.insert(field.id.to_owned(), value)),
            }
        }
        let only_assigned = items.iter().all(|item| item["fieldId"] == "assignee");
        let kind = match (way, only_assigned) {
            (Some(_), _) => "issue_generic",
            (None, true) => "issue_assigned",
            (None, false) => "issue_updated",
        };
        let news = News { kind: Some(kind), ..News::of("jira:issue_updated", user) };
        self.tell(site, id, News { items, ..news });
    }

    /// What a changelog says of a field that is another than before.
    fn item(&self, site: &Site, before: &Issue, field: &'static Field, after: &Value) -> Option<Value> {
        let kind = json!(before.issue_type);
        let old = if field.id == "issuetype" { &kind } else { before.fields.get(field.id).unwrap_or(&Value::Null) };
        let is_nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if old == after || (is_nothing(old) && is_nothing(after)) {
            return None;
        }
        let (from, from_text) = fields::words(self, site, field, old);
        let (to, to_text) = fields::words(self, site, field, after);
        let (name, of) = if field.is_custom() { (field.name, "custom") } else { (field.id, "jira") };
        let mut item = json!({ "field": name, "fieldtype": of, "fieldId": field.id, "from": from,
            "fromString": from_text, "to": to, "toString": to_text });
        if field.kind == fields::Kind::User {
            item["tmpFromAccountId"] = item["from"].clone();
            item["tmpToAccountId"] = item["to"].clone();
        }
        Some(item)
    }

    /// Writes a comment.
    pub(crate) fn comment_issue(&mut self, site: &str, user: &str, id: &str, body: Value) -> Option<String> {
        let (now_ms, comment) = (self.now_ms(), self.number("comment").to_string());
        let issue = self.site_mut(site)?.issue_mut(id)?;
        issue.updated_ms = now_ms;
        issue.comments.push(Comment {
            id: comment.clone(),
            author: user.to_owned(),
            body,
            created_ms: now_ms,
            updated_ms: now_ms,
        });
        self.tell(site, id, News { comment: Some(comment.clone()), ..News::of("comment_created", user) });
        Some(comment)
    }

    /// Writes another text into a comment.
    pub(crate) fn edit_comment(&mut self, site: &str, user: &str, id: &str, comment: &str, text: &str) {
        let now_ms = self.now_ms();
        let issue = self.site_mut(site).and_then(|site| site.issue_mut(id));
        let kept = issue.and_then(|issue| issue.comments.iter_mut().find(|known| known.id == comment));
        let Some(kept) = kept else { return };
        kept.body = adf::document(text);
        kept.updated_ms = now_ms;
        self.tell(site, id, News { comment: Some(comment.to_owned()), ..News::of("comment_updated", user) });
    }

    /// Deletes a comment.
    pub(crate) fn delete_comment(&mut self, site: &str, user: &str, id: &str, comment: &str) {
        self.tell(site, id, News { comment: Some(comment.to_owned()), ..News::of("comment_deleted", user) });
        if let Some(issue) = self.site_mut(site).and_then(|site| site.issue_mut(id)) {
            issue.comments.retain(|known| known.id != comment);
        }
    }

    /// Deletes an issue for good.
    pub(crate) fn delete_issue(&mut self, site: &str, user: &str, id: &str) {
        self.tell(site, id, News::of("jira:issue_deleted", user));
        if let Some(site) = self.site_mut(site) {
            site.issues.retain(|issue| issue.id != id && issue.key != id);
        }
    }

    /// Sets a property, or takes it away; tells whether there was none before.
    pub(crate) fn set_property(&mut self, site: &str, user: &str, id: &str, key: &str, value: Option<Value>) -> bool {
        let Some(issue) = self.site_mut(site).and_then(|site| site.issue_mut(id)) else { return false };
        let is_set = value.is_some();
        let before = match value {
            Some(value) => issue.properties.insert(key.to_owned(), value),
            None => issue.properties.remove(key),
        };
        let event = if is_set { "issue_property_set" } else { "issue_property_deleted" };
        self.tell(site, id, News { property: Some(key.to_owned()), ..News::of(event, user) });
        before.is_none()
    }

    /// The status of this name, if there is a way to it from where the issue is.
    pub(crate) fn way_to(&self, site: &str, id: &str, status: &str) -> Option<&'static Transition> {
        let issue = self.site(site)?.issue(id)?;
        let mut ways = workflow::ways(&issue.issue_type, &issue.status);
        ways.find(|way| workflow::status(way.to).name.eq_ignore_ascii_case(status))
    }
}

/// Whoever is done has a resolution, and loses it when it begins again.
fn resolution_of(way: &Transition, values: &Values, before: &Issue) -> Option<(&'static Field, Value)> {
    let field = fields::find("resolution")?;
    let is_given = values.iter().any(|(known, _)| known.id == field.id);
    match workflow::status(way.to).is_done() {
        true => (!is_given).then(|| (field, RESOLUTIONS[0].0.into())),
        false => (!before.text(field.id).is_empty()).then_some((field, Value::Null)),
    }
}

fn moved(from: &str, to: &str) -> Value {
    json!({ "field": "status", "fieldtype": "jira", "fieldId": "status", "from": from,
        "fromString": workflow::status(from).name, "to": to, "toString": workflow::status(to).name })
}
