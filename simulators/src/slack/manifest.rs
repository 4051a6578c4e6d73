//! An app manifest, as it is pasted into Slack: what it may say, and what becomes of the app.

use serde_json::Value;

use super::options::App;
use super::scopes;

/// Where in a manifest what may be said. `*` is every element of a list.
const KNOWN: [(&str, &[&str]); 12] = [
    ("", &["_metadata", "display_information", "features", "oauth_config", "settings"]),
    ("/_metadata", &["major_version", "minor_version"]),
    ("/display_information", &["name", "description", "long_description", "background_color"]),
    ("/features", &["app_home", "bot_user", "shortcuts", "slash_commands", "unfurl_domains"]),
    ("/features/app_home", &["home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"]),
    ("/features/bot_user", &["display_name", "always_online"]),
    ("/features/slash_commands/*", &["command", "description", "should_escape", "url", "usage_hint"]),
    ("/oauth_config", &["redirect_urls", "scopes", "token_management_enabled"]),
    ("/oauth_config/scopes", &["bot", "user", "bot_optional", "user_optional"]),
    (
        "/settings",
        &[
            "allowed_ip_address_ranges",
            "event_subscriptions",
            "incoming_webhooks",
            "interactivity",
            "org_deploy_enabled",
            "socket_mode_enabled",
            "token_rotation_enabled",
        ],
    ),
    ("/settings/event_subscriptions", &["bot_events", "user_events", "request_url", "metadata_subscriptions"]),
    ("/settings/interactivity", &["is_enabled", "message_menu_options_url", "request_url"]),
];

/// Texts, whether a manifest may go without them, and their length.
const TEXTS: [(&str, bool, usize); 8] = [
    ("/display_information/name", true, 35),
    ("/display_information/description", false, 140),
    ("/display_information/long_description", false, 4000),
    ("/features/bot_user/display_name", false, 80),
    ("/features/slash_commands/*/command", true, 32),
    ("/features/slash_commands/*/description", true, 2000),
    ("/features/slash_commands/*/usage_hint", false, 1000),
    ("/features/slash_commands/*/url", true, 3000),
];

/// Addresses of the app.
const URLS: [&str; 5] = [
    "/oauth_config/redirect_urls/*",
    "/features/slash_commands/*/url",
    "/settings/event_subscriptions/request_url",
    "/settings/interactivity/request_url",
    "/settings/interactivity/message_menu_options_url",
];

/// The events that a bot may subscribe to, as far as they are about channels, messages, people and the app itself.
const EVENTS: [&str; 45] = [
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "app_rate_limited",
    "app_uninstalled",
    "channel_archive",
    "channel_created",
    "channel_deleted",
    "channel_history_changed",
    "channel_id_changed",
    "channel_left",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "channel_unshared",
    "email_domain_changed",
    "emoji_changed",
    "group_archive",
    "group_deleted",
    "group_history_changed",
    "group_left",
    "group_rename",
    "group_unarchive",
    "im_history_changed",
    "link_shared",
    "member_joined_channel",
    "member_left_channel",
    "message.app_home",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "message_metadata_posted",
    "pin_added",
    "pin_removed",
    "reaction_added",
    "reaction_removed",
    "team_access_granted",
    "team_access_revoked",
    "team_domain_change",
    "team_join",
    "team_rename",
    "tokens_revoked",
    "user_change",
    "user_profile_changed",
];

/// The app that a manifest describes, on top of the app as it is.
pub(super) fn apply(manifest: &Value, app: &App) -> Result<App, Vec<String>> {
    let found = complaints(manifest);
    if !found.is_empty() {
        return Err(found);
    }
    let text = |path: &str| at(manifest, path).first().and_then(|(_, value)| value.as_str()).map(str::to_owned);
    let texts =
        |path: &str| at(manifest, path).iter().filter_map(|(_, value)| value.as_str()).map(str::to_owned).collect();
    let flag = |path: &str| manifest.pointer(path).and_then(Value::as_bool).unwrap_or_default();
    Ok(App {
        name: text("/display_information/name").unwrap_or_default(),
        redirect_uris: texts("/oauth_config/redirect_urls/*"),
        events_url: text("/settings/event_subscriptions/request_url"),
        events: texts("/settings/event_subscriptions/bot_events/*"),
        commands_url: text("/features/slash_commands/*/url"),
        interactivity_url: text("/settings/interactivity/request_url")
            .filter(|_| flag("/settings/interactivity/is_enabled")),
        token_rotation: app.token_rotation || flag("/settings/token_rotation_enabled"),
        ..app.clone()
    })
}

