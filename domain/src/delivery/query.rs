//! The filters of the delivery log: what the URL, the REST API and the search box mean.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::address::quoted;
use super::{DeliveryStatus, ErrorClass, Trigger};
use crate::id::{EndpointId, EventId};
use crate::page::PageQuery;
use crate::time::Timestamp;
use crate::{Error, Result};

/// Filters as they stand in a URL; all that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default)]
pub struct LogQuery {
    /// Words in payload, headers and answer, an id, or tokens as in the search box (`status:failed type:invoice.*
    /// code:5xx endpoint:"Billing" error:timeout attempt:>3 dur:>2000 since:24h body.customer.id:42 "free words"`).
    /// A token wins over the parameter of the same name; `body.…:value` searches the words of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// `pending`, `retrying`, `delivered`, `failed`, `paused`; several with commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The endpoint's name, upper or lower case, or its id; all endpoints of that name count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The endpoint's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_id: Option<String>,
    /// The event's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// An event type or a pattern like `invoice.*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// A code (`503`), a class (`5xx`) or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// An error class: `timeout`, `dns` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Attempts so far: `2`, `>3`, `>=3`, `<3` or `<=3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    /// How long the last attempt took, in milliseconds: `>2000`, `<50`, `120`; with a unit too, `>2s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<String>,
    /// `event`, `replay` or `test`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// From this time on: RFC 3339, or an age like `15m`, `24h`, `7d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Before this time: RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Rows per page, 1 to 200; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A status code to filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFilter {
    /// From, to (inclusive).
    Range(i64, i64),
    /// No answer.
    None,
}

/// An event type to filter by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeFilter {
    /// Exactly this.
    Name(String),
    /// Everything that starts so (`invoice.`).
    Prefix(String),
}

impl TypeFilter {
    /// A type, or a pattern that ends in `*`; none for `*`, which is any.
    #[must_use]
    pub(crate) fn read(text: String) -> Option<Self> {
        match text.strip_suffix('*') {
            Some("") => None,
            Some(prefix) => Some(Self::Prefix(prefix.to_owned())),
            None => Some(Self::Name(text)),
        }
    }
}

/// Filters that have been read and checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogFilter {
    /// Free words, lower case, letters and digits only.
    pub words: Vec<String>,
    /// How many deliveries have them, as far as that was looked up.
    #[cfg(feature = "server")]
    pub spread: crate::search::Spread,
    /// An id that was searched for (`evt_…`, `dlv_…`, `ep_…`).
    pub id: Option<String>,
    /// Any of these.
    pub statuses: Vec<DeliveryStatus>,
    /// This endpoint.
    pub endpoint_id: Option<EndpointId>,
    /// Any endpoint of this name.
    pub endpoint_name: Option<String>,
    /// This event.
    pub event_id: Option<EventId>,
    /// This type.
    pub event_type: Option<TypeFilter>,
    /// This code.
    pub code: Option<CodeFilter>,
    /// This error.
    pub error: Option<ErrorClass>,
    /// As many attempts so far.
    pub attempts: Option<RangeInclusive<i64>>,
    /// As many microseconds of the last attempt.
    pub duration_us: Option<RangeInclusive<i64>>,
    /// This trigger.
    pub trigger: Option<Trigger>,
    /// Made at or after.
    pub since: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
}

