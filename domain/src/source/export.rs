//! The log as a file: what a list shows, page after page, as CSV or as lines of JSON. Both directions have one form.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::both::{self, EntryQuery, Sides};
use super::requests::RequestQuery;
use super::{LogEntry, store};
use crate::audit::csv;
use crate::audit::store as audit;
use crate::delivery::query::LogQuery;
use crate::id::{OrgId, SourceId};
use crate::page::Cursor;
use crate::{Caller, Error, Hub, PageQuery, Permission, Result, text_enum};

text_enum! {
    /// What kind of file.
    pub enum ExportFormat {
        /// RFC 4180, with a line of names first; no cell is a formula to a spreadsheet.
        Csv = "csv",
        /// A JSON object on each line, with the fields of the list.
        Ndjson = "ndjson",
    }
}

/// Rows that are read at a time.
const PART: i64 = 500;
/// Where words are searched for: each part finds all that have them.
const PART_OF_WORDS: i64 = 10_000;
/// Characters of the filters that are noted in the audit log.
const MOST_NOTED: usize = 1_000;

/// The columns of the CSV.
const COLUMNS: [&str; 14] = [
    "at",
    "direction",
    "id",
    "event_id",
    "event_type",
    "place_id",
    "place",
    "status",
    "reason",
    "attempts",
    "code",
    "duration_us",
    "size",
    "copy_of",
];

/// A log on its way out, a part at a time; between two parts it holds nothing.
pub struct LogExport {
    hub: Hub,
    org_id: OrgId,
    sides: Sides,
    format: ExportFormat,
    names: BTreeMap<SourceId, String>,
    /// Rows that are read at a time.
    pub(super) part: i64,
    /// Where it goes on; none when all is given.
    cursor: Option<Cursor>,
}

/// The deliveries that match, newest first. Needs `deliveries:read`; recorded.
///
/// # Errors
/// Forbidden; a wrong filter, by name; a page is asked for.
pub async fn deliveries(hub: &Hub, caller: &Caller, query: &LogQuery, format: ExportFormat) -> Result<LogExport> {
    let org_id = caller.require(Permission::DeliveriesRead)?;
    unpaged(&query.page())?;
    let sides = Sides { outbound: Some(query.filter(hub.now())?), inbound: None };
    begin(hub, (caller, org_id), sides, "delivery.exported", query, format).await
}

/// The requests that match, newest first. For whom [`Caller::require_inbound`] lets pass; recorded.
///
/// # Errors
/// Forbidden; a wrong filter, by name; a page is asked for.
pub async fn requests(hub: &Hub, caller: &Caller, query: &RequestQuery, format: ExportFormat) -> Result<LogExport> {
    let org_id = caller.require_inbound()?;
    unpaged(&query.page)?;
    let sides = Sides { outbound: None, inbound: Some(query.filter(hub.now())?) };
    begin(hub, (caller, org_id), sides, "inbound_request.exported", query, format).await
}

/// What matches of both directions, newest first. Needs what [`both::list`] does; recorded.
///
/// # Errors
/// Forbidden; a wrong filter, by name; a page is asked for.
pub async fn entries(hub: &Hub, caller: &Caller, query: &EntryQuery, format: ExportFormat) -> Result<LogExport> {
    let org_id = both::require(caller)?;
    unpaged(&PageQuery { limit: query.limit, cursor: query.cursor.clone() })?;
    let sides = query.sides(hub.now())?;
    begin(hub, (caller, org_id), sides, "log_entry.exported", query, format).await
}

fn unpaged(page: &PageQuery) -> Result<()> {
    for (name, given) in [("limit", page.limit.is_some()), ("cursor", page.cursor.is_some())] {
        if given {
            return Err(Error::invalid(name, "an export is not paged; leave it out."));
        }
    }
    Ok(())
}

