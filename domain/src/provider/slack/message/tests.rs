//! What messages say, and that they keep Slack's limits and published schemas whatever they are made of.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::event_type::{catalogue, standard};
use crate::id::{DeliveryId, EventId};
use crate::provider::slack::blocks;
use crate::provider::slack::published::Schema;
use crate::provider::slack::text::length;
use crate::provider::telling::{Counts, Item};
use crate::testing::any_json;

const URL: &str = "https://hub.example/deliveries/dlv_01kbm8a1f3h5k7n9q1s3v5x7z9?tab=event&a=1";
const AT: Timestamp = Timestamp(1_795_356_131_408);

fn delivery() -> DeliveryId {
    "dlv_01kbm8a1f3h5k7n9q1s3v5x7z9".parse().expect("an id")
}

fn event() -> EventId {
    "evt_01kbm8a1f3h5k7n9q1s3v5x7z9".parse().expect("an id")
}

/// Calls `told` with an item of this type and data.
fn with_item<T>(event_type: &str, data: &Value, told: impl FnOnce(Item<'_>) -> T) -> T {
    let (delivery_id, event_id) = (delivery(), event());
    told(Item { delivery_id: &delivery_id, event_id: &event_id, event_type, data, occurred_at: AT, url: URL })
}

fn sample(name: &str, manner: &Manner<'_>) -> Message {
    with_item(name, &standard::find(name).expect("standard").sample, |item| one(&item, manner))
}

fn full() -> Manner<'static> {
    Manner::new("Northwind & Co", Format::Full)
}

#[test]
fn a_grave_event_in_full() {
    let here = Mention::Here;
    let message = sample("endpoint.disabled", &Manner { mention: Some(&here), ..full() });
    assert_eq!(
        message.text,
        "<!here> 🔴 Critical · Endpoint disabled: Billing sync was disabled: 100 deliveries failed in a row. Its deliveries \
         are kept. (Northwind &amp; Co) https://hub.example/deliveries/dlv_01kbm8a1f3h5k7n9q1s3v5x7z9?tab=event&amp;a=1"
    );
    let mrkdwn = |text: &str| json!({"type": "mrkdwn", "text": text, "verbatim": true});
    let plain = |text: &str| json!({"type": "plain_text", "text": text, "emoji": true});
    assert_eq!(
        Value::from(message.blocks),
        json!([
            {"type": "header", "text": plain("🔴 Critical · Endpoint disabled")},
            {"type": "section", "text": mrkdwn(
                "<!here> *Billing sync* was disabled: 100 deliveries failed in a row. Its deliveries are kept."
            )},
            {"type": "section", "fields": [
                mrkdwn("*URL*\n`https://hooks.northwind.example/billing`"),
                mrkdwn("*Disabled*\n<!date^1795364433^{date_short_pretty} at {time}|2026-11-22 16:20 UTC>"),
            ]},
            {"type": "context", "elements": [
                mrkdwn("Northwind &amp; Co"),
                mrkdwn("`endpoint.disabled`"),
                mrkdwn("<!date^1795356131^{date_short_pretty} at {time}|2026-11-22 14:02 UTC>"),
            ]},
            {"type": "actions", "elements": [
                {"type": "button", "action_id": "patchbay_open", "text": plain("Open in Patchbay"), "url": URL},
                {"type": "button", "action_id": "patchbay_acknowledge", "text": plain("Acknowledge"), "value": delivery()},
            ]},
        ])
    );
    assert_eq!(
        message.metadata,
        json!({"event_type": "patchbay_event", "event_payload": {
            "delivery_id": delivery(), "event_id": event(), "event_type": "endpoint.disabled",
        }})
    );
}

#[test]
fn a_compact_message_is_a_line_and_a_small_one() {
    let message = sample("invoice.paid", &Manner::new("Northwind", Format::Compact));
    let texts: Vec<&str> = texts(&message.blocks);
    assert_eq!(message.blocks.len(), 2);
    assert_eq!(texts[0], "*✅ Success · Invoice paid*: Invoice *2026-08812* over *655.00 EUR* was paid.");
    assert_eq!(
        texts[3],
        "<https://hub.example/deliveries/dlv_01kbm8a1f3h5k7n9q1s3v5x7z9?tab=event&amp;a=1|Open in Patchbay>"
    );
}

fn buttons(message: &Message) -> Vec<&str> {
    let actions = message.blocks.iter().filter(|block| block["type"] == "actions");
    let all = actions.flat_map(|block| block["elements"].as_array().into_iter().flatten());
    all.filter_map(|button| button["action_id"].as_str()?.strip_prefix("patchbay_")).collect()
}

