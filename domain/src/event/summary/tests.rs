//! Summaries of the standard types' samples, word for word, and of anything else.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MAX_FIELDS, MAX_LABEL, MAX_VALUE, Severity, Span, Summary, severity, summarise, title, value};
use crate::event_type::{catalogue, standard};
use crate::testing::any_json;

fn of_sample(name: &str) -> Summary {
    summarise(name, &standard::find(name).expect("a standard type").sample)
}

fn fields(summary: &Summary) -> Vec<String> {
    summary.fields.iter().map(|field| format!("{}: {}", field.label, field.value.bare())).collect()
}

#[test]
fn each_standard_type_tells_its_story() {
    for (name, title, lead) in [
        ("entity.created", "Customer created", "Northwind Traders (cus_4Hn8sYt1Wb) was created by Dana Whitfield."),
        ("entity.updated", "Customer changed", "Customer cus_4Hn8sYt1Wb was changed in 3 fields by Dana Whitfield."),
        ("entity.deleted", "Project deleted", "Project prj_93ac was deleted by Dana Whitfield."),
        (
            "user.invited",
            "Member invited",
            "marta.lindqvist@northwind.example was invited as member by Dana Whitfield.",
        ),
        ("user.joined", "Member joined", "Marta Lindqvist (marta.lindqvist@northwind.example) joined as member."),
        (
            "user.removed",
            "Member removed",
            "Marta Lindqvist (marta.lindqvist@northwind.example) was removed by Dana Whitfield.",
        ),
        (
            "subscription.created",
            "Subscription created",
            "Customer cus_4Hn8sYt1Wb subscribed to Team: 5 × 49.00 EUR a month.",
        ),
        (
            "subscription.updated",
            "Subscription changed",
            "Customer cus_4Hn8sYt1Wb has a changed subscription to Business: 5 × 129.00 EUR a month.",
        ),
        (
            "subscription.cancelled",
            "Subscription cancelled",
            "Customer cus_4Hn8sYt1Wb cancelled Business: 5 × 129.00 EUR a month.",
        ),
        ("invoice.paid", "Invoice paid", "Invoice 2026-08812 over 655.00 EUR was paid."),
        (
            "invoice.failed",
            "Payment failed",
            "The payment of invoice 2026-08812 over 655.00 EUR failed: The account does not have sufficient funds.",
        ),
        ("jira.issue.created", "Issue created", "ED-12 “Invoice failed: 2026-08812” was made in Jira."),
        ("jira.issue.updated", "Issue changed", "ED-12 “Invoice failed: 2026-08812” was changed in Jira."),
        (
            "jira.issue.commented",
            "Comment on an issue",
            "ED-12 “Invoice failed: 2026-08812” has a new comment in Jira.",
        ),
        ("jira.issue.deleted", "Issue deleted", "ED-12 “Invoice failed: 2026-08812” was deleted in Jira."),
        ("endpoint.failing", "Endpoint failing", "Billing sync failed 50 times in a row. At 100 it is disabled."),
        (
            "endpoint.disabled",
            "Endpoint disabled",
            "Billing sync was disabled: 100 deliveries failed in a row. Its deliveries are kept.",
        ),
        ("endpoint.recovered", "Endpoint recovered", "Billing sync takes deliveries again."),
        (
            "delivery.exhausted",
            "Delivery failed for good",
            "A delivery of invoice.paid to Billing sync failed for good after 8 attempts. It can be replayed.",
        ),
        (
            "delivery.recovered",
            "Delivery recovered",
            "A delivery of invoice.paid to Billing sync that had failed for good arrived by a replay.",
        ),
        ("health.degraded", "Health degraded", "Delivery rate is 96.2 %, less than 99 %."),
        ("health.recovered", "Health recovered", "Delivery rate is within its limit again."),
        ("installation.degraded", "Installation degraded", "Delivery rate is 97.1 %, less than 99 %."),
        ("installation.recovered", "Installation recovered", "Delivery rate is within its limit again."),
    ] {
        let summary = of_sample(name);
        assert_eq!((summary.title.as_str(), summary.lead.bare().as_str()), (title, lead), "{name}");
        assert_eq!(summary.severity, severity(name), "{name}");
    }
}

#[test]
fn no_standard_type_is_told_as_if_it_were_unknown() {
    for name in catalogue::NAMES {
        assert!(!summarise(name, &json!({})).lead.bare().contains("An event of type"), "{name}");
    }
}

#[test]
fn fields_carry_what_the_sentence_leaves_out() {
    assert_eq!(
        fields(&of_sample("entity.updated")),
        [
            "Address city: Utrecht → Rotterdam",
            "Credit limit: nothing → 250000",
            "Email: accounts@northwind.example → billing@northwind.example",
        ]
    );
    assert_eq!(
        fields(&of_sample("invoice.failed")),
        [
            "Customer: cus_4Hn8sYt1Wb",
            "Subscription: sub_7Qk2mX9dLr",
            "Attempt: 1",
            "Next attempt: 2026-12-05T06:00:00.000Z",
            "Failed: 2026-12-02T06:14:09.000Z",
        ]
    );
    assert_eq!(
        fields(&of_sample("health.degraded")),
        ["Now: 96.2 %", "Limit: 99 %", "Noticed: 2026-11-22T14:02:11.000Z"]
    );
    let last = summarise("invoice.failed", &json!({"number": "7", "next_attempt_at": null}));
    assert_eq!(fields(&last), ["Next attempt: none: this was the last one"]);
}

