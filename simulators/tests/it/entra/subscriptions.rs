//! Subscriptions: the question whether they are wanted, notifications, their end.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use serde_json::{Value, json};
use simulators::entra::Lifecycle;
use tokio::net::TcpListener;

use crate::support::{Client, TestEntra, specs};

const SCOPES: [&str; 2] = ["Channel.ReadBasic.All", "ChannelMessage.Read.All"];

/// What the address was sent, and what it answers before it answers 202.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<(Vec<Value>, VecDeque<u16>)>>);

impl Heard {
    fn notifications(&self) -> Vec<Value> {
        self.0.lock().unwrap().0.clone()
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(rename = "validationToken")]
    token: Option<String>,
}

async fn hear(State(heard): State<Heard>, Query(asked): Query<Asked>, body: String) -> Response {
    if let Some(token) = asked.token {
        return token.into_response();
    }
    let mut heard = heard.0.lock().unwrap();
    heard.0.push(serde_json::from_str(&body).unwrap());
    let status = heard.1.pop_front().unwrap_or(202);
    StatusCode::from_u16(status).unwrap().into_response()
}

/// An address that answers as Graph wants it.
async fn listener() -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graph?from=teams", listener.local_addr().unwrap());
    let heard = Heard::default();
    let router = Router::new().route("/graph", post(hear)).with_state(heard.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, heard)
}

async fn echo() -> String {
    listener().await.0
}

fn wanted(app: &TestEntra, url: &str) -> Value {
    let team = &app.tenant.teams[0];
    json!({ "changeType": "created,updated", "notificationUrl": url, "lifecycleNotificationUrl": url,
        "resource": format!("/teams/{}/channels/{}/messages", team.id, team.channels[1].id),
        "expirationDateTime": "2026-11-22T14:30:00.000Z", "clientState": "ours" })
}

async fn subscribe(graph: &Client, body: &Value) -> (u16, Value) {
    let reply = graph.json("/v1.0/subscriptions", body).await;
    (reply.status, reply.json())
}

#[tokio::test]
async fn a_subscription_is_made_after_its_address_has_answered() {
    let app = TestEntra::start().await;
    let graph = app.graph_with(app.admin(), &SCOPES);
    let (status, refused) = subscribe(&graph, &wanted(&app, &app.receiver.url)).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("InvalidRequest")), "the token was not echoed");
    assert!(app.entra.subscriptions().is_empty());
    let (status, made) = subscribe(&graph, &wanted(&app, &echo().await)).await;
    assert_eq!((status, &made["clientState"]), (201, &json!("ours")), "{made}");
    assert_eq!(app.entra.sent().iter().map(|sent| sent.what.as_str()).collect::<Vec<_>>(), ["validation"; 2]);
    app.entra.assert_understood();
}

#[tokio::test]
async fn whoever_subscribed_hears_of_messages_and_of_the_subscription() {
    let app = TestEntra::start().await;
    let graph = app.graph_with(app.admin(), &SCOPES);
    let (url, heard) = listener().await;
    let (status, made) = subscribe(&graph, &wanted(&app, &url)).await;
    assert_eq!(status, 201, "{made}");
    let (team, id) = (&app.tenant.teams[0], made["id"].as_str().unwrap());
    let message = app.entra.say(&team.id, &team.channels[1].id, app.user(), "hello");
    app.entra.say(&team.id, &team.channels[0].id, app.user(), "elsewhere");
    app.entra.settled().await;
    app.entra.lifecycle(id, Lifecycle::Missed);
    app.entra.settled().await;
    let heard = heard.notifications();
    let value = |index: usize| &heard[index]["value"][0];
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!((&value(0)["resourceData"]["id"], &value(0)["clientState"]), (&json!(message.id), &json!("ours")));
    assert_eq!(value(1)["lifecycleEvent"], "missed");
    app.entra.lifecycle(id, Lifecycle::SubscriptionRemoved);
    assert!(app.entra.subscriptions().is_empty());
    let Some(specs) = specs() else { return };
    let schema = "/components/schemas/changeNotificationCollection";
    let schema = specs.part("microsoft-graph/graph-teams.openapi.json", schema).unwrap().unwrap();
    for one in &heard {
        assert_eq!(schema.complaints(one), [""; 0], "{one}");
    }
    let example = specs.read("../examples/microsoft-teams/graph_change_notification.json").unwrap().unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let example = &example["body"]["value"][0];
    assert_eq!(names(value(0)), names(example));
    assert_eq!(names(&value(0)["resourceData"]), names(&example["resourceData"]));
}

