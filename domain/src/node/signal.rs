//! What nodes tell each other. Each signal is a hint: one that is lost costs a moment, never a delivery, because every
//! worker also looks by the clock and what is kept in memory is believed for two seconds only.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::id::{EndpointId, OrgId};
use crate::live::Notice;

/// Of more signals than these that wait to be sent, notices are dropped, and the others are told that something is missing.
const MOST: usize = 4096;

/// Work that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Work {
    /// An event without deliveries was written.
    Dispatch,
    /// A delivery became due earlier than planned.
    Due,
    /// A replay was asked for.
    Replay,
    /// A connection wants to be looked after.
    Chores,
    /// A request came to a source.
    Inbound,
    /// An organization's key was rotated.
    Keys,
}

/// Something that other nodes should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub(crate) enum Signal {
    /// Endpoints or event types of an organization changed: what is known of them must be read anew.
    Changed(OrgId),
    /// An endpoint was switched on again: its failures are forgotten.
    Trusted(EndpointId),
    /// There is something to do.
    Work(Work),
    /// Pages of an organization are open at the sender: it wants to hear the organization's notices for a while.
    Watched(OrgId),
    /// Something that open pages show.
    Notice(OrgId, Box<Notice>),
    /// Pages of an organization missed something: they must load what they show again.
    Missed(OrgId),
    /// Signals were dropped: all pages must load what they show again.
    Gap,
}

/// The signals that wait to be sent. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signals {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Whether there is anybody to send to; without, signals are dropped at once.
    open: AtomicBool,
    waiting: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    signals: Vec<Signal>,
    /// Whether notices were dropped.
    gap: bool,
}

impl Signals {
    /// Starts or ends keeping signals.
    pub(crate) fn set_open(&self, open: bool) {
        self.inner.open.store(open, Ordering::SeqCst);
        if !open {
            *self.lock() = Waiting::default();
        }
    }

    /// Whether anybody is sent to.
    pub(crate) fn is_open(&self) -> bool {
        self.inner.open.load(Ordering::SeqCst)
    }

    /// Tells the other nodes, soon.
    pub(crate) fn send(&self, signal: Signal) {
        if !self.is_open() {
            return;
        }
        {
            let mut waiting = self.lock();
            match signal {
                Signal::Notice(..) if waiting.signals.len() >= MOST => waiting.gap = true,
                signal => waiting.signals.push(signal),
            }
        }
        self.inner.wake.notify_one();
    }

    /// What waits, each of those that say the same once; waits until there is something.
    pub(crate) async fn take(&self) -> Vec<Signal> {
        loop {
            let woken = self.inner.wake.notified();
            let Waiting { mut signals, gap } = std::mem::take(&mut *self.lock());
            if gap {
                signals.push(Signal::Gap);
            }
            if !signals.is_empty() {
                return once(signals);
            }
            woken.await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.inner.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops repetitions of all but notices, keeping the last of each: it may follow what it is about.
fn once(signals: Vec<Signal>) -> Vec<Signal> {
    let mut seen = HashSet::new();
    let mut kept: Vec<Signal> = signals
        .into_iter()
        .rev()
        .filter(|signal| match signal {
            Signal::Notice(..) => true,
            other => seen.insert(serde_json::to_string(other).unwrap_or_default()),
        })
        .collect();
    kept.reverse();
    kept
}

/// Packs signals into messages of `limit` bytes at most, each naming its sender. A signal that is too large alone becomes
/// a [`Signal::Missed`].
pub(crate) fn pack(sender: &str, signals: &[Signal], limit: usize) -> Vec<String> {
    let head = format!(r#"{{"from":{},"signals":["#, serde_json::json!(sender));
    let mut messages = Vec::new();
    let mut message = head.clone();
    for signal in signals {
        let missed = match signal {
            Signal::Notice(org_id, _) => Signal::Missed(org_id.clone()),
            _ => Signal::Gap,
        };
        let missed = || serde_json::to_string(&missed).unwrap_or_default();
        let text = serde_json::to_string(signal).ok().filter(|text| head.len() + text.len() + 2 <= limit);
        let text = text.unwrap_or_else(missed);
        if message.len() + text.len() + 3 > limit && message.len() > head.len() {
            messages.push(message + "]}");
            message = head.clone();
        }
        if message.len() > head.len() {
            message.push(',');
        }
        message.push_str(&text);
    }
    if message.len() > head.len() {
        messages.push(message + "]}");
    }
    messages
}

/// The signals in a message of another node; none for this node's own.
pub(crate) fn unpack(own: &str, message: &str) -> Vec<Signal> {
    #[derive(Deserialize)]
    struct Message {
        from: String,
        signals: Vec<serde_json::Value>,
    }
    match serde_json::from_str::<Message>(message) {
        // A newer version may send what this one does not know.
        Ok(message) if message.from != own => {
            message.signals.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn org(n: u8) -> OrgId {
        OrgId::new(1, [n; 10])
    }

    #[test]
    fn what_is_packed_is_unpacked_by_others_in_messages_that_fit() {
        let signals: Vec<Signal> = (0..100)
            .map(|n| Signal::Notice(org(n), Box::new(Notice::Endpoint(format!("ep_\"{n}\"")))))
            .chain([Signal::Work(Work::Due), Signal::Gap, Signal::Changed(org(1))])
            .collect();
        let messages = pack("n1", &signals, 1000);
        assert!(messages.len() > 5 && messages.iter().all(|message| message.len() <= 1000));
        let read: Vec<Signal> = messages.iter().flat_map(|message| unpack("n2", message)).collect();
        assert_eq!(read, signals);
        assert!(messages.iter().all(|message| unpack("n1", message).is_empty()), "its own");
    }

    #[test]
    fn a_notice_that_fits_into_no_message_is_missed_by_its_organization_alone() {
        let large = Signal::Notice(org(1), Box::new(Notice::Endpoint("x".repeat(2000))));
        let messages = pack("n1", &[large, Signal::Work(Work::Due)], 1000);
        let read: Vec<Signal> = messages.iter().flat_map(|message| unpack("n2", message)).collect();
        assert_eq!(read, [Signal::Missed(org(1)), Signal::Work(Work::Due)]);
    }

    #[test]
    fn a_message_of_a_newer_version_is_read_as_far_as_it_is_understood() {
        let message = r#"{"from":"n1","new":1,"signals":[{"kind":"unheard_of"},{"kind":"work","value":"due"}]}"#;
        assert_eq!(unpack("n2", message), [Signal::Work(Work::Due)]);
        assert!(unpack("n2", "nonsense").is_empty());
    }

    #[tokio::test]
    async fn repetitions_are_sent_once_and_an_overflow_is_told() {
        let signals = Signals::default();
        signals.send(Signal::Gap);
        signals.set_open(true);
        for _ in 0..10 {
            signals.send(Signal::Work(Work::Due));
            signals.send(Signal::Changed(org(1)));
        }
        assert_eq!(signals.take().await, [Signal::Work(Work::Due), Signal::Changed(org(1))]);
        for _ in 0..MOST + 10 {
            signals.send(Signal::Notice(org(1), Box::new(Notice::Endpoint(String::new()))));
        }
        let trusted = EndpointId::new(1, [1; 10]);
        signals.send(Signal::Trusted(trusted.clone()));
        let taken = signals.take().await;
        assert_eq!((taken.len(), taken.last()), (MOST + 2, Some(&Signal::Gap)));
        assert_eq!(taken.iter().filter(|signal| **signal == Signal::Trusted(trusted.clone())).count(), 1);
    }
}
