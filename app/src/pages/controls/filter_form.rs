//! The form of filter, channels and transformation: every field is text, as a browser posts it. What is wrong comes
//! back by field, under the names that the REST API uses.

use domain::Detail;
use domain::endpoint::{Endpoint, EndpointChange};
use domain::filter::{Filter, Join, Operator, Row};
use serde::{Deserialize, Serialize};

/// The form as it is posted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterForm {
    /// The endpoint.
    pub id: String,
    /// `json` when the filter is written as JSON, else rows.
    pub mode: String,
    /// `all` or `any`.
    pub join: String,
    /// Where to look, row by row; empty rows do not count.
    pub paths: Vec<String>,
    /// What to ask there.
    pub operators: Vec<String>,
    /// What of.
    pub values: Vec<String>,
    /// The filter as JSON.
    pub json: String,
    /// Channels between commas or on lines.
    pub channels: String,
    /// The transformation.
    pub script: String,
    /// The event that was looked at last.
    pub event_id: String,
    /// The event to look at now; wins over `event_id`.
    pub pick: String,
    /// What the pressed button does: `try` (also when empty), `save`, `add`, `remove:2`, `json`, `rows`.
    pub then: String,
}

/// A row as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedRow {
    /// Where to look.
    pub path: String,
    /// What to ask.
    pub operator: String,
    /// What of.
    pub value: String,
}

impl FilterForm {
    /// The form of an endpoint as it is.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        let mut form = Self {
            id: endpoint.id.to_string(),
            join: Join::All.to_string(),
            channels: endpoint.channels.join(", "),
            script: endpoint.transformation.clone().unwrap_or_default(),
            ..Self::default()
        };
        if let Some(filter) =
            endpoint.filter.as_ref().and_then(|filter| domain::filter::Filter::from_value(filter).ok()).as_ref()
            && !form.show_as_rows(filter)
        {
            form.show_as_json(Some(filter));
        }
        form
    }

    /// Whether the filter is written as JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.mode == "json"
    }

    /// The rows, at least one.
    #[must_use]
    pub fn rows(&self) -> Vec<TypedRow> {
        let text = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
        let count = self.paths.len().max(self.values.len()).max(1);
        (0..count)
            .map(|index| TypedRow {
                path: text(&self.paths, index),
                operator: text(&self.operators, index),
                value: text(&self.values, index),
            })
            .collect()
    }

    fn set_rows(&mut self, rows: Vec<TypedRow>) {
        self.paths = rows.iter().map(|row| row.path.clone()).collect();
        self.operators = rows.iter().map(|row| row.operator.clone()).collect();
        self.values = rows.into_iter().map(|row| row.value).collect();
    }

    /// Shows a filter as rows; false where it has groups inside groups, and nothing is changed.
    fn show_as_rows(&mut self, filter: &Filter) -> bool {
        let Some((join, rows)) = filter.rows() else { return false };
        self.mode = String::new();
        self.join = join.to_string();
        let typed = |row: Row| TypedRow { path: row.path, operator: row.operator.to_string(), value: row.value_text };
        self.set_rows(rows.into_iter().map(typed).collect());
        true
    }

    fn show_as_json(&mut self, filter: Option<&Filter>) {
        self.mode = "json".into();
        let pretty = |filter: &Filter| serde_json::to_string_pretty(filter).unwrap_or_default();
        self.json = filter.map(pretty).unwrap_or_default();
    }

    /// The filter; none when nothing was typed.
    ///
    /// # Errors
    /// The parts that are wrong: `filter.all[1].gt`.
    pub fn filter(&self) -> domain::Result<Option<Filter>> {
        if self.is_json() {
            return match self.json.trim() {
                "" => Ok(None),
                text => Filter::parse(text).map(Some),
            };
        }
        let mut rows = Vec::new();
        for row in self.rows() {
            let operator: Operator = match row.operator.as_str() {
                "" => Operator::Equals,
                word => word.parse().map_err(|message: String| domain::Error::invalid("filter", message))?,
            };
            rows.push(Row { path: row.path, operator, value_text: row.value });
        }
        // A fresh row asks nothing, whatever its operator.
        if rows.iter().all(|row| row.path.trim().is_empty() && row.value_text.trim().is_empty()) {
            return Ok(None);
        }
        let join = if self.join == "any" { Join::Any } else { Join::All };
        Filter::from_rows(join, &rows).map(Some)
    }

    /// The channels, each once.
    #[must_use]
    pub fn channels(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.channels.split([',', '\n']).map(str::trim).filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// The change that the form asks for.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn change(&self) -> domain::Result<EndpointChange> {
        let filter = self.filter()?;
        let filter = filter.map(|filter| serde_json::to_value(filter).expect("a filter is JSON"));
        // Browsers post lines with a carriage return.
        let script = Some(self.script.replace("\r\n", "\n")).filter(|script| !script.trim().is_empty());
        Ok(EndpointChange {
            channels: Some(self.channels()),
            filter: Some(filter),
            transformation: Some(script),
            ..EndpointChange::default()
        })
    }

    /// The event to look at, if one was chosen.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        [&self.pick, &self.event_id].into_iter().map(String::as_str).find(|id| !id.is_empty())
    }

    /// The form after a button that only changes how it looks; none for buttons that ask the server for more.
    ///
    /// # Errors
    /// The filter cannot be read, or not be shown as rows.
    pub fn turned(&self) -> domain::Result<Option<Self>> {
        let mut form = Self { then: String::new(), ..self.clone() };
        match self.then.as_str() {
            "add" => {
                let mut rows = form.rows();
                rows.push(TypedRow::default());
                form.set_rows(rows);
            }
            "json" => form.show_as_json(self.filter()?.as_ref()),
            "rows" => match self.filter()? {
                None => form.mode = String::new(),
                Some(filter) => {
                    if !form.show_as_rows(&filter) {
                        return Err(nested());
                    }
                }
            },
            other => match other.strip_prefix("remove:").and_then(|index| index.parse::<usize>().ok()) {
                Some(index) => {
                    let mut rows = form.rows();
                    if index < rows.len() {
                        rows.remove(index);
                    }
                    form.set_rows(rows);
                }
                None => return Ok(None),
            },
        }
        Ok(Some(form))
    }
}

fn nested() -> domain::Error {
    let message = "has groups inside groups, which rows cannot show; keep it as JSON.".into();
    domain::Error::invalid_fields(vec![Detail { field: "filter".into(), message }])
}

/// How an operator reads between a path and a value.
#[must_use]
pub const fn word(operator: Operator) -> &'static str {
    match operator {
        Operator::Equals => "is",
        Operator::NotEquals => "is not",
        Operator::Gt => "greater than",
        Operator::Gte => "at least",
        Operator::Lt => "less than",
        Operator::Lte => "at most",
        Operator::In => "is one of",
        Operator::NotIn => "is none of",
        Operator::Prefix => "starts with",
        Operator::Suffix => "ends with",
        Operator::Contains => "contains",
        Operator::Exists => "exists",
    }
}

#[cfg(test)]
#[path = "filter_form_tests.rs"]
mod tests;
