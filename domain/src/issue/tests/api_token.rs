//! Sites that are connected by a person's API token.

use simulators::jira::AdminWebhook;

use super::*;
use crate::connection::ConnectionAccess;
use crate::connection::api_token::{self, NewApiToken};

impl World {
    fn token(&self) -> NewApiToken {
        let (email, api_token) = self.jira.make_api_token(&self.jira.everybody()[0].account_id);
        NewApiToken { site_url: self.jira.sites()[0].url.clone(), email, api_token }
    }
}

both!(a_site_is_connected_by_an_api_token_and_both_sides_are_kept_in_step, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let fields = |error: crate::Error| {
        let problem = error.problem();
        assert!(!problem.details.is_empty(), "{problem:?}");
        problem.details.into_iter().map(|detail| detail.field).collect::<Vec<_>>()
    };
    let connect = async |new: &NewApiToken| api_token::connect(&world.hub, &world.owner, new).await;
    let good = world.token();
    for (wrong, field) in [
        (NewApiToken { site_url: "https://example.com".into(), ..good.clone() }, "site_url"),
        (NewApiToken { email: "nobody".into(), ..good.clone() }, "email"),
        (NewApiToken { api_token: "a b".into(), ..good.clone() }, "api_token"),
        (NewApiToken { api_token: "wrong".into(), ..good.clone() }, "api_token"),
    ] {
        assert_eq!(fields(connect(&wrong).await.expect_err(field)), [field]);
    }
    assert!(api_token::connect(&world.hub, &world.hub.caller(Role::Member), &good).await.is_err());
    let made = connect(&good).await.expect("a connection");
    let id = made.id;
    world.look_after().await;
    let connection = world.connection(&id).await;
    assert!(connection.access == ConnectionAccess::ApiToken && connection.missing_scopes.is_empty());
    assert_eq!((connection.state, connection.channel_count), (ConnectionState::Healthy, 4));
    world.rule(&id, json!({})).await;
    world.post("invoice.failed", failed("inv_1", 1)).await;
    assert_eq!((world.statuses().await, world.issues().len()), (vec![DeliveryStatus::Delivered], 1));

    let setup = api_token::webhook_setup(&world.hub, &world.owner, &id).await.expect("a webhook");
    assert!(api_token::webhook_setup(&world.hub, &world.hub.caller(Role::Member), &id).await.is_err());
    let events = ["jira:issue_updated", "comment_created"].map(str::to_owned).to_vec();
    let by_hand =
        |secret: &str| AdminWebhook { url: setup.url.clone(), secret: secret.to_owned(), events: events.clone() };
    world.jira.add_admin_webhook(&world.site, by_hand(&setup.secret));
    let key = world.issues()[0].key.clone();
    let ada = world.jira.everybody()[1].account_id.clone();
    world.jira.as_person(&world.site, &ada).transition(&key, "In Progress");
    world.hear().await;
    assert_eq!(world.events("jira.issue.updated").await[0]["changes"][0]["to"], "In Progress");
    world.jira.add_admin_webhook(&world.site, by_hand("another"));
    world.jira.as_person(&world.site, &ada).comment(&key, "hello");
    world.jira.settled().await;
    let forged = world.door.seen().last().expect("a webhook").clone();
    assert_eq!(world.give(&forged).await.expect_err("another secret").problem().code, "unauthenticated");

    world.jira.end_api_tokens(&good.email);
    world.post("invoice.failed", failed("inv_1", 2)).await;
    assert_eq!(world.connection(&id).await.state, ConnectionState::NeedsReconnect);
    assert_ne!(world.statuses().await[0], DeliveryStatus::Failed, "it is kept");
    let again = connect(&world.token()).await.expect("a new token");
    assert_eq!((again.id, again.state), (id.clone(), ConnectionState::Healthy));
    let after = api_token::webhook_setup(&world.hub, &world.owner, &id).await.expect("the same");
    assert_eq!(after, setup, "what was entered by hand still holds");
    world.pass(600_000);
    drain(&world.hub).await.expect("drained");
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 2]);
    world.jira.assert_understood();
});
