//! The choice of event types as a tree of boxes: which boxes are on for a list of patterns, and which
//! patterns a click leaves behind. Patterns are the truth; a box only shows them.

use serde::{Deserialize, Serialize};

/// An event type as the tree needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeRow {
    /// Its name: `invoice.paid`.
    pub name: String,
    /// When it happens, in a sentence.
    pub description: String,
}

/// The types of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What the names start with: `invoice`.
    pub resource: String,
    /// The types, by name.
    pub types: Vec<TypeRow>,
}

/// How a group's box stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tri {
    /// None of its types is chosen.
    Off,
    /// Some are.
    Some,
    /// All are, one by one.
    Each,
    /// All are, also future ones: the pattern `resource.*` or `*` says so.
    All,
}

impl Group {
    /// The pattern for the whole group, also future types.
    #[must_use]
    pub fn pattern(&self) -> String {
        format!("{}.*", self.resource)
    }

    /// How many of its types are chosen.
    #[must_use]
    pub fn chosen(&self, patterns: &[String]) -> usize {
        self.types.iter().filter(|row| is_on(patterns, &row.name)).count()
    }

    /// How its box stands.
    #[must_use]
    pub fn state(&self, patterns: &[String]) -> Tri {
        let whole = self.pattern();
        if patterns.iter().any(|pattern| *pattern == "*" || *pattern == whole) {
            return Tri::All;
        }
        match self.chosen(patterns) {
            0 => Tri::Off,
            n if n == self.types.len() => Tri::Each,
            _ => Tri::Some,
        }
    }

    /// The patterns after a click on the group's box: nothing chosen, or all of it, also future types.
    #[must_use]
    pub fn toggle(&self, patterns: &[String]) -> Vec<String> {
        let clear = matches!(self.state(patterns), Tri::All | Tri::Each);
        let below = format!("{}.", self.resource);
        let mut rest: Vec<String> = patterns.iter().filter(|pattern| !pattern.starts_with(&below)).cloned().collect();
        if !clear {
            rest.push(self.pattern());
        }
        normalise(rest)
    }

    /// The patterns after a click on one of its types. A pattern that covers it gives way to the other types it covers.
    #[must_use]
    pub fn toggle_type(&self, patterns: &[String], name: &str) -> Vec<String> {
        if !is_on(patterns, name) {
            return normalise(patterns.iter().cloned().chain([name.to_owned()]).collect());
        }
        let (covering, mut rest): (Vec<String>, Vec<String>) =
            patterns.iter().cloned().partition(|pattern| *pattern != "*" && covers(pattern, name));
        let others = self
            .types
            .iter()
            .map(|row| &row.name)
            .filter(|other| *other != name && covering.iter().any(|pattern| covers(pattern, other)));
        rest.extend(others.cloned());
        normalise(rest)
    }
}

/// The types in groups, by resource.
#[must_use]
pub fn groups(types: &[TypeRow]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for row in types {
        let resource = row.name.split('.').next().unwrap_or_default();
        match groups.iter_mut().find(|group| group.resource == resource) {
            Some(group) => group.types.push(row.clone()),
            None => groups.push(Group { resource: resource.to_owned(), types: vec![row.clone()] }),
        }
    }
    groups.sort_by(|a, b| a.resource.cmp(&b.resource));
    groups
}

/// Whether a pattern covers a type.
#[must_use]
pub fn covers(pattern: &str, name: &str) -> bool {
    pattern == "*"
        || pattern == name
        || pattern.strip_suffix('*').is_some_and(|prefix| prefix.ends_with('.') && name.starts_with(prefix))
}

/// Whether any pattern covers a type.
#[must_use]
pub fn is_on(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| covers(pattern, name))
}

/// Patterns that no box of the tree stands for: deeper groups, and types that the catalogue does not know (any more).
#[must_use]
pub fn others(patterns: &[String], groups: &[Group]) -> Vec<String> {
    let boxed = |pattern: &String| {
        pattern == "*"
            || groups
                .iter()
                .any(|group| group.pattern() == *pattern || group.types.iter().any(|row| row.name == *pattern))
    };
    patterns.iter().filter(|pattern| !boxed(pattern)).cloned().collect()
}

