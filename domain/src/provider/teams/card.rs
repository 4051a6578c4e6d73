//! Messages: events as Adaptive Cards of version 1.5, the newest that Teams renders.
//!
//! [`one()`] tells of an event, [`digest()`] of several at once; what they say comes from [`crate::event::summary`]. All of it stands
//! in text runs, in which Teams reads no markup: whatever the data is, it is shown as it is. A message keeps under the 28 KB that
//! a workflow and Graph take: fields go first, then whole events, and the card says how many.

use serde_json::{Value, json};

use super::graph;
use crate::event::summary::{Severity, Span, Summary, Words, summarise};
use crate::provider::telling::{Counts, Item};
use crate::rule::Format;
use crate::time::Timestamp;

/// What a message may have, in bytes: below the 28 KB of a workflow and of Graph.
const MAX_BYTES: usize = 26 * 1024;
/// The longest text of a run, in characters.
const MAX_TEXT: usize = 900;
/// Types that are counted by name; the others are counted together.
const MAX_TYPES: usize = 10;
/// Events that are told one by one, in full and as lines.
const MAX_FULL: usize = 5;
const MAX_LINES: usize = 15;
/// Fields of an event in a digest.
const MAX_FIELDS: usize = 4;

/// How to tell it.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'a> {
    /// The organization that it is about.
    pub org: &'a str,
    /// How much is told.
    pub format: Format,
    /// Whether somebody only wants to see how it looks: nothing happened.
    pub test: bool,
    /// The channel that it was meant for, where it goes to another one.
    pub instead_of: Option<&'a str>,
}

impl Manner<'_> {
    /// The small line below.
    fn small(&self, parts: impl IntoIterator<Item = String>) -> Value {
        let test = self.test.then(|| "Test: nothing happened".to_owned());
        let moved = self.instead_of.map(|name| format!("For {}, which takes no messages any more", cut(name)));
        let all: Vec<String> = test.into_iter().chain(moved).chain([cut(self.org)]).chain(parts).collect();
        lines([json!({ "type": "TextRun", "text": all.join(" · "), "size": "Small", "isSubtle": true })])
    }
}

/// A message of one event.
#[must_use]
pub fn one(item: &Item<'_>, manner: &Manner<'_>) -> Value {
    let summary = summarise(item.event_type, item.data);
    let most = if manner.format == Format::Full { summary.fields.len() } else { 0 };
    let card = |shown: usize| {
        let left_out = summary.fields.len() - shown + summary.more;
        let more = (manner.format == Format::Full && left_out > 0)
            .then(|| if left_out == 1 { "1 more field".to_owned() } else { format!("{left_out} more fields") });
        let small = [cut(item.event_type), moment(item.occurred_at)].into_iter().chain(more);
        let mut body = vec![heading(summary.severity, &summary.title), lines(runs(&summary.lead))];
        body.extend(summary.fields[..shown].iter().map(|field| field_line(&field.label, &field.value)));
        body.push(manner.small(small));
        message(body, item.url)
    };
    // Without any field it always fits.
    (0..=most).rev().map(card).find(fits).unwrap_or_else(|| card(0))
}

