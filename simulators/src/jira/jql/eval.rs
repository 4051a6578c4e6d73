//! Which issues a query is about, and in which order.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{Clause, Condition, Field, Operator, Query};
use crate::jira::adf;
use crate::jira::fields::{self, Kind};
use crate::jira::state::{Issue, Site};
use crate::jira::workflow;

/// Who asks, of which site, and when.
pub(in crate::jira) struct Asker<'a> {
    pub(in crate::jira) site: &'a Site,
    pub(in crate::jira) user: &'a str,
    pub(in crate::jira) now_ms: i64,
}

impl Query {
    /// Whether it is about an issue.
    pub(in crate::jira) fn matches(&self, asker: &Asker<'_>, issue: &Issue) -> bool {
        self.condition.as_ref().is_none_or(|condition| condition.matches(asker, issue))
    }

    /// Which of two issues comes first.
    pub(in crate::jira) fn order(&self, asker: &Asker<'_>, one: &Issue, other: &Issue) -> Ordering {
        let by = |(field, is_down): &(Field, bool)| {
            let order = place(asker, *field, one).partial_cmp(&place(asker, *field, other)).unwrap_or(Ordering::Equal);
            if *is_down { order.reverse() } else { order }
        };
        // Without a wish Jira answers the newest first.
        let usual = || number(&other.id).total_cmp(&number(&one.id));
        self.order.iter().map(by).find(|order| order.is_ne()).unwrap_or_else(usual)
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}

/// What an issue is sorted by: a number first, then words.
fn place(asker: &Asker<'_>, field: Field, issue: &Issue) -> (f64, Vec<String>) {
    match field {
        Field::Key => (number(issue.key.rsplit('-').next().unwrap_or_default()), Vec::new()),
        Field::Priority => (number(issue.text("priority")), Vec::new()),
        _ => measure(field, issue).map_or_else(|| (0.0, texts(asker, field, issue)), |number| (number, Vec::new())),
    }
}

impl Condition {
    fn matches(&self, asker: &Asker<'_>, issue: &Issue) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(asker, issue)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(asker, issue)),
            Self::Not(part) => !part.matches(asker, issue),
            Self::Clause(clause) => clause.matches(asker, issue),
        }
    }
}

impl Clause {
    fn matches(&self, asker: &Asker<'_>, issue: &Issue) -> bool {
        let has = texts(asker, self.field, issue);
        let is = |value: &String| {
            let value = if value == "currentuser()" { asker.user } else { value };
            has.iter().any(|text| text.eq_ignore_ascii_case(value))
                || measure(self.field, issue).is_some_and(|mine| meant(value, asker.now_ms) == Some(mine))
        };
        let is_there = !has.is_empty() || measure(self.field, issue).is_some();
        let contains = |value: &String| has.iter().any(|text| text.to_lowercase().contains(&value.to_lowercase()));
        let compared = |fits: fn(Ordering) -> bool| {
            let theirs = self.values.first().and_then(|value| meant(value, asker.now_ms));
            let order = measure(self.field, issue).zip(theirs).and_then(|(mine, theirs)| mine.partial_cmp(&theirs));
            order.is_some_and(fits)
        };
        match self.operator {
            Operator::Is | Operator::In => self.values.iter().any(is),
            // An issue without the field is not among those that have another value.
            Operator::IsNot | Operator::NotIn => is_there && !self.values.iter().any(is),
            Operator::Contains => self.values.iter().any(contains),
            Operator::ContainsNot => is_there && !self.values.iter().any(contains),
            Operator::Above => compared(Ordering::is_gt),
            Operator::AtLeast => compared(Ordering::is_ge),
            Operator::Below => compared(Ordering::is_lt),
            Operator::AtMost => compared(Ordering::is_le),
            Operator::Empty => !is_there,
            Operator::NotEmpty => is_there,
        }
    }
}

