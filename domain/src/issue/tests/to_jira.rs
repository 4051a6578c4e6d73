//! From events to issues.

use super::*;

both!(events_about_one_thing_have_one_issue_with_fields_comments_and_a_status, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let [progress, review] = [world.status(&id, "In Progress").await, world.status(&id, "In Review").await];
    let rule = world
        .rule(
            &id,
            json!({
                "fields": [
                    { "field": "summary", "name": "Summary", "kind": "line", "value": "Invoice {{data.number}}: {{data.amount_due}}" },
                    { "field": "labels", "name": "Labels", "kind": "labels", "value": "billing" },
                ],
                "statuses": [
                    { "event_type": "invoice.failed", "status_id": progress, "status_name": "In Progress" },
                    { "event_type": "invoice.paid", "status_id": review, "status_name": "In Review" },
                ],
            }),
        )
        .await;
    world.post("invoice.failed", failed("inv_1", 100)).await;
    world.post("invoice.failed", failed("inv_2", 7)).await;
    world.post("invoice.failed", failed("inv_1", 250)).await;
    world.post("invoice.paid", failed("inv_1", 250)).await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 4], "{:?}", world.attempts().await);
    let issues = world.issues();
    assert_eq!(issues.len(), 2);
    let first = &issues[0];
    assert_eq!(first.fields["summary"], "Invoice 2026-1: 250");
    assert_eq!((first.comments.len(), first.links.len()), (2, 1));
    let labels = first.fields["labels"].to_string();
    assert!(labels.contains("billing") && labels.contains("patchbay-lnk_"), "{labels}");
    assert_eq!(first.status, review);
    let page = actions::list(&world.hub, &world.owner, Some(&id), Some(&rule.id), &PageQuery::default()).await;
    let page = page.expect("a page").data;
    let link = page.iter().find(|link| link.subject == "inv_1").expect("a link");
    assert_eq!((link.key.as_deref(), link.status.as_deref()), (Some(first.key.as_str()), Some("In Review")));
    assert_eq!(link.status_category.as_deref(), Some("indeterminate"));
    assert!(link.url.as_deref().is_some_and(|url| url.ends_with(&format!("/browse/{}", first.key))));
    let log = actions::get(&world.hub, &world.owner, &link.id).await.expect("a log");
    let steps: Vec<SyncAction> = log.entries.iter().rev().map(|entry| entry.action).collect();
    use SyncAction::{Commented, Created, Moved, Updated};
    assert_eq!(steps, [Created, Moved, Updated, Commented, Commented, Moved]);
    assert!(log.entries.iter().all(|entry| entry.delivery_id.is_some()));
    let stranger = world.hub.stranger().await;
    assert!(actions::get(&world.hub, &stranger, &link.id).await.is_err());
    assert!(
        actions::list(&world.hub, &stranger, None, None, &PageQuery::default()).await.expect("none").data.is_empty()
    );
    world.jira.assert_understood();
});

both!(a_status_that_issues_of_the_type_do_not_have_is_told_and_the_rest_is_done, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let review = world.status(&id, "In Review").await;
    let statuses = json!([{ "event_type": "invoice.failed", "status_id": review, "status_name": "In Review" }]);
    let severity = json!([{ "field": "customfield_10020", "name": "Severity", "kind": "one", "value": "10100" }]);
    world.rule_for(&id, "Bug", json!({ "statuses": statuses, "fields": severity })).await.expect("a rule");
    world.post("invoice.failed", failed("inv_1", 1)).await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered]);
    assert_eq!(world.steps().await, [SyncAction::Created, SyncAction::NotMoved]);
    let said = world.link().await.entries.remove(0).detail;
    assert!(said.contains("have no status In Review"), "{said}");
});

