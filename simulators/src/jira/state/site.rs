//! Sites, their projects, their webhooks, and the people who have an account.

use super::issue::Issue;
use crate::chance::Ids;
use crate::jira::options::NewSite;

/// A person with an Atlassian account; everybody is in every site.
#[derive(Debug, Clone)]
pub struct Person {
    /// The `accountId`.
    pub account_id: String,
    /// The whole name.
    pub name: String,
    /// The address.
    pub email: String,
}

/// A site.
#[derive(Debug, Clone)]
pub struct Site {
    /// The cloud id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What links in bodies start with: `http://acme.localhost:4020`.
    pub url: String,
    /// Its projects.
    pub projects: Vec<Project>,
    /// Its issues, without those that were deleted.
    pub issues: Vec<Issue>,
    /// What the app has registered.
    pub webhooks: Vec<Webhook>,
    /// What administrators have registered by hand.
    pub admin_webhooks: Vec<AdminWebhook>,
}

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its number, as text.
    pub id: String,
    /// `ED`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The `accountId` of its lead.
    pub lead: String,
    /// Whether the people who connected the app do not see it.
    pub is_hidden: bool,
    /// The number of its last issue.
    pub(crate) last_issue: u64,
}

/// A dynamic webhook of the app.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its number.
    pub id: i64,
    /// Who registered it, by `accountId`.
    pub user: String,
    /// Where it is sent.
    pub url: String,
    /// The events.
    pub events: Vec<String>,
    /// Which issues it is about.
    pub jql: String,
    /// The fields that an update must touch; any, where there are none.
    pub field_ids: Vec<String>,
    /// The properties that must be touched; any, where there are none.
    pub property_keys: Vec<String>,
    /// When it ends, in Unix milliseconds.
    pub expires_at_ms: i64,
}

/// A webhook that an administrator registered by hand, with a secret.
#[derive(Debug, Clone)]
pub struct AdminWebhook {
    /// Where it is sent.
    pub url: String,
    /// What its body is signed with.
    pub secret: String,
    /// The events.
    pub events: Vec<String>,
}

const PEOPLE: [(&str, &str); 4] =
    [("mia", "Mia Krystof"), ("ada", "Ada Lovelace"), ("soren", "Søren O'Neil <ops>"), ("mei", "陳美")];
const PROJECTS: [(&str, &str); 4] =
    [("ED", "Example"), ("OPS", "Operations & <infra>"), ("SUP", "Kundendienst Köln"), ("WEB", "Website")];

/// Everybody.
pub(super) fn people(ids: &mut Ids) -> Vec<Person> {
    let person = |(name, whole): &(&str, &str)| Person {
        account_id: ids.secret(),
        name: (*whole).to_owned(),
        email: format!("{name}@acme.example"),
    };
    PEOPLE.iter().map(person).collect()
}

impl Site {
    pub(super) fn generate(new: &NewSite, ids: &mut Ids, lead: &str, port: u16) -> Self {
        let text = ids.secret() + &ids.secret();
        let id = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..32]].join("-");
        let project = |index: usize| {
            let named = PROJECTS.get(index).map(|(key, name)| ((*key).to_owned(), (*name).to_owned()));
            let (key, name) = named.unwrap_or_else(|| (format!("P{index:03}"), format!("Project {index:03}")));
            let id = (9_999 + ids.count("project")).to_string();
            Project { id, key, name, lead: lead.to_owned(), is_hidden: false, last_issue: 0 }
        };
        Self {
            id,
            name: new.name.clone(),
            url: format!("http://{}.localhost:{port}", new.domain),
            projects: (0..new.projects).map(project).collect(),
            issues: Vec::new(),
            webhooks: Vec::new(),
            admin_webhooks: Vec::new(),
        }
    }

    /// What `self` links of an API version start with.
    pub(crate) fn api(&self, version: u8) -> String {
        format!("{}/rest/api/{version}", self.url)
    }

    /// A project by its id or key.
    #[must_use]
    pub fn project(&self, id_or_key: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id_or_key || project.key.eq_ignore_ascii_case(id_or_key))
    }

    /// An issue by its id or key.
    #[must_use]
    pub fn issue(&self, id_or_key: &str) -> Option<&Issue> {
        self.issues.iter().find(|issue| issue.id == id_or_key || issue.key.eq_ignore_ascii_case(id_or_key))
    }

    pub(crate) fn issue_mut(&mut self, id_or_key: &str) -> Option<&mut Issue> {
        self.issues.iter_mut().find(|issue| issue.id == id_or_key || issue.key.eq_ignore_ascii_case(id_or_key))
    }

    /// An issue that the app may see.
    pub(crate) fn visible(&self, id_or_key: &str) -> Option<&Issue> {
        self.issue(id_or_key).filter(|issue| self.project(&issue.project).is_some_and(|project| !project.is_hidden))
    }
}
