//! Offers: deliveries that a node has stored and does not send itself, named in a Redis stream for one of the nodes that do.
//!
//! An offered delivery is stored leased to its offer, for a few seconds. Who reads the offer takes that lease over, by the
//! delivery's key, so nobody has to look through the table and one node alone is woken. The lease in the table stays the truth:
//! an offer that is lost, late, doubled or made up leases nothing but what is still offered, and what nobody has taken is due
//! when its offer lapses, for every claimer.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::directory::Route;
use crate::id::{DeliveryId, EventId, OrgId};
use crate::time::Timestamp;

/// How long an offer stands, in milliseconds: what a lost one delays its deliveries by.
pub(crate) const OFFER_MS: i64 = 3000;
/// Deliveries in one offer at most, so that those of a wide fan-out are spread.
const TOGETHER: usize = 100;
/// Of more offers than these that wait to be sent, the rest lapses.
const MOST: usize = 20_000;

crate::text_enum! {
    /// Whom offers are for. Each has a stream of its own, in which a consumer group of the same name reads: no more than all
    /// nodes that deliver.
    pub(crate) enum Group {
        /// Deliveries to endpoints.
        Webhooks = "webhooks",
        /// Messages of rules to channels.
        Rules = "rules",
        /// What keeps issues in step.
        Connectors = "connectors",
    }
}

impl Group {
    /// Who sends what goes to an endpoint.
    pub(crate) fn of(route: &Route) -> Self {
        match &route.controls.destination {
            None => Self::Webhooks,
            Some(destination) if destination.provider.makes_issues() => Self::Connectors,
            Some(_) => Self::Rules,
        }
    }
}

/// Deliveries of one event for one group. It holds ids and times alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) org_id: OrgId,
    pub(crate) event_id: EventId,
    /// When the offer lapses; also the value of `due_at` that proves it.
    pub(crate) lease: Timestamp,
    /// The deliveries, each with how long the lease of who takes it lasts, in milliseconds.
    pub(crate) deliveries: Vec<(DeliveryId, i64)>,
}

impl Offer {
    /// Adds one delivery of an event to its offers.
    pub(crate) fn add_to(offers: &mut Vec<(Group, Self)>, group: Group, one: Self) {
        let open = offers.iter_mut().find(|(of, offer)| *of == group && offer.deliveries.len() < TOGETHER);
        match open.filter(|(_, offer)| offer.lease == one.lease) {
            Some((_, offer)) => offer.deliveries.extend(one.deliveries),
            None => offers.push((group, one)),
        }
    }
}

/// The offers that wait to be sent.
#[derive(Debug, Default)]
pub(crate) struct Offers {
    waiting: Mutex<Vec<(Group, Offer)>>,
    wake: Notify,
}

impl Offers {
    /// Has offers sent, soon. Never waits.
    pub(crate) fn send(&self, offers: Vec<(Group, Offer)>) {
        if offers.is_empty() {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST.saturating_sub(waiting.len());
        waiting.extend(offers.into_iter().take(room));
        drop(waiting);
        self.wake.notify_one();
    }

    /// What waits now.
    pub(crate) fn take_now(&self) -> Vec<(Group, Offer)> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What waits; waits until there is something.
    pub(crate) async fn take(&self) -> Vec<(Group, Offer)> {
        loop {
            let woken = self.wake.notified();
            let offers = self.take_now();
            if !offers.is_empty() {
                return offers;
            }
            woken.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ChannelId, ConnectionId, EndpointId};

    fn one(number: u8, lease: i64) -> Offer {
        Offer {
            org_id: OrgId::new(1, [1; 10]),
            event_id: EventId::new(1, [2; 10]),
            lease: Timestamp(lease),
            deliveries: vec![(DeliveryId::new(1, [number; 10]), 45_000)],
        }
    }

    #[test]
    fn deliveries_of_an_event_are_offered_together_by_group_and_not_too_many() {
        let mut offers = Vec::new();
        for number in 0..u8::try_from(TOGETHER).expect("few") + 1 {
            Offer::add_to(&mut offers, Group::Webhooks, one(number, 9));
        }
        Offer::add_to(&mut offers, Group::Rules, one(200, 9));
        Offer::add_to(&mut offers, Group::Rules, one(201, 9));
        let sizes: Vec<_> = offers.iter().map(|(group, offer)| (*group, offer.deliveries.len())).collect();
        assert_eq!(sizes, [(Group::Webhooks, TOGETHER), (Group::Webhooks, 1), (Group::Rules, 2)]);
    }

    #[test]
    fn offers_are_for_the_group_that_sends_them() {
        let to = |provider: Option<&str>| {
            let mut route = Route::for_tests(OrgId::new(1, [1; 10]), EndpointId::new(1, [1; 10]), None);
            route.controls.destination = provider.map(|provider| {
                let destination = serde_json::json!({
                    "provider": provider, "connection_id": ConnectionId::new(1, [1; 10]),
                    "channel_id": ChannelId::new(1, [1; 10]), "provider_channel_id": "C1", "channel_name": "ops",
                    "format": "compact", "time_zone": "UTC",
                });
                serde_json::from_value(destination).expect("a destination")
            });
            Group::of(&route)
        };
        let groups = [None, Some("slack"), Some("teams"), Some("jira")].map(to);
        assert_eq!(groups, [Group::Webhooks, Group::Rules, Group::Rules, Group::Connectors]);
    }

    #[test]
    fn an_offer_is_read_as_it_was_written_to_the_millisecond() {
        let offer = one(7, 1_795_356_131_207);
        let text = serde_json::to_string(&offer).expect("JSON");
        assert_eq!(serde_json::from_str::<Offer>(&text).expect("an offer"), offer);
    }

    #[tokio::test]
    async fn offers_wait_to_be_sent_and_no_more_than_there_is_room_for() {
        let offers = Offers::default();
        offers.send(Vec::new());
        assert_eq!(offers.take_now(), []);
        offers.send(vec![(Group::Webhooks, one(1, 9)); MOST + 5]);
        offers.send(vec![(Group::Rules, one(2, 9))]);
        let taken = offers.take().await;
        assert_eq!((taken.len(), taken.iter().all(|(group, _)| *group == Group::Webhooks)), (MOST, true));
    }
}
