//! The permissions that the consent page knows, each with the sentence that people read.

const SCOPES: [(&str, &str); 7] = [
    ("read:jira-work", "View Jira issue data: projects, issues, comments"),
    ("write:jira-work", "Create and manage issues: create, edit, move, comment, link"),
    ("read:jira-user", "View user profiles"),
    ("manage:jira-webhook", "Create and manage webhooks"),
    ("manage:jira-project", "Manage project settings"),
    ("read:me", "View the profile details of the signed-in user"),
    ("offline_access", "Keep the access when you are not there"),
];

/// All of them.
pub(super) fn all() -> Vec<String> {
    SCOPES.map(|(name, _)| name.to_owned()).to_vec()
}

/// What a scope allows, in a sentence; nothing if there is no such scope.
pub(super) fn sentence(scope: &str) -> Option<&'static str> {
    SCOPES.iter().find(|(name, _)| *name == scope).map(|(_, sentence)| *sentence)
}

/// The scopes of a request, each once.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split(' ').filter(|scope| !scope.is_empty()) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}
