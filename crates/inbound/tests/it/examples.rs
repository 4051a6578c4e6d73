//! Every published payload, signed as its provider signs, is verified and becomes what its fact sheet says.

use inbound::{HubEvent, Item, Outcome, Provider, read};
use serde_json::{Value, json};

use crate::signing::{NOW, Sent, secret};

/// File, the provider's type, and what it becomes: a hub type, or the word of another outcome.
const JSON: &[(Provider, &str, &str, &str)] = &[
    (Provider::Stripe, "stripe/invoice.paid", "invoice.paid", "invoice.paid"),
    (Provider::Stripe, "stripe/invoice.payment_failed", "invoice.payment_failed", "invoice.failed"),
    (Provider::Stripe, "stripe/customer.subscription.created", "customer.subscription.created", "subscription.created"),
    (Provider::Stripe, "stripe/customer.subscription.updated", "customer.subscription.updated", "subscription.updated"),
    (
        Provider::Stripe,
        "stripe/customer.subscription.deleted",
        "customer.subscription.deleted",
        "subscription.cancelled",
    ),
    (Provider::Stripe, "stripe/checkout.session.completed", "checkout.session.completed", "checkout.session.completed"),
    (
        Provider::Stripe,
        "stripe/account.application.deauthorized",
        "account.application.deauthorized",
        "app.uninstalled",
    ),
    (Provider::Clerk, "clerk/user.created", "user.created", "user.created"),
    (Provider::Clerk, "clerk/user.updated", "user.updated", "user.updated"),
    (Provider::Clerk, "clerk/user.deleted", "user.deleted", "user.deleted"),
    (Provider::Clerk, "clerk/organization.created", "organization.created", "organization.created"),
    (Provider::Clerk, "clerk/organization.updated", "organization.updated", "organization.updated"),
    (Provider::Clerk, "clerk/organization.deleted", "organization.deleted", "organization.deleted"),
    (
        Provider::Clerk,
        "clerk/organizationMembership.created",
        "organizationMembership.created",
        "organization_membership.created",
    ),
    (
        Provider::Clerk,
        "clerk/organizationMembership.deleted",
        "organizationMembership.deleted",
        "organization_membership.deleted",
    ),
    // These two files hold a reference in place of a body.
    (Provider::Clerk, "clerk/session.created", "", "unknown"),
    (Provider::Clerk, "clerk/session.ended", "", "unknown"),
    (Provider::Resend, "resend/email.sent", "email.sent", "email.sent"),
    (Provider::Resend, "resend/email.delivered", "email.delivered", "email.delivered"),
    (Provider::Resend, "resend/email.delivery_delayed", "email.delivery_delayed", "email.delivery_delayed"),
    (Provider::Resend, "resend/email.bounced", "email.bounced", "email.bounced"),
    (Provider::Resend, "resend/email.complained", "email.complained", "email.complained"),
    (Provider::Resend, "resend/email.opened", "email.opened", "email.opened"),
    (Provider::Resend, "resend/email.clicked", "email.clicked", "email.clicked"),
    (Provider::Resend, "resend/email.failed", "email.failed", "email.failed"),
    (Provider::Resend, "resend/email.received", "email.received", "email.received"),
    (Provider::Slack, "slack/message", "message", "signal.received"),
    (Provider::Slack, "slack/message_thread_reply", "message", "signal.received"),
    (Provider::Slack, "slack/message_enterprise_grid", "message", "signal.received"),
    (Provider::Slack, "slack/message_changed", "message", "message_subtype"),
    (Provider::Slack, "slack/bot_message_modern", "message", "own_message"),
    (Provider::Slack, "slack/bot_message_legacy_subtype", "message", "bot_message"),
    (Provider::Slack, "slack/app_uninstalled", "app_uninstalled", "app.uninstalled"),
    (Provider::Slack, "slack/tokens_revoked", "tokens_revoked", "app.tokens_revoked"),
    (Provider::Slack, "slack/channel_archive", "channel_archive", "unknown"),
    (Provider::Slack, "slack/app_rate_limited", "app_rate_limited", "unknown"),
    (Provider::Slack, "slack/url_verification", "url_verification", "challenge"),
    (Provider::Slack, "slack/slash_command", "slash_command", "unknown"),
    (Provider::Slack, "slack/block_actions", "block_actions", "unknown"),
    (Provider::Pylon, "pylon/trigger_webhook_recommended_template", "issue.created", "issue.created"),
    (Provider::Pylon, "pylon/trigger_webhook_minimal", "untyped", "issue.updated"),
    (Provider::Github, "github/issues_opened", "issues.opened", "issue.created"),
    (Provider::Github, "github/issues_edited", "issues.edited", "issue.updated"),
    (Provider::Github, "github/issue_comment_created", "issue_comment.created", "comment.created"),
    (Provider::Github, "github/pull_request_opened", "pull_request.opened", "pull_request.created"),
    (Provider::Github, "github/pull_request_closed", "pull_request.closed", "pull_request.closed"),
    (Provider::Github, "github/push", "push", "repository.pushed"),
    (Provider::Github, "github/ping", "ping", "unknown"),
    (Provider::Github, "github/installation_created", "installation.created", "app.installed"),
    (Provider::Github, "github/installation_deleted", "installation.deleted", "app.uninstalled"),
    (Provider::Github, "github/installation_suspend", "installation.suspend", "app.suspended"),
    (Provider::Github, "github/installation_repositories_added", "installation_repositories.added", "app.updated"),
    (
        Provider::Github,
        "github/github_app_authorization_revoked",
        "github_app_authorization.revoked",
        "app.tokens_revoked",
    ),
    (Provider::Linear, "linear/Issue_create", "Issue.create", "issue.created"),
    (Provider::Linear, "linear/Issue_update", "Issue.update", "issue.updated"),
    (Provider::Linear, "linear/Issue_remove", "Issue.remove", "issue.deleted"),
    (Provider::Linear, "linear/OAuthApp_revoked", "OAuthApp.revoked", "app.uninstalled"),
    (Provider::Jira, "jira/issue_created", "jira:issue_created", "issue.created"),
    (Provider::Jira, "jira/issue_created_admin_webhook_signed", "jira:issue_created", "issue.created"),
    (Provider::Jira, "jira/issue_updated_status_and_assignee", "jira:issue_updated", "issue.updated"),
    (Provider::Jira, "jira/issue_deleted", "jira:issue_deleted", "issue.deleted"),
    (Provider::Jira, "jira/comment_created", "comment_created", "comment.created"),
    (Provider::Notion, "notion/page_content_updated", "page.content_updated", "page.updated"),
];

