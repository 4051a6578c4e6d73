//! A whole manifest, and one mistake at a time.

use serde_json::{Value, json};

use super::{App, apply};

fn manifest() -> Value {
    json!({
        "_metadata": { "major_version": 2, "minor_version": 1 },
        "display_information": { "name": "Hub", "description": "What happened, where you work", "background_color": "#000000" },
        "features": {
            "bot_user": { "display_name": "hub", "always_online": true },
            "slash_commands": [{ "command": "/hub", "url": "https://hub.example/commands", "description": "Status",
                "usage_hint": "status", "should_escape": false }],
        },
        "oauth_config": {
            "redirect_urls": ["https://hub.example/back", "http://127.0.0.1:3000/back"],
            "scopes": { "bot": ["chat:write", "commands"] },
        },
        "settings": {
            "event_subscriptions": { "request_url": "https://hub.example/events", "bot_events": ["app_uninstalled"] },
            "interactivity": { "is_enabled": true, "request_url": "https://hub.example/buttons" },
            "org_deploy_enabled": true, "socket_mode_enabled": false, "token_rotation_enabled": true,
        },
    })
}

#[test]
fn a_manifest_makes_the_app_what_it_says_and_keeps_its_secrets() {
    let before = App::default();
    let app = apply(&manifest(), &before).unwrap();
    assert_eq!((app.name.as_str(), app.client_secret), ("Hub", before.client_secret));
    assert_eq!(app.redirect_uris, ["https://hub.example/back", "http://127.0.0.1:3000/back"]);
    assert_eq!(app.events_url.as_deref(), Some("https://hub.example/events"));
    assert_eq!(app.events, ["app_uninstalled"]);
    assert_eq!(app.commands_url.as_deref(), Some("https://hub.example/commands"));
    assert_eq!(app.interactivity_url.as_deref(), Some("https://hub.example/buttons"));
    assert!(app.token_rotation);
}

#[test]
fn what_slack_would_not_take_is_told_with_its_place() {
    let cases: [(&str, Value, &str); 9] = [
        ("/display_information/name", json!("x".repeat(36)), "/display_information/name should be"),
        ("/display_information", json!({}), "/display_information/name is missing"),
        ("/features/slash_commands/0/command", json!("hub"), "/features/slash_commands/0/command should begin"),
        (
            "/features/slash_commands/0",
            json!({ "command": "/a", "description": "b" }),
            "/features/slash_commands/0/url is",
        ),
        ("/oauth_config/redirect_urls/0", json!("http://hub.example/"), "/oauth_config/redirect_urls/0: "),
        ("/oauth_config/scopes/bot/0", json!("chat:shout"), "\"chat:shout\" is no permission"),
        ("/settings/event_subscriptions/bot_events/0", json!("app_eaten"), "\"app_eaten\" is no event"),
        ("/settings/interactivity", json!({ "enabled": true }), "/settings/interactivity/enabled is nothing"),
        ("/settings/event_subscriptions/request_url", json!("/events"), "is no https URL"),
    ];
    for (pointer, value, sentence) in cases {
        let mut manifest = manifest();
        *manifest.pointer_mut(pointer).unwrap() = value;
        let found = apply(&manifest, &App::default()).unwrap_err();
        assert!(found.len() == 1 && found[0].contains(sentence), "{pointer}: {found:?}");
    }
}