#[test]
fn only_a_dead_letter_with_a_good_id_can_be_replayed() {
    let id = "dlv_01kbm9c2h4n6p8r0s2t4v6w8xy";
    let replay = |name: &str, data: Value| summarise(name, &data).replay.map(|id| id.to_string());
    assert_eq!(replay("delivery.exhausted", json!({"delivery_id": id})).as_deref(), Some(id));
    assert_eq!(replay("delivery.recovered", json!({"delivery_id": id})), None);
    assert_eq!(replay("delivery.exhausted", json!({"delivery_id": "dlv_1\" or"})), None);
}

#[test]
fn somebody_who_removed_themselves_left() {
    let data = json!({"user": {"id": "usr_1", "email": "a@b.example"}, "removed_by": {"type": "user", "id": "usr_1"}});
    assert_eq!(summarise("user.removed", &data).lead.bare(), "a@b.example left.");
}

#[test]
fn an_own_type_shows_what_matters_first_and_counts_the_rest() {
    let data = json!({
        "order": {"id": "ord_7", "lines": [{"sku": 1}, {"sku": 2}], "address": {"city": "Oslo"}},
        "status": "open", "name": "Ada", "zeta": 1, "empty": "", "tags": ["a", "b", "c", "d", "e", "f"],
        "created_at": "2026-11-22T14:02:11Z", "paid": true, "a": 1, "b": 2, "c": 3,
    });
    let summary = summarise("order.line_item.added", &data);
    assert_eq!((summary.title.as_str(), summary.severity), ("Order line item added", Severity::Info));
    assert_eq!(summary.lead.bare(), "An event of type order.line_item.added.");
    assert_eq!(
        fields(&summary),
        [
            "Name: Ada",
            "Order id: ord_7",
            "Status: open",
            "A: 1",
            "B: 2",
            "C: 3",
            "Created at: 2026-11-22T14:02:11.000Z",
            "Paid: yes",
            "Tags: a, b, c, d, e and 1 more",
            "Zeta: 1",
        ]
    );
    assert_eq!(summary.more, 3);
    assert_eq!(summary.fields[1].value.0, [Span::Code("ord_7".into())]);
}

#[test]
fn what_the_sentence_says_is_no_field_again() {
    assert_eq!(
        fields(&of_sample("entity.created")),
        ["Email: accounts@northwind.example", "Country: NL", "Tags: wholesale, priority"]
    );
    let summary = summarise("build.failed", &json!({"message": "Out of disk", "detail": {"message": "/tmp is full"}}));
    assert_eq!(
        (summary.lead.bare().as_str(), fields(&summary)),
        ("Out of disk", vec!["Detail message: /tmp is full".into()])
    );
}

#[test]
fn what_lies_deep_is_shown_as_json_and_what_is_long_is_cut() {
    let deep = summarise("a.b", &json!({"a": {"b": {"c": {"d": {"e": [1, {"f": 2}]}}}}}));
    assert_eq!(fields(&deep), [r#"A b c d: {"e":[1,{"f":2}]}"#]);
    let long = summarise("a.b", &json!({"text": "é".repeat(5000), "list": vec!["x".repeat(500); 9]}));
    for field in &long.fields {
        assert_eq!(field.value.bare().chars().count(), MAX_VALUE, "{}", field.label);
        assert!(field.value.bare().ends_with('…'));
    }
    for (data, shown) in [(json!([1, 2]), "Value: 1, 2"), (json!("x"), "Value: x"), (json!({"a": {}}), "A: (empty)")] {
        assert_eq!(fields(&summarise("a.b", &data)), [shown]);
    }
    assert!(fields(&summarise("a.b", &json!({}))).is_empty() && fields(&summarise("a.b", &json!(null))).is_empty());
}

#[test]
fn money_has_the_digits_of_its_currency() {
    for (amount, currency, text) in [
        (65_500, "EUR", "655.00 EUR"),
        (123_456_789, "USD", "1,234,567.89 USD"),
        (5, "EUR", "0.05 EUR"),
        (-1_250, "EUR", "-12.50 EUR"),
        (5_000, "JPY", "5,000 JPY"),
        (1_500, "KWD", "1.500 KWD"),
        (100, "", "1.00"),
        (i64::MIN, "EUR", "-92,233,720,368,547,758.08 EUR"),
    ] {
        assert_eq!(value::money(amount, currency), text);
    }
}

#[test]
fn a_title_is_made_of_plain_words_whatever_the_type_is() {
    for (name, words) in [("order.created", "Order created"), ("a<b>.&c", "A b c"), ("", "Event"), ("…", "Event")] {
        assert_eq!(title(name), words);
    }
    assert_eq!(summarise("entity.created", &json!({"entity": "<!here>"})).title, "Record created");
}

proptest! {
    #[test]
    fn any_data_of_any_type_becomes_a_short_summary(
        data in any_json(), name in prop_oneof![proptest::sample::select(&catalogue::NAMES[..]).prop_map(str::to_owned), ".{0,120}"],
    ) {
        let summary = summarise(&name, &data);
        prop_assert!(!summary.title.is_empty() && summary.title.chars().count() <= 120);
        prop_assert!(summary.title.chars().all(|c| c.is_ascii_alphanumeric() || c == ' '), "{}", summary.title);
        prop_assert!(!summary.lead.bare().is_empty() && summary.fields.len() <= MAX_FIELDS);
        for field in &summary.fields {
            prop_assert!((1..=MAX_LABEL).contains(&field.label.chars().count()), "{:?}", field.label);
            prop_assert!(!field.value.bare().is_empty(), "{:?}", field.label);
        }
        let spans = summary.fields.iter().flat_map(|field| &field.value.0).chain(&summary.lead.0);
        for span in spans {
            let (Span::Text(text) | Span::Strong(text) | Span::Code(text)) = span else { continue };
            prop_assert!(text.chars().count() <= MAX_VALUE);
        }
    }
}
