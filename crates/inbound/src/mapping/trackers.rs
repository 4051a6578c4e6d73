//! Where work is tracked: GitHub, Linear and Jira become the same few events, told apart by the provider.
//!
//! GitHub: <https://docs.github.com/webhooks/webhook-events-and-payloads>. Linear: the `*WebhookPayload` types of its
//! schema. Jira: <https://developer.atlassian.com/cloud/jira/platform/webhooks>.

use super::{Field, Form, Layout, Mapping, Place, StateRule, formed, same, take_all, time};

pub(super) static GITHUB: Layout = Layout {
    list: None,
    id: &[Place::Header(&["x-github-delivery"])],
    kind: &[Place::Header(&["x-github-event"]), Place::Field(&["/action"])],
    kind_otherwise: None,
    occurred_at: &[
        "/comment/updated_at",
        "/issue/updated_at",
        "/pull_request/updated_at",
        "/head_commit/timestamp",
        "/installation/updated_at",
    ],
    common: &[
        same("repository.id", &["/repository/id"]),
        same("repository.name", &["/repository/full_name"]),
        same("installation_id", &["/installation/id"]),
        same("actor.id", &["/sender/id"]),
        same("actor.name", &["/sender/login"]),
        same("actor.type", &["/sender/type"]),
    ],
    mappings: &[
        Mapping::new("issues.opened", "issue.created", &[GITHUB_ISSUE], Some(GITHUB_ISSUE_STATE)),
        Mapping::new("issues.edited", "issue.updated", &[GITHUB_ISSUE], Some(GITHUB_ISSUE_STATE)),
        Mapping::new("issues.assigned", "issue.updated", &[GITHUB_ISSUE], Some(GITHUB_ISSUE_STATE)),
        Mapping::new("issues.labeled", "issue.updated", &[GITHUB_ISSUE], Some(GITHUB_ISSUE_STATE)),
        Mapping::new("issues.reopened", "issue.reopened", &[GITHUB_ISSUE], Some(GITHUB_ISSUE_STATE)),
        Mapping::new("issues.closed", "issue.closed", &[GITHUB_ISSUE], Some(GITHUB_ISSUE_STATE)),
        Mapping::new("issues.deleted", "issue.deleted", &[GITHUB_ISSUE], Some(GITHUB_ISSUE_STATE.end())),
        Mapping::new("issue_comment.created", "comment.created", &[GITHUB_ISSUE, GITHUB_COMMENT], None),
        Mapping::new("pull_request.opened", "pull_request.created", &[PULL_REQUEST], Some(PULL_REQUEST_STATE)),
        Mapping::new("pull_request.closed", "pull_request.closed", &[PULL_REQUEST], Some(PULL_REQUEST_STATE)),
        Mapping::new("push", "repository.pushed", &[PUSH], None),
        Mapping::new("installation.created", "app.installed", &[INSTALLATION], Some(INSTALLATION_STATE)),
        Mapping::new("installation.suspend", "app.suspended", &[INSTALLATION], Some(INSTALLATION_STATE)),
        Mapping::new("installation.unsuspend", "app.resumed", &[INSTALLATION], Some(INSTALLATION_STATE)),
        Mapping::new("installation.deleted", "app.uninstalled", &[INSTALLATION], Some(INSTALLATION_STATE.end())),
        Mapping::new("installation_repositories.added", "app.updated", &[INSTALLATION, REPOSITORIES], None),
        Mapping::new("installation_repositories.removed", "app.updated", &[INSTALLATION, REPOSITORIES], None),
        Mapping::new("github_app_authorization.revoked", "app.tokens_revoked", &[], None),
    ],
    passed: take_all,
};

const GITHUB_ISSUE_STATE: StateRule = StateRule::new("issue", &["/issue/id"], &["/issue/updated_at"]);
const PULL_REQUEST_STATE: StateRule =
    StateRule::new("pull_request", &["/pull_request/id"], &["/pull_request/updated_at"]);
const INSTALLATION_STATE: StateRule =
    StateRule::new("installation", &["/installation/id"], &["/installation/updated_at"]);

