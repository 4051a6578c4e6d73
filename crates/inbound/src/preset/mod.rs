//! Presets: what a person has to know to set a source up, per provider, as data. Their facts come from the providers'
//! own documentation as of November 2026; where that is silent, the text says so.

mod apps;
mod generic;
mod mail;
mod records;
mod talk;
mod trackers;

use serde::Serialize;

use crate::provider::Provider;
use crate::scheme::Scheme;

/// What there is to know of a provider.
#[derive(Debug, Serialize)]
pub struct Preset {
    /// Whose it is; its key is the name of the preset in addresses and in the API.
    pub provider: Provider,
    /// Its name for people.
    pub name: &'static str,
    /// What comes from there, in a sentence.
    pub about: &'static str,
    /// How its requests are verified, in a sentence.
    pub verification: &'static str,
    /// How they are verified: the usual scheme first, then what can be chosen instead.
    pub schemes: &'static [Scheme],
    /// What there is to know of the secret.
    pub secret: SecretFacts,
    /// What to do there, step by step. `{url}` stands for the address of the source.
    pub setup: &'static [&'static str],
    /// The events that it can send.
    pub events: &'static [EventFacts],
    /// When it tries again.
    pub retries: Retries,
    /// How it tries the address, if it does.
    pub challenge: Option<&'static str>,
    /// The content types that are taken, in lower case; the first is the usual one. Empty: any.
    pub content_types: &'static [&'static str],
    /// What makes a request the same as an earlier one, in a sentence.
    pub duplicates: &'static str,
}

/// What there is to know of a secret.
#[derive(Debug, Serialize)]
pub struct SecretFacts {
    /// What it is called there.
    pub name: &'static str,
    /// What it looks like.
    pub looks_like: &'static str,
    /// Who makes it.
    pub made_by: MadeBy,
    /// How it is changed without losing a request.
    pub rotation: &'static str,
}

/// Who makes a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MadeBy {
    /// The provider: it is copied from there to here.
    Provider,
    /// We: it is copied from here to there.
    Us,
    /// Either side.
    Either,
}

/// A type of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EventFacts {
    /// The provider's name for it, as it is chosen there.
    pub name: &'static str,
    /// Whether the hub makes an event of its own of it, so that it should be chosen.
    pub wanted: bool,
}

/// When a provider tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Retries {
    /// In a sentence.
    pub words: &'static str,
    /// Seconds from one try to the next, where they are published.
    pub delays_s: &'static [u32],
    /// Seconds after which it gives up, where that is known. None with no delays: unknown. Zero: it does not try again.
    pub gives_up_after_s: Option<u32>,
    /// Seconds within which it wants an answer, where that is known.
    pub answer_within_s: Option<u32>,
}

/// The schedule of Svix: eight tries.
const SVIX: Retries = Retries {
    words: "Eight tries: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h. After five days of failures \
            the endpoint is turned off.",
    delays_s: &[5, 300, 1800, 7200, 18_000, 36_000, 36_000],
    gives_up_after_s: Some(99_305),
    answer_within_s: Some(15),
};

const JSON: &[&str] = &["application/json"];

impl Preset {
    /// The preset of a provider.
    #[must_use]
    pub fn of(provider: Provider) -> &'static Self {
        match provider {
            Provider::Stripe => &apps::STRIPE,
            Provider::Clerk => &apps::CLERK,
            Provider::Resend => &apps::RESEND,
            Provider::Slack => &talk::SLACK,
            Provider::Pylon => &talk::PYLON,
            Provider::Github => &trackers::GITHUB,
            Provider::Linear => &trackers::LINEAR,
            Provider::Jira => &trackers::JIRA,
            Provider::Hubspot => &records::HUBSPOT,
            Provider::Notion => &records::NOTION,
            Provider::Standard => &generic::STANDARD,
            Provider::Hmac => &generic::HMAC,
            Provider::Basic => &generic::BASIC,
            Provider::Bearer => &generic::BEARER,
            Provider::Brevo => &mail::BREVO,
            Provider::Mailjet => &mail::MAILJET,
            Provider::Postmark => &mail::POSTMARK,
            Provider::Sendgrid => &mail::SENDGRID,
        }
    }

    /// The scheme that a new source of this provider gets.
    #[must_use]
    pub fn scheme(&self) -> &'static Scheme {
        &self.schemes[0]
    }

    /// The steps of the setup with the address of a source put in.
    pub fn setup_for(&self, url: &str) -> impl Iterator<Item = String> {
        self.setup.iter().map(move |step| step.replace("{url}", url))
    }
}

/// A type that the hub makes an event of its own of.
const fn wanted(name: &'static str) -> EventFacts {
    EventFacts { name, wanted: true }
}

/// A type that is kept and shown.
const fn known(name: &'static str) -> EventFacts {
    EventFacts { name, wanted: false }
}
