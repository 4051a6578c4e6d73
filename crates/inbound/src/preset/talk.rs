//! Slack and Pylon.

use std::borrow::Cow;

use super::{JSON, MadeBy, Preset, Retries, SecretFacts, known, wanted};
use crate::provider::Provider;
use crate::scheme::{self, Scheme};

pub(super) static SLACK: Preset = Preset {
    provider: Provider::Slack,
    name: "Slack",
    about: "Messages in the channels that your Slack app is in, as signals.",
    verification: "HMAC-SHA256 over the timestamp and the body in X-Slack-Signature; at most 5 minutes old.",
    schemes: &[Scheme::Hmac(scheme::SLACK)],
    secret: SecretFacts {
        name: "Signing Secret",
        looks_like: "32 characters of hex",
        made_by: MadeBy::Provider,
        rotation: "Regenerate it under Basic Information. Slack signs with the new one at once: add it here within \
                   the minute or the first tries fail and are made again.",
    },
    setup: &[
        "At api.slack.com/apps open your app and copy the Signing Secret under Basic Information. Paste it here \
         first: Slack tries the address with a signed request.",
        "Under Event Subscriptions turn events on and paste {url} as the Request URL. It has to turn to Verified.",
        "Subscribe to the bot events below, save, and reinstall the app if Slack asks for it.",
        "Invite the app to the channels that it should listen to.",
    ],
    events: &[
        wanted("message.channels"),
        wanted("message.groups"),
        wanted("app_uninstalled"),
        wanted("tokens_revoked"),
        known("app_mention"),
        known("channel_archive"),
        known("channel_rename"),
    ],
    retries: Retries {
        words: "Three more tries: at once, after 1 minute and after 5 minutes. When over 95 % fail within an hour, \
                Slack turns the subscription off.",
        delays_s: &[0, 60, 300],
        gives_up_after_s: Some(360),
        answer_within_s: Some(3),
    },
    challenge: Some(
        "Slack posts a url_verification when the address is pasted. It is signed, and answered with the challenge in \
         it.",
    ),
    content_types: &["application/json", "application/x-www-form-urlencoded"],
    duplicates: "A message is one by workspace, channel and time (ts); other events by event_id.",
};

pub(super) static PYLON: Preset = Preset {
    provider: Provider::Pylon,
    name: "Pylon",
    about: "Issues of the support desk at usepylon.com.",
    verification: "A secret in a header of your choice, or an HMAC-SHA256 over the timestamp and the body in \
                   Pylon-Webhook-Signature (hs256=…). Pylon documents only the header.",
    schemes: &[Scheme::Pylon { header: Cow::Borrowed("authorization") }],
    secret: SecretFacts {
        name: "Value of a custom header; or the signing secret, if yours has one",
        looks_like: "any long random text",
        made_by: MadeBy::Us,
        rotation: "Add the new one here, change the header at Pylon, then remove the old one here.",
    },
    setup: &[
        "In Pylon open Settings, Webhooks, add one with {url}, and a custom header Authorization with Bearer, a blank \
         and the secret shown here.",
        "Open Settings, Triggers, and make one trigger per event (created, updated, closed) with the action Send \
         webhook.",
        "Paste this body into each and change its first line: \
         {\"event\":\"issue.created\",\"issue_id\":\"{{issue.id}}\",\"number\":\"{{issue.number}}\",\"account_id\":\"{{issue.account.id}}\",\"sent_at\":\"{{now}}\"}",
        "Look at the first request here: a variable that Pylon does not know stays as it is, in double braces.",
    ],
    events: &[wanted("issue.created"), wanted("issue.updated"), wanted("issue.closed")],
    retries: Retries {
        words: "Pylon does not say whether and when the support desk tries again. (The five tries and the seven days \
                that are quoted belong to getpylon.com, another company.)",
        delays_s: &[],
        gives_up_after_s: None,
        answer_within_s: None,
    },
    challenge: None,
    content_types: JSON,
    duplicates: "The issue, the event and its time together: there is no id of a delivery.",
};