both!(every_kind_of_field_is_filled_and_is_not_written_again_for_nothing, |base| {
    use crate::issue::FieldKind;
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let project = world.project(&id, "ED").await;
    let types = actions::issue_types(&world.hub, &world.owner, &id, &project.id).await.expect("types");
    let task = types.into_iter().find(|known| known.name == "Task").expect("tasks");
    let screen = actions::screen(&world.hub, &world.owner, &id, &project.id, &task.id).await.expect("a screen");
    let ada = world.jira.everybody()[1].account_id.clone();
    let mut data = failed("inv_1", 1);
    let mut fields = Vec::new();
    let mut kinds = Vec::new();
    for field in &screen.fields {
        let kind = field.kind.unwrap_or_else(|| panic!("{} cannot be filled", field.name));
        kinds.push(kind);
        let ids: Vec<&str> = field.choices.iter().map(|choice| choice.id.as_str()).collect();
        let value = match kind {
            FieldKind::Line => "One line".to_owned(),
            FieldKind::Document => "First\n\nSecond".to_owned(),
            FieldKind::Number => "12.50".to_owned(),
            FieldKind::Date => "2026-12-01T09:00:00Z".to_owned(),
            FieldKind::Moment => "2026-12-01T09:00:00Z".to_owned(),
            FieldKind::Person => ada.clone(),
            // What is named twice is there once.
            FieldKind::People => format!("{ada}, {ada}"),
            FieldKind::Labels => "billing urgent billing".to_owned(),
            FieldKind::One => ids[1].to_owned(),
            FieldKind::Some => format!("{},{}", ids.join(","), ids[0]),
            FieldKind::Cascade => ids.iter().find(|id| id.contains('/')).expect("one below another").to_string(),
            FieldKind::Parent => panic!("tasks lie below nothing"),
        };
        let place = field.field.clone();
        fields.push(
            json!({ "field": field.field, "name": field.name, "kind": kind, "value": format!("{{{{data.{place}}}}}") }),
        );
        data[place] = value.into();
    }
    for kind in FieldKind::ALL {
        assert!(kinds.contains(kind) || *kind == FieldKind::Parent, "{kind} is on no screen");
    }
    world.rule(&id, json!({ "fields": fields, "comment": false })).await;
    world.post("invoice.failed", data.clone()).await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered], "{:?}", world.attempts().await);
    let made = world.issues().remove(0).fields;
    assert_eq!(made["customfield_10034"], "2026-12-01T09:00:00.000+0000");
    assert_eq!(made["customfield_10036"], json!(["10120", "10130"]));
    assert_eq!((&made["customfield_10035"], &made["components"]), (&json!([ada]), &json!(["10200", "10201"])));
    assert_eq!(made["customfield_10032"], 12.5);
    // The same again is nothing new: what Jira shows is what was written.
    world.post("invoice.failed", data).await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 2]);
    let steps = world.steps().await;
    assert_eq!(steps, [SyncAction::Created], "{:?}", world.link().await.entries);
    let labels = world.issues()[0].fields["labels"].to_string();
    assert!(labels.contains("urgent") && labels.contains("patchbay-lnk_"), "{labels}");
    world.jira.assert_understood();
});

both!(a_sub_task_lies_below_the_issue_that_the_event_names, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule(&id, json!({})).await;
    world.post("invoice.failed", failed("inv_1", 1)).await;
    let parent = json!([{ "field": "parent", "name": "Parent", "kind": "parent", "value": "{{data.issue}}" }]);
    world.rule_for(&id, "Sub-task", json!({ "fields": parent })).await.expect("a rule");
    let mut data = failed("inv_1", 1);
    data["issue"] = world.issues()[0].key.to_lowercase().into();
    world.post("invoice.failed", data.clone()).await;
    world.post("invoice.failed", data).await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 5], "{:?}", world.attempts().await);
    let issues = world.issues();
    assert_eq!((issues.len(), issues[1].fields["parent"].as_str()), (2, Some(issues[0].id.as_str())));
    assert_eq!(world.steps().await, [SyncAction::Created, SyncAction::Commented]);
    world.post("invoice.failed", failed("inv_2", 1)).await;
    let failed_ones = world.statuses().await.into_iter().filter(|status| *status == DeliveryStatus::Failed).count();
    assert_eq!(failed_ones, 1);
    let page = actions::list(&world.hub, &world.owner, None, None, &PageQuery::default()).await.expect("issues");
    let mut said = String::new();
    for link in page.data {
        let log = actions::get(&world.hub, &world.owner, &link.id).await.expect("the issue");
        said.extend(log.entries.into_iter().map(|entry| entry.detail));
    }
    assert!(said.contains("Parent is required"), "{said}");
    world.jira.assert_understood();
});

