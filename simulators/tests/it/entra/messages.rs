//! Messages and replies: what is posted, and where nothing can be.

use serde_json::json;
use simulators::entra::Consent;

use crate::support::{TestEntra, card_message};

#[tokio::test]
async fn a_card_is_posted_and_answered_in_the_name_of_the_person() {
    let app = TestEntra::start().await;
    let graph = app.graph(app.user());
    let posted = graph.json(&format!("{}/messages", app.channel(1)), &card_message("Invoice paid")).await;
    assert_eq!(posted.status, 201, "{}", posted.body);
    let posted = posted.json();
    assert_eq!(posted["from"]["user"]["id"], json!(app.user()));
    assert_eq!(posted["channelIdentity"]["channelId"], json!(app.tenant.teams[0].channels[1].id));
    let id = posted["id"].as_str().unwrap();
    let path = format!("{}/messages/{id}/replies", app.channel(1));
    let reply = graph.json(&path, &json!({ "body": { "content": "Thanks" } })).await;
    assert_eq!((reply.status, &reply.json()["replyToId"]), (201, &json!(id)));
    let messages = app.entra.wait_for_messages(2).await;
    assert_eq!(messages.iter().map(|one| one.text()).collect::<Vec<_>>(), ["Invoice paid", "Thanks"]);
    assert_ne!(messages[0].id, messages[1].id);
    let nowhere = format!("{}/messages/1/replies", app.channel(1));
    assert_eq!(graph.json(&nowhere, &json!({ "body": { "content": "x" } })).await.status, 404);
    app.entra.assert_understood();
}

#[tokio::test]
async fn nothing_is_posted_into_what_is_archived_deleted_or_not_seen() {
    let app = TestEntra::start().await;
    let graph = app.graph(app.user());
    let (team, channel) = (app.tenant.teams[0].id.clone(), app.tenant.teams[0].channels[1].id.clone());
    let post = async |path: &str| {
        let reply = graph.json(&format!("{path}/messages"), &card_message("x")).await;
        (reply.status, reply.json()["error"]["message"].as_str().unwrap_or_default().to_owned())
    };
    app.entra.archive_channel(&team, &channel, true);
    let (status, message) = post(&app.channel(1)).await;
    assert!(status == 403 && message.contains("channel is archived"), "{message}");
    app.entra.archive_channel(&team, &channel, false);
    app.entra.archive_team(&team, true);
    let (status, message) = post(&app.channel(1)).await;
    assert!(status == 403 && message.contains("team is archived"), "{message}");
    app.entra.archive_team(&team, false);
    assert_eq!(post(&app.channel(2)).await.0, 404, "a private channel of others");
    app.entra.delete_channel(&team, &channel);
    assert_eq!(post(&app.channel(1)).await.0, 404);
    app.entra.leave_team(&team, app.user());
    assert_eq!(post(&app.channel(0)).await.0, 403);
    assert!(app.entra.messages().is_empty());
    app.entra.assert_understood();
}

#[tokio::test]
async fn only_a_person_posts_and_only_with_the_permission() {
    let app = TestEntra::start().await;
    let path = format!("{}/messages", app.channel(1));
    let graph = app.graph_with(app.user(), &["Channel.ReadBasic.All"]);
    let refused = graph.json(&path, &card_message("x")).await;
    let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert_eq!(refused.status, 403);
    assert_eq!(
        message,
        "Missing scope permissions on the request. API requires one of 'ChannelMessage.Send'. Scopes on the request \
         'Channel.ReadBasic.All'"
    );
    let consent = app.admin_path("https://graph.microsoft.com/.default");
    app.entra.consent(&consent, &Consent::allow(app.admin())).unwrap();
    let fields = [("grant_type", "client_credentials"), ("scope", "https://graph.microsoft.com/.default")];
    let answer = app.token_at(&app.tenant.id, &fields).await.json();
    let own = app.client.with_token(answer["access_token"].as_str().unwrap());
    let refused = own.json(&path, &card_message("x")).await;
    assert!(refused.status == 403 && refused.body.contains("only for import purposes"), "{}", refused.body);
    assert!(app.entra.messages().is_empty());
    app.entra.assert_understood();
}
