//! The app's manifest: what an operator pastes into Slack ("Create an app", "From a manifest") to make the app of this
//! installation, with every address filled in.

use serde_json::{Value, json};

use super::facts::{COMMAND, COMMANDS_PATH, EVENTS, EVENTS_PATH, INTERACTIONS_PATH, REDIRECT_PATH, SCOPES};

/// The manifest of this installation's app, in Slack's JSON form. `base_url` is where Patchbay is reached; Slack takes
/// `https` only. With `token_rotation` tokens live for twelve hours: Slack never lets an app go back.
#[must_use]
pub fn manifest(base_url: &str, token_rotation: bool) -> Value {
    let url = |path: &str| format!("{}{path}", base_url.trim_end_matches('/'));
    json!({
        "_metadata": { "major_version": 1, "minor_version": 1 },
        "display_information": {
            "name": "Patchbay",
            "description": "Tells your channels what happens in your product, and what becomes of it.",
            "long_description":
                "Patchbay posts the events that you choose into the channels that you choose: an invoice that was paid, a customer \
                 who left, an endpoint that fails. Rules say which events, where, how and when; batches and quiet hours keep channels \
                 readable. Buttons on a message acknowledge it or replay a delivery, with the rights of the person who presses them.",
            "background_color": "#1f2937",
        },
        "features": {
            "app_home": { "home_tab_enabled": false, "messages_tab_enabled": false, "messages_tab_read_only_enabled": true },
            "bot_user": { "display_name": "patchbay", "always_online": true },
            "slash_commands": [{
                "command": COMMAND,
                "url": url(COMMANDS_PATH),
                "description": "See what is told in this channel, and change it",
                "usage_hint": "status | subscribe invoice.* | unsubscribe invoice.*",
                "should_escape": false,
            }],
        },
        "oauth_config": { "redirect_urls": [url(REDIRECT_PATH)], "scopes": scopes() },
        "settings": {
            "event_subscriptions": { "request_url": url(EVENTS_PATH), "bot_events": EVENTS },
            "interactivity": { "is_enabled": true, "request_url": url(INTERACTIONS_PATH) },
            "org_deploy_enabled": true,
            "socket_mode_enabled": false,
            "token_rotation_enabled": token_rotation,
        },
    })
}

/// All scopes, and which of them whoever installs the app may leave out. A command needs its scope, so that one stays.
fn scopes() -> Value {
    let names = |optional: bool| {
        let chosen = SCOPES.iter().filter(move |scope| !optional || (scope.optional && scope.name != "commands"));
        chosen.map(|scope| scope.name).collect::<Vec<_>>()
    };
    json!({ "bot": names(false), "bot_optional": names(true) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::slack::text::length;

    /// The keys of Slack's published form (`Manifest` of `@slack/web-api` 8.2.0, and `bot_optional` of 2026-03), as paths.
    const KNOWN: [&str; 24] = [
        "_metadata.major_version",
        "_metadata.minor_version",
        "display_information.name",
        "display_information.description",
        "display_information.long_description",
        "display_information.background_color",
        "features.app_home.home_tab_enabled",
        "features.app_home.messages_tab_enabled",
        "features.app_home.messages_tab_read_only_enabled",
        "features.bot_user.display_name",
        "features.bot_user.always_online",
        "features.slash_commands.command",
        "features.slash_commands.url",
        "features.slash_commands.description",
        "features.slash_commands.usage_hint",
        "features.slash_commands.should_escape",
        "oauth_config.redirect_urls",
        "oauth_config.scopes.bot",
        "oauth_config.scopes.bot_optional",
        "settings.event_subscriptions.request_url",
        "settings.event_subscriptions.bot_events",
        "settings.interactivity.is_enabled",
        "settings.interactivity.request_url",
        "settings.org_deploy_enabled",
    ];

    fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (key, child) in map {
                    paths(child, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, found);
                }
            }
            Value::Array(list) if list.iter().any(Value::is_object) => {
                list.iter().for_each(|child| paths(child, path, found))
            }
            _ => found.push(path.to_owned()),
        }
    }

    #[test]
    fn it_has_the_published_form_and_no_key_beside() {
        let mut found = Vec::new();
        paths(&manifest("https://hub.example", true), "", &mut found);
        let beside = ["settings.socket_mode_enabled", "settings.token_rotation_enabled"];
        for path in &found {
            assert!(KNOWN.contains(&path.as_str()) || beside.contains(&path.as_str()), "{path}");
        }
        assert_eq!(found.len(), KNOWN.len() + beside.len());
    }

    #[test]
    fn every_address_lies_below_the_installation() {
        for base in ["https://hub.example/patchbay", "https://hub.example/patchbay/"] {
            let made = manifest(base, false);
            assert_eq!(
                made["oauth_config"]["redirect_urls"],
                json!(["https://hub.example/patchbay/oauth/slack/callback"])
            );
            for (pointer, path) in [
                ("/settings/event_subscriptions/request_url", EVENTS_PATH),
                ("/settings/interactivity/request_url", INTERACTIONS_PATH),
                ("/features/slash_commands/0/url", COMMANDS_PATH),
            ] {
                let url = made.pointer(pointer).and_then(Value::as_str);
                assert_eq!(url, Some(format!("https://hub.example/patchbay{path}").as_str()));
            }
            assert_eq!(made["settings"]["token_rotation_enabled"], false);
        }
    }

    #[test]
    fn texts_keep_the_limits_of_the_form() {
        let made = manifest("https://hub.example", true);
        for (pointer, range) in [
            ("/display_information/name", 1..=35),
            ("/display_information/description", 1..=140),
            ("/display_information/long_description", 174..=4000),
            ("/features/bot_user/display_name", 1..=80),
            ("/features/slash_commands/0/command", 2..=32),
            ("/features/slash_commands/0/description", 1..=2000),
            ("/features/slash_commands/0/usage_hint", 1..=1000),
        ] {
            let text = made.pointer(pointer).and_then(Value::as_str).expect(pointer);
            assert!(range.contains(&length(text)), "{pointer}: {}", length(text));
        }
        let bot = made["oauth_config"]["scopes"]["bot"].as_array().expect("scopes");
        let optional = made["oauth_config"]["scopes"]["bot_optional"].as_array().expect("scopes");
        assert!(optional.iter().all(|scope| bot.contains(scope)) && !optional.contains(&json!("commands")));
        assert_eq!(bot.len(), SCOPES.len());
    }
}
