//! HubSpot and Notion.

use super::{JSON, MadeBy, Preset, Retries, SecretFacts, known, wanted};
use crate::provider::Provider;
use crate::scheme::{self, Scheme};

pub(super) static HUBSPOT: Preset = Preset {
    provider: Provider::Hubspot,
    name: "HubSpot",
    about: "Contacts, companies, deals and tickets: that they changed, and in which property.",
    verification: "HMAC-SHA256 over method, address, body and time in X-HubSpot-Signature-v3; at most 5 minutes old.",
    schemes: &[Scheme::Hubspot { allow_v1: false }, Scheme::Hubspot { allow_v1: true }],
    secret: SecretFacts {
        name: "Client secret of the app",
        looks_like: "a UUID",
        made_by: MadeBy::Provider,
        rotation: "Rotate it on the app's Auth page and add the new one here.",
    },
    setup: &[
        "In your HubSpot developer account open the app, Webhooks, and paste {url} as the target URL. The address is \
         signed: it has to be reachable under exactly this name.",
        "Create subscriptions for the events below and activate them.",
        "Copy the client secret from the app's Auth page and paste it here.",
    ],
    events: &[
        wanted("contact.creation"),
        wanted("contact.propertyChange"),
        wanted("contact.deletion"),
        wanted("contact.privacyDeletion"),
        wanted("contact.merge"),
        wanted("company.creation"),
        wanted("company.propertyChange"),
        wanted("company.deletion"),
        wanted("deal.creation"),
        wanted("deal.propertyChange"),
        wanted("deal.deletion"),
        wanted("ticket.creation"),
        wanted("ticket.propertyChange"),
        wanted("ticket.deletion"),
        known("contact.associationChange"),
    ],
    retries: Retries {
        words: "Up to ten more tries within 24 hours.",
        delays_s: &[],
        gives_up_after_s: Some(86_400),
        answer_within_s: Some(5),
    },
    challenge: None,
    content_types: JSON,
    duplicates: "Account, subscription, event, time and object together: the event's own id is not promised to be \
                 unique.",
};

pub(super) static NOTION: Preset = Preset {
    provider: Provider::Notion,
    name: "Notion",
    about: "Pages, data sources and comments: that they changed.",
    verification: "HMAC-SHA256 over the body in X-Notion-Signature, keyed with the token of the handshake. No time is \
                   signed.",
    schemes: &[Scheme::Hmac(scheme::NOTION)],
    secret: SecretFacts {
        name: "Verification token",
        looks_like: "secret_…",
        made_by: MadeBy::Provider,
        rotation: "Make the subscription anew: Notion sends another token.",
    },
    setup: &[
        "At notion.so/profile/integrations open your integration, Webhooks, and create a subscription with {url}.",
        "Notion posts a verification token, which appears here. Copy it.",
        "Choose Verify at Notion, paste the token, and choose the events below.",
    ],
    events: &[
        wanted("page.created"),
        wanted("page.content_updated"),
        wanted("page.properties_updated"),
        wanted("page.moved"),
        wanted("page.deleted"),
        wanted("page.undeleted"),
        wanted("data_source.content_updated"),
        wanted("data_source.schema_updated"),
        wanted("comment.created"),
        wanted("comment.updated"),
        wanted("comment.deleted"),
        known("database.created"),
        known("database.deleted"),
    ],
    retries: Retries {
        words: "Up to eight tries within about 24 hours. Changes of content are gathered and come some minutes later.",
        delays_s: &[],
        gives_up_after_s: Some(86_400),
        answer_within_s: None,
    },
    challenge: Some(
        "Notion posts a verification_token once, unsigned. It is taken as the secret only while this source has none.",
    ),
    content_types: JSON,
    duplicates: "The id of the event.",
};
