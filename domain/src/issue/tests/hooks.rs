//! Webhooks at Jira are what the rules need, and stay.

use super::*;

const DAY_MS: i64 = 86_400_000;

impl World {
    /// Lets more than an hour pass, so slowly that the token is renewed before it is needed.
    async fn look_again(&self) {
        for _ in 0..10 {
            self.look_after().await;
            self.pass(420_000);
        }
        self.look_after().await;
    }

    async fn rule_in(&self, id: &ConnectionId, key: &str) -> EndpointId {
        let project = self.project(id, key).await;
        let types = actions::issue_types(&self.hub, &self.owner, id, &project.id).await.expect("types");
        let issue = json!({ "issue_type_id": types[0].id, "issue_type_name": types[0].name });
        let new = json!({ "channel_id": project.id, "event_types": ["invoice.*"], "issue": issue });
        let new: NewRule = serde_json::from_value(new).expect("a rule");
        let rule = rule::actions::create(&self.hub, &self.owner, new).await.expect("a rule");
        self.look_after().await;
        rule.id
    }
}

both!(webhooks_are_registered_for_the_projects_of_rules_renewed_and_taken_back, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let hooks = || world.jira.webhooks(&world.site);
    assert!(hooks().is_empty(), "nothing to hear of yet");
    let first = world.rule_in(&id, "ED").await;
    assert_eq!(hooks().len(), 1);
    assert!(hooks()[0].url.ends_with(&format!("/jira/{id}")), "{:?}", hooks());
    let second = world.rule_in(&id, "OPS").await;
    let ops = world.project(&id, "OPS").await.provider_id;
    assert_eq!(hooks().len(), 1, "one for both");
    assert!(hooks()[0].jql.contains(&ops), "{}", hooks()[0].jql);
    let (known, until) = (hooks()[0].id, hooks()[0].expires_at_ms);
    world.pass(3_600_000);
    world.look_after().await;
    assert_eq!((hooks()[0].id, hooks()[0].expires_at_ms), (known, until), "it is left alone");
    for _ in 0..6 {
        world.pass(10 * DAY_MS);
        world.look_again().await;
        assert_eq!(hooks()[0].id, known);
        assert!(hooks()[0].expires_at_ms > world.hub.now().plus_ms(15 * DAY_MS).0);
    }
    rule::actions::delete(&world.hub, &world.owner, &first).await.expect("deleted");
    world.look_after().await;
    assert!(hooks().len() == 1 && hooks()[0].id != known);
    rule::actions::delete(&world.hub, &world.owner, &second).await.expect("deleted");
    world.look_after().await;
    assert!(hooks().is_empty());
    world.rule_in(&id, "ED").await;
    connection::actions::disconnect(&world.hub, &world.owner, &id).await.expect("gone");
    assert!(hooks().is_empty(), "taken back at the end");
    world.jira.assert_understood();
});

both!(what_is_left_of_a_connection_that_is_gone_makes_room_and_a_refusal_is_told, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule_in(&id, "ED").await;
    world.jira.fail_next("getDynamicWebhooksForApp", Fault::Status(500));
    connection::actions::disconnect(&world.hub, &world.owner, &id).await.expect("gone");
    assert_eq!(world.jira.webhooks(&world.site).len(), 1, "Jira did not answer");
    let id = world.connect().await;
    world.rule_in(&id, "ED").await;
    let hooks = world.jira.webhooks(&world.site);
    assert!(hooks.len() == 1 && hooks[0].url.ends_with(id.as_str()), "{hooks:?}");
    world.jira.fail_next("registerDynamicWebhooks", Fault::Error("Only a single URL per app is allowed".into()));
    world.rule_in(&id, "OPS").await;
    let connection = world.connection(&id).await;
    let problem = connection.problem.expect("a problem");
    assert!(problem.contains("does not hear") && problem.contains("single URL"), "{problem}");
    world.look_again().await;
    assert_eq!(world.connection(&id).await.problem, None, "the next look mended it");
});