/// Sorts, removes doubles and everything that a wider pattern covers already.
#[must_use]
pub fn normalise(mut patterns: Vec<String>) -> Vec<String> {
    patterns.retain(|pattern| !pattern.trim().is_empty());
    patterns.sort();
    patterns.dedup();
    let all = patterns.clone();
    patterns.retain(|pattern| !all.iter().any(|wider| wider != pattern && covers(wider, pattern)));
    patterns
}

/// Patterns in a few words, for a list: `All events`, `invoice.*, user.joined`, `invoice.*, user.joined and 3 more`.
#[must_use]
pub fn summary(patterns: &[String]) -> String {
    match patterns {
        [] => "None".to_owned(),
        list if list.iter().any(|pattern| pattern == "*") => "All events".to_owned(),
        [first] => first.clone(),
        [first, second] => format!("{first}, {second}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Vec<Group> {
        let names = [
            "user.joined",
            "invoice.failed",
            "invoice.paid",
            "order.line.added",
            "order.line.removed",
            "order.created",
        ];
        groups(&names.map(|name| TypeRow { name: name.into(), description: String::new() }))
    }

    fn list(patterns: &[&str]) -> Vec<String> {
        patterns.iter().map(|p| (*p).to_owned()).collect()
    }

    #[test]
    fn types_are_grouped_by_resource() {
        let names: Vec<_> = tree().iter().map(|g| (g.resource.clone(), g.types.len())).collect();
        assert_eq!(names, [("invoice".into(), 2), ("order".into(), 3), ("user".into(), 1)]);
    }

    #[test]
    fn a_group_has_four_states() {
        let invoice = &tree()[0];
        for (patterns, state) in [
            (list(&["user.*"]), Tri::Off),
            (list(&["invoice.paid"]), Tri::Some),
            (list(&["invoice.paid", "invoice.failed"]), Tri::Each),
            (list(&["invoice.*"]), Tri::All),
            (list(&["*"]), Tri::All),
        ] {
            assert_eq!(invoice.state(&patterns), state, "{patterns:?}");
        }
    }

    #[test]
    fn a_click_on_a_group_chooses_it_with_its_future_or_clears_it() {
        let invoice = &tree()[0];
        assert_eq!(invoice.toggle(&list(&["invoice.paid", "user.joined"])), list(&["invoice.*", "user.joined"]));
        assert_eq!(invoice.toggle(&list(&["invoice.*", "user.joined"])), list(&["user.joined"]));
        assert_eq!(invoice.toggle(&list(&["invoice.paid", "invoice.failed"])), list(&[]));
    }

    #[test]
    fn a_type_taken_out_of_a_group_leaves_the_others_one_by_one() {
        let order = &tree()[1];
        assert_eq!(
            order.toggle_type(&list(&["order.*"]), "order.created"),
            list(&["order.line.added", "order.line.removed"])
        );
        assert_eq!(
            order.toggle_type(&list(&["order.line.*", "order.created"]), "order.line.added"),
            list(&["order.created", "order.line.removed"])
        );
        assert_eq!(order.toggle_type(&list(&["order.created"]), "order.created"), list(&[]));
        assert_eq!(order.toggle_type(&list(&[]), "order.created"), list(&["order.created"]));
    }

    #[test]
    fn what_a_wider_pattern_covers_is_dropped() {
        assert_eq!(
            normalise(list(&["invoice.paid", "invoice.*", "user.joined", "user.joined", ""])),
            list(&["invoice.*", "user.joined"])
        );
        assert_eq!(normalise(list(&["invoice.*", "*"])), list(&["*"]));
        assert_eq!(normalise(list(&["order.*", "order.line.*"])), list(&["order.*"]));
    }

    #[test]
    fn patterns_without_a_box_are_kept_apart() {
        assert_eq!(
            others(&list(&["*", "invoice.*", "order.line.*", "gone.type", "user.joined"]), &tree()),
            list(&["order.line.*", "gone.type"])
        );
    }

    #[test]
    fn a_summary_names_two_and_counts_the_rest() {
        assert_eq!(summary(&list(&["*"])), "All events");
        assert_eq!(summary(&list(&["a.b", "c.d", "e.f", "g.h"])), "a.b, c.d and 2 more");
    }
}
