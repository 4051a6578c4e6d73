//! From issues to events.

use simulators::jira::NewIssue;

use super::*;

async fn linked(base: &TestHub, more: Value) -> (World, ConnectionId, Rule) {
    let world = World::new(base).await;
    let id = world.connect().await;
    let rule = world.rule(&id, more).await;
    world.post("invoice.failed", failed("inv_1", 100)).await;
    (world, id, rule)
}

fn summary(value: &str) -> Value {
    json!({ "field": "summary", "name": "Summary", "kind": "line", "value": value })
}

both!(what_people_change_in_jira_is_told_once_and_what_was_written_from_here_is_not, |base| {
    let base = base.with_org().await;
    let (world, id, rule) = linked(&base, json!({ "fields": [summary("Invoice {{data.amount_due}}")] })).await;
    assert!(world.hear().await > 0, "Jira tells of our own writes");
    world.post("invoice.failed", failed("inv_1", 250)).await;
    assert!(world.hear().await > 0);
    for kind in ["created", "updated", "commented"] {
        assert!(world.events(&format!("jira.issue.{kind}")).await.is_empty(), "{kind}");
    }
    let key = world.issues()[0].key.clone();
    let ada = world.jira.everybody()[1].account_id.clone();
    world.jira.as_person(&world.site, &ada).transition(&key, "In Progress");
    world.jira.as_person(&world.site, &ada).comment(&key, "The customer has a new card.");
    let before = world.door.seen().len();
    world.hear().await;
    let updated = world.events("jira.issue.updated").await;
    assert_eq!(updated.len(), 1, "{updated:?}");
    assert_eq!(updated[0]["changes"], json!([{ "field": "status", "from": "To Do", "to": "In Progress" }]));
    assert_eq!((&updated[0]["subject"], &updated[0]["rule_id"]), (&json!("inv_1"), &json!(rule.id)));
    assert_eq!((&updated[0]["actor_id"], &updated[0]["connection_id"]), (&json!(ada), &json!(id)));
    assert_eq!(updated[0]["issue"]["status"]["name"], "In Progress");
    let commented = world.events("jira.issue.commented").await;
    assert_eq!(commented[0]["comment"]["text"], "The customer has a new card.");
    // A retry of Jira's has the same identifier.
    for request in &world.door.seen()[before.saturating_sub(2)..] {
        world.give(request).await.expect("taken again");
    }
    world.look_after().await;
    assert_eq!(world.events("jira.issue.updated").await.len(), 1);
    let link = world.link().await.issue;
    assert_eq!((link.status.as_deref(), link.subject.as_str()), (Some("In Progress"), "inv_1"));
    assert!(world.steps().await.contains(&SyncAction::Echo));
    // The same person who connected may work in Jira, too.
    world.jira.people(&world.site).edit(&key, &json!({ "summary": "By hand" }));
    world.hear().await;
    assert_eq!(world.events("jira.issue.updated").await[0]["changes"][0]["to"], "By hand");
    world.jira.assert_understood();
});

both!(an_event_that_came_from_a_site_is_not_sent_back_to_it, |base| {
    let base = base.with_org().await;
    let (world, id, _) = linked(&base, json!({})).await;
    let project = world.project(&id, "ED").await;
    let types = actions::issue_types(&world.hub, &world.owner, &id, &project.id).await.expect("types");
    let issue = json!({ "issue_type_id": types[0].id, "issue_type_name": types[0].name });
    let new = json!({ "channel_id": project.id, "event_types": ["jira.*"], "issue": issue });
    let new: NewRule = serde_json::from_value(new).expect("a rule");
    rule::actions::create(&world.hub, &world.owner, new).await.expect("a rule");
    world.hear().await;
    let ada = world.jira.everybody()[1].account_id.clone();
    world.jira.as_person(&world.site, &ada).create(NewIssue::default());
    world.hear().await;
    assert_eq!(world.events("jira.issue.created").await.len(), 1);
    assert_eq!(world.issues().len(), 2, "one of the rule, one of Ada");
    assert_eq!(world.statuses().await[0], DeliveryStatus::Skipped);
    let why = world.attempts().await[0].error.clone().expect("why");
    assert!(why.contains("no end"), "{why}");
});

