//! What a request writes into fields, read against the screen that it is written on.

use serde_json::{Value, json};

use super::answer::Refusal;
use crate::jira::fields::{self, Field, Kind};
use crate::jira::state::{Issue, Site, State};

/// Values as Jira keeps them.
pub(crate) type Values = Vec<(&'static Field, Value)>;

/// What one request writes: `fields`, and `update` with its operations.
pub(super) struct Writing<'a> {
    pub(super) state: &'a State,
    pub(super) site: &'a Site,
    /// The fields of the screen.
    pub(super) screen: Vec<&'static Field>,
    /// The issue as it is, if there is one.
    pub(super) issue: Option<&'a Issue>,
}

impl Writing<'_> {
    /// The values of `fields` and `update`; every field that is wrong has its sentence.
    pub(super) fn values(&self, body: &Value) -> Result<Values, Refusal> {
        let (mut values, mut wrong): (Values, Vec<(Option<String>, String)>) = (Vec::new(), Vec::new());
        let object = |name: &str| body[name].as_object().into_iter().flatten();
        for (name, value) in object("fields") {
            match self.one(name, |field| fields::read(self.state, self.site, field, value)) {
                Ok(value) => values.push(value),
                Err(sentence) => wrong.push((Some(name.clone()), sentence)),
            }
        }
        for (name, operations) in object("update").filter(|(name, _)| *name != "comment") {
            match self.one(name, |field| self.update(field, operations)) {
                Ok(value) => values.push(value),
                Err(sentence) => wrong.push((Some(name.clone()), sentence)),
            }
        }
        if wrong.is_empty() { Ok(values) } else { Err(Refusal::fields(400, &wrong)) }
    }

    fn one(
        &self,
        name: &str,
        read: impl FnOnce(&'static Field) -> Result<Value, String>,
    ) -> Result<(&'static Field, Value), String> {
        let field =
            self.screen.iter().find(|field| field.id == name).copied().ok_or_else(|| {
                format!("Field '{name}' cannot be set. It is not on the appropriate screen, or unknown.")
            })?;
        Ok((field, read(field)?))
    }

    /// `[{"set": …}]`, or for lists `[{"add": …}, {"remove": …}]`.
    fn update(&self, field: &'static Field, operations: &Value) -> Result<Value, String> {
        let before = self.issue.and_then(|issue| issue.fields.get(field.id)).cloned().unwrap_or_default();
        let is_list = matches!(field.kind, Kind::Labels | Kind::Users | Kind::Choices(_) | Kind::Things(..));
        let mut value = before;
        for operation in operations.as_array().into_iter().flatten() {
            let (name, of) =
                operation.as_object().and_then(|one| one.iter().next()).ok_or("an operation is missing")?;
            let read = |value: &Value| fields::read(self.state, self.site, field, value);
            value = match name.as_str() {
                "set" => read(of)?,
                "add" | "remove" if is_list => {
                    let given = read(&json!([of]))?;
                    let mut list = value.as_array().cloned().unwrap_or_default();
                    list.retain(|one| *one != given[0]);
                    if name == "add" {
                        list.push(given[0].clone());
                    }
                    list.into()
                }
                other => return Err(format!("Field does not support update '{other}'")),
            };
        }
        Ok(value)
    }
}

/// What of a screen is required and stays empty.
pub(super) fn required(screen: &[&'static Field], values: &Values, issue: Option<&Issue>) -> Result<(), Refusal> {
    let is_empty = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    let is_missing = |field: &&&'static Field| {
        let given = values.iter().find(|(known, _)| known.id == field.id).map(|(_, value)| value);
        match (given, issue) {
            (Some(value), _) => is_empty(value),
            (None, Some(_)) => false,
            (None, None) => !field.has_default(),
        }
    };
    let missing = screen.iter().filter(|field| field.is_required()).filter(is_missing);
    let sentence = |field: &&'static Field| match field.id {
        "summary" => "You must specify a summary of the issue.".to_owned(),
        _ => format!("{} is required.", field.name),
    };
    let sentences: Vec<_> = missing.map(|field| (Some(field.id.to_owned()), sentence(field))).collect();
    if sentences.is_empty() { Ok(()) } else { Err(Refusal::fields(400, &sentences)) }
}
