//! The operations: where each is, what it takes, needs and does. Their names are those of the published description.

use super::answer::Outcome;
use super::request::Asked;
use super::{comments, issues, links, meta, projects, search, transitions, webhooks};
use crate::jira::oauth::token;
use crate::jira::state::State;

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) verb: &'static str,
    pub(crate) path: &'static str,
    /// Whether it is one of a site's REST API.
    pub(crate) is_of_site: bool,
    pub(crate) query: &'static [(&'static str, Kind)],
    pub(crate) body: Body,
    pub(super) auth: Auth,
    pub(super) run: fn(&mut State, &Asked) -> Outcome,
}

/// What a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Flag,
    Number,
    List,
}

/// What an operation takes as its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    /// The authorization server's request for tokens.
    Token,
    /// Any JSON.
    Any,
    /// An object with these fields.
    Fields(&'static [&'static str]),
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Auth {
    /// No token: the operation looks at the client secret itself.
    Own,
    /// Whoever has a token with all these scopes.
    Scopes(&'static [&'static str]),
}

const READ: Auth = Auth::Scopes(&["read:jira-work"]);
const WRITE: Auth = Auth::Scopes(&["write:jira-work"]);
const USER: Auth = Auth::Scopes(&["read:jira-user"]);
const HOOKS: Auth = Auth::Scopes(&["read:jira-work", "manage:jira-webhook"]);

const PAGE: &[(&str, Kind)] = &[("startAt", Kind::Number), ("maxResults", Kind::Number)];
const ISSUE: Body = Body::Fields(&["fields", "update", "transition", "historyMetadata", "properties"]);
const IDS: Body = Body::Fields(&["webhookIds"]);

const fn of_site(
    name: &'static str,
    verb: &'static str,
    path: &'static str,
    auth: Auth,
    run: fn(&mut State, &Asked) -> Outcome,
) -> Operation {
    Operation { name, verb, path, is_of_site: true, query: &[], body: Body::None, auth, run }
}

