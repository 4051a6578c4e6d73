//! Events told in an issue: the summary line, the description, a comment.

use serde_json::Value;

use super::adf::Document;
use super::facts::MAX_LINE;
use crate::event::summary::{Span, Summary, Words, summarise};
use crate::time::Timestamp;

/// An event to tell of.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Its type.
    pub event_type: &'a str,
    /// Its data.
    pub data: &'a Value,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The page that shows it.
    pub url: &'a str,
}

/// The summary of an issue: one line, of a length that Jira takes.
#[must_use]
pub fn line(item: &Item<'_>) -> String {
    let summary = summarise(item.event_type, item.data);
    one_line(&format!("{}: {}", summary.title, summary.lead.bare()))
}

/// A text as one line that Jira takes as a summary: without line ends and control characters, not empty, not too long.
#[must_use]
pub fn one_line(text: &str) -> String {
    let flat = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>();
    let flat = flat.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.chars().count() {
        0 => "(no summary)".to_owned(),
        1..MAX_LINE => flat,
        _ => flat.chars().take(MAX_LINE - 2).chain(['…']).collect(),
    }
}

/// The description of an issue: what happened, what else matters, where to look.
#[must_use]
pub fn description(item: &Item<'_>) -> Value {
    let summary = summarise(item.event_type, item.data);
    told(Document::default(), item, &summary).build()
}

/// A comment on an issue that is there already.
#[must_use]
pub fn comment(item: &Item<'_>) -> Value {
    let summary = summarise(item.event_type, item.data);
    let heading = format!("{} {}", summary.severity.mark(), summary.title);
    told(Document::default().paragraph(&Words(vec![Span::Strong(heading)])), item, &summary).build()
}

fn told(document: Document, item: &Item<'_>, summary: &Summary) -> Document {
    let field = |field: &crate::event::summary::Field| {
        let label = Words(vec![Span::Strong(field.label.clone()), Span::Text(": ".to_owned())]);
        label.then(field.value.clone())
    };
    let mut fields: Vec<Words> = summary.fields.iter().map(field).collect();
    match summary.more {
        0 => {}
        1 => fields.push(Words::plain("1 more field")),
        more => fields.push(Words::plain(format!("{more} more fields"))),
    }
    let origin = Words::default().code(item.event_type).text(" · ").time(item.occurred_at);
    document.paragraph(&summary.lead).list(&fields).paragraph(&origin).link("Open in Patchbay", item.url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::any_json;

    fn item<'a>(event_type: &'a str, data: &'a Value) -> Item<'a> {
        let occurred_at = Timestamp(1_795_356_131_408);
        Item { event_type, data, occurred_at, url: "https://hub.example/events/evt_1" }
    }

    #[test]
    fn an_event_is_told_with_its_fields_its_type_and_a_link() {
        let data = json!({ "number": "2026-08812", "amount_paid": 65_500, "currency": "EUR",
            "customer_id": "Acme <&> Co", "paid_at": "2026-11-22T14:00:00Z" });
        let description = description(&item("invoice.paid", &data)).to_string();
        for part in ["bulletList", "invoice.paid", "2026-11-22T14:02:11.408Z", "https://hub.example/events/evt_1"] {
            assert!(description.contains(part), "{part}: {description}");
        }
        let comment = comment(&item("invoice.paid", &data));
        assert_eq!(comment["content"][0]["content"][0]["marks"][0]["type"], "strong");
        assert!(
            line(&item("invoice.paid", &data)).starts_with("Invoice paid: "),
            "{}",
            line(&item("invoice.paid", &data))
        );
    }

    #[test]
    fn a_line_is_one_line_that_jira_takes() {
        assert_eq!(one_line(" a\r\n b\tc "), "a b c");
        assert_eq!(one_line("\n"), "(no summary)");
        assert_eq!(one_line(&"é".repeat(254)).chars().count(), 254);
        assert_eq!(one_line(&"é".repeat(255)).chars().count(), 254);
    }

    proptest! {
        #[test]
        fn whatever_the_data_is_line_and_document_can_be_made(data in any_json(), event_type in "[a-z.]{1,30}") {
            let item = item(&event_type, &data);
            let line = line(&item);
            prop_assert!(!line.is_empty() && line.chars().count() < MAX_LINE && !line.contains(['\n', '\r']));
            for document in [description(&item), comment(&item)] {
                prop_assert_eq!(&document["type"], "doc");
                prop_assert!(document["content"].as_array().is_some_and(|blocks| blocks.len() >= 2));
            }
        }
    }
}
