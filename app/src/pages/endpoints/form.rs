//! The editor's form: what its fields are called, and how they become a new endpoint or a change.
//!
//! Every field is text, as a browser posts it. What is wrong comes back by field, under the names that the
//! REST API uses, so that one list of messages serves both.

use std::collections::BTreeMap;

use domain::Detail;
use domain::endpoint::{CustomHeader, DeliveryForm, EndpointChange, EndpointStatus, NewEndpoint, Retry};
use domain::id::EndpointId;
use serde::{Deserialize, Serialize};

use super::schedule::{parse_waits, write_waits};
use super::tree::normalise;
use crate::shown::Endpoint;

/// Rows for custom headers that are there without JavaScript, beyond those that are filled.
pub const SPARE_HEADER_ROWS: usize = 3;

/// The form as it is posted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointForm {
    /// The endpoint to change; empty for a new one.
    pub id: String,
    /// What to call it.
    pub name: String,
    /// Where deliveries go.
    pub url: String,
    /// Whether the receiver of a new endpoint fetches its deliveries.
    pub fetched: bool,
    /// What it is for.
    pub description: String,
    /// Patterns, as ticked.
    pub event_types: Vec<String>,
    /// Seconds a receiver may take.
    pub timeout_s: String,
    /// Deliveries a minute; empty for no limit.
    pub rate: String,
    /// `short`, `standard`, `long` or `own`.
    pub retry: String,
    /// The waits of an own schedule: `5s, 5m, 2h`.
    pub own_retry: String,
    /// Names of custom headers, row by row; empty rows do not count.
    pub header_names: Vec<String>,
    /// Their values.
    pub header_values: Vec<String>,
    /// `active`, `paused` or `disabled`.
    pub status: String,
    /// An own secret for a new endpoint; empty to have one made.
    pub secret: String,
    /// `test` when "Save and test" was pressed.
    pub then: String,
}

/// What the editor shows of an own schedule at first.
const OWN_EXAMPLE: &str = "10s, 1m, 10m, 1h";

impl EndpointForm {
    /// The form of a new endpoint.
    #[must_use]
    pub fn fresh() -> Self {
        Self {
            event_types: vec!["*".into()],
            timeout_s: seconds(domain::endpoint::DEFAULT_TIMEOUT_MS),
            rate: domain::endpoint::DEFAULT_RATE_PER_MINUTE.to_string(),
            retry: "standard".into(),
            own_retry: OWN_EXAMPLE.into(),
            status: EndpointStatus::Active.as_str().into(),
            ..Self::default()
        }
    }

