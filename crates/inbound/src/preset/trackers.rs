//! GitHub, Linear and Jira.

use super::{JSON, MadeBy, Preset, Retries, SecretFacts, known, wanted};
use crate::provider::Provider;
use crate::scheme::{self, Scheme};

pub(super) static GITHUB: Preset = Preset {
    provider: Provider::Github,
    name: "GitHub",
    about: "Issues, comments, pull requests and pushes of repositories.",
    verification: "HMAC-SHA256 over the body in X-Hub-Signature-256. No time is signed: a delivery is taken once by \
                   its id.",
    schemes: &[Scheme::Hmac(scheme::GITHUB)],
    secret: SecretFacts {
        name: "Secret of the webhook",
        looks_like: "any long random text",
        made_by: MadeBy::Us,
        rotation: "Add the new one here, change it at GitHub, then remove the old one here.",
    },
    setup: &[
        "Open the repository's or organization's Settings, Webhooks, and choose Add webhook; or the settings of your \
         GitHub App.",
        "Paste {url} as the Payload URL and choose application/json.",
        "Paste the secret shown here, and choose the events below.",
    ],
    events: &[
        wanted("issues"),
        wanted("issue_comment"),
        wanted("pull_request"),
        wanted("push"),
        wanted("installation"),
        wanted("installation_repositories"),
        known("ping"),
        known("repository"),
        known("meta"),
    ],
    retries: Retries {
        words: "GitHub does not try again. A delivery can be sent once more by hand or by the API for three days.",
        delays_s: &[],
        gives_up_after_s: Some(0),
        answer_within_s: Some(10),
    },
    challenge: None,
    content_types: &["application/json", "application/x-www-form-urlencoded"],
    duplicates: "The id of the delivery (X-GitHub-Delivery), the same when it is sent once more.",
};

pub(super) static LINEAR: Preset = Preset {
    provider: Provider::Linear,
    name: "Linear",
    about: "Issues and comments of a workspace.",
    verification: "HMAC-SHA256 over the body in Linear-Signature; by the time in the body, at most 60 seconds old.",
    schemes: &[Scheme::Hmac(scheme::LINEAR)],
    secret: SecretFacts {
        name: "Signing secret of the webhook",
        looks_like: "lin_wh_…",
        made_by: MadeBy::Provider,
        rotation: "Make a second webhook with the same address and add its secret here, then delete the first.",
    },
    setup: &[
        "In Linear open Settings, API, Webhooks, and choose New webhook.",
        "Paste {url}, choose the data change events below, and all public teams or one.",
        "Copy the signing secret from the webhook's page and paste it here.",
    ],
    events: &[
        wanted("Issue"),
        wanted("Comment"),
        wanted("OAuthApp"),
        known("Project"),
        known("Cycle"),
        known("IssueLabel"),
    ],
    retries: Retries {
        words: "Three more tries: after about 1 minute, 1 hour and 6 hours, each with a new time in its body. Then \
                the webhook may be turned off.",
        delays_s: &[60, 3600, 21_600],
        gives_up_after_s: Some(25_260),
        answer_within_s: Some(5),
    },
    challenge: None,
    content_types: JSON,
    duplicates: "The id of the delivery (Linear-Delivery).",
};

pub(super) static JIRA: Preset = Preset {
    provider: Provider::Jira,
    name: "Jira",
    about: "Issues and comments of a Jira Cloud site.",
    verification: "HMAC-SHA256 over the body in X-Hub-Signature (webhooks of an administrator), or a token signed by \
                   HS256 in Authorization (webhooks of an OAuth app), which says nothing of the body.",
    schemes: &[Scheme::Jira],
    secret: SecretFacts {
        name: "Secret of the webhook; for an OAuth app its client secret",
        looks_like: "any long random text",
        made_by: MadeBy::Either,
        rotation: "Add the new one here, change it at Jira, then remove the old one here.",
    },
    setup: &[
        "In Jira open Settings, System, WebHooks, and choose Create a WebHook. It takes an administrator.",
        "Paste {url} and the secret shown here.",
        "Choose the events below, and a JQL filter if not everything is wanted.",
    ],
    events: &[
        wanted("jira:issue_created"),
        wanted("jira:issue_updated"),
        wanted("jira:issue_deleted"),
        wanted("comment_created"),
        wanted("comment_updated"),
        wanted("comment_deleted"),
        known("issue_property_set"),
        known("worklog_created"),
    ],
    retries: Retries {
        words: "Up to five more tries, each 5 to 15 minutes after the last, on 408, 409, 425, 429, 5xx and no answer. \
                The order is not kept.",
        delays_s: &[],
        gives_up_after_s: Some(4500),
        answer_within_s: Some(20),
    },
    challenge: None,
    content_types: JSON,
    duplicates: "X-Atlassian-Webhook-Identifier, the same over all tries.",
};