/// All of them.
pub(crate) static OPERATIONS: [Operation; 34] = [
    Operation {
        name: "oauth/token",
        verb: "POST",
        path: "/oauth/token",
        is_of_site: false,
        query: &[],
        body: Body::Token,
        auth: Auth::Own,
        run: token::give,
    },
    Operation {
        is_of_site: false,
        ..of_site(
            "accessible-resources",
            "GET",
            "/oauth/token/accessible-resources",
            Auth::Scopes(&[]),
            token::resources,
        )
    },
    Operation { is_of_site: false, ..of_site("me", "GET", "/me", Auth::Scopes(&["read:me"]), token::me) },
    Operation {
        query: &[("expand", Kind::Text)],
        ..of_site("getCurrentUser", "GET", "/rest/api/3/myself", USER, projects::myself)
    },
    Operation {
        query: &[
            ("startAt", Kind::Number),
            ("maxResults", Kind::Number),
            ("orderBy", Kind::Text),
            ("id", Kind::List),
            ("keys", Kind::List),
            ("query", Kind::Text),
            ("typeKey", Kind::Text),
            ("categoryId", Kind::Number),
            ("action", Kind::Text),
            ("expand", Kind::Text),
            ("status", Kind::List),
            ("properties", Kind::List),
            ("propertyQuery", Kind::Text),
        ],
        ..of_site("searchProjects", "GET", "/rest/api/3/project/search", READ, projects::search)
    },
    Operation {
        query: &[("expand", Kind::Text), ("properties", Kind::List)],
        ..of_site("getProject", "GET", "/rest/api/3/project/{projectIdOrKey}", READ, projects::one)
    },
    of_site("getAllStatuses", "GET", "/rest/api/3/project/{projectIdOrKey}/statuses", READ, projects::statuses),
    of_site("getStatuses", "GET", "/rest/api/3/status", READ, projects::all_statuses),
    Operation {
        query: &[
            ("query", Kind::Text),
            ("sessionId", Kind::Text),
            ("username", Kind::Text),
            ("accountId", Kind::Text),
            ("project", Kind::Text),
            ("issueKey", Kind::Text),
            ("issueId", Kind::Text),
            ("startAt", Kind::Number),
            ("maxResults", Kind::Number),
            ("actionDescriptorId", Kind::Number),
            ("recommend", Kind::Flag),
        ],
        ..of_site("findAssignableUsers", "GET", "/rest/api/3/user/assignable/search", USER, projects::assignable)
    },
    of_site("getFields", "GET", "/rest/api/3/field", READ, meta::all),
    Operation {
        query: PAGE,
        ..of_site(
            "getCreateIssueMetaIssueTypes",
            "GET",
            "/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes",
            READ,
            meta::types,
        )
    },
    Operation {
        query: PAGE,
        ..of_site(
            "getCreateIssueMetaIssueTypeId",
            "GET",
            "/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}",
            READ,
            meta::create,
        )
    },
    Operation {
        query: &[("updateHistory", Kind::Flag)],
        body: ISSUE,
        ..of_site("createIssue", "POST", "/rest/api/3/issue", WRITE, issues::create)
    },
    Operation {
        query: &[
            ("fields", Kind::List),
            ("fieldsByKeys", Kind::Flag),
            ("expand", Kind::Text),
            ("properties", Kind::List),
            ("updateHistory", Kind::Flag),
            ("failFast", Kind::Flag),
        ],
        ..of_site("getIssue", "GET", "/rest/api/3/issue/{issueIdOrKey}", READ, issues::read)
    },
    Operation {
        query: &[
            ("notifyUsers", Kind::Flag),
            ("overrideScreenSecurity", Kind::Flag),
            ("overrideEditableFlag", Kind::Flag),
            ("returnIssue", Kind::Flag),
            ("expand", Kind::Text),
        ],
        body: ISSUE,
        ..of_site("editIssue", "PUT", "/rest/api/3/issue/{issueIdOrKey}", WRITE, issues::edit)
    },
    Operation {
        query: &[("deleteSubtasks", Kind::Flag)],
        ..of_site("deleteIssue", "DELETE", "/rest/api/3/issue/{issueIdOrKey}", WRITE, issues::delete)
    },
    Operation {
        query: &[("overrideScreenSecurity", Kind::Flag), ("overrideEditableFlag", Kind::Flag)],
        ..of_site("getEditIssueMeta", "GET", "/rest/api/3/issue/{issueIdOrKey}/editmeta", READ, meta::edit)
    },
    Operation {
        query: &[
            ("expand", Kind::Text),
            ("transitionId", Kind::Text),
            ("skipRemoteOnlyCondition", Kind::Flag),
            ("includeUnavailableTransitions", Kind::Flag),
            ("sortByOpsBarAndStatus", Kind::Flag),
        ],
        ..of_site("getTransitions", "GET", "/rest/api/3/issue/{issueIdOrKey}/transitions", READ, transitions::list)
    },
    Operation {
        body: ISSUE,
        ..of_site("doTransition", "POST", "/rest/api/3/issue/{issueIdOrKey}/transitions", WRITE, transitions::go)
    },
    Operation {
        query: &[
            ("startAt", Kind::Number),
            ("maxResults", Kind::Number),
            ("orderBy", Kind::Text),
            ("expand", Kind::Text),
        ],
        ..of_site("getComments", "GET", "/rest/api/3/issue/{issueIdOrKey}/comment", READ, comments::list)
    },
    Operation {
        query: &[("expand", Kind::Text)],
        body: Body::Fields(&["body", "visibility", "properties"]),
        ..of_site("addComment", "POST", "/rest/api/3/issue/{issueIdOrKey}/comment", WRITE, comments::add)
    },
    Operation {
        query: &[("expand", Kind::Text)],
        ..of_site("getComment", "GET", "/rest/api/3/issue/{issueIdOrKey}/comment/{id}", READ, comments::one)
    },
    Operation {
        query: &[("globalId", Kind::Text)],
        ..of_site("getRemoteIssueLinks", "GET", "/rest/api/3/issue/{issueIdOrKey}/remotelink", READ, links::list)
    },
    Operation {
        body: Body::Fields(&["globalId", "application", "relationship", "object"]),
        ..of_site(
            "createOrUpdateRemoteIssueLink",
            "POST",
            "/rest/api/3/issue/{issueIdOrKey}/remotelink",
            WRITE,
            links::put,
        )
    },
    Operation {
        query: &[("globalId", Kind::Text)],
        ..of_site(
            "deleteRemoteIssueLinkByGlobalId",
            "DELETE",
            "/rest/api/3/issue/{issueIdOrKey}/remotelink",
            WRITE,
            links::delete,
        )
    },
    of_site(
        "getIssueProperty",
        "GET",
        "/rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}",
        READ,
        links::property,
    ),
    Operation {
        body: Body::Any,
        ..of_site(
            "setIssueProperty",
            "PUT",
            "/rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}",
            WRITE,
            links::set_property,
        )
    },
    of_site(
        "deleteIssueProperty",
        "DELETE",
        "/rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}",
        WRITE,
        links::delete_property,
    ),
    Operation {
        query: &[
            ("jql", Kind::Text),
            ("nextPageToken", Kind::Text),
            ("maxResults", Kind::Number),
            ("fields", Kind::List),
            ("expand", Kind::Text),
            ("properties", Kind::List),
            ("fieldsByKeys", Kind::Flag),
            ("failFast", Kind::Flag),
            ("reconcileIssues", Kind::List),
        ],
        ..of_site("searchAndReconsileIssuesUsingJql", "GET", "/rest/api/3/search/jql", READ, search::by_query)
    },
    Operation {
        body: Body::Fields(&[
            "jql",
            "nextPageToken",
            "maxResults",
            "fields",
            "expand",
            "properties",
            "fieldsByKeys",
            "reconcileIssues",
        ]),
        ..of_site("searchAndReconsileIssuesUsingJqlPost", "POST", "/rest/api/3/search/jql", READ, search::by_body)
    },
    Operation {
        query: PAGE,
        ..of_site("getDynamicWebhooksForApp", "GET", "/rest/api/3/webhook", HOOKS, webhooks::list)
    },
    Operation {
        body: Body::Fields(&["url", "webhooks"]),
        ..of_site("registerDynamicWebhooks", "POST", "/rest/api/3/webhook", HOOKS, webhooks::register)
    },
    Operation { body: IDS, ..of_site("deleteWebhookById", "DELETE", "/rest/api/3/webhook", HOOKS, webhooks::delete) },
    Operation {
        body: IDS,
        ..of_site("refreshWebhooks", "PUT", "/rest/api/3/webhook/refresh", HOOKS, webhooks::refresh)
    },
];
