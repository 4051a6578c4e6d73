//! Live notices per organization, kept in memory for the pages that are open, here and at other nodes.
//!
//! A stream can be resumed without a gap: each notice has a number, the last ones are kept, and a page that
//! comes back with a number that is no longer (or not) known is told to reload its list from the database.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

use crate::id::OrgId;
use crate::live::{Notice, Numbered};
use crate::node::signal::{Signal, Signals};
use crate::time::Timestamp;

/// Notices kept per organization for pages that come back.
const KEPT: usize = 2000;
/// Notices that a slow stream may be behind before its page must reload.
const CAPACITY: usize = 1024;

/// Live notices of all organizations. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus {
    process: Arc<str>,
    channels: Arc<Mutex<Channels>>,
    signals: Signals,
}

#[derive(Debug, Default)]
struct Channels {
    own: HashMap<OrgId, Channel>,
    /// Organizations whose pages are open at other nodes, and until when that is believed.
    elsewhere: HashMap<OrgId, Timestamp>,
}

#[derive(Debug)]
struct Channel {
    next: u64,
    kept: VecDeque<(u64, Notice)>,
    sender: broadcast::Sender<Numbered>,
}

impl Channel {
    /// Ends the streams, whose pages do not find their number when they come back.
    fn reset(&mut self) {
        self.next += 1;
        self.kept.clear();
        self.sender = broadcast::channel(CAPACITY).0;
    }
}

/// An open stream of one organization's notices.
#[derive(Debug)]
pub struct Stream {
    /// What was missed since the number that the page named; none when that is not known any more,
    /// so that the page must reload.
    pub missed: Option<Vec<Numbered>>,
    /// The number to start counting from: the id of the newest notice so far.
    pub last_id: String,
    /// What happens from now on. `Lagged` means the page must reload.
    pub receiver: broadcast::Receiver<Numbered>,
}

impl Bus {
    /// A bus whose numbers start with `process`, which must differ from start to start. What other nodes should hear
    /// goes into `signals`.
    #[must_use]
    pub(crate) fn new(process: &str, signals: Signals) -> Self {
        Self { process: process.into(), channels: Arc::default(), signals }
    }

    /// Whether anybody has watched the organization since this process started, or watches it at another node; then
    /// notices are worth making.
    #[must_use]
    pub fn is_watched(&self, org_id: &OrgId) -> bool {
        let channels = self.lock();
        channels.own.contains_key(org_id) || channels.elsewhere.contains_key(org_id)
    }

    /// Tells the open pages of an organization, wherever they are.
    pub fn notify(&self, org_id: &OrgId, notice: Notice) {
        if self.lock().elsewhere.contains_key(org_id) {
            self.signals.send(match &notice {
                // What arrives at the inbox is large, and may hold what is nobody's but the organization's.
                Notice::Inbox(_) => Signal::Missed(org_id.clone()),
                other => Signal::Notice(org_id.clone(), Box::new(other.clone())),
            });
        }
        self.notify_here(org_id, notice);
    }

    /// Tells the open pages of an organization that are open at this node.
    pub(crate) fn notify_here(&self, org_id: &OrgId, notice: Notice) {
        let mut channels = self.lock();
        let Some(channel) = channels.own.get_mut(org_id) else { return };
        let number = channel.next;
        channel.next += 1;
        if channel.kept.len() == KEPT {
            channel.kept.pop_front();
        }
        channel.kept.push_back((number, notice.clone()));
        // Nobody listening right now is fine: the notice is kept for those who come back.
        let _listeners = channel.sender.send(Numbered { id: format!("{}-{number}", self.process), notice });
    }

    /// Another node has pages of this organization open, until further notice or this time.
    pub(crate) fn watched_elsewhere(&self, org_id: OrgId, until: Timestamp) {
        self.lock().elsewhere.insert(org_id, until);
    }

