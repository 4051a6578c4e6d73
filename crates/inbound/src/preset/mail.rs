//! Providers that receive e-mail for us.

use std::borrow::Cow;

use super::{JSON, MadeBy, Preset, Retries, SecretFacts, wanted};
use crate::provider::Provider;
use crate::scheme::Scheme;

const TOKEN: Scheme = Scheme::Bearer { header: Cow::Borrowed("authorization"), prefix: Cow::Borrowed("Bearer") };
const OWN_HEADER: Scheme = Scheme::Bearer { header: Cow::Borrowed("x-webhook-token"), prefix: Cow::Borrowed("") };

/// What we make, and where it goes.
const fn ours(name: &'static str, looks_like: &'static str) -> SecretFacts {
    SecretFacts {
        name,
        looks_like,
        made_by: MadeBy::Us,
        rotation: "Add the new one here, change it there, then remove the old one here.",
    }
}

pub(super) static BREVO: Preset = Preset {
    provider: Provider::Brevo,
    name: "Brevo (e-mail in)",
    about: "E-mail to a domain of yours, received by Brevo in the EU. One request can hold several messages.",
    verification: "A token in Authorization: Bearer, or in a header of your own. Brevo signs nothing.",
    schemes: &[TOKEN, OWN_HEADER, Scheme::Basic],
    secret: ours("Token of the webhook (auth)", "any long random text"),
    setup: &[
        "Point the MX records of a subdomain to inbound1.sendinblue.com (priority 10) and inbound2.sendinblue.com \
         (20), and authenticate the domain at Brevo.",
        "Create the webhook by Brevo's API, POST /v3/webhooks: type inbound, events inboundEmailProcessed, url {url}, \
         your domain, and auth with type bearer and the token shown here.",
    ],
    events: &[wanted("inboundEmailProcessed")],
    retries: Retries {
        words: "Brevo tries several times over hours; it does not say how often.",
        delays_s: &[],
        gives_up_after_s: None,
        answer_within_s: None,
    },
    challenge: None,
    content_types: JSON,
    duplicates: "Brevo's Uuid of a message. The Message-ID is the sender's to choose.",
};

pub(super) static MAILJET: Preset = Preset {
    provider: Provider::Mailjet,
    name: "Mailjet (e-mail in)",
    about: "E-mail to an address or domain of yours, received by Mailjet in the EU.",
    verification: "User and password in the address (Basic). Mailjet signs nothing.",
    schemes: &[Scheme::Basic],
    secret: ours("User and password in the address", "user:password"),
    setup: &[
        "Create the route by Mailjet's API, POST /v3/REST/parseroute, with Url: {url} and user:password@ before its \
         host.",
        "For a domain of your own add Email, and point its MX record to parse.mailjet.com (priority 10).",
    ],
    events: &[wanted("inbound")],
    retries: Retries {
        words: "Mailjet tries for up to a few days, the first time after 5 minutes, and then drops the message.",
        delays_s: &[],
        gives_up_after_s: None,
        answer_within_s: None,
    },
    challenge: None,
    content_types: JSON,
    duplicates: "The content: Mailjet gives a delivery no id.",
};

pub(super) static POSTMARK: Preset = Preset {
    provider: Provider::Postmark,
    name: "Postmark (e-mail in)",
    about: "E-mail to an address or domain of yours, received by Postmark in the US.",
    verification: "User and password in the address (Basic). Postmark signs nothing.",
    schemes: &[Scheme::Basic],
    secret: ours("User and password in the address", "user:password"),
    setup: &[
        "In Postmark open the server, its inbound stream, Settings, and paste {url} as the webhook, with \
         user:password@ before its host.",
        "For a domain of your own enter it as the inbound domain, and point its MX record to inbound.postmarkapp.com \
         (priority 10).",
    ],
    events: &[wanted("inbound")],
    retries: Retries {
        words: "Ten more tries: after 1, 5, 10, 10, 10, 15 and 30 minutes, 1, 2 and 6 hours. An answer of 403 ends \
                them.",
        delays_s: &[60, 300, 600, 600, 600, 900, 1800, 3600, 7200, 21_600],
        gives_up_after_s: Some(37_260),
        answer_within_s: Some(120),
    },
    challenge: None,
    content_types: JSON,
    duplicates: "Postmark's MessageID. The test that its page sends always has the same one, and is taken each time.",
};

pub(super) static SENDGRID: Preset = Preset {
    provider: Provider::Sendgrid,
    name: "SendGrid (e-mail in)",
    about: "E-mail to a host name of yours, received by Twilio SendGrid in the US, or in the EU for EU subusers.",
    verification: "ECDSA on P-256 over timestamp and body, if a security policy is attached; else user and password \
                   in the address.",
    schemes: &[Scheme::Sendgrid { tolerance_s: None }, Scheme::Basic],
    secret: SecretFacts {
        name: "Public key of the security policy; without one, user and password in the address",
        looks_like: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE…",
        made_by: MadeBy::Provider,
        rotation: "Make a second policy, add its public key here, then attach it.",
    },
    setup: &[
        "Point the MX record of a host name of its own to mx.sendgrid.net (priority 10).",
        "Create a security policy by SendGrid's API, POST /v3/user/webhooks/security/policies, with signature \
         enabled, and paste its public key here.",
        "Under Settings, Inbound Parse, add the host name with {url} and attach the policy. \"POST the raw, full MIME \
         message\" is recommended.",
    ],
    events: &[wanted("inbound")],
    retries: Retries {
        words: "SendGrid tries for three days after 5xx and no answer. An answer of 4xx drops the message at once.",
        delays_s: &[],
        gives_up_after_s: Some(259_200),
        answer_within_s: None,
    },
    challenge: None,
    content_types: &["multipart/form-data"],
    duplicates: "The content: SendGrid gives a delivery no id.",
};