/// The events of an example, after it was verified.
pub fn items(provider: Provider, file: &str) -> Option<Vec<Item>> {
    let secret = secret(provider, 1);
    let sent = Sent::example(provider, file)?.signed(&secret, NOW);
    assert_eq!(sent.word(&[&secret], NOW), "verified", "{file}");
    Some(read(provider, &sent.request()).expect(file))
}

/// The one event of an example, which is mapped.
pub fn event(provider: Provider, file: &str) -> Option<HubEvent> {
    let mut items = items(provider, file)?;
    assert_eq!(items.len(), 1, "{file}");
    match items.remove(0).outcome {
        Outcome::Mapped(event) => Some(event),
        other => panic!("{file}: {other:?}"),
    }
}

#[test]
fn every_published_payload_becomes_what_its_sheet_says() {
    for &(provider, file, provider_type, becomes) in JSON {
        let Some(items) = items(provider, file) else { return };
        let [item] = &items[..] else { panic!("{file}: {items:?}") };
        assert_eq!(item.provider_type.as_deref().unwrap_or_default(), provider_type, "{file}");
        let found = match &item.outcome {
            Outcome::Mapped(event) => &event.event_type,
            Outcome::Passed { code, reason } => {
                assert!(reason.ends_with('.'), "{reason}");
                code
            }
            Outcome::Unknown => "unknown",
            Outcome::Incomplete { missing } => missing,
        };
        assert_eq!(found, becomes, "{file}");
        if let Outcome::Mapped(event) = &item.outcome {
            assert_eq!(event.data["provider"], provider.key(), "{file}");
            assert!(event.idempotency_key.as_ref().is_none_or(|key| key.starts_with(provider.key())), "{file}");
        }
    }
}

