//! The live tail: notices become rows, where they belong and without moving what is being read.
//!
//! A notice about a row that is shown changes that row in place. A delivery that is new here is put in
//! where its id belongs, unless the reader has scrolled or selected something: then it waits behind the
//! pill. Filters that only the database can check (free words) are not guessed: the page counts what
//! changed and offers to load again.
//!
//! A list may be on its way from the server while a notice arrives that is newer than it. So what has been heard
//! since the last list is remembered and put on top of the next one: nothing is missed, nothing goes back.

use std::collections::BTreeSet;

use domain::delivery::DeliverySummary;
use domain::delivery::query::{CodeFilter, LogFilter, TypeFilter};
use domain::id::DeliveryId;
use leptos::prelude::*;

/// Rows on screen at most; more would slow the page down.
const MOST: usize = 200;

/// One row, changed in place.
pub type RowSignal = ArcRwSignal<DeliverySummary>;

/// The rows of the page and what waits to become one. Copy it into any handler.
#[derive(Debug, Clone, Copy)]
pub struct Tail {
    /// The ids that are selected.
    pub selected: RwSignal<BTreeSet<String>>,
    /// New deliveries that wait until the reader asks for them.
    pub held: RwSignal<Vec<DeliverySummary>>,
    /// Changes that may or may not concern the filter.
    pub unchecked: RwSignal<usize>,
    /// The rows on screen.
    pub rows: RwSignal<Vec<RowSignal>>,
    edges: StoredValue<Edges>,
    /// Heard since the rows on screen were loaded.
    recent: StoredValue<Vec<DeliverySummary>>,
}

/// What lies beyond the rows on screen.
#[derive(Debug, Clone, Copy, Default)]
struct Edges {
    /// Whether new deliveries belong here: the first page.
    first: bool,
    /// Whether older rows follow on the next page.
    more: bool,
}

impl Tail {
    /// An empty tail.
    #[must_use]
    pub fn new() -> Self {
        Self {
            selected: RwSignal::default(),
            held: RwSignal::default(),
            unchecked: RwSignal::default(),
            rows: RwSignal::default(),
            edges: StoredValue::default(),
            recent: StoredValue::new(Vec::new()),
        }
    }

    /// Shows a page that was loaded, brought up to date with what was heard meanwhile. Rows that were there stay.
    pub fn show(&self, mut page: Vec<DeliverySummary>, filter: Option<&LogFilter>, first: bool, more: bool) {
        let recent = self.recent.try_update_value(std::mem::take).unwrap_or_default();
        for new in recent {
            let known = page.iter_mut().find(|row| row.id == new.id);
            let fits = first && filter.is_some_and(|filter| filter.words.is_empty() && matches(filter, &new));
            match known {
                Some(row) if row.updated_at <= new.updated_at => *row = new,
                Some(_) => {}
                None if fits => {
                    let ids: Vec<_> = page.iter().map(|row| row.id.clone()).collect();
                    if let Some(place) = place(&ids, &new.id, more) {
                        page.insert(place, new);
                    }
                }
                None => {}
            }
        }
        let old = self.rows.get_untracked();
        let row = |new: DeliverySummary| match find(&old, &new.id) {
            Some(row) => {
                row.set(new);
                row
            }
            None => ArcRwSignal::new(new),
        };
        self.rows.set(page.into_iter().map(row).collect());
        self.edges.set_value(Edges { first, more });
    }

    /// Forgets what waited, because the page is loaded again.
    pub fn clear(&self) {
        self.held.set(Vec::new());
        self.unchecked.set(0);
    }

    /// Takes in what happened. `hold` says that rows must not move now.
    pub fn receive(&self, news: Vec<DeliverySummary>, filter: &LogFilter, hold: bool) {
        self.recent.update_value(|recent| news.iter().for_each(|new| keep_newest(recent, new.clone())));
        let Some(Edges { first, .. }) = self.edges.try_get_value() else { return };
        let rows = self.rows.get_untracked();
        let mut unchecked = 0;
        let mut fresh = Vec::new();
        for new in news {
            let known = find(&rows, &new.id);
            match known {
                Some(row) if row.with_untracked(|row| row.updated_at <= new.updated_at) => row.set(new),
                Some(_) => {}
                None if !first || !matches(filter, &new) => {}
                None if !filter.words.is_empty() => unchecked += 1,
                None => fresh.push(new),
            }
        }
        if unchecked > 0 {
            self.unchecked.update(|count| *count += unchecked);
        }
        if fresh.is_empty() {
            return;
        }
        self.held.update(|held| fresh.into_iter().for_each(|new| keep_newest(held, new)));
        if !hold {
            self.release();
        }
    }