impl LogQuery {
    /// The page that is asked for.
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }

    /// Reads and checks the filters. Tokens in `q` win over fields of the same name.
    ///
    /// # Errors
    /// The field that is wrong, and what a good value looks like.
    pub fn filter(&self, now: Timestamp) -> Result<LogFilter> {
        let mut filter = LogFilter::default();
        let this = self.with_tokens();
        for word in split(this.q.as_deref().unwrap_or_default()) {
            match word.split_once(':') {
                Some((name, v)) if name.starts_with("body.") && !v.is_empty() => filter.words.extend(words(v)),
                _ if is_id(&word) => filter.id = Some(word),
                _ => filter.words.extend(words(&word)),
            }
        }
        if let Some(list) = given(&this.status) {
            for word in list.split(',') {
                filter.statuses.push(word.trim().parse().map_err(|e| Error::invalid("status", e))?);
            }
        }
        filter.endpoint_id = parse(given(&this.endpoint_id), "endpoint_id")?;
        if let Some(named) = given(&this.endpoint) {
            match named.parse() {
                Ok(id) if filter.endpoint_id.as_ref().is_none_or(|other| *other == id) => filter.endpoint_id = Some(id),
                Ok(_) => return Err(Error::invalid("endpoint", "is another endpoint than `endpoint_id`.")),
                Err(_) => filter.endpoint_name = Some(named),
            }
        }
        filter.event_id = parse(given(&this.event_id), "event_id")?;
        filter.error = parse(given(&this.error), "error")?;
        filter.trigger = parse(given(&this.trigger), "trigger")?;
        filter.attempts = given(&this.attempt).map(|text| read_attempts(&text)).transpose()?;
        filter.duration_us = given(&this.duration_ms).map(|text| read_duration(&text)).transpose()?;
        filter.event_type = given(&this.event_type).and_then(TypeFilter::read);
        filter.code = given(&this.code).map(|code| read_code(&code)).transpose()?;
        filter.since = given(&this.since).map(|text| read_time("since", &text, now)).transpose()?;
        filter.until = given(&this.until).map(|text| read_time("until", &text, now)).transpose()?;
        Ok(filter)
    }

    /// The fields with the tokens of `q` in them; an id and free words stay in `q`.
    pub(crate) fn with_tokens(&self) -> Self {
        let mut this = self.clone();
        let mut rest = Vec::new();
        for word in split(self.q.as_deref().unwrap_or_default()) {
            match word.split_once(':') {
                Some(("status", v)) => this.status = some(v),
                Some(("endpoint", v)) => (this.endpoint, this.endpoint_id) = (some(v), None),
                Some(("endpoint_id", v)) => (this.endpoint, this.endpoint_id) = (None, some(v)),
                Some(("event" | "event_id", v)) => this.event_id = some(v),
                Some(("type" | "event_type", v)) => this.event_type = some(v),
                Some(("code", v)) => this.code = some(v),
                Some(("error", v)) => this.error = some(v),
                Some(("attempt", v)) => this.attempt = some(v),
                Some(("dur" | "duration_ms", v)) => this.duration_ms = some(v),
                Some(("trigger", v)) => this.trigger = some(v),
                Some(("since", v)) => this.since = some(v),
                Some(("until", v)) => this.until = some(v),
                _ => rest.push(quoted(&word)),
            }
        }
        this.q = Some(rest.join(" ")).filter(|q| !q.is_empty());
        this
    }
}

/// What a field holds, unless that is nothing or "any". NUL is left out: PostgreSQL has no text with it, so nothing can match.
pub(crate) fn given(field: &Option<String>) -> Option<String> {
    let text = field.as_deref()?.replace('\0', "");
    Some(text.trim()).filter(|text| !text.is_empty() && *text != "any").map(str::to_owned)
}

fn some(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: Option<String>, field: &str) -> Result<Option<T>> {
    text.map(|text| text.parse().map_err(|e: T::Err| Error::invalid(field, e.to_string()))).transpose()
}

fn is_id(word: &str) -> bool {
    word.parse::<EventId>().is_ok()
        || word.parse::<crate::id::DeliveryId>().is_ok()
        || word.parse::<EndpointId>().is_ok()
}

/// Splits at spaces, keeping what stands in double quotes together.
fn split(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                parts.extend(Some(std::mem::take(&mut part)).filter(|p| !p.is_empty()))
            }
            c => part.push(c),
        }
    }
    parts.extend(Some(part).filter(|p| !p.is_empty()));
    parts
}

/// The words of a text as both search indexes know them: runs of letters and digits in lower case.
pub fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase)
}

/// The words of what somebody typed to search by; `body.…:value` stands for those of the value.
#[cfg(any(test, feature = "server"))]
pub(crate) fn typed_words(text: &str) -> Vec<String> {
    let value = |part: &str| match part.split_once(':') {
        Some((name, value)) if name.starts_with("body.") && !value.is_empty() => value.to_owned(),
        _ => part.to_owned(),
    };
    split(text).iter().flat_map(|part| words(&value(part)).collect::<Vec<_>>()).collect()
}