#[test]
fn one_changed_byte_of_a_published_payload_is_refused() {
    for &(provider, file, ..) in JSON {
        let secret = secret(provider, 1);
        let Some(sent) = Sent::example(provider, file) else { return };
        let sent = sent.signed(&secret, NOW);
        for at in [0, sent.body.len() / 3, sent.body.len() - 1] {
            let mut changed = sent.clone();
            changed.body[at] ^= 1;
            assert_eq!(changed.word(&[&secret], NOW), "bad_signature", "{file}, byte {at}");
        }
    }
}

#[test]
fn invoices_and_subscriptions_of_stripe_are_in_the_hubs_words() {
    let Some(paid) = event(Provider::Stripe, "stripe/invoice.paid") else { return };
    assert_eq!(paid.idempotency_key.as_deref(), Some("stripe:evt_EXAMPLE0001"));
    let state = paid.state.unwrap();
    assert_eq!(state.subject, "invoice:in_EXAMPLE0001");
    assert_eq!(Some(state.version), paid.occurred_at_ms);
    let data = &paid.data;
    assert_eq!(data["subscription_id"], "sub_EXAMPLE0001");
    assert_eq!(
        (&data["currency"], &data["amount_paid"], &data["livemode"]),
        (&json!("USD"), &json!(2000), &json!(false))
    );

    let failed = event(Provider::Stripe, "stripe/invoice.payment_failed").unwrap().data;
    assert_eq!((&failed["attempt"], &failed["next_attempt_at"]), (&json!(1), &json!("2025-10-12T08:53:20.000Z")));
    assert_eq!(failed["failure"]["code"], "processing_error");

    let created = event(Provider::Stripe, "stripe/customer.subscription.created").unwrap();
    assert_eq!(
        created.data["plan"],
        json!({ "id": "price_1PgafmB7WZ01zgkW6dKueIc5", "name": "prod_QXg1hqf4jFNsqG", "amount": 2000, "currency": "USD",
            "interval": "month" })
    );
    assert_eq!((&created.data["status"], &created.data["quantity"]), (&json!("active"), &json!(1)));
    assert_eq!(created.data["current_period_end"], "2025-11-09T08:53:20.000Z");

    let updated = event(Provider::Stripe, "stripe/customer.subscription.updated").unwrap();
    assert_eq!(updated.data["changes"]["canceled_at"]["from"], Value::Null);
    assert!(updated.data["changes"]["canceled_at"].as_object().unwrap().contains_key("to"));

    let cancelled = event(Provider::Stripe, "stripe/customer.subscription.deleted").unwrap();
    assert_eq!((&cancelled.data["status"], cancelled.data["cancelled_at"].is_string()), (&json!("cancelled"), true));
    let [first, second, last] = [created, updated, cancelled].map(|event| event.state.unwrap());
    assert_eq!(first.subject, last.subject);
    assert!(first.version < second.version && second.version < last.version && last.ends && !second.ends);
}