    /// Lets what waited become rows.
    pub fn release(&self) {
        let held = self.held.try_update(std::mem::take).unwrap_or_default();
        if held.is_empty() {
            return;
        }
        let more = self.edges.get_value().more;
        self.rows.update(|rows| {
            for new in held {
                let ids: Vec<DeliveryId> = rows.iter().map(|row| row.with_untracked(|row| row.id.clone())).collect();
                if let Some(place) = place(&ids, &new.id, more) {
                    rows.insert(place, ArcRwSignal::new(new));
                }
            }
            rows.truncate(MOST);
        });
    }

    /// Selects or deselects a row.
    pub fn select(&self, id: &str, on: bool) {
        self.selected.update(|selected| {
            if on {
                selected.insert(id.to_owned())
            } else {
                selected.remove(id)
            };
        });
    }

    /// Selects all rows on screen, or none.
    pub fn select_all(&self, on: bool) {
        let ids = |rows: &Vec<RowSignal>| rows.iter().map(|row| row.with_untracked(|row| row.id.to_string())).collect();
        self.selected.set(if on { self.rows.with_untracked(ids) } else { BTreeSet::new() });
    }
}

impl Default for Tail {
    fn default() -> Self {
        Self::new()
    }
}

/// The row of this delivery.
fn find(rows: &[RowSignal], id: &DeliveryId) -> Option<RowSignal> {
    rows.iter().find(|row| row.with_untracked(|row| row.id == *id)).cloned()
}

/// Adds a delivery to those that wait, or replaces its older state; the oldest are dropped when they are too many.
fn keep_newest(held: &mut Vec<DeliverySummary>, new: DeliverySummary) {
    match held.iter_mut().find(|old| old.id == new.id) {
        Some(old) => *old = new,
        None => {
            if held.len() >= MOST
                && let Some(oldest) = held.iter().enumerate().min_by(|a, b| a.1.id.cmp(&b.1.id)).map(|(index, _)| index)
            {
                held.swap_remove(oldest);
            }
            held.push(new);
        }
    }
}

/// Where a new id belongs among ids that stand newest first; nowhere when it belongs to a later page.
fn place(ids: &[DeliveryId], id: &DeliveryId, more: bool) -> Option<usize> {
    let place = ids.iter().position(|other| other < id).unwrap_or(ids.len());
    (place < ids.len() || !more).then_some(place)
}

/// Whether a delivery passes the filters, as far as its row can tell (free words it cannot).
#[must_use]
pub fn matches(filter: &LogFilter, row: &DeliverySummary) -> bool {
    let id = |id: &String| [row.id.as_str(), row.event_id.as_str(), row.endpoint_id.as_str()].contains(&id.as_str());
    let code = |code: &CodeFilter| match code {
        CodeFilter::Range(from, to) => row.last_code.is_some_and(|code| (*from..=*to).contains(&code)),
        CodeFilter::None => row.last_code.is_none(),
    };
    let event_type = |wanted: &TypeFilter| match wanted {
        TypeFilter::Name(name) => row.event_type == *name,
        TypeFilter::Prefix(prefix) => row.event_type.starts_with(prefix.as_str()),
    };
    filter.id.as_ref().is_none_or(id)
        && (filter.statuses.is_empty() || filter.statuses.contains(&row.status))
        && filter.endpoint_id.as_ref().is_none_or(|id| row.endpoint_id == *id)
        && filter.endpoint_name.as_ref().is_none_or(|name| row.endpoint_name.eq_ignore_ascii_case(name))
        && filter.event_id.as_ref().is_none_or(|id| row.event_id == *id)
        && filter.event_type.as_ref().is_none_or(event_type)
        && filter.code.as_ref().is_none_or(code)
        && filter.error.is_none_or(|error| row.last_error == Some(error))
        && filter.attempts.as_ref().is_none_or(|range| range.contains(&row.attempt_count))
        && filter.duration_us.as_ref().is_none_or(|range| row.last_duration_us.is_some_and(|us| range.contains(&us)))
        && filter.trigger.is_none_or(|trigger| row.trigger == trigger)
        && filter.since.is_none_or(|since| row.created_at >= since)
        && filter.until.is_none_or(|until| row.created_at < until)
}

