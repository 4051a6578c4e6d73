//! Why a way to a provider and back ended without a connection, and what to do.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::Icon;

/// What differs between providers.
pub struct Ways {
    /// What is connected: `Jira`.
    pub name: &'static str,
    /// Who is asked: `Atlassian`.
    pub service: &'static str,
    /// The button that begins: `Connect Jira`.
    pub button: &'static str,
    /// Who may have said no.
    pub denied: &'static str,
    /// What the operator is to do where there is no app: `register an app at Atlassian`.
    pub set_up: &'static str,
    /// What happens at this provider alone: the word, what happened, what to do.
    pub own: &'static [(&'static str, &'static str, &'static str)],
}

/// The notice, where the address says how a way ended.
pub fn notice(ways: &'static Ways) -> impl IntoView {
    let query = use_query_map();
    let ending = move || query.with(|query| query.get("ending")).map(|word| ended(ways, &word));
    move || {
        ending().map(|(title, text)| view! {
            <div class="notice warn mb-4" role="alert"><Icon name="warning"/><div><b>{title}</b>" "{text}</div></div>
        })
    }
}

/// What happened, and what to do.
fn ended(ways: &Ways, word: &str) -> (String, String) {
    let Ways { name, service, button, denied, set_up, own } = ways;
    if let Some((_, title, text)) = own.iter().find(|(known, ..)| *known == word) {
        return ((*title).to_owned(), (*text).to_owned());
    }
    let (title, text) = match word {
        "denied" => (format!("{name} was not connected."), format!("{denied} Nothing was changed.")),
        "stale" => (
            "That took too long, or came from another browser.".to_owned(),
            format!("Choose {button} again and finish within ten minutes."),
        ),
        "refused" => (
            format!("{service} did not accept the answer."),
            format!("It can be used once only. Choose {button} again."),
        ),
        "unanswered" => {
            (format!("{service} did not answer."), "Nothing was changed. Try again in a moment.".to_owned())
        }
        "misconfigured" => (
            format!("{service} does not know this installation's app."),
            "Ask the operator to check the client id, the client secret and the redirect address.".to_owned(),
        ),
        "forbidden" => (
            "Your role does not include this.".to_owned(),
            format!("Ask an owner or admin of the organization to connect {name}."),
        ),
        "integration_not_in_plan" => (
            format!("{name} is not in your organization's plan."),
            "Ask whoever runs this installation for it.".to_owned(),
        ),
        "connection_limit" => {
            ("There are too many connections.".to_owned(), "Disconnect one that is not used.".to_owned())
        }
        "provider_not_set_up" => {
            (format!("{name} is not set up on this installation."), format!("Ask the operator to {set_up}."))
        }
        _ => (
            format!("{name} was not connected."),
            "Try again; if it happens again, tell whoever runs Patchbay.".to_owned(),
        ),
    };
    (title, text)
}

#[cfg(test)]
mod tests {
    use super::super::{jira, slack, teams};
    use super::*;

    #[test]
    fn every_ending_has_its_own_sentence_at_each_provider_that_knows_it() {
        for ways in [&slack::WAYS, &jira::WAYS, &teams::WAYS] {
            let unknown = ended(ways, "whatever");
            for word in ["denied", "stale", "refused", "unanswered", "misconfigured", "other_account", "forbidden"] {
                assert_ne!(ended(ways, word), unknown, "{}: {word}", ways.name);
            }
            assert!(ended(ways, "stale").1.contains(ways.button));
        }
        assert_ne!(ended(&jira::WAYS, "no_site"), ended(&jira::WAYS, ""));
        assert_ne!(ended(&teams::WAYS, "admin_needed"), ended(&teams::WAYS, ""));
    }
}
