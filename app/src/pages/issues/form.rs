//! The form of a rule that makes issues, as it is posted.

use domain::id::{ChannelId, ConnectionId, EndpointId};
use domain::issue::{Choice, Conflict, FieldKind, FieldMapping, IssueScreen, IssueSettings, StatusMapping};
use domain::rule::{Batching, Format, NewRule, Rule};
use domain::{Error, Result};
use serde::{Deserialize, Serialize};

/// What is typed and chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IssueRuleForm {
    /// The connection.
    pub connection: String,
    /// The rule to change; empty for a new one.
    pub existing: String,
    /// The project, by its id here.
    pub channel_id: String,
    /// What it is called.
    pub channel_name: String,
    /// The type of issue, by its id at Jira.
    pub issue_type_id: String,
    /// Patterns with commas or blanks between them.
    pub event_types: String,
    /// Where an event says what it is about; empty for an issue for each event.
    pub subject: String,
    /// Fields, in the order of `values`.
    pub fields: Vec<String>,
    /// What is written into them; empty for nothing.
    pub values: Vec<String>,
    /// Choices of fields that take several, each as `field:choice`.
    pub picked: Vec<String>,
    /// Event types that move the issue, in the order of `move_statuses`.
    pub move_types: Vec<String>,
    /// Where they move it.
    pub move_statuses: Vec<String>,
    /// `on`, or empty.
    pub comment: String,
    /// `tracker` or `event`.
    pub conflict: String,
    /// `on`, or empty.
    pub enabled: String,
}

impl IssueRuleForm {
    /// A form for a new rule, as far as things are chosen.
    #[must_use]
    pub fn new(connection: &str, project: Option<&str>, issue_type: Option<&str>) -> Self {
        Self {
            connection: connection.to_owned(),
            channel_id: project.unwrap_or_default().to_owned(),
            issue_type_id: issue_type.unwrap_or_default().to_owned(),
            comment: "on".into(),
            conflict: Conflict::default().to_string(),
            enabled: "on".into(),
            ..Self::default()
        }
    }

    /// The form of a rule; none where it makes no issues.
    #[must_use]
    pub fn of(rule: Rule) -> Option<Self> {
        let issue = rule.issue?;
        let on = |yes: bool| if yes { "on".to_owned() } else { String::new() };
        let some = |mapping: &FieldMapping| mapping.kind == FieldKind::Some;
        let picked = issue.fields.iter().filter(|mapping| some(mapping)).flat_map(|mapping| {
            mapping.value.split(',').map(|choice| format!("{}:{}", mapping.field, choice.trim())).collect::<Vec<_>>()
        });
        let (fields, values) = issue
            .fields
            .iter()
            .filter(|mapping| !some(mapping))
            .map(|mapping| (mapping.field.clone(), mapping.value.clone()))
            .unzip();
        let (move_types, move_statuses) =
            issue.statuses.iter().map(|mapping| (mapping.event_type.clone(), mapping.status_id.clone())).unzip();
        Some(Self {
            connection: rule.connection_id.to_string(),
            existing: rule.id.to_string(),
            channel_id: rule.channel_id.to_string(),
            channel_name: rule.channel_name,
            event_types: rule.event_types.join(", "),
            enabled: on(rule.enabled),
            picked: picked.collect(),
            issue_type_id: issue.issue_type_id,
            subject: issue.subject.unwrap_or_default(),
            comment: on(issue.comment),
            conflict: issue.conflict.to_string(),
            fields,
            values,
            move_types,
            move_statuses,
        })
    }

    /// The connection.
    ///
    /// # Errors
    /// It is no id.
    pub fn connection_id(&self) -> Result<ConnectionId> {
        self.connection.parse().map_err(|_| Error::not_found("connection"))
    }

