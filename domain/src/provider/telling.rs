//! What messages of every provider are made of: events, and how many of each type there are.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::event::summary::{self, Severity};
use crate::id::{DeliveryId, EventId};
use crate::time::Timestamp;

/// An event to tell of.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The delivery that the message is.
    pub delivery_id: &'a DeliveryId,
    /// The event.
    pub event_id: &'a EventId,
    /// Its type.
    pub event_type: &'a str,
    /// Its data.
    pub data: &'a Value,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The page that shows it.
    pub url: &'a str,
}

/// How many events of each type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<String, usize>);

impl Counts {
    /// Counts types.
    pub fn of<T: AsRef<str>>(types: impl IntoIterator<Item = T>) -> Self {
        let mut counts = BTreeMap::new();
        for name in types {
            *counts.entry(name.as_ref().to_owned()).or_default() += 1;
        }
        Self(counts)
    }

    /// Adds so many of a type.
    pub fn add(&mut self, event_type: &str, count: usize) {
        *self.0.entry(event_type.to_owned()).or_default() += count;
    }

    /// How many there are of all types.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// How grave the gravest is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.0.keys().map(|name| summary::severity(name)).max().unwrap_or(Severity::Info)
    }

    /// The types with how many there are of each, the most frequent first.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&str, usize)> {
        let mut sorted: Vec<(&str, usize)> = self.0.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        sorted.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        sorted
    }
}
