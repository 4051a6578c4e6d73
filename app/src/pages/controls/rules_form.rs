//! The form of delivery rules: how many at a time, what answers mean, and in what form deliveries reach the receiver.

use std::collections::BTreeMap;

use domain::Detail;
use domain::endpoint::{
    DEFAULT_BATCH_EVENTS, DEFAULT_BATCH_WAIT_S, DeliveryForm, Endpoint, EndpointChange, StatusAction,
};
use serde::{Deserialize, Serialize};

/// The form as it is posted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RulesForm {
    /// The endpoint.
    pub id: String,
    /// Attempts under way at a time.
    pub concurrency: String,
    /// `push`, `pull` or `batch`; empty for no change.
    pub delivery: String,
    /// Where deliveries go; empty for no change.
    pub url: String,
    /// Events in one request at most, of a batch.
    pub max_events: String,
    /// Seconds that a batch waits.
    pub max_wait_s: String,
    /// Codes (`404`) or classes (`4xx`), row by row; empty rows do not count.
    pub codes: Vec<String>,
    /// What each means: `retry`, `fail` or `disable`.
    pub actions: Vec<String>,
    /// What the pressed button does: `save` (also when empty), `add` or `remove:2`.
    pub then: String,
}

impl RulesForm {
    /// The form of an endpoint as it is.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        let (delivery, (max_events, max_wait_s)) = match endpoint.delivery {
            DeliveryForm::Push => ("push", (DEFAULT_BATCH_EVENTS, DEFAULT_BATCH_WAIT_S)),
            DeliveryForm::Pull => ("pull", (DEFAULT_BATCH_EVENTS, DEFAULT_BATCH_WAIT_S)),
            DeliveryForm::Batch { max_events, max_wait_s } => ("batch", (max_events, max_wait_s)),
        };
        Self {
            delivery: delivery.to_owned(),
            url: endpoint.url.clone(),
            max_events: max_events.to_string(),
            max_wait_s: max_wait_s.to_string(),
            id: endpoint.id.to_string(),
            concurrency: endpoint.concurrency_limit.to_string(),
            codes: endpoint.status_rules.keys().cloned().collect(),
            actions: endpoint.status_rules.values().map(ToString::to_string).collect(),
            then: String::new(),
        }
    }

    /// Code and action of each row, at least one row.
    #[must_use]
    pub fn rows(&self) -> Vec<(String, String)> {
        if self.codes.is_empty() {
            return vec![blank()];
        }
        let text = |list: &[String], index: usize| list.get(index).cloned().unwrap_or_default();
        (0..self.codes.len()).map(|index| (text(&self.codes, index), text(&self.actions, index))).collect()
    }

    /// The change that the form asks for.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn change(&self) -> domain::Result<EndpointChange> {
        let mut details = Vec::new();
        let mut wrong = |field: String, message: &str| details.push(Detail { field, message: message.to_owned() });
        let concurrency = self.concurrency.trim().parse::<i64>();
        if concurrency.is_err() {
            wrong("concurrency_limit".into(), "must be a whole number between 1 and 256.");
        }
        let delivery = match self.delivery.as_str() {
            "" => None,
            "push" => Some(DeliveryForm::Push),
            "pull" => Some(DeliveryForm::Pull),
            "batch" => {
                let mut number = |field: &str, text: &str| {
                    let number = text.trim().parse::<i64>();
                    if number.is_err() {
                        wrong(format!("delivery.{field}"), "must be a whole number.");
                    }
                    number.unwrap_or_default()
                };
                let max_events = number("max_events", &self.max_events);
                Some(DeliveryForm::Batch { max_events, max_wait_s: number("max_wait_s", &self.max_wait_s) })
            }
            _ => {
                wrong("delivery".into(), "must be `push`, `pull` or `batch`.");
                None
            }
        };
        let mut rules = BTreeMap::new();
        for (code, action) in self.rows() {
            let code = code.trim().to_lowercase();
            if code.is_empty() {
                continue;
            }
            let field = format!("status_rules.{code}");
            match action.parse::<StatusAction>() {
                Err(_) => wrong(field, "needs what it means."),
                Ok(action) => {
                    if rules.insert(code, action).is_some() {
                        wrong(field, "is there twice.");
                    }
                }
            }
        }
        if !details.is_empty() {
            return Err(domain::Error::invalid_fields(details));
        }
        Ok(EndpointChange {
            concurrency_limit: concurrency.ok(),
            status_rules: Some(rules),
            delivery,
            url: Some(self.url.trim().to_owned()).filter(|url| !url.is_empty()),
            ..EndpointChange::default()
        })
    }

    /// The form after a button that adds or removes a row; none for others.
    #[must_use]
    pub fn turned(&self) -> Option<Self> {
        let mut rows = self.rows();
        match self.then.as_str() {
            "add" => rows.push(blank()),
            other => {
                let index = other.strip_prefix("remove:")?.parse::<usize>().ok()?;
                if index < rows.len() {
                    rows.remove(index);
                }
            }
        }
        let (codes, actions) = rows.into_iter().unzip();
        Some(Self { codes, actions, then: String::new(), ..self.clone() })
    }
}

