//! The part of JQL that an integration needs: clauses joined by AND, OR, NOT and brackets, and ORDER BY.

mod eval;
mod parse;

pub(super) use eval::Asker;

use super::state::Site;
use super::{fields, workflow};

/// A query that could be read.
#[derive(Debug, Clone)]
pub(super) struct Query {
    condition: Option<Condition>,
    order: Vec<(Field, bool)>,
}

#[derive(Debug, Clone)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Clause(Clause),
}

/// One comparison.
#[derive(Debug, Clone)]
struct Clause {
    /// The field as it was written.
    name: String,
    field: Field,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Project,
    Key,
    Type,
    Status,
    StatusCategory,
    Assignee,
    Reporter,
    Creator,
    Parent,
    Priority,
    Resolution,
    Labels,
    Summary,
    Description,
    Text,
    Created,
    Updated,
    Due,
    Custom(&'static fields::Field),
    Property,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    IsNot,
    In,
    NotIn,
    Contains,
    ContainsNot,
    Above,
    AtLeast,
    Below,
    AtMost,
    Empty,
    NotEmpty,
}

impl PartialEq for fields::Field {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for fields::Field {}

impl Query {
    /// Reads a query; an error is Jira's sentence about it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        parse::query(text)
    }

    /// Whether it restricts anything: a query that does not is refused.
    pub(super) fn is_bounded(&self) -> bool {
        self.condition.is_some()
    }

    /// What it names that is not in the site.
    pub(super) fn strangers(&self, site: &Site) -> Vec<String> {
        let mut found = Vec::new();
        self.each(&mut |clause| {
            for value in &clause.values {
                if clause.is_foreign(site, value) {
                    found.push(format!("The value '{value}' does not exist for the field '{}'.", clause.name));
                }
            }
        });
        found
    }

    /// What of it a webhook may not be filtered by.
    pub(super) fn unfit_for_webhooks(&self) -> Vec<String> {
        let mut found = Vec::new();
        if !self.order.is_empty() {
            found.push("The clause ORDER BY is unsupported".to_owned());
        }
        self.each(&mut |clause| {
            let is_known = matches!(
                clause.field,
                Field::Key
                    | Field::Project
                    | Field::Type
                    | Field::Status
                    | Field::Assignee
                    | Field::Reporter
                    | Field::Property
                    | Field::Custom(_)
            );
            if !is_known {
                found.push(format!("The clause {} is unsupported", clause.name));
            }
            if !matches!(clause.operator, Operator::Is | Operator::IsNot | Operator::In | Operator::NotIn) {
                found.push(format!("The operator of the clause {} is unsupported", clause.name));
            }
        });
        found
    }

    fn each(&self, look: &mut impl FnMut(&Clause)) {
        if let Some(condition) = &self.condition {
            condition.each(look);
        }
    }
}

impl Condition {
    fn each(&self, look: &mut impl FnMut(&Clause)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.each(look)),
            Self::Not(part) => part.each(look),
            Self::Clause(clause) => look(clause),
        }
    }
}

impl Clause {
    fn is_foreign(&self, site: &Site, value: &str) -> bool {
        let same = |known: &str| known.eq_ignore_ascii_case(value);
        match self.field {
            Field::Project => {
                !site.projects.iter().any(|one| !one.is_hidden && (same(&one.key) || same(&one.id) || same(&one.name)))
            }
            Field::Status => !workflow::STATUSES.iter().any(|one| same(one.id) || same(one.name)),
            Field::Type => !fields::TYPES.iter().any(|one| same(one.id) || same(one.name)),
            Field::Key => site.visible(value).is_none(),
            _ => false,
        }
    }
}
