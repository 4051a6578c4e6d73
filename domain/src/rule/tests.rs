use serde_json::json;

use super::*;
use crate::event::Matter;

fn time(text: &str) -> TimeOfDay {
    text.parse().expect("a time of day")
}

fn rule() -> Rule {
    Rule {
        id: EndpointId::new(1, [1; 10]),
        connection_id: ConnectionId::new(1, [1; 10]),
        provider_channel_id: "C1".into(),
        channel_name: "general".into(),
        channel_state: ChannelState::Fine,
        disabled_reason: None,
        channel_id: ChannelId::new(1, [2; 10]),
        event_types: vec!["invoice.*".into()],
        condition: Some(json!({"path": "data.amount", "gt": 10})),
        mention: Some(Mention::Here),
        format: Format::Full,
        batching: Batching::Daily { at: time("09:00") },
        quiet_hours: Some(QuietHours { from: time("22:00"), to: time("07:00") }),
        time_zone: "UTC".into(),
        issue: None,
        enabled: true,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

#[test]
fn a_rule_survives_the_round_trip_through_json() {
    let text = serde_json::to_value(rule()).expect("json");
    assert_eq!(text["batching"], json!({"mode": "daily", "at": "09:00"}));
    assert_eq!(text["quiet_hours"], json!({"from": "22:00", "to": "07:00"}));
    assert_eq!(text["mention"], "here");
    assert_eq!(serde_json::from_value::<Rule>(text).expect("reads back"), rule());
}

#[test]
fn a_new_rule_needs_a_channel_and_types_only() {
    let text = json!({"channel_id": ChannelId::new(1, [2; 10]), "event_types": ["*"]});
    let new: NewRule = serde_json::from_value(text.clone()).expect("good");
    assert_eq!((new.format, new.batching, new.enabled), (Format::Full, Batching::Off, true));
    assert_eq!((new.time_zone.as_str(), new.mention, new.quiet_hours), ("UTC", None, None));
    for (key, value) in [
        ("typo", json!(1)),
        ("batching", json!({"mode": "weekly"})),
        ("mention", json!("everyone")),
        ("format", json!("x")),
    ] {
        let mut wrong = text.clone();
        wrong[key] = value;
        assert!(serde_json::from_value::<NewRule>(wrong).is_err(), "{key}");
    }
}

#[test]
fn a_change_leaves_what_it_does_not_name_and_removes_what_it_sets_to_null() {
    let mut changed = rule();
    let change =
        json!({"condition": null, "mention": "user:U061F7AUR", "batching": {"mode": "hour"}, "enabled": false});
    serde_json::from_value::<RuleChange>(change).expect("good").apply(&mut changed);
    let mention = Some(Mention::User("U061F7AUR".into()));
    let expected = Rule { condition: None, mention, batching: Batching::Hour, enabled: false, ..rule() };
    assert_eq!(changed, expected);
    RuleChange::default().apply(&mut changed);
    assert_eq!(changed, expected);
    assert_eq!(serde_json::to_string(&RuleChange::default()).expect("json"), "{}");
}

#[test]
fn mentions_are_words_or_ids_of_capitals_and_digits() {
    for good in ["here", "channel", "user:U061F7AUR", "user:W012A3CDE", "group:S0614TZR7"] {
        assert_eq!(good.parse::<Mention>().expect("good").to_string(), good);
    }
    let long = format!("user:U{}", "1".repeat(30));
    for bad in ["", "everyone", "here:", "user:", "user:u061", "user:S0614TZR7", "group:U061F7AUR", "user:U1|x>", &long]
    {
        assert!(bad.parse::<Mention>().is_err(), "{bad}");
    }
}

#[test]
fn times_of_day_have_two_digits_each() {
    for good in ["00:00", "09:05", "23:59"] {
        assert_eq!(time(good).to_string(), good);
    }
    for bad in ["", "9:00", "24:00", "12:60", "12", "12:3", "+1:00", "12:000", "ab:cd"] {
        assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
    }
}

#[test]
fn quiet_hours_leave_out_their_end() {
    let night = QuietHours { from: time("22:00"), to: time("07:00") };
    for (at, quiet) in [("21:59", false), ("22:00", true), ("00:00", true), ("06:59", true), ("07:00", false)] {
        assert_eq!(night.cover(time(at)), quiet, "{at}");
    }
    let noon = QuietHours { from: time("12:00"), to: time("13:00") };
    for (at, quiet) in [("11:59", false), ("12:00", true), ("12:59", true), ("13:00", false), ("00:00", false)] {
        assert_eq!(noon.cover(time(at)), quiet, "{at}");
    }
}

#[test]
fn times_that_can_never_be_are_refused_by_field() {
    let fields = |batching, from: &str, to: &str| {
        let hours = Some(QuietHours { from: time(from), to: time(to) });
        check_times(batching, hours).into_iter().map(|detail| detail.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(Batching::Off, "22:00", "22:00"), ["quiet_hours.to"]);
    assert_eq!(fields(Batching::Daily { at: time("23:00") }, "22:00", "07:00"), ["batching.at"]);
    assert!(fields(Batching::Daily { at: time("07:00") }, "22:00", "07:00").is_empty());
    assert!(check_times(Batching::Hour, None).is_empty());
}

#[test]
fn a_matcher_asks_for_the_type_and_the_condition() {
    let rule = rule();
    let matcher = Matcher::new(&rule.event_types, rule.condition.as_ref()).expect("a good rule");
    let wants = |matcher: &Matcher, event_type, data| matcher.wants(&Matter::new(event_type, &[], None, data));
    assert!(wants(&matcher, "invoice.paid", r#"{"amount":11}"#));
    assert!(!wants(&matcher, "invoice.paid", r#"{"amount":10}"#) && !wants(&matcher, "invoice.paid", "no JSON"));
    assert!(!wants(&matcher, "order.created", r#"{"amount":11}"#));
    let all = Matcher::new(&["*".into()], None).expect("good");
    assert!(wants(&all, "order.created", "{}") && !wants(&all, "endpoint.disabled", "{}"));
}

#[test]
fn wrong_parts_of_a_matcher_are_named_as_parts_of_the_rule() {
    let field = |types: &[&str], condition: Option<Value>| {
        let types = types.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let error = Matcher::new(&types, condition.as_ref()).expect_err("wrong");
        error.problem().details[0].field.clone()
    };
    assert_eq!(field(&[], None), "event_types");
    assert_eq!(field(&["in*"], None), "event_types");
    assert_eq!(field(&["*"], Some(json!({"all": [{"path": "x", "gt": 1}]}))), "condition.all[0].path");
}
