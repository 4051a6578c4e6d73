//! One event in one message.

use serde_json::{Value, json};

use super::{Manner, Message, fallback, heading, lead};
use crate::event::summary::{Severity, Summary, summarise};
use crate::provider::slack::action::Action;
use crate::provider::slack::blocks;
use crate::provider::slack::text::{fit, link, moment};
use crate::provider::telling::Item;
use crate::rule::Format;

/// A message of one event.
#[must_use]
pub fn one(item: &Item<'_>, manner: &Manner<'_>) -> Message {
    let summary = summarise(item.event_type, item.data);
    let heading = heading(summary.severity, &summary.title);
    let blocks = match manner.format {
        Format::Compact => compact(item, manner, &summary, &heading),
        // Without any field it always fits.
        Format::Full => (0..=summary.fields.len())
            .rev()
            .map(|shown| full(item, manner, &summary, (&heading, shown)))
            .find(|blocks| blocks::fit_in_message(blocks))
            .unwrap_or_else(|| compact(item, manner, &summary, &heading)),
    };
    Message {
        text: fallback(manner, &heading, &summary.lead.bare(), item.url),
        blocks,
        metadata: json!({
            "event_type": "patchbay_event",
            "event_payload": {
                "delivery_id": item.delivery_id, "event_id": item.event_id, "event_type": fit(item.event_type, 200),
            },
        }),
    }
}

/// A line, and a small one below it.
fn compact(item: &Item<'_>, manner: &Manner<'_>, summary: &Summary, heading: &str) -> Vec<Value> {
    let text = format!("{}*{heading}*: {}", manner.call(), lead(&summary.lead));
    let mut small = vec![manner.org(), moment(item.occurred_at), link(item.url, "Open in Patchbay")];
    small.extend(manner.remarks());
    [Some(blocks::section(text)), blocks::context(small)].into_iter().flatten().collect()
}

/// A heading, the sentence, so many fields, a small line, and buttons.
fn full(item: &Item<'_>, manner: &Manner<'_>, summary: &Summary, (heading, shown): (&str, usize)) -> Vec<Value> {
    let left_out = summary.fields.len() - shown + summary.more;
    let mut small =
        vec![manner.org(), format!("`{}`", fit(&item.event_type.replace('`', ""), 120)), moment(item.occurred_at)];
    small.extend(match left_out {
        0 => None,
        1 => Some("1 more field".to_owned()),
        n => Some(format!("{n} more fields")),
    });
    small.extend(manner.remarks());
    let parts = [
        Some(blocks::header(heading)),
        Some(blocks::section(format!("{}{}", manner.call(), lead(&summary.lead)))),
        blocks::fields(&summary.fields[..shown]),
        blocks::context(small),
        blocks::actions(buttons(item, manner, summary)),
    ];
    parts.into_iter().flatten().collect()
}

/// Open always; acknowledge what needs a look, replay what can be mended by it, until that was done.
fn buttons(item: &Item<'_>, manner: &Manner<'_>, summary: &Summary) -> Vec<Value> {
    let mut offered = vec![Action::Open];
    if !manner.test && summary.severity >= Severity::Warning {
        offered.push(Action::Acknowledge(item.delivery_id.clone()));
    }
    if let Some(id) = summary.replay.as_ref().filter(|_| !manner.test) {
        offered.push(Action::Replay(id.clone()));
    }
    let open = offered.into_iter().filter(|action| !manner.done.iter().any(|done| done.action == *action));
    open.filter_map(|action| action.button(item.url)).collect()
}
