//! Workflows of Microsoft Teams: what they take, what they refuse, and what they take and would not render.

use serde_json::{Value, json};
use simulators::teams::{Teams, TeamsOptions};
use simulators::{Clock, Fault};

use crate::support::{Client, specs};

const JSON: &str = "application/json";

async fn teams() -> Teams {
    let clock = Clock::fixed(1_795_356_131_000);
    Teams::start(TeamsOptions { clock, rate_limits: true, ..TeamsOptions::default() }).await.expect("a port")
}

/// The client of a workflow, and its path.
fn workflow(teams: &Teams) -> (Client, String) {
    let url = teams.workflow("Alerts");
    (Client::new(teams.base_url()), url.strip_prefix(teams.base_url()).expect("an address here").to_owned())
}

fn message(card: &Value) -> Value {
    json!({ "type": "message", "attachments": [{
        "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card,
    }] })
}

fn card(body: &Value) -> Value {
    json!({ "type": "AdaptiveCard", "version": "1.5", "body": body, "actions": [] })
}

fn words(text: &str) -> Value {
    json!([{ "type": "TextBlock", "text": text }])
}

#[tokio::test]
async fn a_card_is_taken_and_posted() {
    let teams = teams().await;
    let (client, path) = workflow(&teams);
    let reply = client.json(&path, &message(&card(&words("Invoice paid")))).await;
    assert_eq!(reply.status, 202);
    let posted = teams.wait_for_messages(1).await;
    assert_eq!((posted[0].channel.as_str(), posted[0].text().as_str()), ("Alerts", "Invoice paid"));
    teams.assert_understood();
    let panel = client.get("/_control").await;
    assert!(panel.body.contains("Invoice paid"), "{}", panel.body);
}

#[tokio::test]
async fn what_teams_would_not_render_is_taken_lost_and_remembered() {
    let teams = teams().await;
    let (client, path) = workflow(&teams);
    let bot = json!({ "type": "AdaptiveCard", "version": "1.5", "body": [], "actions": [{ "type": "Action.Submit" }] });
    let newer = json!({ "type": "AdaptiveCard", "version": "1.6", "body": [] });
    let wrong = [json!({ "text": "hello" }), message(&json!("a text")), message(&bot), message(&newer)];
    for body in &wrong {
        assert_eq!(client.json(&path, body).await.status, 202);
    }
    assert_eq!((teams.messages().len(), teams.violations().len()), (0, wrong.len()), "{:?}", teams.violations());
}

#[tokio::test]
async fn a_card_is_held_to_the_published_schema() {
    if specs().is_none() {
        return;
    }
    let teams = teams().await;
    let (client, path) = workflow(&teams);
    client.json(&path, &message(&card(&json!([{ "type": "TextBlock", "colour": "red" }])))).await;
    assert_eq!((teams.messages().len(), teams.violations().len()), (0, 1));
}

#[tokio::test]
async fn a_workflow_says_why_it_takes_nothing() {
    let teams = teams().await;
    let (client, path) = workflow(&teams);
    let good = message(&card(&words("x")));
    assert_eq!(client.json(&path.replace("sig=", "sig=wrong"), &good).await.status, 401);
    assert_eq!(client.json(&path.replacen("/workflows/", "/workflows/f", 1), &good).await.status, 404);
    assert_eq!(client.get(&path).await.status, 405);
    assert_eq!(client.post(&path, "text/plain", good.to_string()).await.status, 415);
    assert_eq!(client.post(&path, JSON, "{".into()).await.status, 400);
    let long = message(&card(&words(&"x".repeat(28 * 1024))));
    assert_eq!(client.json(&path, &long).await.status, 413);
    assert_eq!(teams.violations().len(), 1, "it is too long");
    // Three have come within this second.
    assert_eq!(client.json(&path, &good).await.status, 202);
    let slow_down = client.json(&path, &good).await;
    assert_eq!((slow_down.status, slow_down.header("retry-after")), (429, "1"));
    teams.switch_off("Alerts");
    assert_eq!(client.json(&path, &good).await.status, 400);
    assert_eq!(teams.messages().len(), 1);
}

#[tokio::test]
async fn faults_happen_when_they_are_asked_for() {
    let teams = teams().await;
    let (client, path) = workflow(&teams);
    let good = message(&card(&words("x")));
    teams.fail_next("Alerts", Fault::Status(502));
    assert_eq!(client.json(&path, &good).await.status, 502);
    teams.fail_next("Alerts", Fault::DropAfter);
    assert!(client.try_post(&path, JSON, good.to_string()).await.is_err(), "there is no answer");
    assert_eq!(teams.messages().len(), 1, "but it was posted");
    teams.lose(true);
    assert_eq!(client.json(&path, &good).await.status, 202);
    assert_eq!(teams.messages().len(), 1);
}