#[test]
fn buttons_are_there_as_long_as_they_help() {
    let dead: DeliveryId = "dlv_01kbm9c2h4n6p8r0s2t4v6w8xy".parse().expect("the sample's");
    let done = [Done { action: Action::Replay(dead), by: "U2147483697".into(), at: AT }];
    let after = sample("delivery.exhausted", &Manner { done: &done, ..full() });
    assert_eq!(buttons(&sample("invoice.paid", &full())), ["open"]);
    assert_eq!(buttons(&sample("delivery.exhausted", &full())), ["open", "acknowledge", "replay"]);
    assert_eq!(buttons(&after), ["open", "acknowledge"]);
    assert!(texts(&after.blocks).iter().any(|text| text.starts_with("Replayed by <@U2147483697> <!date^")));
    let test = sample("delivery.exhausted", &Manner { test: true, ..full() });
    assert_eq!(buttons(&test), ["open"]);
    assert!(texts(&test.blocks).contains(&"*Test*: nothing happened.") && test.text.starts_with("Test: "));
}

#[test]
fn a_message_that_goes_elsewhere_says_what_it_was_meant_for() {
    let message = sample("invoice.paid", &Manner { instead_of: Some("#old <!here>"), ..full() });
    assert!(texts(&message.blocks).contains(&"Meant for #old &lt;!here&gt;, which takes no messages at the moment."));
}

#[test]
fn fields_that_do_not_fit_are_counted() {
    let mut data: Value = (0..12).map(|n| (format!("{n:02}{}", "漢".repeat(50)), json!("漢".repeat(300)))).collect();
    data["message"] = "漢".repeat(300).into();
    let message = with_item("order.created", &data, |item| one(&item, &full()));
    let shown = message.blocks.iter().find_map(|block| block["fields"].as_array()).expect("some fields").len();
    assert!((6..10).contains(&shown), "{shown}");
    assert!(texts(&message.blocks).contains(&format!("{} more fields", 12 - shown).as_str()));
}

#[test]
fn a_digest_counts_and_tells_the_first() {
    let data = standard::find("invoice.paid").expect("standard").sample.clone();
    let mut counts = Counts::of(std::iter::repeat_n("invoice.paid", 8));
    counts.add("invoice.failed", 3);
    counts.add("invoice.failed", 1);
    let told = |format| {
        with_item("invoice.paid", &data, |item| {
            digest(&[item; 8], &counts, "https://hub.example/deliveries", &Manner::new("Acme", format))
        })
    };
    let message = told(Format::Full);
    assert_eq!(
        message.text,
        "⚠️ Warning · 12 events: 8 × invoice.paid, 4 × invoice.failed (Acme) https://hub.example/deliveries"
    );
    let seen = texts(&message.blocks);
    assert_eq!(seen[..2], ["⚠️ Warning · 12 events", "Acme\n• 8 × `invoice.paid`\n• 4 × `invoice.failed`"]);
    assert_eq!(seen.iter().filter(|text| text.contains("|✅ Success · Invoice paid>*: Invoice")).count(), 5);
    assert!(seen.contains(&"<https://hub.example/deliveries|and 7 more>"));
    assert_eq!(message.metadata["event_payload"]["deliveries"].as_array().map(Vec::len), Some(8));
    let lines = told(Format::Compact);
    assert!(texts(&lines.blocks).contains(&"<https://hub.example/deliveries|and 4 more>"));
    assert_eq!(buttons(&lines), ["open"]);
}

#[test]
fn a_digest_of_many_types_names_the_most_frequent() {
    let mut counts = Counts::of((0..30).map(|n| format!("type.number_{n:02}")));
    counts.add("type.number_29", 4);
    let message = digest(&[], &counts, "https://hub.example", &full());
    let section = texts(&message.blocks)[1];
    assert!(
        section.contains("• 5 × `type.number_29`\n• 1 × `type.number_00`")
            && section.ends_with("• 20 of 20 other types")
    );
}

/// Every text of all blocks, from first to last.
fn texts(blocks: &[Value]) -> Vec<&str> {
    fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Array(list) => list.iter().for_each(|value| collect(value, found)),
            Value::Object(map) => match (map.get("text"), map.get("type").and_then(Value::as_str)) {
                (Some(Value::String(text)), Some("mrkdwn" | "plain_text")) => found.push(text),
                _ => ["text", "fields", "elements"]
                    .iter()
                    .filter_map(|key| map.get(*key))
                    .for_each(|value| collect(value, found)),
            },
            _ => {}
        }
    }
    let mut found = Vec::new();
    blocks.iter().for_each(|block| collect(block, &mut found));
    found
}