#[tokio::test]
async fn a_notification_that_is_not_taken_is_sent_again() {
    let app = TestEntra::start().await;
    let graph = app.graph_with(app.admin(), &SCOPES);
    let (url, heard) = listener().await;
    subscribe(&graph, &wanted(&app, &url)).await;
    heard.0.lock().unwrap().1.extend([503, 500]);
    let team = &app.tenant.teams[0];
    app.entra.say(&team.id, &team.channels[1].id, app.user(), "hello");
    app.entra.settled().await;
    let statuses: Vec<u16> = app.entra.sent().iter().map(|sent| *sent.outcome.as_ref().unwrap()).collect();
    assert_eq!(statuses, [200, 503, 500, 202]);
    let heard = heard.notifications();
    assert!(heard.len() == 3 && heard[0] == heard[2], "{heard:?}");
}

#[tokio::test]
async fn a_subscription_is_renewed_deleted_and_ends() {
    let app = TestEntra::start().await;
    let graph = app.graph_with(app.admin(), &SCOPES);
    let (_, made) = subscribe(&graph, &wanted(&app, &echo().await)).await;
    let path = format!("/v1.0/subscriptions/{}", made["id"].as_str().unwrap());
    let until = |moment: &str| json!({ "expirationDateTime": moment });
    let renewed = graph.json_by("PATCH", &path, &until("2026-11-24T14:00:00Z")).await;
    assert_eq!((renewed.status, &renewed.json()["expirationDateTime"]), (200, &json!("2026-11-24T14:00:00.000Z")));
    assert_eq!(graph.json_by("PATCH", &path, &until("2026-11-26T14:00:00Z")).await.status, 400, "three days at most");
    let stranger = app.graph(app.user());
    assert_eq!(stranger.json_by("PATCH", &path, &until("2026-11-24T14:00:00Z")).await.status, 404);
    let delete = async || {
        let request = graph.request("DELETE", &path).body(http_body_util::Full::default()).unwrap();
        graph.send(request).await.unwrap().status
    };
    assert_eq!((delete().await, delete().await), (204, 404));
    let (_, second) = subscribe(&graph, &wanted(&app, &echo().await)).await;
    app.entra.clock().advance(Duration::from_secs(1800));
    let path = format!("/v1.0/subscriptions/{}", second["id"].as_str().unwrap());
    assert_eq!(graph.json_by("PATCH", &path, &until("2026-11-22T15:00:00Z")).await.status, 404, "it has ended");
    app.entra.assert_understood();
}

#[tokio::test]
async fn a_subscription_takes_the_permission_to_read_and_a_near_end() {
    let app = TestEntra::start().await;
    let url = echo().await;
    let (status, refused) = subscribe(&app.graph(app.admin()), &wanted(&app, &url)).await;
    assert_eq!((status, &refused["error"]["code"]), (403, &json!("Forbidden")));
    let graph = app.graph_with(app.admin(), &SCOPES);
    let mut short = wanted(&app, &url);
    short.as_object_mut().unwrap().remove("lifecycleNotificationUrl");
    short["expirationDateTime"] = json!("2026-11-22T15:30:00Z");
    assert_eq!(subscribe(&graph, &short).await.0, 400, "an hour at most without an address for its own news");
    short["resource"] = json!("/teams/x/channels/y/messages");
    assert_eq!(subscribe(&graph, &short).await.0, 404);
    app.entra.assert_understood();
}
