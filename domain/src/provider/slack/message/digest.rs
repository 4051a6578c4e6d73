//! Several events in one message: how many of each type, the first ones as they would be by themselves, and how many more.

use serde_json::{Value, json};

use super::{Manner, Message, fallback, heading, lead};
use crate::event::summary::{Summary, summarise};
use crate::provider::slack::action::Action;
use crate::provider::slack::blocks;
use crate::provider::slack::text::{fit, link, moment};
use crate::provider::telling::{Counts, Item};
use crate::rule::Format;

/// Types that are counted by name; the others are counted together.
const MAX_TYPES: usize = 10;
/// Events that are told one by one, in full and as lines.
const MAX_FULL: usize = 5;
const MAX_LINES: usize = 15;
/// Fields of an event in a digest.
const MAX_FIELDS: usize = 4;
/// Deliveries that the metadata names.
const MAX_NAMED: usize = 20;

/// `5 × invoice.paid`, the most frequent first.
fn words(counts: &Counts, around: &str) -> Vec<String> {
    let name = |name: &str| fit(&name.replace('`', ""), 120);
    let sorted = counts.sorted();
    let mut words: Vec<String> =
        sorted.iter().take(MAX_TYPES).map(|(of, count)| format!("{count} × {around}{}{around}", name(of))).collect();
    let rest: usize = sorted.iter().skip(MAX_TYPES).map(|(_, count)| count).sum();
    if rest > 0 {
        words.push(format!("{rest} of {} other types", sorted.len() - MAX_TYPES));
    }
    words
}

/// A message of all events that were counted, of which `first` are at hand; `url` is the page that lists them all.
#[must_use]
pub fn digest(first: &[Item<'_>], counts: &Counts, url: &str, manner: &Manner<'_>) -> Message {
    let total = counts.total().max(first.len());
    let title = if total == 1 { "1 event".to_owned() } else { format!("{total} events") };
    let heading = heading(counts.severity(), &title);
    let most = first.len().min(if manner.format == Format::Full { MAX_FULL } else { MAX_LINES });
    let told: Vec<(&Item<'_>, Summary)> =
        first[..most].iter().map(|item| (item, summarise(item.event_type, item.data))).collect();
    let frame = Frame { heading: &heading, counts, total, url, manner };
    // Without any event it always fits.
    let blocks =
        (0..=most).rev().map(|shown| frame.blocks(&told[..shown])).find(|blocks| blocks::fit_in_message(blocks));
    let named = |item: &Item<'_>| json!({ "delivery_id": item.delivery_id, "event_id": item.event_id });
    let named: Vec<Value> = first.iter().take(MAX_NAMED).map(named).collect();
    Message {
        text: fallback(manner, &heading, &words(counts, "").join(", "), url),
        blocks: blocks.unwrap_or_else(|| vec![blocks::header(&heading)]),
        metadata: json!({ "event_type": "patchbay_digest", "event_payload": { "count": total, "deliveries": named } }),
    }
}

/// All of a digest but the events that are told one by one.
struct Frame<'a> {
    heading: &'a str,
    counts: &'a Counts,
    total: usize,
    url: &'a str,
    manner: &'a Manner<'a>,
}

impl Frame<'_> {
    fn blocks(&self, told: &[(&Item<'_>, Summary)]) -> Vec<Value> {
        let list = words(self.counts, "`").into_iter().map(|words| format!("\n• {words}"));
        let mut parts = vec![
            blocks::header(self.heading),
            blocks::section(format!("{}{}{}", self.manner.call(), self.manner.org(), list.collect::<String>())),
        ];
        for (item, summary) in told {
            parts.extend(self.event(item, summary));
        }
        let more = match self.total - told.len() {
            0 => None,
            more => Some(link(self.url, &format!("and {more} more"))),
        };
        parts.extend(blocks::context(more.into_iter().chain(self.manner.remarks()).collect()));
        parts.extend(blocks::actions(Action::Open.button(self.url).into_iter().collect()));
        parts
    }

    /// One event: a line, and in full its first fields below a line across.
    fn event(&self, item: &Item<'_>, summary: &Summary) -> Vec<Value> {
        let title = heading(summary.severity, &summary.title);
        let text = format!("*{}*: {}\n{}", link(item.url, &title), lead(&summary.lead), moment(item.occurred_at));
        let line = blocks::section(text);
        if self.manner.format == Format::Compact {
            return vec![line];
        }
        let shown = &summary.fields[..summary.fields.len().min(MAX_FIELDS)];
        [Some(blocks::divider()), Some(line), blocks::fields(shown)].into_iter().flatten().collect()
    }
}
