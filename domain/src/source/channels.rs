//! The channels that a source of Slack's may be told to keep to: those of the organization's Slack connections, from the list that
//! the hub keeps.

use crate::channel::{Channel, Choices, Section};
use crate::connection::{self, Provider};
use crate::{Caller, Hub, Result};

/// Channels of all Slack connections that match what somebody types, best first; none where Slack is not connected. Needs
/// `connections:read`.
///
/// # Errors
/// Forbidden.
pub async fn find(hub: &Hub, caller: &Caller, q: &str) -> Result<Option<Choices>> {
    let mut found: Option<Choices> = None;
    for connection in connection::actions::list(hub, caller).await? {
        if connection.provider == Provider::Slack {
            let more = connection::actions::channels(hub, caller, &connection.id, q).await?;
            found = Some(match found {
                Some(known) => merged(known, more),
                None => more,
            });
        }
    }
    Ok(found)
}

/// The choices of two connections as one list; a channel that both see is shown once.
fn merged(mut known: Choices, more: Choices) -> Choices {
    let mut twice = 0;
    for (section, channels) in more.sections {
        let is_known = |channel: &Channel| {
            let all = known.sections.iter().flat_map(|(_, channels): &(Section, Vec<Channel>)| channels);
            all.into_iter().any(|other| other.provider_id == channel.provider_id)
        };
        let (old, new): (Vec<_>, Vec<_>) = channels.into_iter().partition(is_known);
        twice += old.len();
        match known.sections.iter_mut().find(|(other, _)| *other == section) {
            Some((_, all)) => all.extend(new),
            None if new.is_empty() => {}
            None => known.sections.push((section, new)),
        }
    }
    Choices {
        total: (known.total + more.total).saturating_sub(twice),
        pasted: known.pasted.or(more.pasted),
        sections: known.sections,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::ChannelState;
    use crate::id::ChannelId;

    fn channel(number: u8, provider_id: &str) -> Channel {
        Channel {
            id: ChannelId::new(1, [number; 10]),
            provider_id: provider_id.into(),
            name: provider_id.to_lowercase(),
            workspace: None,
            topic: String::new(),
            members: None,
            private: false,
            joined: true,
            archived: false,
            state: ChannelState::Fine,
        }
    }

    #[test]
    fn channels_of_two_connections_are_one_list() {
        let of = |sections: Vec<(Section, Vec<Channel>)>, total| Choices { sections, total, pasted: None };
        let one = of(vec![(Section::Public, vec![channel(1, "C1"), channel(2, "C2")])], 20);
        let two = of(vec![(Section::Private, vec![channel(3, "C3")]), (Section::Public, vec![channel(4, "C2")])], 2);
        let all = merged(one, two);
        let ids = |at: usize| all.sections[at].1.iter().map(|known| known.provider_id.as_str()).collect::<Vec<_>>();
        assert_eq!((all.sections[0].0, ids(0)), (Section::Public, vec!["C1", "C2"]));
        assert_eq!((all.sections[1].0, ids(1)), (Section::Private, vec!["C3"]));
        assert_eq!((all.shown(), all.total), (3, 21));
    }
}
