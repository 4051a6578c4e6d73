//! What vendors send, signed as they sign, becomes events that are delivered; and what is not theirs becomes nothing.

use super::*;
use crate::db::testing::both;
use crate::event_type;
use crate::source::{InboundState, SourceChange, SourceChannel, SourceStatus};

const STRIPE: &str = "whsec_EXAMPLEnotARealSecret0000";
const SVIX: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

both!(what_stripe_signs_is_told_once_and_delivered, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &receiver.url, json!({})).await;
    let request = desk.take(&desk.stripe(&invoice("evt_1"))).await;
    assert_eq!((request.summary.verdict, request.summary.state), (InboundVerdict::Verified, InboundState::Processed));
    assert_eq!(request.summary.provider_event_id.as_deref(), Some("evt_1"));
    assert_eq!(request.outcomes[0].event_type.as_deref(), Some("invoice.paid"));
    let seen = receiver.seen();
    assert_eq!(seen.len(), 1);
    assert!(
        seen[0].contains(r#""event_type":"invoice.paid""#) && seen[0].contains(r#""amount_paid":4900"#),
        "{}",
        seen[0]
    );
    let events = desk.events().await;
    assert_eq!((events.len(), &events[0].1["source_id"]), (1, &json!(desk.source.id)));
    // Nothing that opens the address or signs is kept with it.
    let token = desk.source.url.rsplit('/').next().expect("a token");
    let shown = serde_json::to_string(&request).expect("JSON");
    assert!(!shown.contains(token) && !shown.contains(STRIPE) && shown.contains("/in/stripe/{token}"), "{shown}");
    assert!(request.base_string.expect("what was signed").contains(r#".{"#));
});

both!(what_clerk_resend_and_github_sign_is_told, |hub| {
    let hub = hub.with_org().await;
    let clerk = Desk::open(&hub, "clerk", Some(SVIX)).await;
    let user = json!({
        "data": {"id": "user_1", "first_name": "Ada", "primary_email_address_id": "idn_1", "updated_at": 1_795_356_000_000_i64,
            "email_addresses": [{"id": "idn_1", "email_address": "ada@example.com"}]},
        "object": "event", "type": "user.created", "timestamp": 1_795_356_000_000_i64, "instance_id": "ins_1",
    });
    clerk.take(&clerk.svix("msg_1", &user)).await;
    let resend = Desk::open(&hub, "resend", Some(SVIX)).await;
    let bounce = json!({
        "type": "email.bounced", "created_at": "2026-11-22T10:00:00.000Z",
        "data": {"email_id": "em_1", "to": ["bob@example.com"], "subject": "Hi", "created_at": "2026-11-22T09:59:00.000Z",
            "bounce": {"type": "Permanent", "subType": "General", "message": "no such user"}},
    });
    resend.take(&resend.svix("msg_1", &bounce)).await;
    let github = Desk::open(&hub, "github", None).await;
    let issue = json!({
        "action": "opened", "repository": {"id": 1, "full_name": "acme/site", "html_url": "https://github.com/acme/site"},
        "issue": {"id": 7, "number": 7, "title": "Broken", "html_url": "https://github.com/acme/site/issues/7",
            "created_at": "2026-11-22T10:00:00Z", "updated_at": "2026-11-22T10:00:00Z", "user": {"login": "ada", "id": 3}},
        "sender": {"login": "ada", "id": 3},
    });
    github.take(&github.github("issues", "d-1", &issue)).await;
    let events = github.events().await;
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["user.created", "email.bounced", "issue.created"]);
    assert_eq!(
        (&events[0].1["email"], &events[1].1["bounce"]["type"]),
        (&json!("ada@example.com"), &json!("Permanent"))
    );
    // Their types are the organization's own from now on, so that endpoints can choose them by name.
    let types = event_type::actions::list(&hub, &github.owner).await.expect("types");
    for name in names {
        assert!(types.iter().any(|known| known.name == name), "{name}");
    }
});

both!(of_a_list_of_hubspots_each_event_says_who_changed_it_and_by_which_source_it_came, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "hubspot", Some("hubspot-app-secret")).await;
    let (first, second) = (
        contact_change(1, "contact.creation", 1_795_356_000_000),
        contact_change(2, "contact.propertyChange", 1_795_356_001_000),
    );
    let request = desk.take(&desk.hubspot(&json!([first, second]))).await;
    assert_eq!(outcomes(&request), [OutcomeKind::Published; 2]);
    for (_, data) in desk.events().await {
        assert_eq!((&data["source_id"], &data["change_source_id"]), (&json!(desk.source.id), &json!("userId:9")));
    }
});

