//! Moving an issue to a status. Jira tells only which ways lead out of the status that an issue has, so a status to which none leads
//! at once is walked to: one move after another, each towards it, none twice, and never through a status that ends issues.

use serde_json::{Map, Value, json};

use super::{Desk, Stop};
use crate::connection::call::CallError;
use crate::id::LinkedIssueId;
use crate::issue::{StatusMapping, SyncAction};
use crate::provider::jira::request;
use crate::provider::jira::screen::{self, Field, Kind, Status, Way};
use crate::provider::{Next, Standing};

/// Moves that a walk takes at most.
const MAX_MOVES: usize = 6;

impl Desk<'_> {
    /// Moves the issue to a status, by as many moves as it takes; each is noted, and also why a walk has ended before.
    pub(super) async fn walk(
        &mut self,
        link: &LinkedIssueId,
        id: &str,
        mut at: Status,
        wanted: &StatusMapping,
    ) -> Result<(), Stop> {
        let start = at.name.clone();
        let mut been = vec![at.id.clone()];
        let mut target = None;
        while been.len() <= MAX_MOVES {
            let ways = screen::ways(&self.ask(&request::transitions(id)).await?);
            let direct = ways.iter().find(|way| way.to.id == wanted.status_id);
            let chosen = match direct.and_then(|way| Some((way, answers(way)?))) {
                Some(direct) => Some(direct),
                None => {
                    if target.is_none() {
                        target = self.status_of(wanted).await?;
                    }
                    let Some(target) = &target else {
                        let name = &wanted.status_name;
                        let words =
                            format!("Issues of this type have no status {name} in this project. Change the rule.");
                        return self.stop(link, words).await;
                    };
                    towards(&ways, &been, rank(&at.category), rank(&target.category))
                }
            };
            let Some((way, fields)) = chosen else {
                let words = if been.len() == 1 {
                    format!(
                        "There is no way from {start} to {} that takes no more than its fields list. ",
                        wanted.status_name
                    )
                } else {
                    format!(
                        "The way from {start} to {} ends in {}: Jira offers none on from there. ",
                        wanted.status_name, at.name
                    )
                };
                return self.stop(link, words + "Move it in Jira, or change the rule.").await;
            };
            if let Some(why) = self.go(link, id, way, &fields).await? {
                let (from, to, why) = (&at.name, &way.to.name, why.trim_end_matches('.'));
                let words =
                    format!("Jira refused the way from {from} to {to}: {why}. Move it in Jira, or change the rule.");
                return self.stop(link, words).await;
            }
            let is_there = way.to.id == wanted.status_id;
            let end = if is_there { String::new() } else { format!(", on the way to {}", wanted.status_name) };
            let words = format!("Moved from {} to {}{end}.", at.name, way.to.name);
            self.moved(link, &way.to, words).await?;
            if is_there {
                return Ok(());
            }
            at = way.to.clone();
            been.push(at.id.clone());
        }
        let words = format!(
            "{} was not reached within {MAX_MOVES} moves; the issue is in {} now. Move it in Jira, or change the rule.",
            wanted.status_name, at.name
        );
        self.stop(link, words).await
    }

    /// Goes a way; answers what Jira says where it does not let the issue go there. The delivery hangs on what was asked before then.
    async fn go(
        &mut self,
        link: &LinkedIssueId,
        id: &str,
        way: &Way,
        fields: &Map<String, Value>,
    ) -> Result<Option<String>, Stop> {
        // Whoever finds the issue there knows then that it was moved from here, whatever becomes of the answer.
        self.note(link, None, |_, state| state.heading = Some(way.to.id.clone())).await?;
        let before = self.last.take();
        let error = match self.ask(&request::transition(id, &way.id, fields)).await {
            Ok(_) => return Ok(None),
            Err(Stop::Call(error)) => error,
            Err(stop) => return Err(stop),
        };
        let is_doubtful = match &error {
            CallError::Refused(_, meaning) => meaning.perhaps_done,
            CallError::NoAnswer(_) => true,
            CallError::RateLimited(_) | CallError::Held(_) => false,
        };
        if !is_doubtful {
            self.note(link, None, |_, state| state.heading = None).await?;
        }
        let why = match error {
            CallError::Refused(word, meaning)
                if meaning.next == Next::GiveUp && meaning.connection == Some(Standing::Healthy) =>
            {
                Ok(Some(word))
            }
            error => Err(Stop::Call(error)),
        };
        if why.is_ok() || self.last.is_none() {
            self.last = before;
        }
        why
    }

    async fn stop(&self, link: &LinkedIssueId, words: String) -> Result<(), Stop> {
        self.note(link, Some((SyncAction::NotMoved, words)), |_, _| ()).await
    }

    /// Notes that the issue was moved from here.
    pub(super) async fn moved(&self, link: &LinkedIssueId, to: &Status, words: String) -> Result<(), Stop> {
        self.note(link, Some((SyncAction::Moved, words)), |row, state| {
            row.status_name = Some(to.name.clone());
            row.status_category = Some(to.category.clone());
            state.heading = None;
            state.known.insert("status".into(), to.id.clone());
            state.written.insert("status".into(), to.id.clone());
        })
        .await
    }

    /// The status that is wanted, if issues of this type have it.
    async fn status_of(&mut self, wanted: &StatusMapping) -> Result<Option<Status>, Stop> {
        let answer = self.ask(&request::statuses(&self.destination.provider_channel_id)).await?;
        let all = screen::statuses(&answer, &self.settings.issue_type_id);
        Ok(all.into_iter().find(|status| status.id == wanted.status_id))
    }
}