/// The words that stand for a field of an issue: its value's id, its name.
fn texts(asker: &Asker<'_>, field: Field, issue: &Issue) -> Vec<String> {
    let own = |id: &str| vec![issue.text(id).to_owned()];
    let named = |id: &str, of: &[(&str, &str)]| {
        let name = of.iter().find(|(known, _)| *known == issue.text(id)).map(|(_, name)| (*name).to_owned());
        own(id).into_iter().chain(name).collect()
    };
    let rich = |id: &str| vec![issue.fields.get(id).map(adf::text).unwrap_or_default()];
    let status = workflow::status(&issue.status);
    let all: Vec<String> = match field {
        Field::Project => asker
            .site
            .project(&issue.project)
            .map_or_else(Vec::new, |project| vec![project.key.clone(), project.id.clone(), project.name.clone()]),
        Field::Key => vec![issue.key.clone(), issue.id.clone()],
        Field::Type => fields::issue_type(&issue.issue_type)
            .map_or_else(Vec::new, |kind| vec![kind.name.to_owned(), kind.id.to_owned()]),
        Field::Status => vec![status.name.to_owned(), status.id.to_owned()],
        Field::StatusCategory => vec![status.category_name().to_owned(), status.category_key().to_owned()],
        Field::Assignee => own("assignee"),
        Field::Reporter => own("reporter"),
        Field::Creator => vec![issue.creator.clone()],
        Field::Parent => {
            let key = asker.site.issue(issue.text("parent")).map(|parent| parent.key.clone());
            own("parent").into_iter().chain(key).collect()
        }
        Field::Priority => named("priority", &fields::PRIORITIES),
        Field::Resolution => named("resolution", &workflow::RESOLUTIONS),
        Field::Labels => list(issue.fields.get("labels")),
        Field::Summary => own("summary"),
        Field::Description => rich("description"),
        Field::Text => own("summary").into_iter().chain(rich("description")).collect(),
        Field::Custom(field) => match field.kind {
            Kind::Document => rich(field.id),
            Kind::Choice(of) => named(field.id, of),
            Kind::Choices(of) | Kind::Things(_, of) => {
                let ids = list(issue.fields.get(field.id));
                let names = of.iter().filter(|(id, _)| ids.iter().any(|one| one == id));
                let names: Vec<String> = names.map(|(_, name)| (*name).to_owned()).collect();
                [ids, names].concat()
            }
            _ => own(field.id),
        },
        Field::Created | Field::Updated | Field::Due | Field::Property => Vec::new(),
    };
    all.into_iter().filter(|text| !text.is_empty()).collect()
}

fn list(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a field of an issue measures: a number, or a moment in milliseconds.
fn measure(field: Field, issue: &Issue) -> Option<f64> {
    match field {
        Field::Created => Some(issue.created_ms as f64),
        Field::Updated => Some(issue.updated_ms as f64),
        Field::Due => meant(issue.text("duedate"), 0),
        Field::Custom(field) if field.kind == Kind::Number => issue.fields.get(field.id).and_then(Value::as_f64),
        _ => None,
    }
}

/// What a value measures: `5`, `2026-01-23`, `2026-01-23 13:53`, `-5m`, `now()`.
fn meant(text: &str, now_ms: i64) -> Option<f64> {
    let at = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp().as_millisecond() as f64);
    if text == "now()" {
        return Some(now_ms as f64);
    }
    if let Ok(date) = text.parse::<Date>() {
        return at(date.at(0, 0, 0, 0));
    }
    if let Ok(time) = DateTime::strptime("%Y-%m-%d %H:%M", text).or_else(|_| DateTime::strptime("%Y/%m/%d %H:%M", text))
    {
        return at(time);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_millisecond() as f64);
    }
    let unit = match text.chars().last()? {
        'm' => 60_000.0,
        'h' => 3_600_000.0,
        'd' => 86_400_000.0,
        'w' => 7.0 * 86_400_000.0,
        _ => return text.parse().ok(),
    };
    let count: f64 = text[..text.len() - 1].parse().ok()?;
    Some(now_ms as f64 + count * unit)
}
