//! What becomes of what: from a provider's event to one of the hub's, as data that a page can show.
//!
//! A provider has one [`Layout`]: where in its requests the events are, and where in an event its id, type and time.
//! Below it stands the table of [`Mapping`]s, one per type. Places in JSON are JSON pointers (RFC 6901); of several,
//! the first that holds something counts, since providers change their shapes.

mod generic;
mod mail;
mod records;
mod resend;
mod signals;
mod stripe;
mod trackers;
mod users;

pub(crate) use mail::FIELDS as MAIL_FIELDS;

use serde::Serialize;
use serde_json::Value;

use crate::provider::Provider;
use crate::read::Passed;

/// How a provider's requests are laid out.
#[derive(Debug)]
pub struct Layout {
    /// Where the list of events is, in requests that carry several; none where a request is one event.
    pub list: Option<&'static str>,
    /// What makes the provider's id of an event, joined with `:`. Without any one of them there is no id.
    pub id: &'static [Place],
    /// What makes its type, joined with `.`; what is absent is left out.
    pub kind: &'static [Place],
    /// Its type where there is none in it.
    pub kind_otherwise: Option<&'static str>,
    /// When it happened.
    pub occurred_at: &'static [&'static str],
    /// Fields that every event of this provider gets.
    pub common: &'static [Field],
    /// Its types.
    pub mappings: &'static [Mapping],
    /// Tells why an event is passed over, if it is.
    pub passed: fn(&Value) -> Option<Passed>,
}

/// A place in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The first of these headers that is there.
    Header(&'static [&'static str]),
    /// The first of these places in the event that holds something.
    Field(&'static [&'static str]),
}

/// What one type of a provider becomes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mapping {
    /// The provider's type; `*` for any that is not named otherwise.
    pub provider_type: &'static str,
    /// The hub's event type.
    pub hub_type: &'static str,
    /// What its data is made of, in groups.
    pub fields: &'static [&'static [Field]],
    /// Whose state it carries, if it does.
    pub state: Option<StateRule>,
    /// What makes its idempotency key, joined with `:`, where that is not the provider's id.
    pub key: Option<&'static [Place]>,
}

/// One field of the data of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name; a dot leads into an object: `plan.id`.
    pub name: &'static str,
    /// Where it comes from.
    pub from: &'static [&'static str],
    /// What is done with it.
    pub form: Form,
    /// What it is where the provider says nothing; without this it is left out.
    pub otherwise: Option<&'static str>,
}

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Nothing.
    Same,
    /// Capitals: `EUR`.
    Upper,
    /// A time in any form that is read, as RFC 3339 in UTC.
    Time,
    /// Word for word; others stay.
    Words(&'static [(&'static str, &'static str)]),
    /// The first of a list.
    First,
    /// Of a list of objects, one text of the one whose `id` is found at a place; of the first where none has it.
    Entry {
        /// Where the id is.
        id: &'static str,
        /// The key of the text.
        take: &'static str,
    },
    /// An object of former values becomes one of `{from, to}`; the present ones are in the object at this place.
    Changes(&'static str),
}

/// Whose state an event carries, and how two of them are put into order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StateRule {
    /// What it is: `subscription`.
    pub kind: &'static str,
    /// Its id.
    pub id: &'static [&'static str],
    /// A time that grows with each change.
    pub version: &'static [&'static str],
    /// Whether nothing comes after it: it was deleted.
    pub ends: bool,
}

impl Layout {
    /// How requests of a provider are laid out. E-mail is laid out as its parsers know; its table names the fields.
    #[must_use]
    pub fn of(provider: Provider) -> &'static Self {
        match provider {
            Provider::Stripe => &stripe::LAYOUT,
            Provider::Clerk => &users::LAYOUT,
            Provider::Resend => &resend::LAYOUT,
            Provider::Slack => &signals::SLACK,
            Provider::Pylon => &signals::PYLON,
            Provider::Github => &trackers::GITHUB,
            Provider::Linear => &trackers::LINEAR,
            Provider::Jira => &trackers::JIRA,
            Provider::Hubspot => &records::HUBSPOT,
            Provider::Notion => &records::NOTION,
            Provider::Standard | Provider::Hmac | Provider::Basic | Provider::Bearer => &generic::LAYOUT,
            Provider::Brevo | Provider::Mailjet | Provider::Postmark | Provider::Sendgrid => &mail::LAYOUT,
        }
    }

    /// The mapping of a type, if it is known.
    #[must_use]
    pub fn mapping(&self, provider_type: &str) -> Option<&'static Mapping> {
        let named = self.mappings.iter().find(|mapping| mapping.provider_type == provider_type);
        named.or_else(|| self.mappings.iter().find(|mapping| mapping.provider_type == "*"))
    }
}

impl Mapping {
    /// A type that becomes another.
    const fn new(
        provider_type: &'static str,
        hub_type: &'static str,
        fields: &'static [&'static [Field]],
        state: Option<StateRule>,
    ) -> Self {
        Self { provider_type, hub_type, fields, state, key: None }
    }

    const fn keyed(self, key: &'static [Place]) -> Self {
        Self { key: Some(key), ..self }
    }
}

impl StateRule {
    const fn new(kind: &'static str, id: &'static [&'static str], version: &'static [&'static str]) -> Self {
        Self { kind, id, version, ends: false }
    }

    const fn end(self) -> Self {
        Self { ends: true, ..self }
    }
}

/// A field that is taken as it is.
const fn same(name: &'static str, from: &'static [&'static str]) -> Field {
    Field { name, from, form: Form::Same, otherwise: None }
}

const fn time(name: &'static str, from: &'static [&'static str]) -> Field {
    formed(name, from, Form::Time)
}

const fn formed(name: &'static str, from: &'static [&'static str], form: Form) -> Field {
    Field { name, from, form, otherwise: None }
}

const fn or(field: Field, otherwise: &'static str) -> Field {
    Field { otherwise: Some(otherwise), ..field }
}

/// Nothing is passed over.
const fn take_all(_: &Value) -> Option<Passed> {
    None
}