/// How far an issue has come in a status of this category.
fn rank(category: &str) -> u8 {
    match category {
        "new" => 0,
        "done" => 2,
        _ => 1,
    }
}

/// The way that leads nearest to a status that none leads to at once: not back where the issue has been, not through what ends issues,
/// and, on the way forward, neither back nor too far. Of several, the one that Jira lists first.
fn towards<'a>(ways: &'a [Way], been: &[String], from: u8, to: u8) -> Option<(&'a Way, Map<String, Value>)> {
    let is_on_the_way = |way: &&Way| {
        let there = rank(&way.to.category);
        !been.contains(&way.to.id) && there < rank("done") && (to < from || (from..=to).contains(&there))
    };
    let open = ways.iter().filter(is_on_the_way).filter_map(|way| Some((way, answers(way)?)));
    open.min_by_key(|(way, _)| rank(&way.to.category).abs_diff(to))
}

/// What a transition's screen must be answered with: of each required field the first choice; none where there is none.
fn answers(way: &Way) -> Option<Map<String, Value>> {
    let required = way.fields.iter().filter(|field| field.is_required);
    required.map(|field| Some((field.id.clone(), first_choice(field)?))).collect()
}

/// A field's first choice, as the field takes it.
fn first_choice(field: &Field) -> Option<Value> {
    let choice = json!({ "id": field.choices.first()?.id });
    match field.kind {
        Kind::One | Kind::Cascade => Some(choice),
        Kind::Some => Some(json!([choice])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(to: &[(&str, &str)]) -> Vec<Way> {
        let way = |(name, category): &(&str, &str)| {
            let (id, name) = ((*name).to_owned(), (*name).to_owned());
            Way { id: id.clone(), to: Status { id, name, category: (*category).to_owned() }, fields: Vec::new() }
        };
        to.iter().map(way).collect()
    }

    #[test]
    fn a_screen_is_answered_with_first_choices_in_the_shape_that_each_field_takes() {
        let field = |schema: Value, allowed: Value| json!({ "name": "Field", "required": true, "schema": schema, "allowedValues": allowed });
        let answered = |field: Value| {
            let to = json!({ "id": "3", "name": "Done" });
            let ways = screen::ways(&json!({ "transitions": [{ "id": "1", "to": to, "fields": { "f": field } }] }));
            answers(&ways[0]).map(|mut fields| fields.remove("f").expect("the field"))
        };
        let two = json!([{ "id": "7", "name": "a" }, { "id": "8", "name": "b" }]);
        let cascade = json!([{ "id": "7", "value": "a", "children": [{ "id": "8", "value": "b" }] }]);
        for (schema, allowed, answer) in [
            (json!({ "type": "resolution", "system": "resolution" }), two.clone(), Some(json!({ "id": "7" }))),
            (
                json!({ "type": "array", "items": "version", "system": "fixVersions" }),
                two.clone(),
                Some(json!([{ "id": "7" }])),
            ),
            (json!({ "type": "option-with-child" }), cascade, Some(json!({ "id": "7" }))),
            (json!({ "type": "array", "items": "version", "system": "fixVersions" }), json!([]), None),
            (json!({ "type": "array", "items": "sprint" }), two.clone(), None),
            (json!({ "type": "user", "system": "assignee" }), two, None),
            (json!({ "type": "string", "system": "summary" }), Value::Null, None),
        ] {
            assert_eq!(answered(field(schema.clone(), allowed)), answer, "{schema}");
        }
    }

    #[test]
    fn a_walk_goes_towards_its_end_and_through_nothing_that_ends_issues() {
        const NEW: (&str, &str) = ("Backlog", "new");
        const WORK: (&str, &str) = ("Work", "indeterminate");
        const REVIEW: (&str, &str) = ("Review", "indeterminate");
        const GONE: (&str, &str) = ("Rejected", "done");
        for (offered, been, from, to, chosen) in [
            (vec![NEW, WORK, GONE], vec!["Open"], 0, 2, Some("Work")),
            (vec![NEW, WORK], vec!["Open", "Work"], 0, 2, Some("Backlog")),
            (vec![NEW, REVIEW], vec!["Work"], 1, 2, Some("Review")),
            (vec![NEW], vec!["Work"], 1, 2, None),
            (vec![GONE], vec!["Work"], 1, 2, None),
            (vec![WORK, REVIEW], vec!["Open"], 0, 1, Some("Work")),
            (vec![WORK], vec!["Open"], 0, 0, None),
            (vec![GONE, NEW], vec!["Done"], 2, 1, Some("Backlog")),
            (vec![NEW, WORK], vec!["Done"], 2, 1, Some("Work")),
            (vec![], vec!["Open"], 0, 2, None),
        ] {
            let (ways, been) = (ways(&offered), been.into_iter().map(str::to_owned).collect::<Vec<_>>());
            let found = towards(&ways, &been, from, to).map(|(way, _)| way.to.name.as_str());
            assert_eq!(found, chosen, "{offered:?} from {been:?}");
        }
    }
}