both!(where_both_sides_change_a_field_the_rule_says_who_wins_and_the_log_shows_both, |base| {
    let base = base.with_org().await;
    for (conflict, wins, told) in [("tracker", "By Ada", 1), ("event", "Invoice 250", 0)] {
        let more =
            json!({ "fields": [summary("Invoice {{data.amount_due}}")], "conflict": conflict, "comment": false });
        let (world, ..) = linked(&base, more).await;
        world.hear().await;
        let before = world.events("jira.issue.updated").await.len();
        let key = world.issues()[0].key.clone();
        let ada = world.jira.everybody()[1].account_id.clone();
        // The webhook about Ada's change has not been heard when the event comes.
        world.jira.as_person(&world.site, &ada).edit(&key, &json!({ "summary": "By Ada" }));
        world.post("invoice.failed", failed("inv_1", 250)).await;
        assert_eq!(world.issues()[0].fields["summary"], wins, "{conflict}");
        let log = world.link().await;
        let entry = log.entries.iter().find(|entry| entry.action == SyncAction::Conflict).expect("a conflict");
        assert!(entry.detail.contains("“By Ada”") && entry.detail.contains("“Invoice 250”"), "{}", entry.detail);
        world.hear().await;
        let updated = world.events("jira.issue.updated").await;
        // Where the event has won, the summary is what it says: Ada's is told of nobody any more.
        assert_eq!(updated.len() - before, told, "{conflict}: {updated:?}");
        assert_eq!(world.link().await.issue.summary, wins);
        // What an event has said before is not said again over what somebody made of it.
        let mia = world.jira.everybody()[0].account_id.clone();
        world.jira.as_person(&world.site, &mia).edit(&key, &json!({ "summary": "Later" }));
        let amount = if conflict == "tracker" { 100 } else { 250 };
        world.post("invoice.failed", failed("inv_1", amount)).await;
        assert_eq!(world.issues()[0].fields["summary"], "Later", "{conflict}");
        connection::actions::disconnect(&world.hub, &world.owner, &log.issue.connection_id).await.expect("gone");
    }
});

both!(an_issue_that_is_deleted_in_jira_is_told_of_and_made_anew_for_the_next_event, |base| {
    let base = base.with_org().await;
    let (world, ..) = linked(&base, json!({})).await;
    world.hear().await;
    let key = world.issues()[0].key.clone();
    world.jira.people(&world.site).delete(&key);
    world.hear().await;
    assert_eq!(world.events("jira.issue.deleted").await[0]["issue"]["key"], key.as_str());
    assert!(world.link().await.issue.is_deleted);
    world.post("invoice.failed", failed("inv_1", 7)).await;
    assert_eq!((world.issues().len(), world.statuses().await[0]), (1, DeliveryStatus::Delivered));
    let link = world.link().await.issue;
    assert_eq!((link.is_deleted, link.key.as_deref()), (false, Some(world.issues()[0].key.as_str())));
    // One that is deleted without the hub hearing of it, too.
    let key = world.issues()[0].key.clone();
    world.jira.people(&world.site).delete(&key);
    world.post("invoice.failed", failed("inv_1", 8)).await;
    assert_eq!((world.issues().len(), world.statuses().await[0]), (1, DeliveryStatus::Delivered));
});

both!(a_webhook_is_proven_kept_and_read_once_jira_answers, |base| {
    let base = base.with_org().await;
    let (world, id, _) = linked(&base, json!({})).await;
    world.hear().await;
    let key = world.issues()[0].key.clone();
    let ada = world.jira.everybody()[1].account_id.clone();
    world.jira.as_person(&world.site, &ada).transition(&key, "In Progress");
    world.jira.settled().await;
    let request = world.door.seen().last().expect("a webhook").clone();
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    let token = header(head, "authorization").to_owned();
    let take = async |id: &ConnectionId, token: Option<&str>, body: &str| {
        let headers = receive::Headers { authorization: token, identifier: Some("x"), ..Default::default() };
        let taken = receive::receive(&world.hub, id, headers, body.as_bytes()).await;
        taken.map_err(|error| error.problem().code)
    };
    assert_eq!(take(&id, None, body).await, Err("unauthenticated".into()));
    assert_eq!(take(&id, Some("Bearer a.b.c"), body).await, Err("unauthenticated".into()));
    let last = token.chars().last().expect("a letter");
    let changed = format!("{}{}", &token[..token.len() - 1], if last == 'A' { 'Q' } else { 'A' });
    assert_eq!(take(&id, Some(&changed), body).await, Err("unauthenticated".into()));
    assert_eq!(take(&id, Some(&token), "no JSON").await, Err("malformed_json".into()));
    let nobody = ConnectionId::new(1, [1; 10]);
    assert_eq!(take(&nobody, Some(&token), body).await, Err("unauthenticated".into()));
    assert!(world.events("jira.issue.updated").await.is_empty());

    world.jira.fail_next("getIssue", Fault::Status(503));
    world.hear().await;
    assert!(world.events("jira.issue.updated").await.is_empty(), "Jira did not answer");
    world.pass(60_000);
    world.look_after().await;
    assert_eq!(world.events("jira.issue.updated").await.len(), 1);
    // Hours later its token is worth nothing any more.
    world.pass(3_600_000);
    assert_eq!(take(&id, Some(&token), body).await, Err("unauthenticated".into()));
});