    /// The rule to change, if there is one.
    ///
    /// # Errors
    /// It is no id.
    pub fn rule_id(&self) -> Result<Option<EndpointId>> {
        match self.existing.as_str() {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| Error::not_found("rule")),
        }
    }

    /// The project.
    ///
    /// # Errors
    /// None is chosen.
    pub fn project(&self) -> Result<ChannelId> {
        self.channel_id.parse().map_err(|_| Error::invalid("channel_id", "is needed. Choose a project."))
    }

    /// What is written into a field; empty for nothing.
    #[must_use]
    pub fn value_of(&self, field: &str) -> &str {
        let at = self.fields.iter().position(|known| known == field);
        at.and_then(|at| self.values.get(at)).map_or("", String::as_str)
    }

    /// Whether a choice of a field that takes several is picked.
    #[must_use]
    pub fn is_picked(&self, field: &str, choice: &str) -> bool {
        self.picked.iter().any(|picked| picked.split_once(':') == Some((field, choice)))
    }

    /// What the rule is to be, by what the project asks for and the types that it has.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn rule(&self, types: &[Choice], screen: &IssueScreen) -> Result<NewRule> {
        let kind = types.iter().find(|kind| kind.id == self.issue_type_id);
        let kind = kind.ok_or_else(|| {
            Error::invalid("issue.issue_type_id", "is no type of issue of this project. Choose one of its types.")
        })?;
        let fields = screen.fields.iter().filter_map(|field| {
            let kind = field.kind?;
            let value = if kind == FieldKind::Some {
                let picked = field.choices.iter().filter(|choice| self.is_picked(&field.field, &choice.id));
                picked.map(|choice| choice.id.as_str()).collect::<Vec<_>>().join(",")
            } else {
                self.value_of(&field.field).to_owned()
            };
            (!value.trim().is_empty()).then(|| FieldMapping {
                field: field.field.clone(),
                name: field.name.clone(),
                kind,
                value,
            })
        });
        let moves = self.move_types.iter().zip(&self.move_statuses);
        let moves = moves.map(|(kind, status)| (kind.trim(), status.trim()));
        let statuses = moves.filter(|(kind, status)| !kind.is_empty() || !status.is_empty()).map(|(kind, status)| {
            let known = screen.statuses.iter().find(|choice| choice.id == status);
            StatusMapping {
                event_type: kind.to_owned(),
                status_id: known.map(|choice| choice.id.clone()).unwrap_or_default(),
                status_name: known.map(|choice| choice.name.clone()).unwrap_or_default(),
            }
        });
        let issue = IssueSettings {
            issue_type_id: kind.id.clone(),
            issue_type_name: kind.name.clone(),
            subject: Some(self.subject.trim().to_owned()).filter(|path| !path.is_empty()),
            fields: fields.collect(),
            statuses: statuses.collect(),
            comment: !self.comment.is_empty(),
            conflict: self.conflict.parse().unwrap_or_default(),
        };
        let patterns = self.event_types.split([',', ' ', '\n', '\r', '\t']);
        Ok(NewRule {
            channel_id: self.project()?,
            event_types: patterns.filter(|text| !text.is_empty()).map(str::to_owned).collect(),
            condition: None,
            mention: None,
            format: Format::Full,
            batching: Batching::Off,
            quiet_hours: None,
            time_zone: "UTC".into(),
            issue: Some(issue),
            enabled: !self.enabled.is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::issue::IssueField;

    use super::*;

    fn choice(id: &str, name: &str) -> Choice {
        Choice { id: id.into(), name: name.into() }
    }

    #[test]
    fn a_form_becomes_a_rule_by_what_the_project_has() {
        let field = |field: &str, kind, choices: Vec<Choice>| IssueField {
            field: field.into(),
            name: field.to_uppercase(),
            is_required: false,
            kind,
            choices,
        };
        let screen = IssueScreen {
            fields: vec![
                field("summary", Some(FieldKind::Line), vec![]),
                field("components", Some(FieldKind::Some), vec![choice("1", "API"), choice("2", "UI")]),
                field("timetracking", None, vec![]),
                field("environment", Some(FieldKind::Document), vec![]),
            ],
            statuses: vec![choice("3", "Done")],
        };
        let form = IssueRuleForm {
            channel_id: ChannelId::new(1, [1; 10]).to_string(),
            issue_type_id: "10".into(),
            event_types: "invoice.*".into(),
            subject: " data.invoice_id ".into(),
            fields: vec!["summary".into(), "timetracking".into(), "environment".into()],
            values: vec!["{{data.number}}".into(), "1h".into(), " ".into()],
            picked: vec!["components:2".into(), "components:9".into()],
            move_types: vec!["invoice.paid".into(), String::new()],
            move_statuses: vec!["3".into(), String::new()],
            ..IssueRuleForm::default()
        };
        let rule = form.rule(&[choice("10", "Task")], &screen).expect("a rule");
        let issue = rule.issue.expect("settings");
        let fields: Vec<_> =
            issue.fields.iter().map(|mapping| (mapping.field.as_str(), mapping.value.as_str())).collect();
        assert_eq!(fields, [("summary", "{{data.number}}"), ("components", "2")]);
        assert_eq!(
            (issue.subject.as_deref(), issue.statuses.len(), issue.comment),
            (Some("data.invoice_id"), 1, false)
        );
        assert_eq!(issue.statuses[0].status_name, "Done");
        assert!(form.rule(&[], &screen).is_err());
    }
}
