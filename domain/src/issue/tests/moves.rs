//! Moves to a status: on which way, what Jira refuses, and whose they are.

use super::*;
use crate::issue::{heed, store};

impl World {
    /// What was said of steps of one kind, oldest first.
    async fn said(&self, of: SyncAction) -> Vec<String> {
        let entries = self.link().await.entries.into_iter().rev().filter(|entry| entry.action == of);
        entries.map(|entry| entry.detail).collect()
    }

    /// How many updates of issues have been told.
    async fn told(&self) -> usize {
        self.events("jira.issue.updated").await.len()
    }
}

fn to(status_id: &str, status_name: &str, event_type: &str) -> Value {
    json!({ "event_type": event_type, "status_id": status_id, "status_name": status_name })
}

both!(a_status_to_which_no_way_leads_at_once_is_walked_to_step_by_step, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let [done, review, to_do] =
        [world.status(&id, "Done").await, world.status(&id, "In Review").await, world.status(&id, "To Do").await];
    let rule = world.rule(&id, json!({ "comment": false })).await;
    world.post("invoice.failed", failed("inv_1", 1)).await;
    let paid_to = async |id: &str, name: &str| {
        let mapping = json!([{ "event_type": "invoice.paid", "status_id": id, "status_name": name }]);
        let mut issue = rule.issue.clone().expect("settings");
        issue.statuses = serde_json::from_value(mapping).expect("a mapping");
        let change = rule::RuleChange { issue: Some(issue), ..rule::RuleChange::default() };
        rule::actions::update(&world.hub, &world.owner, &rule.id, change).await.expect("changed");
        world.post("invoice.paid", failed("inv_1", 1)).await;
    };
    paid_to(&done, "Done").await;
    let walked = [
        "Moved from To Do to In Progress, on the way to Done.",
        "Moved from In Progress to In Review, on the way to Done.",
        "Moved from In Review to Done.",
    ];
    assert_eq!(world.said(SyncAction::Moved).await, walked);
    assert_eq!(world.issues()[0].status, done);

    // Back, by where it began; and what was moved from here is no news.
    paid_to(&review, "In Review").await;
    assert_eq!(world.said(SyncAction::Moved).await.len(), 6);
    assert_eq!(world.issues()[0].status, review);
    assert!(world.hear().await > 5);
    assert_eq!((world.said(SyncAction::Conflict).await.len(), world.events("jira.issue.updated").await.len()), (0, 0));

    // Out of the review, only what ends the issue leads.
    paid_to(&to_do, "To Do").await;
    let why = world.said(SyncAction::NotMoved).await.remove(0);
    assert!(why.starts_with("There is no way from In Review to To Do"), "{why}");
    assert_eq!(
        (world.issues()[0].status.as_str(), world.statuses().await[0]),
        (review.as_str(), DeliveryStatus::Delivered)
    );
    world.jira.assert_understood();
});

both!(a_walk_whose_answer_was_lost_goes_on_from_where_the_issue_is, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let done = world.status(&id, "Done").await;
    let statuses = json!([{ "event_type": "invoice.paid", "status_id": done, "status_name": "Done" }]);
    world.rule(&id, json!({ "statuses": statuses, "comment": false })).await;
    world.post("invoice.failed", failed("inv_1", 1)).await;
    world.jira.fail_next("doTransition", Fault::DropAfter);
    world.post("invoice.paid", failed("inv_1", 1)).await;
    assert_eq!(world.statuses().await[0], DeliveryStatus::Retrying);
    // Jira tells of the move before anybody asks again: it is known to be ours.
    world.hear().await;
    world.pass(600_000);
    drain(&world.hub).await.expect("drained");
    assert_eq!(
        (world.statuses().await[0], world.issues()[0].status.as_str()),
        (DeliveryStatus::Delivered, done.as_str())
    );
    let steps = world.steps().await;
    assert!(!steps.contains(&SyncAction::Conflict) && !steps.contains(&SyncAction::NotMoved), "{steps:?}");
    assert_eq!(world.events("jira.issue.updated").await.len(), 0);
});

both!(a_move_that_jira_refuses_is_told_and_whoever_makes_it_later_is_heard, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let [progress, review] = [world.status(&id, "In Progress").await, world.status(&id, "In Review").await];
    let summary =
        json!([{ "field": "summary", "name": "Summary", "kind": "line", "value": "Invoice {{data.amount_due}}" }]);
    let statuses = json!([to(&progress, "In Progress", "invoice.failed"), to(&review, "In Review", "invoice.paid")]);
    world.rule(&id, json!({ "fields": summary, "statuses": statuses })).await;
    world.jira.fail_next("doTransition", Fault::Error("Somebody has to be assigned.".into()));
    world.post("invoice.failed", failed("inv_1", 100)).await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered], "{:?}", world.attempts().await);
    let why = "Jira refused the way from To Do to In Progress: 400 Somebody has to be assigned. Move it in Jira, or change the rule.";
    assert_eq!(world.said(SyncAction::NotMoved).await, [why]);
    world.hear().await;

    // The person who connected makes it by hand, and this is not heard of when the next event comes.
    let key = world.issues()[0].key.clone();
    world.jira.people(&world.site).transition(&key, "In Progress");
    world.post("invoice.paid", failed("inv_1", 250)).await;
    let conflicts = world.said(SyncAction::Conflict).await;
    assert!(conflicts.len() == 1 && conflicts[0].starts_with("Status: "), "{conflicts:?}");
    assert_eq!(world.issues()[0].status, progress);
    world.hear().await;
    assert_eq!(world.told().await, 1);

    // What else an event says is done.
    world.jira.fail_next("doTransition", Fault::Status(403));
    world.post("invoice.paid", failed("inv_1", 300)).await;
    assert_eq!(world.statuses().await[0], DeliveryStatus::Delivered, "{:?}", world.attempts().await);
    let why = world.said(SyncAction::NotMoved).await.remove(1);
    assert!(why.starts_with("Jira refused the way from In Progress to In Review: 403. "), "{why}");
    let issue = world.issues().remove(0);
    assert_eq!((&issue.fields["summary"], issue.comments.len()), (&json!("Invoice 300"), 2));
    world.jira.assert_understood();
});