both!(an_issue_whose_making_was_not_heard_of_is_found_and_a_comment_is_written_once, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule(&id, json!({})).await;
    world.jira.fail_next("createIssue", Fault::DropAfter);
    world.post("invoice.failed", failed("inv_1", 100)).await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Retrying]);
    world.pass(600_000);
    drain(&world.hub).await.expect("drained");
    assert_eq!((world.statuses().await, world.issues().len()), (vec![DeliveryStatus::Delivered], 1));
    assert_eq!(world.steps().await, [SyncAction::Failed, SyncAction::Found]);
    world.jira.fail_next("addComment", Fault::DropAfter);
    world.post("invoice.failed", failed("inv_1", 100)).await;
    world.pass(600_000);
    drain(&world.hub).await.expect("drained");
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 2], "{:?}", world.attempts().await);
    assert_eq!(world.issues()[0].comments.len(), 1, "it was written once");
    world.jira.assert_understood();
});

both!(two_events_about_one_thing_at_once_make_one_issue, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule(&id, json!({})).await;
    for amount in 0..5 {
        let body = json!({ "event_type": "invoice.failed", "data": failed("inv_1", amount) }).to_string();
        events::ingest(&world.hub, &world.owner, body.as_bytes(), None).await.expect("accepted");
    }
    for _ in 0..8 {
        drain(&world.hub).await.expect("drained");
        world.pass(1_800_000);
        world.look_after().await;
    }
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 5]);
    assert_eq!((world.issues().len(), world.issues()[0].comments.len()), (1, 4));
});

both!(what_jira_refuses_is_told_in_its_words_and_a_test_makes_an_issue_of_its_own, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let rule = world.rule_for(&id, "Bug", json!({})).await.expect("a rule");
    world.post("invoice.failed", failed("inv_1", 100)).await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Failed]);
    let said = world.attempts().await[0].error.clone().expect("why");
    assert!(said.contains("Severity is required") && said.contains("Check the fields"), "{said}");
    assert_eq!(world.steps().await, [SyncAction::Failed]);
    let severity = json!({ "field": "customfield_10020", "name": "Severity", "kind": "one", "value": "" });
    let screen = {
        let project = world.project(&id, "ED").await;
        let kind = rule.issue.clone().expect("settings").issue_type_id;
        actions::screen(&world.hub, &world.owner, &id, &project.id, &kind).await.expect("a screen")
    };
    let field = screen.fields.iter().find(|field| field.name == "Severity").expect("a field");
    assert!(field.is_required && !field.choices.is_empty());
    let mut issue = rule.issue.expect("settings");
    let mut mapping: crate::issue::FieldMapping = serde_json::from_value(severity).expect("a mapping");
    (mapping.field, mapping.value) = (field.field.clone(), field.choices[0].id.clone());
    issue.fields.push(mapping);
    let change = rule::RuleChange { issue: Some(issue), ..rule::RuleChange::default() };
    rule::actions::update(&world.hub, &world.owner, &rule.id, change).await.expect("changed");
    for _ in 0..2 {
        rule::actions::test(&world.hub, &world.owner, &rule.id, Some("invoice.failed")).await.expect("sent");
        drain(&world.hub).await.expect("drained");
    }
    let summaries: Vec<Value> = world.issues().iter().map(|issue| issue.fields["summary"].clone()).collect();
    assert_eq!(summaries.len(), 2);
    assert!(
        summaries.iter().all(|summary| summary.as_str().is_some_and(|text| text.starts_with("[Test] "))),
        "{summaries:?}"
    );
    world.jira.assert_understood();
});

both!(limits_and_outages_put_a_delivery_off_and_a_lost_site_keeps_it, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule(&id, json!({})).await;
    world.jira.fail_next("createIssue", Fault::Error("jira-quota-global-based".into()));
    world.post("invoice.failed", failed("inv_1", 1)).await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Retrying]);
    assert_eq!(world.connection(&id).await.state, ConnectionState::RateLimited);
    world.pass(600_000);
    drain(&world.hub).await.expect("drained");
    assert_eq!((world.statuses().await, world.issues().len()), (vec![DeliveryStatus::Delivered], 1));
    world.jira.remove_site(&world.site);
    world.post("invoice.failed", failed("inv_2", 1)).await;
    assert_eq!(world.connection(&id).await.state, ConnectionState::NeedsReconnect);
    assert_ne!(world.statuses().await[0], DeliveryStatus::Failed, "it is kept until somebody reconnects");
});
