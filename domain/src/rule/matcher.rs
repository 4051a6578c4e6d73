//! Whether a rule tells of an event.

use serde_json::Value;

use super::as_condition;
use crate::Result;
use crate::endpoint::Subscription;
use crate::event::Matter;
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

    /// Whether an event is told.
    #[must_use]
    pub fn wants(&self, matter: &Matter<'_>) -> bool {
        matter.suits(&self.subscription, self.condition.as_ref())
    }
}