async fn begin(
    hub: &Hub,
    (caller, org_id): (&Caller, &OrgId),
    sides: Sides,
    action: &str,
    query: &impl Serialize,
    format: ExportFormat,
) -> Result<LogExport> {
    let words = words(query)?;
    let has_words = sides.outbound.as_ref().is_some_and(|filter| !filter.words.is_empty())
        || sides.inbound.as_ref().is_some_and(|filter| !filter.words.is_empty());
    let note = Some(words.as_str()).filter(|words| !words.is_empty()).unwrap_or("all of it");
    let mut tx = hub.db.begin().await?;
    audit::record(&mut tx, hub, caller, Some(org_id), action, None, Some(note)).await?;
    tx.commit().await?;
    let names = match &sides.inbound {
        Some(_) => store::list(&mut hub.db.read().await?, org_id).await?,
        None => Vec::new(),
    };
    let names = names.into_iter().map(|row| (row.id, row.name)).collect();
    Ok(LogExport {
        hub: hub.clone(),
        org_id: org_id.clone(),
        sides,
        format,
        names,
        part: if has_words { PART_OF_WORDS } else { PART },
        cursor: Some(Cursor::Start),
    })
}

/// The filters that are set, for the audit log: `status=failed since=24h`.
fn words(query: &impl Serialize) -> Result<String> {
    let Value::Object(fields) = serde_json::to_value(query).map_err(Error::internal)? else { return Ok(String::new()) };
    let said = fields.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_str()?)));
    let said = said.collect::<Vec<_>>().join(" ").replace('\0', "");
    Ok(said.chars().take(MOST_NOTED).collect())
}

impl LogExport {
    /// What to call its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        let of = match (&self.sides.outbound, &self.sides.inbound) {
            (Some(_), None) => "deliveries",
            (None, Some(_)) => "inbound-requests",
            _ => "log",
        };
        format!("patchbay-{of}-{}.{}", self.org_id, self.format)
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        match self.format {
            ExportFormat::Csv => "text/csv; charset=utf-8; header=present",
            ExportFormat::Ndjson => "application/x-ndjson",
        }
    }

    /// The next lines; none when all have been given.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let Some(cursor) = self.cursor.take() else { return Ok(None) };
        // All exports have one connection among them: the others are for pages and workers.
        let place = self.hub.exports.acquire().await.map_err(Error::internal)?;
        let mut rows =
            both::rows(&mut self.hub.db.read().await?, &self.org_id, &self.sides, &cursor, self.part).await?;
        drop(place);
        let part = usize::try_from(self.part).unwrap_or(rows.len());
        if rows.len() > part {
            rows.truncate(part);
            self.cursor = rows.last().map(|row| Cursor::After(row.key().to_owned()));
        }
        let is_head = matches!(cursor, Cursor::Start) && self.format == ExportFormat::Csv;
        let mut text = if is_head { csv::row(COLUMNS.map(str::to_owned)) } else { String::new() };
        for row in &rows {
            match self.format {
                ExportFormat::Csv => text.push_str(&csv::row(self.cells(row))),
                ExportFormat::Ndjson => {
                    text.push_str(&serde_json::to_string(row).map_err(Error::internal)?);
                    text.push('\n');
                }
            }
        }
        Ok(Some(text))
    }

    /// A row's cells, in the order of [`COLUMNS`].
    fn cells(&self, row: &LogEntry) -> [String; COLUMNS.len()] {
        let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        match row {
            LogEntry::Outbound(row) => [
                row.created_at.rfc3339(),
                "outbound".into(),
                row.id.to_string(),
                row.event_id.to_string(),
                row.event_type.clone(),
                row.endpoint_id.to_string(),
                row.endpoint_name.clone(),
                row.status.to_string(),
                row.last_error.map(|error| error.to_string()).unwrap_or_default(),
                row.attempt_count.to_string(),
                number(row.last_code),
                number(row.last_duration_us),
                String::new(),
                row.replay_of.as_ref().map(ToString::to_string).unwrap_or_default(),
            ],
            LogEntry::Inbound(row) => [
                row.received_at.rfc3339(),
                "inbound".into(),
                row.id.to_string(),
                row.provider_event_id.clone().unwrap_or_default(),
                row.provider_event_type.clone().unwrap_or_default(),
                row.source_id.to_string(),
                self.names.get(&row.source_id).cloned().unwrap_or_default(),
                row.state.to_string(),
                row.cause.clone().or_else(|| row.error.clone()).unwrap_or_default(),
                row.attempts.to_string(),
                String::new(),
                String::new(),
                row.size.to_string(),
                row.duplicate_of.as_ref().map(ToString::to_string).unwrap_or_default(),
            ],
        }
    }
}