fn read_code(text: &str) -> Result<CodeFilter> {
    let lower = text.to_ascii_lowercase();
    if lower == "none" {
        return Ok(CodeFilter::None);
    }
    if let Some(class) = lower.strip_suffix("xx").and_then(|c| c.parse::<i64>().ok()).filter(|c| (1..=5).contains(c)) {
        return Ok(CodeFilter::Range(class * 100, class * 100 + 99));
    }
    match lower.parse::<i64>() {
        Ok(code) if (100..=599).contains(&code) => Ok(CodeFilter::Range(code, code)),
        _ => Err(Error::invalid("code", "must be a code like `503`, a class like `5xx`, or `none`.")),
    }
}

fn read_attempts(text: &str) -> Result<RangeInclusive<i64>> {
    read_range(text, 1)
        .ok_or_else(|| Error::invalid("attempt", "must be a number like `2`, or a comparison like `>3` or `<=3`."))
}

/// Milliseconds, or with the unit `ms` or `s`, as microseconds. An exact number means what is shown as that number.
fn read_duration(text: &str) -> Result<RangeInclusive<i64>> {
    let (number, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1000),
        (None, Some(number)) => (number, 1_000_000),
        (None, None) => (text, 1000),
    };
    read_range(number, unit).ok_or_else(|| {
        Error::invalid("duration_ms", "must be milliseconds like `120`, or a comparison like `>2000`, `<50` or `>2s`.")
    })
}

/// What passes `3`, `>3`, `>=3`, `<3` or `<=3`, counted in parts of a unit.
fn read_range(text: &str, unit: i64) -> Option<RangeInclusive<i64>> {
    let (sign, number) = text.split_at(text.find(|c| !matches!(c, '<' | '>' | '='))?);
    let number: i64 = number.trim().parse().ok().filter(|number| (0..=1_000_000_000).contains(number))?;
    let number = number * unit;
    match sign {
        "" | "=" => Some(number - unit / 2..=number + (unit - 1) / 2),
        ">" => Some(number + 1..=i64::MAX),
        ">=" => Some(number..=i64::MAX),
        "<" => Some(0..=number - 1),
        "<=" => Some(0..=number),
        _ => None,
    }
}