/// A message of all events that were counted, of which `first` are at hand; `url` is the page that lists them all.
#[must_use]
pub fn digest(first: &[Item<'_>], counts: &Counts, url: &str, manner: &Manner<'_>) -> Value {
    let total = counts.total().max(first.len());
    let title = if total == 1 { "1 event".to_owned() } else { format!("{total} events") };
    let most = first.len().min(if manner.format == Format::Full { MAX_FULL } else { MAX_LINES });
    let told: Vec<(&Item<'_>, Summary)> =
        first[..most].iter().map(|item| (item, summarise(item.event_type, item.data))).collect();
    let card = |shown: usize| {
        let mut body = vec![heading(counts.severity(), &title)];
        body.extend(counted(counts).into_iter().map(|words| lines([text(&words)])));
        for (item, summary) in &told[..shown] {
            body.push(separated(lines(
                [strong(&format!("{} {}: ", summary.severity.mark(), summary.title))]
                    .into_iter()
                    .chain(runs(&summary.lead))
                    .chain([subtle(&format!(" · {}", moment(item.occurred_at)))]),
            )));
            if manner.format == Format::Full {
                let fields = &summary.fields[..summary.fields.len().min(MAX_FIELDS)];
                body.extend(fields.iter().map(|field| field_line(&field.label, &field.value)));
            }
        }
        let more = (total > shown).then(|| format!("and {} more", total - shown));
        body.push(manner.small(more));
        message(body, url)
    };
    // Without any event it always fits.
    (0..=most).rev().map(card).find(fits).unwrap_or_else(|| card(0))
}

/// `5 × invoice.paid`, the most frequent first.
fn counted(counts: &Counts) -> Vec<String> {
    let sorted = counts.sorted();
    let mut words: Vec<String> =
        sorted.iter().take(MAX_TYPES).map(|(name, count)| format!("{count} × {}", cut(name))).collect();
    let rest: usize = sorted.iter().skip(MAX_TYPES).map(|(_, count)| count).sum();
    if rest > 0 {
        words.push(format!("{rest} of {} other types", sorted.len() - MAX_TYPES));
    }
    words
}

/// What a workflow takes: a message with one card.
fn message(body: Vec<Value>, url: &str) -> Value {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let actions: Vec<Value> = is_web
        .then(|| json!({ "type": "Action.OpenUrl", "title": "Open in Patchbay", "url": url }))
        .into_iter()
        .collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.5",
                "msteams": { "width": "Full" },
                "body": body,
                "actions": actions,
            },
        }],
    })
}

/// Whether it fits both ways to a channel: to Graph the card goes as a text, in which every quotation mark counts twice.
fn fits(message: &Value) -> bool {
    graph::body(message, None).to_string().len() <= MAX_BYTES
}

/// `🔴 Critical · Endpoint disabled`.
fn heading(severity: Severity, title: &str) -> Value {
    let words = format!("{} {} · {}", severity.mark(), severity.word(), cut(title));
    lines([json!({ "type": "TextRun", "text": words, "size": "Medium", "weight": "Bolder" })])
}

fn field_line(label: &str, value: &Words) -> Value {
    let mut line = lines([subtle(&format!("{}: ", cut(label)))].into_iter().chain(runs(value)));
    line["spacing"] = "Small".into();
    line
}

fn separated(mut block: Value) -> Value {
    block["separator"] = true.into();
    block
}

fn lines(runs: impl IntoIterator<Item = Value>) -> Value {
    json!({ "type": "RichTextBlock", "inlines": runs.into_iter().collect::<Vec<_>>() })
}

fn runs(words: &Words) -> Vec<Value> {
    let run = |span: &Span| match span {
        Span::Text(words) => text(words),
        Span::Strong(words) => strong(words),
        Span::Code(words) => json!({ "type": "TextRun", "text": cut(words), "fontType": "Monospace" }),
        Span::Time(at) => text(&moment(*at)),
    };
    words.0.iter().map(run).collect()
}

fn text(words: &str) -> Value {
    json!({ "type": "TextRun", "text": cut(words) })
}

fn strong(words: &str) -> Value {
    json!({ "type": "TextRun", "text": cut(words), "weight": "Bolder" })
}

fn subtle(words: &str) -> Value {
    json!({ "type": "TextRun", "text": cut(words), "isSubtle": true })
}

/// `2026-11-28 01:24 UTC`: text runs know no reader's time zone.
fn moment(at: Timestamp) -> String {
    at.rfc3339().get(..16).map_or_else(|| at.rfc3339(), |text| format!("{} UTC", text.replace('T', " ")))
}

