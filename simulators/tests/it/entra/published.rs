//! The simulator itself is held to what is published: the description of the operations, and the facts of the flow.

use serde_json::{Value, json};
use simulators::Specs;

use crate::support::{ENTRA_SCOPES, TestEntra, card_message, specs};

const API: &str = "microsoft-graph/graph-teams.openapi.json";

/// Holds an answer to the schema that the description has for it.
fn holds(specs: &Specs, verb: &str, path: &str, status: u16, value: &Value) {
    let path = path.replace('/', "~1");
    let pointer = format!("/paths/{path}/{verb}/responses/{status}/content/application~1json/schema");
    let complaints = specs.part(API, &pointer).unwrap().unwrap().complaints(value);
    assert_eq!(complaints, [""; 0], "{verb} {path}: {value}");
}

fn holds_error(specs: &Specs, value: &Value) {
    let schema = specs.part(API, "/components/schemas/error").unwrap().unwrap();
    assert_eq!(schema.complaints(value), [""; 0], "{value}");
    assert!(value["error"]["innerError"]["request-id"].is_string(), "{value}");
}

#[tokio::test]
async fn answers_are_what_the_published_description_says() {
    let Some(specs) = specs() else { return };
    let app = TestEntra::with(|options| options.page_size = 2).await;
    let graph = app.graph(app.user());
    let channels = format!("/v1.0/teams/{}/channels", app.tenant.teams[0].id);
    let channel = "/teams/{team-id}/channels/{channel-id}";
    for (path, template) in [
        ("/v1.0/me", "/me"),
        ("/v1.0/me/joinedTeams", "/me/joinedTeams"),
        (channels.as_str(), "/teams/{team-id}/channels"),
        (app.channel(1).as_str(), channel),
    ] {
        let reply = graph.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        holds(&specs, "get", template, 200, &reply.json());
    }
    let posted = graph.json(&format!("{}/messages", app.channel(1)), &card_message("x")).await.json();
    holds(&specs, "post", &format!("{channel}/messages"), 201, &posted);
    let replies = format!("{}/messages/{}/replies", app.channel(1), posted["id"].as_str().unwrap());
    let reply = graph.json(&replies, &json!({ "body": { "content": "y" } })).await.json();
    holds(&specs, "post", &format!("{channel}/messages/{{message-id}}/replies"), 201, &reply);
    holds_error(&specs, &app.client.get("/v1.0/me").await.json());
    holds_error(&specs, &graph.get("/v1.0/teams/x/channels").await.json());
    app.entra.assert_understood();
}

#[tokio::test]
async fn every_described_operation_is_served_with_its_parameters_and_permissions() {
    let Some(specs) = specs() else { return };
    let app = TestEntra::start().await;
    let document = specs.read(API).unwrap().unwrap();
    for (template, operations) in document["paths"].as_object().unwrap() {
        for (verb, operation) in operations.as_object().unwrap() {
            let path = format!("/v1.0{}", template.replace(['{', '}'], ""));
            let ask = async |token: &str, query: &str| {
                let client = app.client.with_token(token);
                let reply = client.json_by(&verb.to_uppercase(), &format!("{path}{query}"), &json!({})).await;
                (reply.status, reply.body)
            };
            // What somebody allowed before would be in every token.
            app.entra.remove_app(app.user());
            let none = app.entra.connect(app.user(), &["openid"]).value;
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let query = parameters.iter().filter(|parameter| parameter["in"] == "query");
            let query: Vec<String> = query.map(|one| format!("{}=id", one["name"].as_str().unwrap())).collect();
            ask(&none, &format!("?{}", query.join("&"))).await;
            let found = app.entra.take_violations();
            let wrong =
                found.iter().find(|one| one.what.contains("no operation") || one.what.contains("is no parameter"));
            assert!(wrong.is_none(), "{verb} {template}: {wrong:?}");
            let scopes = operation["x-delegated-scopes"].as_array().cloned().unwrap_or_default();
            for scope in scopes.iter().map(|scope| scope.as_str().unwrap()) {
                let (status, body) = ask(&none, "").await;
                assert_eq!(status, 403, "{verb} {template}: {body}");
                let token = app.entra.connect(app.user(), &[scope]).value;
                let (status, body) = ask(&token, "").await;
                assert_ne!(status, 403, "{verb} {template}: {scope} is enough: {body}");
            }
            let _ = app.entra.take_violations();
        }
    }
}

#[tokio::test]
async fn the_flow_is_the_one_of_the_published_facts() {
    let Some(specs) = specs() else { return };
    let app = TestEntra::start().await;
    let facts = specs.read("oauth-providers.json").unwrap().unwrap()["providers"]["microsoft"].clone();
    let path = |url: &Value| url.as_str().unwrap().split_once("{tenant}").unwrap().1.to_owned();
    let own = app.authorize_path(ENTRA_SCOPES);
    assert!(own.starts_with(&format!("/organizations{}?", path(&facts["authorize_url"]))));
    for parameter in facts["authorize_params"].as_array().unwrap() {
        let name = parameter.as_str().unwrap().split(['=', '?']).next().unwrap();
        assert!(own.contains(&format!("{name}=")), "{name}");
    }
    let answer = app.connect(app.user(), ENTRA_SCOPES).await;
    assert!(answer["expires_in"].as_u64() >= facts["access_ttl_s"].as_u64());
    assert_eq!(path(&facts["token_url"]), "/oauth2/v2.0/token");
    app.entra.assert_understood();
}
