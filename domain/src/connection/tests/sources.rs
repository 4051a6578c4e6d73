//! What a source brings goes on like any other event: to channels by their rules, to endpoints by filter and transformation.

use serde_json::{Value, json};

use super::*;
use crate::source::tests::{Desk, invoice};
use crate::worker::tests::support::{Receiver, endpoint_with};

both!(
    what_a_source_brings_goes_to_a_channel_by_its_condition_and_to_an_endpoint_by_filter_and_transformation,
    |base| {
        let base = base.with_org().await;
        let world = World::new(&base, false).await;
        let id = world.connect().await;
        world.look_after().await;
        let large = json!({ "path": "data.amount_paid", "gt": 5000 });
        let channel = world.channel(&id).await;
        let new = json!({ "channel_id": channel.id, "event_types": ["invoice.*"], "condition": large });
        let rule = serde_json::from_value(new).expect("a rule");
        rule::actions::create(&world.hub, &world.owner, rule).await.expect("a rule");
        let receiver = Receiver::answering(&["200 OK"]).await;
        let script = "function transform(event) { return { $body: { paid: event.data.amount_paid / 100, by: event.data.provider } }; }";
        endpoint_with(&world.hub, &receiver.url, json!({ "filter": large, "transformation": script })).await;

        let desk = Desk::open(&world.hub, "stripe", Some("whsec_EXAMPLEnotARealSecret0000")).await;
        desk.take(&desk.stripe(&invoice("evt_1"))).await;
        assert_eq!((world.slack.messages().len(), receiver.seen().len()), (0, 0), "4900 are too few");
        let mut more = invoice("evt_2");
        more["data"]["object"]["amount_paid"] = 12_900.into();
        let request = desk.take(&desk.stripe(&more)).await;
        let messages = world.slack.messages();
        assert_eq!((messages.len(), messages[0].channel.as_str()), (1, channel.provider_id.as_str()));
        assert!(messages[0].text.contains("Invoice paid"), "{}", messages[0].text);
        let seen = receiver.seen();
        let body: Value = serde_json::from_str(seen[0].split_once("\r\n\r\n").expect("a body").1).expect("JSON");
        assert_eq!((seen.len(), body), (1, json!({ "paid": 129, "by": "stripe" })));
        // Both are in the log, under the event that the request says it became.
        let event = request.outcomes[0].event_id.clone().expect("an event");
        let log =
            crate::delivery::actions::list(&world.hub, &world.owner, &LogQuery::default()).await.expect("the log");
        assert_eq!(
            log.data.iter().map(|row| (&row.event_id, row.status)).collect::<Vec<_>>(),
            [(&event, DeliveryStatus::Delivered); 2]
        );
        world.slack.assert_understood();
    }
);
