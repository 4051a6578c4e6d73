//! Statuses, and the ways between them: two workflows with transitions of their own, so that an id says nothing without
//! the state that an issue is in.

use serde_json::{Value, json};

/// A status that an issue can be in.
#[derive(Debug)]
pub(super) struct Status {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// Id, key, colour and name of its category.
    category: (i64, &'static str, &'static str, &'static str),
}

const NEW: (i64, &str, &str, &str) = (2, "new", "blue-gray", "To Do");
const UNDER_WAY: (i64, &str, &str, &str) = (4, "indeterminate", "yellow", "In Progress");
const DONE: (i64, &str, &str, &str) = (3, "done", "green", "Done");

/// All statuses of a site; new issues are in the first.
pub(super) const STATUSES: [Status; 4] = [
    Status { id: "10000", name: "To Do", category: NEW },
    Status { id: "3", name: "In Progress", category: UNDER_WAY },
    Status { id: "10001", name: "In Review", category: UNDER_WAY },
    Status { id: "10002", name: "Done", category: DONE },
];

/// A way from one status to another.
#[derive(Debug)]
pub(crate) struct Transition {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    from: &'static str,
    pub(super) to: &'static str,
    /// Its screen asks for a resolution.
    pub(super) asks_resolution: bool,
}

const fn way(id: &'static str, name: &'static str, from: &'static str, to: &'static str) -> Transition {
    Transition { id, name, from, to, asks_resolution: false }
}

const USUAL: [Transition; 5] = [
    way("11", "Start progress", "10000", "3"),
    way("21", "Ask for review", "3", "10001"),
    way("31", "Done", "10001", "10002"),
    way("41", "Stop progress", "3", "10000"),
    way("51", "Reopen", "10002", "10000"),
];
const OF_BUGS: [Transition; 3] = [
    way("111", "Start progress", "10000", "3"),
    Transition { asks_resolution: true, ..way("121", "Resolve", "3", "10002") },
    way("131", "Reopen", "10002", "10000"),
];

/// The resolutions: id and name. The first is the one of issues that are simply done.
pub(super) const RESOLUTIONS: [(&str, &str); 3] = [("10000", "Done"), ("10001", "Won't Do"), ("10002", "Duplicate")];

/// The ways out of a status for an issue type.
pub(super) fn ways(issue_type: &str, status: &str) -> impl Iterator<Item = &'static Transition> {
    let all: &'static [Transition] = if issue_type == super::fields::BUG { &OF_BUGS } else { &USUAL };
    all.iter().filter(move |way| way.from == status)
}

/// A status by its id.
pub(super) fn status(id: &str) -> &'static Status {
    STATUSES.iter().find(|status| status.id == id).unwrap_or(&STATUSES[0])
}

impl Status {
    /// Whether issues in it are done.
    pub(super) fn is_done(&self) -> bool {
        self.category == DONE
    }

    /// The key of its category: `new`, `indeterminate` or `done`.
    pub(super) fn category_key(&self) -> &'static str {
        self.category.1
    }

    /// The name of its category.
    pub(super) fn category_name(&self) -> &'static str {
        self.category.3
    }

    /// The status in an answer; `api` is `{site}/rest/api/3`.
    pub(super) fn show(&self, api: &str) -> Value {
        let (id, key, color, name) = self.category;
        json!({
            "self": format!("{api}/status/{}", self.id),
            "id": self.id,
            "name": self.name,
            "statusCategory": { "self": format!("{api}/statuscategory/{id}"), "id": id, "key": key,
                "colorName": color, "name": name },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{STATUSES, ways};

    #[test]
    fn every_status_but_those_of_other_workflows_has_a_way_out_and_no_id_is_used_twice() {
        let mut ids = std::collections::BTreeSet::new();
        for kind in ["10001", super::super::fields::BUG] {
            for status in &STATUSES {
                for way in ways(kind, status.id) {
                    assert!(ids.insert(way.id), "{} is used twice", way.id);
                    assert_ne!(way.to, status.id);
                }
            }
        }
        assert_eq!(ids.len(), 8);
    }
}