both!(what_is_not_signed_rightly_is_kept_with_the_cause_and_told_to_nobody, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let good = desk.stripe(&invoice("evt_1"));
    let old = Sent::new(good.body.clone()).with(
        "Stripe-Signature",
        &signature::sign_stripe(&[&TextKey::new(STRIPE)], hub.now().seconds() - 301, &good.body),
    );
    let changed = Sent { body: [good.body.as_slice(), b" "].concat(), ..good.clone() };
    for (sent, cause) in [
        (Sent::new(good.body.clone()), "missing_signature"),
        (desk.stripe_by("whsec_another", &invoice("evt_1")), "bad_signature"),
        (changed, "bad_signature"),
        (old, "stale_timestamp"),
    ] {
        let error = desk.post(&sent).await.expect_err("refused");
        assert_eq!((error.status(), error.problem().code.as_str()), (401, cause));
    }
    drain(&hub).await.expect("nothing to do");
    let all = desk.all().await;
    assert!(
        all.iter().all(|request| request.verdict == InboundVerdict::Rejected && request.state == InboundState::Refused)
    );
    assert_eq!((all.len(), desk.events().await.len()), (4, 0));
    let figures = actions::figures(&hub, &desk.owner, &desk.source.id).await.expect("figures");
    let causes: Vec<_> = figures.rejected.iter().map(|count| (count.cause.as_str(), count.count)).collect();
    assert_eq!(causes, [("bad_signature", 2), ("missing_signature", 1), ("stale_timestamp", 1)]);
    assert_eq!(
        (figures.received, figures.verified, figures.verified_share, figures.is_waiting),
        (4, 0, Some(0.0), true)
    );
    let whole = desk.request(&all[1].id).await;
    assert_eq!(whole.body.expect("a body").as_bytes(), [good.body.as_slice(), b" "].concat());
    let refused = requests::replay(&hub, &desk.owner, &all[1].id).await.expect_err("refused");
    assert_eq!(refused.status(), 409);
});

both!(a_source_without_a_secret_says_so_and_one_that_is_disabled_refuses, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", None).await;
    assert!(desk.source.secrets.is_empty());
    let sent = desk.stripe_by(STRIPE, &invoice("evt_1"));
    assert_eq!(desk.post(&sent).await.expect_err("no secret").status(), 503);
    let change = crate::source::SourceChange { status: Some(SourceStatus::Disabled), ..Default::default() };
    actions::update(&hub, &desk.owner, &desk.source.id, change).await.expect("disabled");
    assert_eq!(desk.post(&sent).await.expect_err("disabled").status(), 403);
    let causes: Vec<_> = desk.all().await.into_iter().filter_map(|request| request.cause).collect();
    assert_eq!(causes, ["disabled", "no_secret"]);
});

both!(an_unknown_type_is_kept_and_shown, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let mut other = invoice("evt_1");
    other["type"] = json!("charge.refunded");
    let request = desk.take(&desk.stripe(&other)).await;
    assert_eq!(outcomes(&request), [OutcomeKind::Unknown]);
    assert_eq!(request.summary.provider_event_type.as_deref(), Some("charge.refunded"));
    assert!(desk.events().await.is_empty());
});

both!(of_slacks_channels_those_that_are_chosen_are_told, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "slack", Some("8f742231b10e8888abcd99yyyzzz85a5")).await;
    let say = async |channel: &str, ts: &str| {
        let body = json!({
            "type": "event_callback", "team_id": "T1", "event_id": format!("Ev{ts}"), "api_app_id": "A1",
            "event": {"type": "message", "channel": channel, "user": "U1", "text": "help", "ts": ts, "channel_type": "channel"},
        });
        let (body, now) = (body.to_string().into_bytes(), hub.now().seconds().to_string());
        let mac = signature::hmac(Algorithm::Sha256, desk.secret.as_bytes(), &[b"v0:", now.as_bytes(), b":", &body]);
        let sent = Sent::new(body).with("X-Slack-Request-Timestamp", &now);
        desk.take(&sent.with("X-Slack-Signature", &format!("v0={}", signature::hex(&mac)))).await
    };
    let choose = async |ids: &[&str]| {
        let channels = ids.iter().map(|id| SourceChannel { id: (*id).into(), name: "help".into() }).collect();
        let change = SourceChange { channels: Some(channels), ..SourceChange::default() };
        actions::update(&hub, &desk.owner, &desk.source.id, change).await
    };
    assert_eq!(
        outcomes(&say("C1", "1355517523.000001").await),
        [OutcomeKind::Published],
        "none is chosen: all are told"
    );
    assert_eq!(choose(&["C2", "C2", "C3"]).await.expect("chosen").channels.len(), 2);
    let elsewhere = say("C1", "1355517523.000002").await;
    assert_eq!(elsewhere.outcomes[0].code.as_deref(), Some("other_channel"));
    assert_eq!(outcomes(&say("C2", "1355517523.000003").await), [OutcomeKind::Published]);
    assert_eq!(desk.events().await.len(), 2);
    assert_eq!(choose(&["#help"]).await.expect_err("no id").problem().details[0].field, "channels");
    assert!(choose(&[]).await.expect("all").channels.is_empty());
    let other = Desk::open(&hub, "bearer", None).await;
    let change = SourceChange {
        channels: Some(vec![SourceChannel { id: "C1".into(), name: String::new() }]),
        ..SourceChange::default()
    };
    assert!(actions::update(&hub, &desk.owner, &other.source.id, change).await.is_err());
});
