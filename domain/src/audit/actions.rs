//! Reading the audit log; other actions write it with `store::record` in their own transaction.

use std::fmt::Debug;
use std::sync::PoisonError;

use sha2::{Digest as _, Sha256};

use super::query::{AuditFilter, AuditQuery};
use super::store::{self, Place};
use super::{AuditEntry, csv};
use crate::id::OrgId;
use crate::{Caller, Error, Hub, Page, Permission, Result};

/// Entries of an export that are in memory at once.
const PART: i64 = 500;
/// Who counts within this time what they have listed or counted is not recorded once more, in milliseconds: a page does both, and
/// counts again while it is open.
const ASKED_MS: i64 = 600_000;
/// So many questions are kept in memory.
const MAX_ASKED: usize = 10_000;

/// The organization's audit log, newest first. Needs `audit:read`; a look by staff is recorded.
///
/// # Errors
/// Forbidden, or a filter or the page is malformed.
pub async fn list(hub: &Hub, caller: &Caller, query: &AuditQuery) -> Result<Page<AuditEntry>> {
    let org_id = caller.require(Permission::AuditRead)?;
    let (limit, cursor) = (query.page().limit()?, query.page().cursor()?);
    let filter = query.filter(hub.now())?;
    record_look(hub, caller, "audit.listed", None).await?;
    let rows = store::list(&mut hub.db.read().await?, org_id, &filter, &cursor, limit + 1).await?;
    Ok(Page::build(rows, limit, &cursor, |row| row.id.to_string()))
}

/// The organization's audit log as CSV, oldest first, up to this moment. Needs `audit:read`; recorded, so that it is the last entry
/// of its own export.
///
/// # Errors
/// Forbidden, or a filter is malformed.
pub async fn export(hub: &Hub, caller: &Caller, query: &AuditQuery) -> Result<Export> {
    let org_id = caller.require(Permission::AuditRead)?;
    for (name, given) in [("limit", query.limit.is_some()), ("cursor", query.cursor.is_some())] {
        if given {
            return Err(Error::invalid(name, "an export is not paged; leave it out."));
        }
    }
    begin(hub, caller, Some(org_id), query).await
}

/// The installation's own audit log as CSV: what is about no organization. Operators only; recorded.
///
/// # Errors
/// Forbidden.
pub async fn export_installation(hub: &Hub, caller: &Caller) -> Result<Export> {
    caller.require_operator()?;
    begin(hub, caller, None, &AuditQuery::default()).await
}

async fn begin(hub: &Hub, caller: &Caller, org_id: Option<&OrgId>, query: &AuditQuery) -> Result<Export> {
    let (filter, words) = (query.filter(hub.now())?, query.words());
    let mut tx = hub.db.begin().await?;
    let note = Some(words.as_str()).filter(|words| !words.is_empty()).unwrap_or("the whole log");
    store::record(&mut tx, hub, caller, org_id, "audit.exported", None, Some(note)).await?;
    tx.commit().await?;
    let end = store::last_sequence(&mut hub.db.read().await?, org_id).await?;
    Ok(Export { hub: hub.clone(), org_id: org_id.cloned(), filter, end, next: Next::Head })
}

/// An export on its way out, a part at a time; between two parts it holds nothing.
pub struct Export {
    hub: Hub,
    org_id: Option<OrgId>,
    filter: AuditFilter,
    end: i64,
    next: Next,
}

enum Next {
    Head,
    After(Place),
    Nothing,
}

impl Export {
    /// What to call its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        let of = self.org_id.as_ref().map_or("installation", OrgId::as_str);
        format!("patchbay-audit-{of}.csv")
    }

    /// The next lines; none when all have been given.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn next(&mut self) -> Result<Option<String>> {
        loop {
            let place = match &self.next {
                Next::Head => {
                    self.next = Next::After(Place::Before(String::new()));
                    return Ok(Some(csv::head()));
                }
                Next::After(place) => place,
                Next::Nothing => return Ok(None),
            };
            let mut conn = self.hub.db.read().await?;
            let rows = store::part(&mut conn, self.org_id.as_ref(), &self.filter, (place, self.end), PART).await?;
            drop(conn);
            self.next = match (rows.last(), place) {
                (Some(AuditEntry { sequence: Some(sequence), .. }), _) => Next::After(Place::Chain(*sequence)),
                (Some(entry), _) => Next::After(Place::Before(entry.id.to_string())),
                (None, Place::Before(_)) => Next::After(Place::Chain(0)),
                (None, Place::Chain(_)) => Next::Nothing,
            };
            if !rows.is_empty() {
                return Ok(Some(rows.iter().map(csv::line).collect()));
            }
        }
    }
}

/// Records that staff looked into the organization, when this caller is no member of it. Called by the
/// actions that read the log; a failure to record refuses the look.
///
/// # Errors
/// The look could not be recorded.
pub async fn record_look(hub: &Hub, caller: &Caller, action: &str, target: Option<&str>) -> Result<()> {
    if !caller.is_outside_look() {
        return Ok(());
    }
    let office = caller.operator.map(|role| format!("as {role}"));
    let mut tx = hub.db.begin().await?;
    store::record(&mut tx, hub, caller, caller.org_id.as_ref(), action, target, office.as_deref()).await?;
    tx.commit().await
}

/// Records like [`record_look`] that staff listed what a question finds.
///
/// # Errors
/// The look could not be recorded.
pub(crate) async fn record_list(hub: &Hub, caller: &Caller, action: &str, question: &impl Debug) -> Result<()> {
    record_look(hub, caller, action, None).await?;
    if caller.is_outside_look() {
        remember(hub, asked(caller, action, question));
    }
    Ok(())
}

/// Records like [`record_look`] that staff counted what a question finds, unless they listed or counted the same lately.
///
/// # Errors
/// The look could not be recorded.
pub(crate) async fn record_count(hub: &Hub, caller: &Caller, action: &str, question: &impl Debug) -> Result<()> {
    if !caller.is_outside_look() {
        return Ok(());
    }
    let asked = asked(caller, action, question);
    let before = hub.asked.lock().unwrap_or_else(PoisonError::into_inner).get(&asked).copied();
    if before.is_some_and(|at| hub.now().since(at) < ASKED_MS) {
        return Ok(());
    }
    record_look(hub, caller, action, None).await?;
    remember(hub, asked);
    Ok(())
}

/// Who asks what of which organization and noun; a hash, since a question is as long as somebody likes.
fn asked(caller: &Caller, action: &str, question: &impl Debug) -> [u8; 32] {
    let noun = action.split('.').next();
    Sha256::digest(format!("{:?}", (caller.actor(), &caller.org_id, noun, question))).into()
}

fn remember(hub: &Hub, asked: [u8; 32]) {
    let mut known = hub.asked.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MAX_ASKED {
        known.clear();
    }
    known.insert(asked, hub.now());
}
