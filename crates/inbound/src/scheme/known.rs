//! The forms of providers that are one row each.

use std::borrow::Cow;

use signature::Algorithm;

use super::{Encoding, HmacScheme, KeyForm, TimestampPlace, TimestampRule, Unit};

/// A row: SHA-256 with the secret as it is written.
const fn sha256(
    header: &'static str,
    prefix: &'static str,
    encoding: Encoding,
    template: &'static str,
    timestamp: Option<TimestampRule>,
) -> HmacScheme {
    HmacScheme {
        header: Cow::Borrowed(header),
        prefix: Cow::Borrowed(prefix),
        algorithm: Algorithm::Sha256,
        encoding,
        key: KeyForm::Text,
        template: Cow::Borrowed(template),
        timestamp,
    }
}

const fn in_header(name: &'static str, unit: Unit) -> Option<TimestampRule> {
    Some(TimestampRule { place: TimestampPlace::Header(Cow::Borrowed(name)), unit, tolerance_s: 300 })
}

/// Slack's `v0`: <https://docs.slack.dev/authentication/verifying-requests-from-slack>.
pub const SLACK: HmacScheme = sha256(
    "x-slack-signature",
    "v0=",
    Encoding::Hex,
    "v0:{timestamp}:{body}",
    in_header("x-slack-request-timestamp", Unit::Seconds),
);

/// GitHub's `X-Hub-Signature-256`. Nothing in it protects against replay: the id of the delivery has to.
pub const GITHUB: HmacScheme = sha256("x-hub-signature-256", "sha256=", Encoding::Hex, "{body}", None);

/// Linear's bare hex. The time is a field of the body, 60 seconds are allowed, and the header `Linear-Timestamp` is not
/// to be believed.
pub const LINEAR: HmacScheme = sha256("linear-signature", "", Encoding::Hex, "{body}", LINEAR_TIME);

const LINEAR_TIME: Option<TimestampRule> = Some(TimestampRule {
    place: TimestampPlace::Body(Cow::Borrowed("/webhookTimestamp")),
    unit: Unit::Millis,
    tolerance_s: 60,
});

/// That of a webhook which an administrator of Jira made.
pub const JIRA_ADMIN: HmacScheme = sha256("x-hub-signature", "sha256=", Encoding::Hex, "{body}", None);

/// HubSpot's third, over the address with twelve escapes undone.
pub const HUBSPOT_V3: HmacScheme = sha256(
    "x-hubspot-signature-v3",
    "",
    Encoding::Base64,
    "{method}{url:decoded}{body}{timestamp}",
    in_header("x-hubspot-request-timestamp", Unit::Millis),
);

/// Notion's, keyed with the token of the handshake.
pub const NOTION: HmacScheme = sha256("x-notion-signature", "sha256=", Encoding::Hex, "{body}", None);

/// The signature that some say Pylon sends.
pub(crate) const PYLON: HmacScheme = sha256(
    "pylon-webhook-signature",
    "",
    Encoding::Hex,
    "{timestamp}.{body}",
    in_header("pylon-webhook-timestamp", Unit::Seconds),
);

/// What a generic HMAC source begins with: as the plain scheme of our own endpoints.
pub const PLAIN: HmacScheme = sha256(
    "x-webhook-signature",
    "sha256=",
    Encoding::Hex,
    "{timestamp}.{body}",
    in_header("x-webhook-timestamp", Unit::Seconds),
);