#[cfg(test)]
mod tests {
    use domain::delivery::DeliveryStatus;

    use super::super::{samples, url};
    use super::*;

    fn filter(search: &str) -> LogFilter {
        url::read(search).filter(domain::Timestamp(10_000)).expect("good filters")
    }

    #[test]
    fn a_row_is_checked_against_every_simple_filter() {
        let row = samples::row(5000, DeliveryStatus::Failed);
        for good in [
            "",
            "status=failed,retrying",
            "event_type=invoice.*",
            "code=2xx",
            "code=200",
            "trigger=event",
            "endpoint=billing+SYNC",
            "attempt=1",
            "duration_ms=<50",
            "until=1970-01-01T00:00:06Z",
        ] {
            assert!(matches(&filter(good), &row), "{good}");
        }
        for bad in [
            "status=pending",
            "event_type=user.*",
            "code=none",
            "code=5xx",
            "error=dns",
            "trigger=test",
            "endpoint=Billing",
            "attempt=>1",
            "duration_ms=>42",
            "until=1970-01-01T00:00:05Z",
        ] {
            assert!(!matches(&filter(bad), &row), "{bad}");
        }
        assert!(matches(&filter(&format!("q={}", row.event_id)), &row));
        assert!(!matches(&filter(&format!("endpoint_id={}", domain::id::EndpointId::new(9, [9; 10]))), &row));
    }

    #[test]
    fn a_new_delivery_is_put_in_where_its_id_belongs() {
        let ids = [30, 20, 10].map(|at| samples::row(at, DeliveryStatus::Pending).id);
        let at = |at| samples::row(at, DeliveryStatus::Pending).id;
        assert_eq!(place(&ids, &at(40), true), Some(0));
        assert_eq!(place(&ids, &at(25), true), Some(1));
        assert_eq!(place(&ids, &at(5), true), None);
        assert_eq!(place(&ids, &at(5), false), Some(3));
    }

    #[test]
    fn rows_change_in_place_and_new_ones_wait_while_held() {
        let owner = Owner::new();
        owner.with(|| {
            let tail = Tail::new();
            tail.show(vec![samples::row(10, DeliveryStatus::Pending)], None, true, false);
            let states = || {
                tail.rows.with_untracked(|rows| {
                    rows.iter().map(|row| row.with_untracked(|row| row.status)).collect::<Vec<_>>()
                })
            };
            tail.receive(
                vec![samples::row(10, DeliveryStatus::Delivered), samples::row(20, DeliveryStatus::Pending)],
                &filter(""),
                true,
            );
            assert_eq!((states(), tail.held.with_untracked(Vec::len)), (vec![DeliveryStatus::Delivered], 1));
            tail.receive(vec![samples::row(20, DeliveryStatus::Failed)], &filter(""), false);
            assert_eq!(states(), [DeliveryStatus::Failed, DeliveryStatus::Delivered]);
            tail.receive(vec![samples::row(30, DeliveryStatus::Failed)], &filter("q=word"), false);
            assert_eq!((states().len(), tail.unchecked.get_untracked()), (2, 1));
        });
    }

    #[test]
    fn a_list_that_was_on_its_way_does_not_undo_what_was_heard_meanwhile() {
        let owner = Owner::new();
        owner.with(|| {
            let tail = Tail::new();
            let mut newer = samples::row(10, DeliveryStatus::Delivered);
            newer.updated_at = domain::Timestamp(99);
            tail.receive(vec![newer, samples::row(20, DeliveryStatus::Pending)], &filter(""), false);
            tail.show(vec![samples::row(10, DeliveryStatus::Pending)], Some(&filter("")), true, false);
            let states = tail
                .rows
                .with_untracked(|rows| rows.iter().map(|row| row.with_untracked(|row| row.status)).collect::<Vec<_>>());
            assert_eq!(states, [DeliveryStatus::Pending, DeliveryStatus::Delivered]);
        });
    }

    #[test]
    fn the_oldest_are_dropped_when_too_many_wait() {
        let mut held = Vec::new();
        (0..300).for_each(|at| keep_newest(&mut held, samples::row(at, DeliveryStatus::Pending)));
        assert_eq!(held.len(), MOST);
        assert!(held.iter().all(|row| row.created_at.0 >= 100));
    }
}
