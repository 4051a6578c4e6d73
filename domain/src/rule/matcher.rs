//! Whether a rule tells of an event.

use serde_json::Value;

use super::as_condition;
use crate::Result;
use crate::endpoint::Subscription;
use crate::filter::Filter;

/// The patterns and the condition of a rule, made ready.
#[derive(Debug, Clone, PartialEq)]
pub struct Matcher {
    subscription: Subscription,
    condition: Option<Filter>,
}

impl Matcher {
    /// Reads patterns (as endpoints have them: `*` leaves out what the hub tells of its deliveries) and a condition.
    ///
    /// # Errors
    /// *Invalid*, naming `event_types` or the part of the `condition`.
    pub fn new(event_types: &[String], condition: Option<&Value>) -> Result<Self> {
        let subscription = Subscription::parse(event_types)?;
        let condition = condition.map(Filter::from_value).transpose().map_err(as_condition)?;
        Ok(Self { subscription, condition })
    }

    /// Whether events of a type are told at all.
    #[must_use]
    pub fn wants_type(&self, event_type: &str) -> bool {
        self.subscription.wants(event_type)
    }

    /// Whether only the payload decides.
    #[must_use]
    pub const fn has_condition(&self) -> bool {
        self.condition.is_some()
    }

    /// Whether an event is told; `document` is made by [`crate::filter::document`].
    #[must_use]
    pub fn wants(&self, event_type: &str, document: &Value) -> bool {
        self.wants_type(event_type) && self.condition.as_ref().is_none_or(|condition| condition.matches(document))
    }
}
