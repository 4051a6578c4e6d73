//! Requests that Graph would not understand are remembered, answered as Graph does, and fail the test.

use serde_json::{Value, json};
use simulators::Specs;

use crate::support::{TestEntra, card_message, message_with, specs};

fn card(more: &Value) -> Value {
    let mut card = json!({ "type": "AdaptiveCard", "version": "1.5", "body": [] });
    card.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    card
}

#[tokio::test]
async fn parameters_messages_and_cards_are_checked_without_the_published_description() {
    let app = TestEntra::with(|options| options.specs = Specs::at("/nowhere")).await;
    assert!(app.entra.validation_skipped().unwrap().contains("/nowhere"));
    let graph = app.graph(app.user());
    let messages = format!("{}/messages", app.channel(1));
    let with = |name: &str, value: Value| {
        let mut message = card_message("x");
        message[name] = value;
        message
    };
    let mut object = card_message("x");
    object["attachments"][0]["content"] = card(&json!({}));
    for (body, word) in [
        (json!([]), "no JSON object"),
        (json!({ "body": { "content": "" } }), "says something"),
        (with("body", json!({ "contentType": "html", "content": "hello" })), "has no place in the body"),
        (with("body", json!({ "content": "<attachment id=\"74d2\"></attachment>" })), "in html alone"),
        (with("attachments", json!([])), "1 places for 0 attachments"),
        (object, "as a string"),
        (message_with(&json!("a text")), "must be an AdaptiveCard"),
        (message_with(&card(&json!({ "version": "1.6" }))), "renders up to 1.5"),
        (message_with(&card(&json!({ "actions": [{ "type": "Action.Submit" }] }))), "only Action.OpenUrl"),
    ] {
        let reply = graph.json(&messages, &body).await;
        assert_eq!(
            (reply.status, &reply.json()["error"]["code"]),
            (400, &json!("BadRequest")),
            "{word}: {}",
            reply.body
        );
        let violations = app.entra.take_violations();
        assert!(violations.iter().any(|one| one.what.contains(word)), "{word}: {violations:?}");
    }
    let channels = format!("/v1.0/teams/{}/channels", app.tenant.teams[0].id);
    for (path, word) in [
        (format!("{channels}?$top=5"), "\"$top\" is no parameter"),
        (format!("{channels}?$filter=displayName%20eq%20'x'"), "$filter"),
        ("/v1.0/me/joinedTeams?$select=id".to_owned(), "\"$select\" is no parameter"),
    ] {
        assert_eq!(graph.get(&path).await.status, 400, "{path}");
        let violations = app.entra.take_violations();
        assert!(violations.iter().any(|one| one.what.contains(word)), "{word}: {violations:?}");
    }
    assert!(app.entra.messages().is_empty(), "nothing of it was done");
}

#[tokio::test]
async fn what_is_nowhere_no_json_or_too_long_is_remembered() {
    let app = TestEntra::start().await;
    let graph = app.graph(app.user());
    let messages = format!("{}/messages", app.channel(1));
    assert_eq!(graph.get("/beta/me").await.status, 400);
    assert_eq!(graph.get(&messages).await.status, 400);
    let gone: Vec<String> = app.entra.take_violations().into_iter().map(|one| one.what).collect();
    assert!(gone[0].contains("no operation GET /beta/me here"), "{gone:?}");
    assert_eq!(graph.post(&messages, "text/plain", "x".to_owned()).await.status, 400);
    assert_eq!(graph.post(&messages, "application/json", "{".to_owned()).await.status, 400);
    let long = graph.json(&messages, &card_message(&"x".repeat(28 * 1024))).await;
    assert_eq!((long.status, &long.json()["error"]["code"]), (413, &json!("RequestEntityTooLarge")));
    assert_eq!(app.entra.take_violations().len(), 3);
    let fits = graph.json(&messages, &card_message(&"x".repeat(27 * 1024))).await;
    assert_eq!(fits.status, 201, "{}", fits.body);
    app.entra.assert_understood();
}

#[tokio::test]
async fn the_published_description_is_held_to() {
    if specs().is_none() {
        return;
    }
    let app = TestEntra::start().await;
    let graph = app.graph(app.user());
    let messages = format!("{}/messages", app.channel(1));
    let with = |name: &str, value: Value| {
        let mut message = card_message("x");
        message[name] = value;
        message
    };
    let text = json!({ "type": "TextBlock", "colour": "red" });
    for (body, word) in [
        (with("importance", json!("low")), "body: /importance"),
        (with("text", json!("x")), "text"),
        (
            with(
                "body",
                json!({ "contentType": "html", "content": "<attachment id=\"74d2\"></attachment>", "size": 1 }),
            ),
            "size",
        ),
        (message_with(&card(&json!({ "body": [text] }))), "attachments: "),
    ] {
        let reply = graph.json(&messages, &body).await;
        assert_eq!(reply.status, 400, "{word}: {}", reply.body);
        let violations = app.entra.take_violations();
        assert!(violations.iter().any(|one| one.what.contains(word)), "{word}: {violations:?}");
    }
    let unknown = format!("/v1.0/teams/{}/channels?$select=id,topic", app.tenant.teams[0].id);
    assert_eq!(graph.get(&unknown).await.status, 400);
    assert!(app.entra.take_violations()[0].what.contains("\"topic\" is no field of a channel"));
    assert!(app.entra.messages().is_empty());
}

#[tokio::test]
#[should_panic(expected = "Microsoft would not have understood:\npostChannelMessage: ")]
async fn a_violation_fails_the_test() {
    let app = TestEntra::start().await;
    app.graph(app.user()).json(&format!("{}/messages", app.channel(1)), &json!({ "text": "x" })).await;
    app.entra.assert_understood();
}