/// A text that is not too long.
fn cut(words: &str) -> String {
    match words.char_indices().nth(MAX_TEXT) {
        None => words.to_owned(),
        Some((end, _)) => format!("{}…", &words[..end]),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jsonschema::Validator;
    use proptest::prelude::*;

    use super::*;
    use crate::id::{DeliveryId, EventId};
    use crate::testing::{any_json, published};

    const URL: &str = "https://hub.example/deliveries/dlv_01kbm8a1f3h5k7n9q1s3v5x7z9";
    const AT: Timestamp = Timestamp(1_795_356_131_408);
    const MANNER: Manner<'static> = Manner { org: "Acme", format: Format::Full, test: false, instead_of: None };

    /// The published schema, compiled once.
    static SCHEMA: LazyLock<Option<Validator>> = LazyLock::new(|| {
        let schema = published("adaptive-cards/adaptive-card-1.5.0.json")?;
        Some(jsonschema::validator_for(&schema).expect("published schemas are schemas"))
    });

    /// Holds a message to the schema and the limits.
    fn check(message: &Value) {
        for sent in [message.to_string(), graph::body(message, None).to_string()] {
            assert!(sent.len() <= MAX_BYTES, "{} bytes", sent.len());
        }
        let mut card = message["attachments"][0]["content"].clone();
        // Teams' own part is not in the published schema.
        card.as_object_mut().expect("a card").remove("msteams");
        if let Some(schema) = SCHEMA.as_ref() {
            let wrong: Vec<String> = schema.iter_errors(&card).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{wrong:?} in {card}");
        }
    }

    fn ids() -> (DeliveryId, EventId) {
        (DeliveryId::new(1, [1; 10]), EventId::new(1, [2; 10]))
    }

    fn item<'a>(ids: &'a (DeliveryId, EventId), event_type: &'a str, data: &'a Value) -> Item<'a> {
        Item { delivery_id: &ids.0, event_id: &ids.1, event_type, data, occurred_at: AT, url: URL }
    }

    #[test]
    fn an_event_is_told_with_its_fields_and_the_page_that_shows_it() {
        let (ids, data) = (ids(), json!({ "customer": "Globex", "note": "*not* [bold](https://evil.example)" }));
        let message = one(&item(&ids, "order.shipped", &data), &MANNER);
        check(&message);
        let text = message.to_string();
        assert!(text.contains("Globex") && text.contains("order.shipped") && text.contains("Acme"), "{text}");
        assert!(text.contains("2026-") && text.contains(URL) && !text.contains("Test:"), "{text}");
        assert!(!text.contains(r#""TextBlock""#), "text blocks read markup");
        let test = one(&item(&ids, "order.shipped", &data), &Manner { test: true, ..MANNER });
        assert!(test.to_string().contains("Test: nothing happened"));
        let moved = one(&item(&ids, "order.shipped", &data), &Manner { instead_of: Some("Finance: Old"), ..MANNER });
        check(&moved);
        assert!(moved.to_string().contains("For Finance: Old, which"));
        let compact = one(&item(&ids, "order.shipped", &data), &Manner { format: Format::Compact, ..MANNER });
        assert!(compact.to_string().len() < text.len());
    }

    #[test]
    fn a_digest_counts_what_it_does_not_tell() {
        let (ids, data) = (ids(), json!({ "n": 1 }));
        let items: Vec<_> = (0..20).map(|_| item(&ids, "user.created", &data)).collect();
        let mut counts = Counts::of(items.iter().map(|item| item.event_type));
        counts.add("invoice.paid", 300);
        let message = digest(&items, &counts, URL, &MANNER);
        check(&message);
        let text = message.to_string();
        assert!(text.contains("320 events") && text.contains("300 × invoice.paid"), "{text}");
        assert!(text.contains("and 315 more"), "{text}");
    }

    proptest! {
        #[test]
        fn whatever_the_data_is_a_message_keeps_the_limits_and_the_schema(data in any_json(), name in "[a-z]{1,20}\\.[a-z]{1,20}") {
            let ids = ids();
            let one_item = item(&ids, &name, &data);
            for format in [Format::Full, Format::Compact] {
                let manner = Manner { format, ..MANNER };
                check(&one(&one_item, &manner));
                let many = vec![one_item; 20];
                let counts = Counts::of(many.iter().map(|item| item.event_type));
                check(&digest(&many, &counts, URL, &manner));
            }
        }
    }
}
