//! Who is signed in, teams and channels, in pages.

use serde_json::{Value, json};
use simulators::Fault;
use simulators::entra::NewTenant;

use crate::support::{Client, ENTRA_SCOPES, TestEntra};

/// All entries of a list, and how many pages there were.
async fn all(app: &TestEntra, client: &Client, path: &str) -> (Vec<Value>, usize) {
    let (mut found, mut path, mut pages) = (Vec::new(), path.to_owned(), 0);
    loop {
        let page = client.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        let page = page.json();
        found.extend(page["value"].as_array().unwrap().clone());
        pages += 1;
        match page["@odata.nextLink"].as_str() {
            Some(next) => path = next.strip_prefix(app.entra.base_url()).unwrap().to_owned(),
            None => return (found, pages),
        }
    }
}

#[tokio::test]
async fn a_person_sees_the_teams_they_are_in() {
    let app = TestEntra::start().await;
    let names = async |user: &str| {
        let (teams, _) = all(&app, &app.graph(user), "/v1.0/me/joinedTeams").await;
        teams.iter().map(|team| team["displayName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(app.admin()).await, ["Engineering", "Sales & Marketing", "Kundendienst Köln"]);
    assert_eq!(names(app.user()).await, ["Engineering", "Sales & Marketing"]);
    app.entra.leave_team(&app.tenant.teams[0].id, app.user());
    assert_eq!(names(app.user()).await, ["Sales & Marketing"]);
    let team = app.graph(app.user()).get(&format!("/v1.0/teams/{}", app.tenant.teams[0].id)).await;
    assert_eq!((team.status, &team.json()["error"]["code"]), (403, &json!("Forbidden")));
    let team = app.graph(app.admin()).get(&format!("/v1.0/teams/{}", app.tenant.teams[0].id)).await.json();
    assert_eq!((&team["tenantId"], &team["isArchived"]), (&json!(app.tenant.id), &json!(false)));
    app.entra.assert_understood();
}

#[tokio::test]
async fn lists_come_in_pages_that_lead_to_the_next() {
    let app = TestEntra::with(|options| {
        options.tenants = vec![NewTenant::new("Acme", 7, 23)];
        options.page_size = 5;
    })
    .await;
    let graph = app.graph(app.admin());
    let (teams, pages) = all(&app, &graph, "/v1.0/me/joinedTeams").await;
    assert_eq!((teams.len(), pages), (7, 2));
    let channels = format!("/v1.0/teams/{}/channels?$select=id,displayName,membershipType", app.tenant.teams[0].id);
    let (found, pages) = all(&app, &graph, &channels).await;
    assert_eq!((found.len(), pages), (23, 5));
    let mut names: Vec<&String> = found[0].as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["displayName", "id", "membershipType"], "only what was selected");
    let first = graph.get(&channels).await.json();
    let token = first["@odata.nextLink"].as_str().unwrap().rsplit_once("skiptoken=").unwrap().1.to_owned();
    let elsewhere = graph.get(&format!("/v1.0/me/joinedTeams?$skiptoken={token}")).await;
    assert_eq!(elsewhere.status, 400, "a page goes on with its own list alone");
    app.entra.fail_next("listChannels", Fault::EmptyPage);
    let empty = graph.get(&channels).await.json();
    assert!(empty["value"].as_array().unwrap().is_empty() && empty["@odata.nextLink"].is_string());
    app.entra.assert_understood();
}

#[tokio::test]
async fn private_channels_are_seen_by_their_members() {
    let app = TestEntra::start().await;
    let path = format!("/v1.0/teams/{}/channels", app.tenant.teams[0].id);
    let private = format!("{path}?$filter=membershipType%20eq%20'private'");
    let count = async |user: &str, path: &str| all(&app, &app.graph(user), path).await.0.len();
    assert_eq!((count(app.admin(), &path).await, count(app.user(), &path).await), (4, 3));
    assert_eq!((count(app.admin(), &private).await, count(app.user(), &private).await), (1, 0));
    assert_eq!(app.graph(app.admin()).get(&app.channel(2)).await.json()["membershipType"], "private");
    assert_eq!(app.graph(app.user()).get(&app.channel(2)).await.status, 404);
    app.entra.assert_understood();
}

#[tokio::test]
async fn whether_a_channel_is_archived_is_told_to_those_who_ask() {
    let app = TestEntra::start().await;
    let (team, channel) = (&app.tenant.teams[0], &app.tenant.teams[0].channels[1]);
    app.entra.archive_channel(&team.id, &channel.id, true);
    app.entra.rename_channel(&team.id, &channel.id, "Alarms");
    let graph = app.graph(app.user());
    let list = async |query: &str| {
        let (all, _) = all(&app, &graph, &format!("/v1.0/teams/{}/channels{query}", team.id)).await;
        all.into_iter().find(|one| one["id"] == json!(channel.id)).unwrap()
    };
    assert_eq!(list("").await.get("isArchived"), None);
    let selected = list("?$select=id,displayName,isArchived").await;
    assert_eq!(selected, json!({ "id": channel.id, "displayName": "Alarms", "isArchived": true }));
    app.entra.delete_channel(&team.id, &channel.id);
    assert_eq!(graph.get(&app.channel(1)).await.status, 404);
    app.entra.delete_team(&team.id);
    let gone = graph.get(&app.channel(0)).await;
    assert_eq!((gone.status, &gone.json()["error"]["code"]), (404, &json!("NotFound")));
    app.entra.assert_understood();
}

#[tokio::test]
async fn a_token_is_needed_and_errors_have_ids_for_the_support() {
    let app = TestEntra::start().await;
    let none = app.client.get("/v1.0/me").await;
    assert_eq!((none.status, &none.json()["error"]["code"]), (401, &json!("InvalidAuthenticationToken")));
    let wrong = app.client.with_token("x").request("GET", "/v1.0/me").header("client-request-id", "mine");
    let wrong = app.client.send(wrong.body(http_body_util::Full::default()).unwrap()).await.unwrap();
    let inner = wrong.json()["error"]["innerError"].clone();
    assert_eq!(
        (wrong.status, &inner["client-request-id"], &inner["date"]),
        (401, &json!("mine"), &json!("2026-11-22T14:02:11"))
    );
    assert_eq!((wrong.header("client-request-id"), wrong.header("request-id").len()), ("mine", 36));
    let answer = app.connect(app.user(), ENTRA_SCOPES).await;
    let graph = app.client.with_token(answer["access_token"].as_str().unwrap());
    app.entra.expire_tokens();
    let expired = graph.get("/v1.0/me").await;
    assert!(expired.status == 401 && expired.body.contains("expired"), "{}", expired.body);
    let me = app.graph_with(app.user(), &["Team.ReadBasic.All"]).get("/v1.0/me?$select=id").await;
    assert_eq!(me.status, 200, "what was allowed before is in every token");
    app.entra.remove_app(app.user());
    let narrow = app.graph_with(app.user(), &["Team.ReadBasic.All"]).get("/v1.0/me").await;
    assert_eq!((narrow.status, &narrow.json()["error"]["code"]), (403, &json!("Authorization_RequestDenied")));
    app.entra.assert_understood();
}