/// Reads a time as people write it: RFC 3339, or an age like `24h`.
pub(crate) fn read_time(field: &str, text: &str, now: Timestamp) -> Result<Timestamp> {
    let unit = match text.as_bytes().last() {
        Some(b'm') => 60_000,
        Some(b'h') => 3_600_000,
        Some(b'd') => 86_400_000,
        _ => 0,
    };
    if unit > 0
        && let Some(count) =
            text.get(..text.len() - 1).and_then(|n| n.parse::<i64>().ok()).filter(|n| (0..=100_000).contains(n))
    {
        return Ok(now.plus_ms(-count * unit));
    }
    Timestamp::parse_rfc3339(text).map_err(|_| {
        Error::invalid(field, "must be an age like `15m`, `24h`, `7d`, or a time like 2026-11-22T14:02:11Z.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(q: &str) -> Result<LogFilter> {
        LogQuery { q: Some(q.into()), ..LogQuery::default() }.filter(Timestamp(86_400_000))
    }

    #[test]
    fn the_search_box_reads_tokens_words_and_quotes() {
        let filter =
            read("status:failed,retrying type:invoice.* code:5xx \"Late fee\" since:1h inv_8812").expect("good");
        assert_eq!(filter.statuses, [DeliveryStatus::Failed, DeliveryStatus::Retrying]);
        assert_eq!(filter.event_type, Some(TypeFilter::Prefix("invoice.".into())));
        assert_eq!(filter.code, Some(CodeFilter::Range(500, 599)));
        assert_eq!(filter.words, ["late", "fee", "inv", "8812"]);
        assert_eq!(filter.since, Some(Timestamp(82_800_000)));
    }

    #[test]
    fn an_id_is_searched_as_an_id() {
        let id = EventId::new(5, [3; 10]);
        assert_eq!(read(id.as_str()).expect("good").id.as_deref(), Some(id.as_str()));
    }

    #[test]
    fn an_endpoint_is_named_by_its_id_or_its_name() {
        let id = EndpointId::new(5, [3; 10]);
        assert_eq!(read(&format!("endpoint:{id}")).expect("good").endpoint_id, Some(id.clone()));
        let filter = read("endpoint:\"Billing sync\" late").expect("good");
        assert_eq!((filter.endpoint_name.as_deref(), filter.endpoint_id), (Some("Billing sync"), None));
        assert_eq!(filter.words, ["late"]);
        let query = LogQuery { endpoint_id: Some(id.to_string()), q: some("endpoint:Billing"), ..LogQuery::default() };
        let filter = query.filter(Timestamp(0)).expect("the token wins");
        assert_eq!((filter.endpoint_name.as_deref(), filter.endpoint_id), (Some("Billing"), None));
    }

    #[test]
    fn attempts_and_durations_are_compared() {
        for (q, range) in [
            ("attempt:2", 2..=2),
            ("attempt:>3", 4..=i64::MAX),
            ("attempt:>=3", 3..=i64::MAX),
            ("attempt:<3", 0..=2),
            ("attempt:<=0", 0..=0),
        ] {
            assert_eq!(read(q).expect(q).attempts, Some(range), "{q}");
        }
        for (q, range) in [
            ("dur:>2000", 2_000_001..=i64::MAX),
            ("dur:>2s", 2_000_001..=i64::MAX),
            ("dur:<50", 0..=49_999),
            ("dur:<50ms", 0..=49_999),
            ("dur:120", 119_500..=120_499),
        ] {
            assert_eq!(read(q).expect(q).duration_us, Some(range), "{q}");
        }
    }

    #[test]
    fn a_place_in_the_body_stands_for_the_words_of_its_value() {
        assert_eq!(read("body.customer.id:42 body.note:\"Late fee\"").expect("good").words, ["42", "late", "fee"]);
        assert_eq!(read("foo:bar body.note:").expect("good").words, ["foo", "bar", "body", "note"]);
        assert_eq!(typed_words("body.customer.id:42 foo:bar \"Late fee\""), ["42", "foo", "bar", "late", "fee"]);
    }

    #[test]
    fn tokens_are_taken_into_their_fields_and_the_rest_means_the_same() {
        let q = "status:failed \"Late fee\" type:invoice.* body.note:\"two words\" since:24h foo:bar until:";
        let query = LogQuery { q: some(q), until: some("2026-11-22T14:02:11Z"), ..LogQuery::default() };
        let taken = query.with_tokens();
        assert_eq!(taken.q.as_deref(), Some("\"Late fee\" \"body.note:two words\" foo:bar"));
        assert_eq!((taken.status.as_deref(), taken.since.as_deref()), (Some("failed"), Some("24h")));
        let now = Timestamp(86_400_000);
        assert_eq!(taken.filter(now).expect("good"), query.filter(now).expect("good"));
    }

    #[test]
    fn two_different_endpoints_are_refused() {
        let id = |n| Some(EndpointId::new(n, [3; 10]).to_string());
        let query = |n| LogQuery { endpoint: id(1), endpoint_id: id(n), ..LogQuery::default() };
        assert!(query(1).filter(Timestamp(0)).is_ok());
        let problem = query(2).filter(Timestamp(0)).expect_err("two endpoints").problem();
        assert_eq!(problem.details[0].field, "endpoint");
    }

    #[test]
    fn a_wrong_value_names_its_field() {
        for (q, field) in [
            ("status:done", "status"),
            ("code:9xx", "code"),
            ("since:yesterday", "since"),
            ("endpoint_id:x", "endpoint_id"),
            ("attempt:few", "attempt"),
            ("attempt:<>3", "attempt"),
            ("attempt:-1", "attempt"),
            ("dur:>", "duration_ms"),
            ("dur:>2m", "duration_ms"),
            ("error:boom", "error"),
        ] {
            let problem = read(q).expect_err(q).problem();
            assert_eq!(problem.details[0].field, field);
        }
    }
}
