//! Names and topics of channels, as people give them: departments, customers, projects, places, incidents.

use std::collections::HashSet;

use crate::chance::Random;

const FIRST: [&str; 12] = [
    "general",
    "random",
    "alerts",
    "billing",
    "deployments",
    "support",
    "incidents",
    "sales",
    "announcements",
    "büro-köln",
    "データ-品質",
    "on-call",
];
const AREA: [&str; 24] = [
    "proj", "team", "help", "ops", "alerts", "incident", "customer", "eng", "design", "sales", "support", "data",
    "infra", "release", "feedback", "hiring", "finance", "legal", "growth", "partner", "research", "social", "tmp",
    "external",
];
const SUBJECT: [&str; 48] = [
    "checkout",
    "payments",
    "onboarding",
    "search",
    "invoices",
    "mobile",
    "web",
    "api",
    "webhooks",
    "identity",
    "reporting",
    "billing",
    "pricing",
    "analytics",
    "warehouse",
    "shipping",
    "returns",
    "catalog",
    "inventory",
    "loyalty",
    "marketing",
    "newsletter",
    "website",
    "docs",
    "security",
    "compliance",
    "platform",
    "database",
    "kubernetes",
    "network",
    "monitoring",
    "backups",
    "migration",
    "integrations",
    "salesforce",
    "jira",
    "slack",
    "stripe",
    "amsterdam",
    "berlin",
    "london",
    "new-york",
    "tokyo",
    "northwind",
    "contoso",
    "umbrella",
    "wayne",
    "tyrell",
];
const SUFFIX: [&str; 16] = [
    "", "", "", "", "-prod", "-staging", "-eu", "-us", "-apac", "-dev", "-weekly", "-private", "-leads", "-2026",
    "-v2", "-bots",
];
const TOPIC: [&str; 8] = [
    "",
    "",
    "",
    "Questions welcome",
    "Owned by the platform team",
    "Automated messages only",
    "Stand-up at 09:30 CET",
    "Read the pinned message first & mute if noisy",
];

/// So many different names: the first are the same everywhere, the others by chance.
pub(super) fn channels(count: usize, random: &mut Random) -> Vec<String> {
    let mut names: Vec<String> = FIRST.iter().take(count).map(|name| (*name).to_owned()).collect();
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    while names.len() < count {
        let mut name = format!("{}-{}{}", random.pick(&AREA), random.pick(&SUBJECT), random.pick(&SUFFIX));
        if taken.contains(&name) {
            name = format!("{name}-{}", names.len());
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

/// A topic, or none.
pub(super) fn topic(random: &mut Random) -> String {
    random.pick(&TOPIC).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_thousand_names_differ_and_are_names_that_slack_allows() {
        let names = channels(50_000, &mut Random::new(1));
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), 50_000);
        for name in names {
            assert!(
                name.chars().count() <= 80 && !name.contains([' ', '.', '#']) && name == name.to_lowercase(),
                "{name}"
            );
        }
    }
}