const GITHUB_ISSUE: &[Field] = &[
    same("issue_id", &["/issue/id"]),
    same("number", &["/issue/number"]),
    same("title", &["/issue/title"]),
    same("status", &["/issue/state"]),
    same("status_reason", &["/issue/state_reason"]),
    same("description", &["/issue/body"]),
    same("assignee.id", &["/issue/assignee/id"]),
    same("assignee.name", &["/issue/assignee/login"]),
    same("labels", &["/issue/labels"]),
    same("url", &["/issue/html_url"]),
    same("changes", &["/changes"]),
    time("created_at", &["/issue/created_at"]),
    time("updated_at", &["/issue/updated_at"]),
];

const GITHUB_COMMENT: &[Field] = &[
    same("comment.id", &["/comment/id"]),
    same("comment.text", &["/comment/body"]),
    same("comment.author", &["/comment/user/login"]),
    same("comment.url", &["/comment/html_url"]),
];

const PULL_REQUEST: &[Field] = &[
    same("pull_request_id", &["/pull_request/id"]),
    same("number", &["/pull_request/number"]),
    same("title", &["/pull_request/title"]),
    same("status", &["/pull_request/state"]),
    same("merged", &["/pull_request/merged"]),
    same("draft", &["/pull_request/draft"]),
    same("author", &["/pull_request/user/login"]),
    same("head", &["/pull_request/head/ref"]),
    same("base", &["/pull_request/base/ref"]),
    same("url", &["/pull_request/html_url"]),
    time("created_at", &["/pull_request/created_at"]),
    time("updated_at", &["/pull_request/updated_at"]),
];

/// With more than twenty commits, GitHub lists the first twenty.
const PUSH: &[Field] = &[
    same("ref", &["/ref"]),
    same("before", &["/before"]),
    same("after", &["/after"]),
    same("forced", &["/forced"]),
    same("head_commit", &["/head_commit"]),
    same("commits", &["/commits"]),
    same("url", &["/compare"]),
];

const INSTALLATION: &[Field] = &[
    same("account", &["/installation/account/login"]),
    same("app_id", &["/installation/app_id"]),
    same("permissions", &["/installation/permissions"]),
];

const REPOSITORIES: &[Field] =
    &[same("repositories_added", &["/repositories_added"]), same("repositories_removed", &["/repositories_removed"])];

pub(super) static LINEAR: Layout = Layout {
    list: None,
    id: &[Place::Header(&["linear-delivery"])],
    kind: &[Place::Field(&["/type"]), Place::Field(&["/action"])],
    kind_otherwise: None,
    occurred_at: &["/data/updatedAt", "/createdAt", "/webhookTimestamp"],
    common: &[
        same("organization_id", &["/organizationId"]),
        same("actor.id", &["/actor/id"]),
        same("actor.name", &["/actor/name"]),
        same("actor.type", &["/actor/type"]),
    ],
    mappings: &[
        Mapping::new("Issue.create", "issue.created", &[LINEAR_ISSUE], Some(LINEAR_ISSUE_STATE)),
        Mapping::new("Issue.update", "issue.updated", &[LINEAR_ISSUE, LINEAR_CHANGES], Some(LINEAR_ISSUE_STATE)),
        Mapping::new("Issue.remove", "issue.deleted", &[LINEAR_ISSUE], Some(LINEAR_ISSUE_STATE.end())),
        Mapping::new("Comment.create", "comment.created", &[LINEAR_COMMENT], Some(LINEAR_COMMENT_STATE)),
        Mapping::new("Comment.update", "comment.updated", &[LINEAR_COMMENT], Some(LINEAR_COMMENT_STATE)),
        Mapping::new("Comment.remove", "comment.deleted", &[LINEAR_COMMENT], Some(LINEAR_COMMENT_STATE.end())),
        Mapping::new("OAuthApp.revoked", "app.uninstalled", &[&[same("app_id", &["/oauthClientId"])]], None),
    ],
    passed: take_all,
};

const LINEAR_ISSUE_STATE: StateRule = StateRule::new("issue", &["/data/id"], &["/data/updatedAt", "/createdAt"]);
const LINEAR_COMMENT_STATE: StateRule = StateRule::new("comment", &["/data/id"], &["/data/updatedAt", "/createdAt"]);