#[test]
fn users_of_clerk_carry_their_state() {
    let Some(updated) = event(Provider::Clerk, "clerk/user.updated") else { return };
    assert_eq!(updated.occurred_at_ms, Some(1_716_883_200_000));
    assert_eq!(updated.idempotency_key.as_deref(), Some("clerk:msg_EXAMPLE00000000000000000001"));
    assert_eq!(updated.state.as_ref().unwrap().version, 1_716_883_500_000);
    assert_eq!(updated.data["last_name"], "Doe Updated");
    let deleted = event(Provider::Clerk, "clerk/user.deleted").unwrap();
    let state = deleted.state.unwrap();
    assert_eq!((Some(&state.subject), state.ends), (updated.state.as_ref().map(|state| &state.subject), true));
    let member = event(Provider::Clerk, "clerk/organizationMembership.created").unwrap().data;
    assert_eq!(
        (&member["organization"]["name"], &member["user"]["identifier"]),
        (&json!("Acme Corp"), &json!("jane.doe@acme.com"))
    );
}

#[test]
fn e_mail_events_of_resend_name_message_and_recipient() {
    for name in ["sent", "delivered", "delivery_delayed", "bounced", "complained", "opened", "clicked"] {
        let Some(event) = event(Provider::Resend, &format!("resend/email.{name}")) else { return };
        assert_eq!(event.data["message_id"], "56761188-7520-42d8-8898-ff6fc54ce618");
        assert_eq!(event.data["recipient"], "delivered@example.net");
        assert_eq!(event.occurred_at_ms, Some(1_771_803_672_126));
        assert_eq!(event.state.unwrap().subject, "email:56761188-7520-42d8-8898-ff6fc54ce618");
    }
    let bounced = event(Provider::Resend, "resend/email.bounced").unwrap().data;
    assert_eq!(bounced["bounce"]["type"], "Permanent");
    let clicked = event(Provider::Resend, "resend/email.clicked").unwrap().data;
    assert_eq!(clicked["click"], json!({ "url": "https://example.com/docs", "at": "2026-02-24T05:00:57.163Z" }));
}

#[test]
fn trackers_become_the_same_few_events() {
    let Some(jira) = event(Provider::Jira, "jira/issue_updated_status_and_assignee") else { return };
    assert_eq!((&jira.data["key"], &jira.data["status"]), (&json!("ED-1"), &json!("In Progress")));
    assert_eq!(jira.data["changelog"][0]["toString"], "In Progress");
    assert_eq!(jira.data["actor"]["name"], "Mia Krystof");
    assert_eq!(jira.idempotency_key.as_deref(), Some("jira:a1b2c3d4e5f6a7b8c9d0"));
    assert_eq!(jira.state.unwrap().version, 1_760_000_300_000);
    let comment = event(Provider::Jira, "jira/comment_created").unwrap();
    assert_eq!(comment.data["comment"]["text"], "Looking at it");
    assert_eq!(comment.state.unwrap().subject, "comment:10100");

    let linear = event(Provider::Linear, "linear/Issue_update").unwrap();
    assert_eq!((&linear.data["key"], &linear.data["status"]), (&json!("ENG-42"), &json!("In Progress")));
    assert_eq!(linear.data["changes"]["stateId"]["to"], "4f1b2d3c-0000-4000-8000-000000000003");
    assert_eq!(linear.state.unwrap().version, 1_769_173_500_000);

    let github = event(Provider::Github, "github/issues_opened").unwrap();
    assert_eq!(github.idempotency_key.as_deref(), Some("github:72d3162e-cc78-11e3-81ab-4c9367dc0958"));
    assert_eq!(github.data["repository"]["name"], "Codertocat/Hello-World");
    assert_eq!(github.state.unwrap().subject, "issue:444500041");
    let comment = event(Provider::Github, "github/issue_comment_created").unwrap().data;
    assert!(comment["comment"]["text"].as_str().unwrap().starts_with("You are totally right!"));

    let pylon = event(Provider::Pylon, "pylon/trigger_webhook_recommended_template").unwrap();
    assert_eq!(
        pylon.idempotency_key.as_deref(),
        Some("pylon:d290f1ee-6c54-4b01-90e6-d701748f0851:issue.created:2026-01-23T12:53:18Z")
    );
    // Without a time nothing says of two requests that they are one.
    let minimal = event(Provider::Pylon, "pylon/trigger_webhook_minimal").unwrap();
    assert_eq!((minimal.idempotency_key, minimal.state), (None, None));
}