both!(a_move_whose_answer_was_lost_is_no_news_and_the_same_one_later_is, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let progress = world.status(&id, "In Progress").await;
    let statuses = json!([to(&progress, "In Progress", "invoice.paid")]);
    world.rule(&id, json!({ "statuses": statuses, "comment": false })).await;
    for (invoice, is_heard_first) in [("inv_1", false), ("inv_2", true)] {
        world.post("invoice.failed", failed(invoice, 1)).await;
        world.hear().await;
        let before = world.told().await;
        world.jira.fail_next("doTransition", Fault::DropAfter);
        world.post("invoice.paid", failed(invoice, 1)).await;
        assert_eq!(world.statuses().await[0], DeliveryStatus::Retrying, "{invoice}");
        world.take().await;
        if is_heard_first {
            world.hear().await;
        }
        world.pass(600_000);
        drain(&world.hub).await.expect("drained");
        assert_eq!(world.statuses().await[0], DeliveryStatus::Delivered, "{invoice}");
        world.hear().await;
        assert_eq!(world.told().await, before, "{invoice}");
        // The person who connected works in Jira, too.
        let key = world.issues().pop().expect("the issue").key;
        for status in ["To Do", "In Progress"] {
            world.jira.people(&world.site).transition(&key, status);
            world.hear().await;
        }
        assert_eq!(world.told().await, before + 2, "{invoice}");
    }
});

both!(somebody_elses_move_is_told_where_one_from_here_came_to_nothing, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let progress = world.status(&id, "In Progress").await;
    let statuses = json!([to(&progress, "In Progress", "invoice.paid")]);
    world.rule(&id, json!({ "statuses": statuses, "comment": false })).await;
    world.post("invoice.failed", failed("inv_1", 1)).await;
    world.jira.fail_next("doTransition", Fault::Drop);
    world.post("invoice.paid", failed("inv_1", 1)).await;
    assert_eq!(world.statuses().await[0], DeliveryStatus::Retrying);
    let ada = world.jira.everybody()[1].account_id.clone();
    world.jira.as_person(&world.site, &ada).transition(&world.issues()[0].key, "In Progress");
    world.hear().await;
    assert_eq!(world.told().await, 1);
    world.pass(600_000);
    drain(&world.hub).await.expect("drained");
    assert_eq!(world.statuses().await[0], DeliveryStatus::Delivered);
    assert!(!world.steps().await.contains(&SyncAction::Conflict));
});

both!(a_move_that_overtakes_the_reading_of_the_one_before_is_no_news, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let [progress, review] = [world.status(&id, "In Progress").await, world.status(&id, "In Review").await];
    let statuses = json!([to(&progress, "In Progress", "invoice.failed"), to(&review, "In Review", "invoice.paid")]);
    world.rule(&id, json!({ "statuses": statuses, "comment": false })).await;
    world.post("invoice.failed", failed("inv_1", 1)).await;
    world.take().await;
    let now = world.hub.now();
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    let claimed = store::claim(&mut tx, now, now.plus_ms(heed::LEASE_MS), 10).await.expect("webhooks");
    tx.commit().await.expect("claimed");
    let is_move = |webhook: &store::Webhook| String::from_utf8_lossy(&webhook.body).contains("jira:issue_updated");
    let first = claimed.into_iter().find(is_move).expect("the first move");

    // Jira's answer about the first move is on its way for so long that the second is done and noted meanwhile.
    let asked = world.jira.calls_of("getIssue").len();
    world.jira.fail_next("getIssue", Fault::Slow(Duration::from_secs(1)));
    let overtake = async {
        world.jira.wait_for_calls("getIssue", asked + 1).await;
        world.post("invoice.paid", failed("inv_1", 1)).await;
    };
    let (heeded, ()) = tokio::join!(heed::heed(&world.hub, &first), overtake);
    heeded.expect("read");
    assert_eq!(world.issues()[0].status, review);
    world.hear().await;
    assert_eq!(world.told().await, 0, "{:?}", world.link().await.entries);
    world.jira.people(&world.site).transition(&world.issues()[0].key, "Done");
    world.hear().await;
    assert_eq!(world.told().await, 1);
});

both!(what_a_move_from_here_changes_with_the_status_is_no_news, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let done = world.status(&id, "Done").await;
    let statuses = json!([to(&done, "Done", "invoice.paid")]);
    world.rule(&id, json!({ "statuses": statuses, "comment": false })).await;
    world.post("invoice.failed", failed("inv_1", 1)).await;
    world.post("invoice.paid", failed("inv_1", 1)).await;
    assert_eq!(world.issues()[0].fields["resolution"], "10000", "Jira has resolved it");
    world.hear().await;
    assert_eq!(world.told().await, 0, "{:?}", world.events("jira.issue.updated").await);
    // Whoever takes it up again is heard, with what that changes.
    world.jira.people(&world.site).transition(&world.issues()[0].key, "To Do");
    world.hear().await;
    let changes = world.events("jira.issue.updated").await.remove(0)["changes"].clone();
    assert_eq!(changes.as_array().map(Vec::len), Some(2), "{changes}");
});