/// A row to fill in.
pub fn blank() -> (String, String) {
    (String::new(), StatusAction::Fail.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(rows: &[(&str, &str)], concurrency: &str) -> RulesForm {
        RulesForm {
            concurrency: concurrency.into(),
            codes: rows.iter().map(|row| row.0.to_owned()).collect(),
            actions: rows.iter().map(|row| row.1.to_owned()).collect(),
            ..RulesForm::default()
        }
    }

    #[test]
    fn rows_become_rules_and_empty_ones_do_not_count() {
        let change = form(&[("404", "fail"), (" 5XX ", "retry"), ("", "disable")], " 8 ").change().expect("good");
        let rules = BTreeMap::from([("404".to_owned(), StatusAction::Fail), ("5xx".to_owned(), StatusAction::Retry)]);
        assert_eq!((change.concurrency_limit, change.status_rules), (Some(8), Some(rules)));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = form(&[("404", "fail"), ("404", "retry"), ("410", "forget")], "many");
        let problem = wrong.change().expect_err("wrong").problem();
        let fields: Vec<_> = problem.details.into_iter().map(|detail| detail.field).collect();
        assert_eq!(fields, ["concurrency_limit", "status_rules.404", "status_rules.410"]);
    }

    #[test]
    fn a_form_of_delivery_is_read_with_its_numbers_and_none_changes_nothing() {
        let with = |delivery: &str, max_events: &str| RulesForm {
            delivery: delivery.into(),
            max_events: max_events.into(),
            max_wait_s: "5".into(),
            ..form(&[], "8")
        };
        let read = |delivery, max_events| with(delivery, max_events).change().map(|change| change.delivery);
        assert_eq!(read("", "x").expect("nothing"), None);
        assert_eq!(read("pull", "x").expect("pull"), Some(DeliveryForm::Pull));
        assert_eq!(read("batch", "20").expect("batch"), Some(DeliveryForm::Batch { max_events: 20, max_wait_s: 5 }));
        let problem = read("batch", "many").expect_err("wrong").problem();
        assert_eq!(problem.details[0].field, "delivery.max_events");
    }

    #[test]
    fn rows_are_added_and_removed_without_scripts() {
        let two = form(&[("404", "fail"), ("429", "retry")], "8");
        let after = |then: &str| RulesForm { then: then.into(), ..two.clone() }.turned().map(|form| form.codes);
        assert_eq!(after("add"), Some(vec!["404".to_owned(), "429".to_owned(), String::new()]));
        assert_eq!(after("remove:0"), Some(vec!["429".to_owned()]));
        assert_eq!((after("save"), after("")), (None, None));
    }
}