    /// The form of an endpoint that exists.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        let (retry, own_retry) = match &endpoint.retry {
            Retry::Preset(preset) => (preset.as_str().to_owned(), OWN_EXAMPLE.to_owned()),
            Retry::Own(waits) => ("own".to_owned(), write_waits(waits)),
        };
        Self {
            id: endpoint.id.to_string(),
            name: endpoint.name.clone(),
            url: endpoint.url.clone(),
            fetched: endpoint.fetched,
            description: endpoint.description.clone(),
            event_types: endpoint.event_types.clone(),
            timeout_s: seconds(endpoint.timeout_ms),
            rate: endpoint.rate_limit_per_minute.map(|rate| rate.to_string()).unwrap_or_default(),
            retry,
            own_retry,
            header_names: endpoint.headers.iter().map(|header| header.name.clone()).collect(),
            header_values: endpoint.headers.iter().map(|header| header.value.clone()).collect(),
            status: endpoint.status.as_str().into(),
            secret: String::new(),
            then: String::new(),
        }
    }

    /// The custom headers; rows that were left empty do not count.
    #[must_use]
    pub fn headers(&self) -> Vec<CustomHeader> {
        self.header_names
            .iter()
            .zip(&self.header_values)
            .map(|(name, value)| CustomHeader { name: name.trim().to_owned(), value: value.trim().to_owned() })
            .filter(|header| !header.name.is_empty() || !header.value.is_empty())
            .collect()
    }

    /// The endpoint to change; none for a new one.
    ///
    /// # Errors
    /// Not an endpoint's id.
    pub fn endpoint_id(&self) -> domain::Result<Option<EndpointId>> {
        match self.id.as_str() {
            "" => Ok(None),
            id => id.parse().map(Some).map_err(|_| domain::Error::not_found("endpoint")),
        }
    }

    /// The new endpoint that the form asks for.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn new_endpoint(&self) -> domain::Result<NewEndpoint> {
        let change = self.change()?;
        Ok(NewEndpoint {
            name: change.name.unwrap_or_default(),
            url: change.url.unwrap_or_default(),
            event_types: change.event_types.unwrap_or_default(),
            description: change.description,
            secret: Some(self.secret.trim().to_owned()).filter(|secret| !secret.is_empty()),
            timeout_ms: change.timeout_ms,
            retry: change.retry,
            rate_limit_per_minute: change.rate_limit_per_minute,
            headers: change.headers,
            status: change.status,
            delivery: self.fetched.then_some(DeliveryForm::Pull),
            ..NewEndpoint::default()
        })
    }

    /// The change that the form asks for.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn change(&self) -> domain::Result<EndpointChange> {
        let mut details = Vec::new();
        let timeout_ms = keep(&mut details, "timeout_ms", parse_seconds(&self.timeout_s));
        let rate = keep(&mut details, "rate_limit_per_minute", parse_rate(&self.rate));
        let retry = keep(&mut details, "retry", self.parse_retry());
        let status = keep(&mut details, "status", self.parse_status());
        let headers = self.parse_headers(&mut details);
        let event_types = normalise(self.event_types.clone());
        if event_types.is_empty() {
            details.push(Detail { field: "event_types".into(), message: "choose at least one event type.".into() });
        }
        if !details.is_empty() {
            return Err(domain::Error::invalid_fields(details));
        }
        Ok(EndpointChange {
            name: Some(self.name.trim().to_owned()),
            url: Some(self.url.trim().to_owned()),
            event_types: Some(event_types),
            description: Some(self.description.trim().to_owned()),
            timeout_ms,
            retry,
            rate_limit_per_minute: rate,
            headers: Some(headers),
            status: status.flatten(),
            ..EndpointChange::default()
        })
    }

    fn parse_retry(&self) -> Result<Retry, String> {
        match self.retry.as_str() {
            "own" => parse_waits(&self.own_retry).map(Retry::Own),
            "" => Ok(Retry::default()),
            name => name.parse().map(Retry::Preset),
        }
    }

    fn parse_status(&self) -> Result<Option<EndpointStatus>, String> {
        match self.status.as_str() {
            "" => Ok(None),
            word => word.parse().map(Some),
        }
    }

    fn parse_headers(&self, details: &mut Vec<Detail>) -> BTreeMap<String, String> {
        let mut headers = BTreeMap::new();
        for CustomHeader { name, value } in self.headers() {
            if headers.keys().any(|known: &String| known.eq_ignore_ascii_case(&name)) {
                details.push(Detail { field: format!("headers.{name}"), message: "is there twice.".into() });
            }
            headers.insert(name, value);
        }
        headers
    }
}

/// What is kept for the next page after a secret was made.
#[must_use]
pub fn flash_text(endpoint_id: &str, secret: &str) -> String {
    format!("secret {endpoint_id} {secret}")
}

/// The secret in a kept text, if it is that of this endpoint.
#[must_use]
pub fn secret_of<'a>(flash: &'a str, endpoint_id: &str) -> Option<&'a str> {
    flash.strip_prefix("secret ")?.strip_prefix(endpoint_id)?.strip_prefix(' ')
}

fn keep<T>(details: &mut Vec<Detail>, field: &str, parsed: Result<T, String>) -> Option<T> {
    parsed.map_err(|message| details.push(Detail { field: field.into(), message })).ok()
}

/// Milliseconds as the seconds of the form: `10`, `1.5`.
fn seconds(ms: i64) -> String {
    let text = format!("{}.{:03}", ms / 1000, ms % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn parse_seconds(text: &str) -> Result<i64, String> {
    let wrong = || "must be a number of seconds between 1 and 30.".to_owned();
    let text = text.trim().replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    if fraction.len() > 3 || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    format!("{whole}{fraction:0<3}")
        .parse()
        .map_err(|_| wrong())
        .and_then(|ms| if (1000..=30_000).contains(&ms) { Ok(ms) } else { Err(wrong()) })
}

fn parse_rate(text: &str) -> Result<Option<i64>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| "must be a whole number, or empty for no limit.".to_owned()),
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
