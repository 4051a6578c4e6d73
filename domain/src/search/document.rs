//! What is searchable of a delivery: its event, its endpoint, and what was sent and answered in each attempt.

use std::collections::{BTreeMap, HashSet};

use sqlx::QueryBuilder;

use super::store::Due;
use crate::Result;
use crate::db::{Conn, on};
use crate::delivery::query;
use crate::id::{DeliveryId, OrgId};

/// Text that is read of one part: a payload, an answer.
const MAX_PART: usize = 64 * 1024;
/// Text that is read of all parts together.
const MAX_TEXT: usize = 256 * 1024;
/// Words of more characters are no words that somebody types.
const MAX_WORD: usize = 64;

/// The words of one delivery, or of one request that came in.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) org_id: OrgId,
    pub(super) id: String,
    /// Each once.
    pub(super) words: Vec<String>,
}

/// What an event and an endpoint say of a delivery.
#[derive(Debug, sqlx::FromRow)]
struct Facts {
    delivery_id: DeliveryId,
    event_id: String,
    event_type: String,
    caller_id: Option<String>,
    idempotency_key: Option<String>,
    data: Option<String>,
    endpoint_name: Option<String>,
    endpoint_url: Option<String>,
}

/// What an attempt says.
#[derive(Debug, sqlx::FromRow)]
struct Sent {
    delivery_id: DeliveryId,
    url: String,
    request_headers: String,
    response_headers: String,
    response_body: Option<Vec<u8>>,
    error: Option<String>,
}

/// Reads the documents of some deliveries; one is left out if its delivery is gone.
pub(super) async fn read(conn: &mut Conn, due: &[Due]) -> Result<Vec<Document>> {
    let facts = facts(conn, due).await?;
    let mut sent: BTreeMap<DeliveryId, Vec<Sent>> = BTreeMap::new();
    for attempt in attempts(conn, due).await? {
        sent.entry(attempt.delivery_id.clone()).or_default().push(attempt);
    }
    let mut facts: BTreeMap<DeliveryId, Facts> = facts.into_iter().map(|row| (row.delivery_id.clone(), row)).collect();
    let documents = due.iter().filter_map(|due| {
        let facts = facts.remove(&due.id)?;
        let words = words(&facts, sent.get(&due.id).map_or(&[], Vec::as_slice));
        Some(Document { org_id: due.org_id.clone(), id: due.id.to_string(), words })
    });
    Ok(documents.collect())
}

async fn facts(conn: &mut Conn, due: &[Due]) -> Result<Vec<Facts>> {
    Ok(on!(conn, |c| {
        let mut sql = QueryBuilder::new(
            "SELECT d.id AS delivery_id, d.event_id, d.event_type, e.caller_id, e.idempotency_key, SUBSTR(e.data, 1, 65536) AS data,
                    p.name AS endpoint_name, p.url AS endpoint_url
             FROM deliveries d
             LEFT JOIN events e ON e.org_id = d.org_id AND e.id = d.event_id
             LEFT JOIN endpoints p ON p.org_id = d.org_id AND p.id = d.endpoint_id
             WHERE (d.org_id, d.id) IN (",
        );
        sql.push_values(due, |mut row, due| {
            row.push_bind(&due.org_id).push_bind(&due.id);
        });
        sql.push(")").build_query_as().fetch_all(c).await
    })?)
}

/// The attempts of some deliveries, newest first, so that of too much text the newest is kept.
async fn attempts(conn: &mut Conn, due: &[Due]) -> Result<Vec<Sent>> {
    if due.iter().all(|due| due.attempt_count == 0) {
        return Ok(Vec::new());
    }
    Ok(on!(conn, |c| {
        let mut sql = QueryBuilder::new(
            "SELECT delivery_id, url, request_headers, response_headers, response_body, error FROM attempts WHERE ",
        );
        // A list of pairs would have PostgreSQL read all days through while they are small.
        for (index, due) in due.iter().filter(|due| due.attempt_count > 0).enumerate() {
            sql.push(if index == 0 { "(org_id = " } else { " OR (org_id = " }).push_bind(&due.org_id);
            sql.push(" AND delivery_id = ").push_bind(&due.id).push(")");
        }
        sql.push(" ORDER BY delivery_id, id DESC");
        sql.build_query_as().fetch_all(c).await
    })?)
}

fn words(facts: &Facts, attempts: &[Sent]) -> Vec<String> {
    let mut bag = Bag::new();
    for text in [
        Some(facts.event_type.as_str()),
        Some(&facts.event_id),
        facts.endpoint_name.as_deref(),
        facts.endpoint_url.as_deref(),
    ] {
        bag.add(text.unwrap_or_default());
    }
    bag.add(facts.caller_id.as_deref().unwrap_or_default());
    bag.add(facts.idempotency_key.as_deref().unwrap_or_default());
    bag.add_json(facts.data.as_deref().unwrap_or_default());
    for attempt in attempts {
        bag.add(&attempt.url);
        bag.add(attempt.error.as_deref().unwrap_or_default());
        bag.add_json(&attempt.request_headers);
        bag.add_json(&attempt.response_headers);
        bag.add_body(attempt.response_body.as_deref().unwrap_or_default());
    }
    bag.words()
}

/// Words, each once, up to a limit of text.
pub(super) struct Bag {
    left: usize,
    known: HashSet<String>,
}

impl Bag {
    pub(super) fn new() -> Self {
        Self { left: MAX_TEXT, known: HashSet::new() }
    }

    /// Each word once.
    pub(super) fn words(self) -> Vec<String> {
        let mut words: Vec<_> = self.known.into_iter().collect();
        words.sort_unstable();
        words
    }

    pub(super) fn add(&mut self, text: &str) {
        let text = cut(text, MAX_PART.min(self.left));
        self.left -= text.len();
        self.known.extend(query::words(text).filter(|word| word.chars().count() <= MAX_WORD));
    }

    /// JSON, or anything else: escapes are written out first, so that `"caf\u00e9\nbar"` gives `café` and `bar`.
    pub(super) fn add_json(&mut self, text: &str) {
        let text = cut(text, MAX_PART);
        if text.contains('\\') { self.add(&unescaped(text)) } else { self.add(text) }
    }

    /// The beginning of a body, whatever it is.
    pub(super) fn add_body(&mut self, body: &[u8]) {
        self.add_json(&String::from_utf8_lossy(&body[..body.len().min(MAX_PART)]));
    }
}

/// The beginning of a text, not splitting a character.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// A text with JSON's escapes written out; what is no escape stays.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some((letter, length)) = unicode(rest) {
            plain.push(letter);
            rest = &rest[length..];
        } else {
            // `\n`, `\"` and the like stand between words.
            plain.push(' ');
            rest = rest.strip_prefix(['n', 'r', 't', 'b', 'f', 'u', '"', '\\', '/']).unwrap_or(rest);
        }
    }
    plain.push_str(rest);
    plain
}

/// The letter that `u00e9` or the pair `ud83d\ude00` stands for, and how long that is written.
fn unicode(rest: &str) -> Option<(char, usize)> {
    let unit = |text: &str| u32::from_str_radix(text.strip_prefix('u')?.get(..4)?, 16).ok();
    let first = unit(rest)?;
    if let Some(letter) = char::from_u32(first) {
        return Some((letter, 5));
    }
    let second = unit(rest.get(5..)?.strip_prefix('\\')?)?;
    let pair = char::decode_utf16([u16::try_from(first).ok()?, u16::try_from(second).ok()?]).next()?.ok()?;
    Some((pair, 11))
}
