//! Which event types an endpoint wants.

use crate::{Error, Result};

/// Patterns made ready: `*`, `invoice.*` (everything below `invoice.`), or a full name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    all: bool,
    prefixes: Vec<String>,
    names: Vec<String>,
}

impl Subscription {
    /// Reads patterns.
    ///
    /// # Errors
    /// No pattern, more than 100, or one that is neither `*`, nor `resource.*`, nor a name.
    pub fn parse(patterns: &[String]) -> Result<Self> {
        if patterns.is_empty() || patterns.len() > 100 {
            return Err(Error::invalid("event_types", "name 1 to 100 event types, or `*` for all."));
        }
        let mut this = Self { all: false, prefixes: Vec::new(), names: Vec::new() };
        for pattern in patterns {
            if pattern == "*" {
                this.all = true;
            } else if let Some(prefix) = pattern.strip_suffix('*').filter(|p| p.ends_with('.')) {
                crate::event_type::check_name(&format!("{prefix}x")).map_err(|_| wrong(pattern))?;
                this.prefixes.push(prefix.to_owned());
            } else {
                crate::event_type::check_name(pattern).map_err(|_| wrong(pattern))?;
                this.names.push(pattern.clone());
            }
        }
        Ok(this)
    }

    /// The pattern by which a type is wanted, if it is.
    #[must_use]
    pub fn matching(&self, event_type: &str) -> Option<String> {
        if self.names.iter().any(|name| name == event_type) {
            return Some(event_type.to_owned());
        }
        if let Some(prefix) = self.prefixes.iter().find(|prefix| event_type.starts_with(prefix.as_str())) {
            return Some(format!("{prefix}*"));
        }
        self.all_covers(event_type).then(|| "*".to_owned())
    }

    /// Whether `*` was named and means this type too: what the hub tells of deliveries has to be asked for by name, else
    /// a failing endpoint would be told of its own failures.
    fn all_covers(&self, event_type: &str) -> bool {
        self.all && !crate::event_type::catalogue::OPERATIONAL.contains(&event_type)
    }

    /// Whether a type is wanted.
    #[must_use]
    pub fn wants(&self, event_type: &str) -> bool {
        self.all_covers(event_type)
            || self.names.iter().any(|name| name == event_type)
            || self.prefixes.iter().any(|prefix| event_type.starts_with(prefix.as_str()))
    }
}

fn wrong(pattern: &str) -> Error {
    Error::invalid(
        "event_types",
        format!("{pattern:?} is neither `*`, nor like `invoice.*`, nor an event type's name."),
    )
}

#[cfg(test)]
mod tests {
    use super::Subscription;

    fn of(patterns: &[&str]) -> Subscription {
        Subscription::parse(&patterns.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()).expect("good patterns")
    }

    #[test]
    fn a_group_covers_all_below_it_and_nothing_beside_it() {
        let group = of(&["invoice.*", "user.joined"]);
        assert!(group.wants("invoice.paid") && group.wants("invoice.line.added") && group.wants("user.joined"));
        assert!(!group.wants("invoices.paid") && !group.wants("user.removed"));
        assert_eq!(group.matching("invoice.paid").as_deref(), Some("invoice.*"));
        assert!(of(&["*"]).wants("anything.at_all"));
    }

    #[test]
    fn operational_types_have_to_be_named() {
        assert!(!of(&["*"]).wants("endpoint.disabled"));
        assert!(
            of(&["*", "endpoint.*"]).wants("endpoint.disabled")
                && of(&["delivery.exhausted"]).wants("delivery.exhausted")
        );
    }

    #[test]
    fn wrong_patterns_are_named() {
        for bad in ["", "invoice", "in*", "*.paid", "invoice.**", "Invoice.paid"] {
            assert!(Subscription::parse(&[bad.to_owned()]).is_err(), "{bad}");
        }
        assert!(Subscription::parse(&[]).is_err());
    }
}
