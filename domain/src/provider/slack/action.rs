//! The buttons on messages: what each carries, and what comes back when somebody presses it.

use serde_json::{Value, json};

use crate::id::DeliveryId;

use super::blocks;

/// The button that only opens a page; Slack tells of it all the same.
const OPEN: &str = "patchbay_open";
const ACKNOWLEDGE: &str = "patchbay_acknowledge";
const REPLAY: &str = "patchbay_replay";

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Opens a page in the browser; nothing is left to do.
    Open,
    /// Somebody has seen it: the delivery is that of the message.
    Acknowledge(DeliveryId),
    /// Replay this delivery.
    Replay(DeliveryId),
}

impl Action {
    /// The action of a pressed button, if it is one of ours.
    #[must_use]
    pub fn read(action_id: &str, value: Option<&str>) -> Option<Self> {
        let delivery = || value?.parse().ok();
        match action_id {
            OPEN => Some(Self::Open),
            ACKNOWLEDGE => delivery().map(Self::Acknowledge),
            REPLAY => delivery().map(Self::Replay),
            _ => None,
        }
    }

    /// The button; `url` is where [`Action::Open`] leads.
    pub(super) fn button(&self, url: &str) -> Option<Value> {
        let (id, label, value, style) = match self {
            Self::Open => {
                let url = super::text::web_url(url)?;
                return Some(
                    json!({ "type": "button", "action_id": OPEN, "text": blocks::plain("Open in Patchbay"), "url": url }),
                );
            }
            Self::Acknowledge(id) => (ACKNOWLEDGE, "Acknowledge", id, None),
            Self::Replay(id) => (REPLAY, "Replay delivery", id, Some("primary")),
        };
        let mut button = json!({ "type": "button", "action_id": id, "text": blocks::plain(label), "value": value });
        if let Some(style) = style {
            button["style"] = style.into();
        }
        Some(button)
    }

    /// What is said of it once it is done, before the person's name.
    pub(super) const fn done(&self) -> &'static str {
        match self {
            Self::Open => "Opened by",
            Self::Acknowledge(_) => "Acknowledged by",
            Self::Replay(_) => "Replayed by",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_comes_back_as_the_action_that_it_was_made_of() {
        let id = DeliveryId::new(1, [3; 10]);
        for action in [Action::Open, Action::Acknowledge(id.clone()), Action::Replay(id)] {
            let button = action.button("https://hub.example/deliveries/dlv_1").expect("a button");
            let (name, value) = (button["action_id"].as_str().expect("a name"), button["value"].as_str());
            assert_eq!(Action::read(name, value), Some(action));
        }
        assert_eq!(Action::Open.button("javascript:alert(1)"), None);
    }

    #[test]
    fn what_is_not_ours_is_no_action() {
        for (name, value) in [
            ("task_done", Some("task_123")),
            (ACKNOWLEDGE, None),
            (ACKNOWLEDGE, Some("dlv_1")),
            (REPLAY, Some("evt_01kbm9c2h4n6p8r0s2t4v6w8xz")),
            ("", None),
        ] {
            assert_eq!(Action::read(name, value), None, "{name}");
        }
    }
}
