//! What is not in the published payloads: shapes of older interfaces, unknown types, what lacks something, and
//! challenges.

use inbound::{Challenge, Item, Outcome, Provider, ReadError, challenge, read};
use serde_json::{Value, json};

use crate::signing::Sent;

fn one(provider: Provider, body: &Value) -> Item {
    let sent = Sent::json(provider, body).with("svix-id", "msg_1").with("x-github-event", "issues");
    let mut items = read(provider, &sent.request()).expect("an event");
    assert_eq!(items.len(), 1);
    items.remove(0)
}

fn data(provider: Provider, body: &Value) -> Value {
    match one(provider, body).outcome {
        Outcome::Mapped(event) => event.data,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_older_shapes_of_stripe_are_read() {
    let invoice = json!({ "id": "evt_1", "type": "invoice.paid", "created": 1_700_000_000,
        "data": { "object": { "id": "in_1", "subscription": "sub_1", "currency": "eur",
            "status_transitions": { "paid_at": 1_699_999_999 } } } });
    let paid = data(Provider::Stripe, &invoice);
    assert_eq!((&paid["subscription_id"], &paid["paid_at"]), (&json!("sub_1"), &json!("2023-11-14T22:13:19.000Z")));
    let subscription = json!({ "id": "evt_1", "type": "customer.subscription.updated", "created": 1_700_000_000,
        "data": { "object": { "id": "sub_1", "status": "unpaid", "current_period_end": 1_700_000_100,
            "items": { "data": [{ "price": { "id": "price_1" } }] } }, "previous_attributes": { "status": "past_due" } } });
    let updated = data(Provider::Stripe, &subscription);
    assert_eq!((&updated["status"], &updated["provider_status"]), (&json!("past_due"), &json!("unpaid")));
    assert_eq!(updated["current_period_end"], "2023-11-14T22:15:00.000Z");
    assert_eq!(updated["changes"], json!({ "status": { "from": "past_due", "to": "unpaid" } }));
}

#[test]
fn sessions_of_clerk_and_the_primary_address_are_read() {
    let session = json!({ "type": "session.created", "timestamp": 1_716_883_200_123_i64, "data": { "id": "sess_1",
        "user_id": "user_1", "status": "active", "updated_at": 1_716_883_200_100_i64 } });
    let item = one(Provider::Clerk, &session);
    assert_eq!(item.occurred_at_ms, Some(1_716_883_200_123));
    let Outcome::Mapped(event) = item.outcome else { panic!("{item:?}") };
    assert_eq!((event.event_type.as_str(), &event.data["user_id"]), ("session.created", &json!("user_1")));
    let user = |primary: Value| {
        data(
            Provider::Clerk,
            &json!({ "type": "user.created", "data": { "id": "user_1", "primary_email_address_id": primary,
            "email_addresses": [{ "id": "idn_1", "email_address": "a@x" }, { "id": "idn_2", "email_address": "b@x" }] } }),
        )
    };
    assert_eq!((&user(json!("idn_2"))["email"], &user(json!(null))["email"]), (&json!("b@x"), &json!("a@x")));
}

#[test]
fn an_unknown_type_is_kept_with_its_id_and_time() {
    let item = one(Provider::Stripe, &json!({ "id": "evt_1", "type": "payout.paid", "created": 1_700_000_000 }));
    assert_eq!((item.provider_id.as_deref(), item.provider_type.as_deref()), (Some("evt_1"), Some("payout.paid")));
    assert_eq!((item.occurred_at_ms, item.outcome), (Some(1_700_000_000_000), Outcome::Unknown));
    for body in [json!(null), json!(7), json!("x"), json!([]), json!({}), json!({ "type": 7, "id": [] })] {
        for provider in Provider::ALL.into_iter().filter(|provider| !provider.is_email()) {
            let items = read(provider, &Sent::json(provider, &body).request()).unwrap();
            assert!(items.iter().all(|item| !matches!(&item.outcome, Outcome::Passed { .. })), "{provider} {body}");
        }
    }
    let none = Sent::json(Provider::Hubspot, &json!([]));
    assert_eq!(read(Provider::Hubspot, &none.request()), Ok(vec![]));
}

#[test]
fn what_lacks_its_subject_is_kept_as_incomplete() {
    let lacking = one(Provider::Stripe, &json!({ "id": "evt_1", "type": "invoice.paid", "data": { "object": {} } }));
    assert_eq!(lacking.outcome, Outcome::Incomplete { missing: "/data/object/id".to_owned() });
    let thin = one(Provider::Stripe, &json!({ "id": "evt_1", "object": "v2.core.event", "type": "invoice.paid" }));
    assert!(matches!(thin.outcome, Outcome::Passed { code, .. } if code == "thin_event"));
    let template = one(Provider::Pylon, &json!({ "event": "issue.created", "issue_id": "{{ issue.nr }}" }));
    assert!(matches!(template.outcome, Outcome::Passed { code, .. } if code == "unresolved_template"));
}

#[test]
fn github_may_send_a_form() {
    let payload =
        json!({ "action": "opened", "issue": { "id": 1, "title": "a & b", "updated_at": "2026-01-23T12:53:18Z" } });
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish();
    let sent = Sent::new(Provider::Github, "application/x-www-form-urlencoded", form).with("X-GitHub-Event", "issues");
    let items = read(Provider::Github, &sent.request()).unwrap();
    let Outcome::Mapped(event) = &items[0].outcome else { panic!("{items:?}") };
    assert_eq!((event.event_type.as_str(), &event.data["title"]), ("issue.created", &json!("a & b")));
    // Without the header with its id, a delivery has none.
    assert_eq!(event.idempotency_key, None);
}

#[test]
fn anyone_elses_body_is_the_data_of_one_event() {
    let body = json!({ "type": "order.paid", "timestamp": "2026-01-23T12:53:18Z", "data": { "n": 1 } });
    let sent = Sent::json(Provider::Standard, &body).with("webhook-id", "msg_1");
    let items = read(Provider::Standard, &sent.request()).unwrap();
    assert_eq!(
        (items[0].provider_type.as_deref(), items[0].occurred_at_ms),
        (Some("order.paid"), Some(1_769_172_798_000))
    );
    let Outcome::Mapped(event) = &items[0].outcome else { panic!("{items:?}") };
    assert_eq!(
        (event.event_type.as_str(), event.idempotency_key.as_deref()),
        ("webhook.received", Some("standard:msg_1"))
    );
    assert_eq!(event.data, json!({ "provider": "standard", "body": body }));
}

#[test]
fn only_what_cannot_be_read_at_all_is_an_error() {
    for provider in Provider::ALL {
        let sent = Sent::new(provider, "application/json", "{");
        let error = if provider == Provider::Sendgrid { ReadError::BadForm } else { ReadError::BadJson };
        assert_eq!(read(provider, &sent.request()), Err(error), "{provider}");
    }
}

#[test]
fn challenges_are_recognised_and_not_shown() {
    let slack = Sent::json(Provider::Slack, &json!({ "type": "url_verification", "challenge": "abc" }));
    assert_eq!(challenge(Provider::Slack, &slack.request()), Some(Challenge::Echo("abc".to_owned())));
    let notion = Sent::json(Provider::Notion, &json!({ "verification_token": "secret_1" }));
    let found = challenge(Provider::Notion, &notion.request()).unwrap();
    assert_eq!(found, Challenge::Secret("secret_1".to_owned()));
    assert_eq!(format!("{found:?}"), "Secret(…)");
    for provider in Provider::ALL {
        for sent in [&slack, &notion] {
            let expected = provider == sent.provider;
            assert_eq!(challenge(provider, &sent.request()).is_some(), expected, "{provider}");
        }
        assert_eq!(challenge(provider, &Sent::new(provider, "application/json", "[").request()), None);
    }
    let event = Sent::json(Provider::Slack, &json!({ "type": "event_callback", "challenge": "abc" }));
    assert_eq!(challenge(Provider::Slack, &event.request()), None);
}

#[test]
fn the_published_handshakes_are_challenges() {
    for (provider, file, text) in [
        (Provider::Slack, "slack/url_verification", "3eZbrw1aBm2rZgRNFdxV2595E9CYEXAMPLE"),
        (Provider::Notion, "notion/verification", "EXAMPLE-verification-token"),
    ] {
        let Some(sent) = Sent::example(provider, file) else { return };
        match challenge(provider, &sent.request()) {
            Some(Challenge::Echo(found) | Challenge::Secret(found)) => assert_eq!(found, text),
            None => panic!("{file}"),
        }
    }
}