/// Holds a message to the limits that Slack documents.
fn check_limits(message: &Message) {
    let within = |text: &Value, max: usize| {
        let length = length(text["text"].as_str().expect("a text"));
        assert!((1..=max).contains(&length), "{length} of {max}: {text}");
    };
    let list = |value: &Value, max: usize| -> Vec<Value> {
        let list = value.as_array().expect("a list").clone();
        assert!((1..=max).contains(&list.len()), "{} of {max}", list.len());
        list
    };
    assert!((1..4000).contains(&length(&message.text)));
    assert!(serde_json::to_vec(&message.blocks).expect("json").len() <= blocks::MAX_BYTES);
    for block in list(&Value::from(message.blocks.clone()), 50) {
        match block["type"].as_str().expect("a type") {
            "header" => within(&block["text"], 150),
            "section" => {
                if block.get("text").is_some() {
                    within(&block["text"], 3000);
                }
                if block.get("fields").is_some() {
                    list(&block["fields"], 10).iter().for_each(|field| within(field, 2000));
                }
            }
            "context" => list(&block["elements"], 10).iter().for_each(|element| within(element, 2000)),
            "actions" => {
                for button in list(&block["elements"], 25) {
                    within(&button["text"], 75);
                    let of = |key: &str| button[key].as_str().map_or(0, length);
                    assert!(of("value") <= 2000 && of("url") <= 3000 && of("action_id") <= 255);
                }
            }
            "divider" => {}
            other => panic!("{other}"),
        }
    }
}

/// Holds that nothing is markup but what we made so: dates, links to our pages, and people that we named.
fn check_markup(message: &Message) {
    for text in texts(&message.blocks).into_iter().chain([message.text.as_str()]) {
        for (at, _) in text.match_indices('<') {
            let ours = ["<!date^", "<https://hub.example/", "<!here>", "<@U2147483697>"];
            assert!(ours.iter().any(|mark| text[at..].starts_with(mark)), "{text}");
        }
        for (at, _) in text.match_indices('&') {
            assert!(["&amp;", "&lt;", "&gt;"].iter().any(|entity| text[at..].starts_with(entity)), "{text}");
        }
    }
}

#[test]
fn each_standard_event_keeps_the_published_schemas() {
    let (Some(post), Some(update)) = (Schema::of("req_chat_postMessage"), Schema::of("req_chat_update")) else {
        return;
    };
    for name in catalogue::NAMES {
        for manner in [full(), Manner::new("Acme", Format::Compact)] {
            let message = sample(name, &manner);
            check_limits(&message);
            check_markup(&message);
            post.check(&message.post("C2147483705"));
            update.check(&message.update("C2147483705", "1503435956.000247"));
        }
    }
}

/// Everything that a message is made of.
#[derive(Debug)]
struct Made {
    items: Vec<(String, Value, i64, String)>,
    org: String,
    format: Format,
    manner: (bool, bool, bool),
    moved: Option<String>,
}

fn any_made() -> impl Strategy<Value = Made> {
    let name =
        prop_oneof![3 => proptest::sample::select(&catalogue::NAMES[..]).prop_map(str::to_owned), 1 => ".{0,150}"];
    let url = prop_oneof![3 => Just(URL.to_owned()), 1 => ".{0,40}", 1 => "[&=a]{1000,4000}".prop_map(|rest| format!("https://hub.example/{rest}"))];
    let at = prop_oneof![any::<i64>(), Just(AT.0)];
    let items = proptest::collection::vec((name, any_json(), at, url), 1..7);
    let format = prop_oneof![Just(Format::Full), Just(Format::Compact)];
    (items, ".{0,200}", format, any::<(bool, bool, bool)>(), proptest::option::of(".{0,150}"))
        .prop_map(|(items, org, format, manner, moved)| Made { items, org, format, manner, moved })
}

/// One message of the first event and a digest of all.
fn make(made: &Made) -> [Message; 2] {
    let (delivery_id, event_id) = (delivery(), event());
    let items: Vec<Item<'_>> = made
        .items
        .iter()
        .map(|(event_type, data, at, url)| Item {
            delivery_id: &delivery_id,
            event_id: &event_id,
            event_type,
            data,
            occurred_at: Timestamp(*at),
            url,
        })
        .collect();
    let (mentions, test, was_done) = made.manner;
    let here = Mention::Here;
    let done = Done { action: Action::Acknowledge(delivery()), by: "U2147483697".into(), at: AT };
    let done = vec![done; if was_done { 6 } else { 0 }];
    let manner = Manner {
        org: &made.org,
        format: made.format,
        mention: mentions.then_some(&here),
        test,
        instead_of: made.moved.as_deref(),
        done: &done,
    };
    let mut counts = Counts::of(made.items.iter().map(|item| &item.0));
    counts.add(&made.org, usize::from(u16::MAX));
    (0..20).for_each(|n| counts.add(&format!("{n}{}", "漢".repeat(200)), 1));
    [one(&items[0], &manner), digest(&items, &counts, &made.items[0].3, &manner)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn any_data_of_any_type_keeps_the_limits_and_mentions_nobody(made in any_made()) {
        for message in make(&made) {
            check_limits(&message);
            check_markup(&message);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_data_of_any_type_keeps_the_published_schema(made in any_made()) {
        static POST: std::sync::LazyLock<Option<Schema>> = std::sync::LazyLock::new(|| Schema::of("req_chat_postMessage"));
        for (message, post) in make(&made).iter().zip(std::iter::repeat(POST.as_ref())) {
            if let Some(post) = post {
                post.check(&message.post("C2147483705"));
            }
        }
    }
}