/// `status_category` is one of triage, backlog, unstarted, started, completed, canceled.
const LINEAR_ISSUE: &[Field] = &[
    same("issue_id", &["/data/id"]),
    same("key", &["/data/identifier"]),
    same("number", &["/data/number"]),
    same("title", &["/data/title"]),
    same("description", &["/data/description"]),
    same("status", &["/data/state/name"]),
    same("status_category", &["/data/state/type"]),
    same("priority", &["/data/priorityLabel"]),
    same("assignee.id", &["/data/assignee/id"]),
    same("assignee.name", &["/data/assignee/name"]),
    same("labels", &["/data/labels"]),
    same("project.id", &["/data/team/id"]),
    same("project.key", &["/data/team/key"]),
    same("project.name", &["/data/team/name"]),
    same("url", &["/url", "/data/url"]),
    time("created_at", &["/data/createdAt"]),
    time("updated_at", &["/data/updatedAt"]),
];

const LINEAR_CHANGES: &[Field] = &[formed("changes", &["/updatedFrom"], Form::Changes("/data"))];

const LINEAR_COMMENT: &[Field] = &[
    same("comment.id", &["/data/id"]),
    same("comment.text", &["/data/body"]),
    same("comment.author", &["/data/user/name", "/actor/name"]),
    same("issue_id", &["/data/issueId", "/data/issue/id"]),
    same("title", &["/data/issue/title"]),
    same("url", &["/url"]),
];

pub(super) static JIRA: Layout = Layout {
    list: None,
    id: &[Place::Header(&["x-atlassian-webhook-identifier"])],
    kind: &[Place::Field(&["/webhookEvent"])],
    kind_otherwise: None,
    occurred_at: &["/timestamp"],
    common: &[
        same("actor.id", &["/user/accountId", "/comment/updateAuthor/accountId", "/comment/author/accountId"]),
        same("actor.name", &["/user/displayName", "/comment/updateAuthor/displayName", "/comment/author/displayName"]),
    ],
    mappings: &[
        Mapping::new("jira:issue_created", "issue.created", &[JIRA_ISSUE], Some(JIRA_ISSUE_STATE)),
        Mapping::new("jira:issue_updated", "issue.updated", &[JIRA_ISSUE, JIRA_CHANGES], Some(JIRA_ISSUE_STATE)),
        Mapping::new("jira:issue_deleted", "issue.deleted", &[JIRA_ISSUE], Some(JIRA_ISSUE_STATE.end())),
        Mapping::new("comment_created", "comment.created", &[JIRA_ISSUE, JIRA_COMMENT], Some(JIRA_COMMENT_STATE)),
        Mapping::new("comment_updated", "comment.updated", &[JIRA_ISSUE, JIRA_COMMENT], Some(JIRA_COMMENT_STATE)),
        Mapping::new("comment_deleted", "comment.deleted", &[JIRA_ISSUE, JIRA_COMMENT], Some(JIRA_COMMENT_STATE.end())),
    ],
    passed: take_all,
};

const JIRA_ISSUE_STATE: StateRule = StateRule::new("issue", &["/issue/id"], &["/timestamp"]);
const JIRA_COMMENT_STATE: StateRule = StateRule::new("comment", &["/comment/id"], &["/timestamp"]);

/// Descriptions are of the older kind, with Jira's own marks. `url` begins with the site, which nothing else names.
const JIRA_ISSUE: &[Field] = &[
    same("issue_id", &["/issue/id"]),
    same("key", &["/issue/key"]),
    same("title", &["/issue/fields/summary"]),
    same("description", &["/issue/fields/description"]),
    same("status", &["/issue/fields/status/name"]),
    same("status_category", &["/issue/fields/status/statusCategory/key"]),
    same("priority", &["/issue/fields/priority/name"]),
    same("issue_type", &["/issue/fields/issuetype/name"]),
    same("assignee.id", &["/issue/fields/assignee/accountId"]),
    same("assignee.name", &["/issue/fields/assignee/displayName"]),
    same("labels", &["/issue/fields/labels"]),
    same("project.id", &["/issue/fields/project/id"]),
    same("project.key", &["/issue/fields/project/key"]),
    same("project.name", &["/issue/fields/project/name"]),
    same("url", &["/issue/self"]),
    time("created_at", &["/issue/fields/created"]),
    time("updated_at", &["/issue/fields/updated"]),
];

const JIRA_CHANGES: &[Field] = &[same("changelog_id", &["/changelog/id"]), same("changelog", &["/changelog/items"])];

const JIRA_COMMENT: &[Field] = &[
    same("comment.id", &["/comment/id"]),
    same("comment.text", &["/comment/body"]),
    same("comment.author", &["/comment/author/displayName"]),
];
