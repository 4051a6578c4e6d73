use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::provider::{Next, Standing};
use crate::testing::{any_json, published};

fn failure(status: u16, retry_after: Option<&str>, body: &str) -> Failure {
    read(status, retry_after, body.as_bytes()).expect_err(body)
}

#[test]
fn a_good_answer_is_handed_on() {
    let answer = read(200, None, br#"{"ok":true,"channel":"C1","ts":"1503435956.000247"}"#).expect("good");
    assert_eq!(posted(&answer), Some(Posted { channel: "C1".into(), ts: "1503435956.000247".into() }));
    assert_eq!(posted(&json!({"ok": true, "channel": "", "ts": 7})), None);
}

#[test]
fn a_failure_is_known_by_its_word_or_else_by_its_status() {
    for (status, body, error) in [
        (200, r#"{"ok":false,"error":"channel_not_found"}"#, SlackError::ChannelNotFound),
        (200, r#"{"ok":false,"error":"brand_new"}"#, SlackError::Unknown("brand_new".into())),
        (200, r#"{"ok":true,"error":"is_archived"}"#, SlackError::IsArchived),
        (200, r#"{"ok":"true"}"#, SlackError::InternalError),
        (200, "", SlackError::InternalError),
        (429, r#"{"ok":false,"error":"ratelimited"}"#, SlackError::Ratelimited),
        (429, "<html>", SlackError::Ratelimited),
        (500, "<html>", SlackError::InternalError),
        (502, r#"{"ok":true}"#, SlackError::InternalError),
        (503, "<html>", SlackError::ServiceUnavailable),
        (503, r#"{"ok":false,"error":"fatal_error"}"#, SlackError::FatalError),
        (404, "<html>", SlackError::Unknown("http_404".into())),
        (302, "", SlackError::Unknown("http_302".into())),
    ] {
        assert_eq!(failure(status, None, body).error, error, "{status} {body}");
    }
}

#[test]
fn a_wait_is_believed_within_reason() {
    let wait = |header: &str| failure(429, Some(header), "").retry_after_s;
    for (header, seconds) in
        [("30", Some(30)), (" 0 ", Some(0)), ("-5", Some(0)), ("1000000000", Some(86_400)), ("soon", None)]
    {
        assert_eq!(wait(header), seconds, "{header}");
    }
    let meaning = failure(429, Some("30"), "").meaning();
    assert_eq!((meaning.connection, meaning.next), (Some(Standing::RateLimited), Next::Retry { after_s: Some(30) }));
}

#[test]
fn a_missing_permission_is_named() {
    let body = r#"{"ok":false,"error":"missing_scope","needed":"channels:join","provided":"chat:write"}"#;
    let failure = failure(200, None, body);
    assert_eq!(failure.meaning().connection, Some(Standing::MissingScope { needed: Some("channels:join".into()) }));
    assert_eq!(failure.to_string(), "Slack answered 200 missing_scope");
}

#[test]
fn a_page_of_channels_may_be_empty_and_go_on() {
    let page = |channels: Value, cursor: &str| json!({"ok": true, "channels": channels, "response_metadata": {"next_cursor": cursor}});
    assert_eq!(channels(&page(json!([]), "abc")), (vec![], Some("abc".into())));
    let (list, cursor) = channels(&page(json!([{"id": "G1", "name": "ops", "is_private": true}, {"id": "C2"}, 7]), ""));
    assert_eq!((list.len(), cursor), (1, None));
    assert_eq!(list[0].state(), ChannelState::NotInvited);
    assert_eq!(channels(&json!({"ok": true})), (vec![], None));
}

#[test]
fn the_examples_are_read() {
    let Some(list) = published("../examples/slack/api_conversations_list.json") else { return };
    let (list, cursor) = channels(&list["response"]);
    let alerts = Listed {
        provider_id: "C2147483705".into(),
        name: "alerts".into(),
        topic: String::new(),
        members: Some(4),
        private: false,
        joined: true,
        archived: false,
    };
    assert_eq!((list, cursor.as_deref()), (vec![alerts], Some("dGVhbTpDMDYxRkE1UEI=")));
    let install_of = |name: &str| published(name).and_then(|file| install(&file["response"])).expect("an install");
    let team = install_of("../examples/slack/api_oauth_v2_access.json");
    assert_eq!((team.label(), team.org_wide, team.scopes.len()), ("Example Workspace", false, 3));
    assert_eq!((team.app_id.as_str(), team.bot_user_id.as_str()), ("A0EXAMPLE01", "U0BOTEXMPL"));
    let org = install_of("../examples/slack/api_oauth_v2_access_org_wide.json");
    assert_eq!((org.label(), org.org_wide, org.team.clone()), ("Example Org", true, None));
    let sent = published("../examples/slack/api_chat_postMessage.json").expect("beside the others");
    assert!(posted(&sent["response"]).is_some());
    for (name, error) in [("ratelimited", SlackError::Ratelimited), ("missing_scope", SlackError::MissingScope)] {
        let file = published(&format!("../examples/slack/api_error_{name}.json")).expect("beside the others");
        let body = file["response"].to_string();
        assert_eq!(failure(200, None, &body).error, error);
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_fall(status in any::<u16>(), header in ".{0,12}", bytes in proptest::collection::vec(any::<u8>(), 0..200), value in any_json()) {
        let _ = read(status, Some(&header), &bytes);
        let _ = read(status, None, value.to_string().as_bytes());
        let _ = (posted(&value), channels(&value), channel(&value), install(&value));
    }
}