#[test]
fn a_batch_of_hubspot_is_several_events() {
    let Some(items) = items(Provider::Hubspot, "hubspot/webhook_batch") else { return };
    let found: Vec<_> = items
        .iter()
        .map(|item| match &item.outcome {
            Outcome::Mapped(event) => (
                event.event_type.as_str(),
                event.idempotency_key.as_deref().unwrap(),
                event.state.as_ref().map(|state| (state.subject.as_str(), state.version, state.ends)).unwrap(),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                "contact.created",
                "hubspot:62515:1160452:100:1760000000000:123",
                ("contact:123", 1_760_000_000_000, false)
            ),
            (
                "contact.updated",
                "hubspot:62515:1160453:101:1760000001000:123",
                ("contact:123", 1_760_000_001_000, false)
            ),
            ("deal.deleted", "hubspot:62515:1160454:102:1760000002000:987", ("deal:987", 1_760_000_002_000, true)),
        ]
    );
    let Outcome::Mapped(changed) = &items[1].outcome else { unreachable!() };
    assert_eq!(changed.data["property"], json!({ "name": "email", "value": "jane@example.com" }));
}

#[test]
fn pages_of_notion_are_named_and_to_be_fetched() {
    let Some(updated) = event(Provider::Notion, "notion/page_content_updated") else { return };
    assert_eq!(updated.idempotency_key.as_deref(), Some("notion:367cba44-b6f3-4c92-81e7-6a2e9659efd4"));
    assert_eq!(updated.occurred_at_ms, Some(1_796_514_934_285));
    assert_eq!(updated.data["entity"], json!({ "id": "0ef104cd-477e-80e1-8571-cfd10e92339a", "type": "page" }));
    assert_eq!(updated.state.unwrap().subject, "page:0ef104cd-477e-80e1-8571-cfd10e92339a");
}

#[test]
fn what_is_expected_of_an_event_is_found_in_its_published_payload() {
    for (provider, file, kind) in [
        (Provider::Stripe, "stripe/invoice.paid", "invoice.paid"),
        (Provider::Clerk, "clerk/user.updated", "user.updated"),
        (Provider::Github, "github/issues_opened", "issues.opened"),
        (Provider::Resend, "resend/email.bounced", "email.bounced"),
    ] {
        let Some(sent) = Sent::example(provider, file) else { return };
        let values = inbound::event_values(provider, &sent.request()).unwrap();
        let [(found, value)] = &values[..] else { panic!("{file}: {}", values.len()) };
        assert_eq!(found.as_deref(), Some(kind));
        let expected = inbound::Expected::of(provider, kind);
        let is_there = |field: &inbound::Expected| {
            field.places.iter().any(|place| value.pointer(place).is_some_and(|found| !found.is_null()))
        };
        let there = expected.iter().filter(|field| is_there(field)).count();
        assert!(there * 2 > expected.len(), "{file}: {there} of {} are there", expected.len());
        let fits = |field: &inbound::Expected| {
            let found = field.places.iter().find_map(|place| value.pointer(place)).filter(|found| !found.is_null());
            found.is_none_or(|found| field.kinds.is_empty() || field.kinds.contains(&inbound::kind_of(found)))
        };
        assert!(expected.iter().all(fits), "{file}");
        for place in inbound::other_places(provider, kind) {
            assert!(place.starts_with('/'), "{place}");
        }
    }
    assert!(inbound::Expected::of(Provider::Stripe, "charge.refunded").is_empty(), "it becomes no event here");
    let mail = inbound::Expected::of(Provider::Postmark, "inbound");
    assert!(mail.iter().any(|field| field.places == ["/subject"]));
}