    /// Tells the other nodes which organizations are watched here, and forgets what is no longer watched there.
    pub(crate) fn renew(&self, now: Timestamp) {
        let mut channels = self.lock();
        channels.elsewhere.retain(|_, until| *until > now);
        for (org_id, channel) in &channels.own {
            if channel.sender.receiver_count() > 0 {
                self.signals.send(Signal::Watched(org_id.clone()));
            }
        }
    }

    /// Ends all streams so that their pages come back and load what they show again: notices were missed.
    pub(crate) fn reset(&self) {
        self.lock().own.values_mut().for_each(Channel::reset);
    }

    /// The same for one organization.
    pub(crate) fn reset_org(&self, org_id: &OrgId) {
        if let Some(channel) = self.lock().own.get_mut(org_id) {
            channel.reset();
        }
    }

    /// Opens a stream; `last_id` is the number a returning page saw last.
    #[must_use]
    pub fn subscribe(&self, org_id: &OrgId, last_id: Option<&str>) -> Stream {
        self.signals.send(Signal::Watched(org_id.clone()));
        let mut channels = self.lock();
        let channel = channels.own.entry(org_id.clone()).or_insert_with(|| Channel {
            next: 1,
            kept: VecDeque::new(),
            sender: broadcast::channel(CAPACITY).0,
        });
        let last = channel.next - 1;
        let missed = match last_id.filter(|id| !id.is_empty()) {
            None => Some(Vec::new()),
            Some(id) => id
                .strip_prefix(&*self.process)
                .and_then(|rest| rest.strip_prefix('-')?.parse::<u64>().ok())
                .filter(|seen| {
                    *seen <= last && channel.kept.front().map_or(*seen == last, |(first, _)| seen + 1 >= *first)
                })
                .map(|seen| {
                    let newer = channel.kept.iter().filter(|(number, _)| *number > seen);
                    newer
                        .map(|(number, notice)| Numbered {
                            id: format!("{}-{number}", self.process),
                            notice: notice.clone(),
                        })
                        .collect()
                }),
        };
        Stream { missed, last_id: format!("{}-{last}", self.process), receiver: channel.sender.subscribe() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Channels> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(n: usize) -> Notice {
        Notice::Endpoint(n.to_string())
    }

    #[test]
    fn a_page_that_comes_back_gets_exactly_what_it_missed() {
        let bus = Bus::new("p1", Signals::default());
        let org = OrgId::new(1, [1; 10]);
        let mut first = bus.subscribe(&org, None);
        bus.notify(&org, endpoint(1));
        let seen = first.receiver.try_recv().expect("the first notice").id;
        bus.notify(&org, endpoint(2));
        bus.notify(&org, endpoint(3));
        let missed = bus.subscribe(&org, Some(&seen)).missed.expect("known");
        assert_eq!(missed.into_iter().map(|n| n.notice).collect::<Vec<_>>(), [endpoint(2), endpoint(3)]);
    }

    #[test]
    fn an_unknown_number_means_reload() {
        let bus = Bus::new("p2", Signals::default());
        let org = OrgId::new(1, [1; 10]);
        let _open = bus.subscribe(&org, None);
        (0..KEPT + 2).for_each(|n| bus.notify(&org, endpoint(n)));
        for old in ["p2-1", "p1-2002", "p2-9999", "nonsense"] {
            assert!(bus.subscribe(&org, Some(old)).missed.is_none(), "{old}");
        }
        assert_eq!(bus.subscribe(&org, Some("p2-2")).missed.map(|m| m.len()), Some(KEPT));
    }

    #[test]
    fn one_organization_never_hears_of_another() {
        let bus = Bus::new("p3", Signals::default());
        let (one, two) = (OrgId::new(1, [1; 10]), OrgId::new(1, [2; 10]));
        let mut stream = bus.subscribe(&one, None);
        let _other = bus.subscribe(&two, None);
        bus.notify(&two, endpoint(1));
        assert!(stream.receiver.try_recv().is_err());
    }
}