/// What Slack would not take.
fn complaints(manifest: &Value) -> Vec<String> {
    let mut found = unknown(manifest);
    if manifest.get("display_information").is_none() {
        found.push("/display_information is missing".to_owned());
    }
    for (path, is_required, longest) in TEXTS {
        found.extend(text(manifest, path, is_required, longest));
    }
    let is_bad = |(_, url): &(String, &Value)| !url.as_str().is_some_and(is_address);
    let bad_urls = URLS.iter().flat_map(|path| at(manifest, path)).filter(is_bad);
    found.extend(bad_urls.map(|(pointer, url)| format!("{pointer}: {url} is no https URL")));
    found.extend(names(
        manifest,
        "/oauth_config/scopes/bot/*",
        |name| scopes::sentence(name).is_some(),
        "no permission",
    ));
    found.extend(names(
        manifest,
        "/settings/event_subscriptions/bot_events/*",
        |name| EVENTS.contains(&name),
        "no event",
    ));
    let commands = at(manifest, "/features/slash_commands/*/command").into_iter();
    let without_slash = commands.filter(|(_, command)| !command.as_str().is_some_and(|text| text.starts_with('/')));
    found.extend(without_slash.map(|(pointer, _)| format!("{pointer} should begin with a slash")));
    found
}

fn unknown(manifest: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (path, names) in KNOWN {
        for (pointer, value) in at(manifest, path) {
            let given = value.as_object().into_iter().flat_map(|object| object.keys());
            let unknown = given.filter(|name| !names.contains(&name.as_str()));
            found.extend(unknown.map(|name| format!("{pointer}/{name} is nothing that a manifest says")));
        }
    }
    found
}

/// A text that is missing, too long, or none.
fn text(manifest: &Value, path: &str, is_required: bool, longest: usize) -> Vec<String> {
    let (parent, name) = path.rsplit_once('/').unwrap_or_default();
    let parents = at(manifest, parent).into_iter();
    let complaint = |(pointer, value): (String, &Value)| match value
        .get(name)
        .map(|value| value.as_str().map_or(0, |text| text.chars().count()))
    {
        None if is_required => Some(format!("{pointer}/{name} is missing")),
        Some(length) if !(1..=longest).contains(&length) => {
            Some(format!("{pointer}/{name} should be a text of 1 to {longest} characters"))
        }
        _ => None,
    };
    parents.filter_map(complaint).collect()
}

fn names(manifest: &Value, path: &str, is_known: impl Fn(&str) -> bool, what: &str) -> Vec<String> {
    let all = at(manifest, path);
    let unknown = all.iter().filter(|(_, name)| !name.as_str().is_some_and(&is_known));
    unknown.map(|(pointer, name)| format!("{pointer}: {name} is {what} that Slack knows")).collect()
}

/// https, or a program on this machine, which Slack itself would not take: a demo has nothing else.
fn is_address(url: &str) -> bool {
    ["https://", "http://127.0.0.1:", "http://localhost:"].iter().any(|start| url.starts_with(start))
}

/// The values at a path, each with where it is.
fn at<'a>(manifest: &'a Value, path: &str) -> Vec<(String, &'a Value)> {
    let mut here = vec![(String::new(), manifest)];
    for part in path.split('/').skip(1) {
        here = here
            .into_iter()
            .flat_map(|(pointer, value)| match part {
                "*" => {
                    let list = value.as_array().into_iter().flatten().enumerate();
                    list.map(|(index, value)| (format!("{pointer}/{index}"), value)).collect::<Vec<_>>()
                }
                name => value.get(name).map(|value| (format!("{pointer}/{name}"), value)).into_iter().collect(),
            })
            .collect();
    }
    here
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
