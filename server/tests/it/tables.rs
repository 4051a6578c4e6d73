//! Who may pass which door. `may` holds a letter per role: n(obody), s(tranger with another organization's things),
//! m(ember), a(dmin), o(wner), u (support), p (operator). `<things>` are made for each knock; see `things.rs`.

/// One door and who may pass.
#[derive(Clone, Copy)]
pub struct Line {
    pub method: &'static str,
    pub route: &'static str,
    /// Where to knock, if that is not the route itself.
    pub at: &'static str,
    pub may: &'static str,
    pub body: &'static str,
    /// What those who may are answered; any success when 0.
    pub status: u16,
    /// What another organization is answered, if that is neither 404 nor its own things.
    pub to_strangers: u16,
    /// Whether the knock ends the session it is made with.
    pub ends_session: bool,
}

const fn line(
    method: &'static str,
    route: &'static str,
    at: &'static str,
    may: &'static str,
    body: &'static str,
) -> Line {
    Line { method, route, at, may, body, status: 0, to_strangers: 0, ends_session: false }
}

impl Line {
    const fn answers(self, status: u16) -> Self {
        Self { status, ..self }
    }

    const fn to_strangers(self, to_strangers: u16) -> Self {
        Self { to_strangers, ..self }
    }

    const fn ends_session(self) -> Self {
        Self { ends_session: true, ..self }
    }
}

/// REST: keys with the rights of a role.
pub const API: &[Line] = &[
    line("POST", "/api/v1/events", "", "aop", r#"{"event_type":"invoice.paid","data":{"id":"inv_1"}}"#).answers(202),
    line("GET", "/api/v1/events", "", "maop", ""),
    line("GET", "/api/v1/events/{id}", "/api/v1/events/<event>", "maop", ""),
    line("POST", "/api/v1/events/{id}/erase", "/api/v1/events/<event>/erase", "aop", "").answers(204),
    line("GET", "/api/v1/events/{id}/deliveries", "/api/v1/events/<event>/deliveries", "maop", ""),
    line(
        "POST",
        "/api/v1/endpoints",
        "",
        "aop",
        r#"{"name":"Billing","url":"http://127.0.0.1:4999/x","event_types":["*"]}"#,
    )
    .answers(201),
    line("GET", "/api/v1/endpoints", "", "maop", ""),
    line("GET", "/api/v1/endpoints/{id}", "/api/v1/endpoints/<endpoint>", "maop", ""),
    line("PATCH", "/api/v1/endpoints/{id}", "/api/v1/endpoints/<endpoint>", "aop", r#"{"status":"paused"}"#),
    line("DELETE", "/api/v1/endpoints/{id}", "/api/v1/endpoints/<endpoint>", "aop", "").answers(204),
    line("GET", "/api/v1/endpoints/{id}/health", "/api/v1/endpoints/<endpoint>/health", "maop", ""),
    line("POST", "/api/v1/endpoints/{id}/test", "/api/v1/endpoints/<endpoint>/test", "aop", "{}").answers(202),
    line("POST", "/api/v1/endpoints/{id}/rotate-secret", "/api/v1/endpoints/<endpoint>/rotate-secret", "aop", ""),
    line("GET", "/api/v1/endpoints/{id}/versions", "/api/v1/endpoints/<endpoint>/versions", "maop", ""),
    line("POST", "/api/v1/endpoints/{id}/preview", "/api/v1/endpoints/<endpoint>/preview", "aop", "{}"),
    line("GET", "/api/v1/endpoints/{id}/messages", "/api/v1/endpoints/<fetched>/messages", "aop", ""),
    line(
        "POST",
        "/api/v1/endpoints/{id}/messages/commit",
        "/api/v1/endpoints/<fetched>/messages/commit",
        "aop",
        r#"{"cursor":""}"#,
    ),
    line("GET", "/api/v1/alerts", "", "maop", ""),
    line("POST", "/api/v1/alerts/{id}/see", "/api/v1/alerts/<alert>/see", "aop", "").answers(204),
    line("POST", "/api/v1/replays/plan", "", "aop", "{}"),
    line("POST", "/api/v1/replays", "", "aop", r#"{"query":{"event_id":"<failed-event>"}}"#)
        .answers(201)
        .to_strangers(409),
    line("GET", "/api/v1/replays", "", "maop", ""),
    line("GET", "/api/v1/replays/{id}", "/api/v1/replays/<replay>", "maop", ""),
    line("PATCH", "/api/v1/replays/{id}", "/api/v1/replays/<replay>", "aop", r#"{"state":"cancelled"}"#),
    line("GET", "/api/v1/deliveries", "", "maop", ""),
    line("GET", "/api/v1/deliveries/stats", "", "maop", ""),
    line("GET", "/api/v1/deliveries/failure-reasons", "", "maop", ""),
    line("GET", "/api/v1/saved-views", "", "maop", ""),
    line("POST", "/api/v1/saved-views", "", "aop", r#"{"name":"<own-name>","query":"status=failed"}"#).answers(201),
    line("PATCH", "/api/v1/saved-views/{id}", "/api/v1/saved-views/<view>", "aop", r#"{"name":"<own-name>"}"#),
    line("DELETE", "/api/v1/saved-views/{id}", "/api/v1/saved-views/<view>", "aop", "").answers(204),
    line("GET", "/api/v1/integrations", "", "maop", ""),
    // Every organization may connect it.
    line("PATCH", "/api/v1/integrations/{key}", "/api/v1/integrations/slack", "p", r#"{"is_included":true}"#)
        .answers(409),
    line("GET", "/api/v1/connections", "", "maop", ""),
    line(
        "POST",
        "/api/v1/connections",
        "",
        "aop",
        r#"{"name":"Finance","workflow_url":"https://prod-01.westeurope.logic.azure.com/workflows/3?sig=<own-email>"}"#,
    )
    .answers(201),
    line(
        "PUT",
        "/api/v1/connections/{id}/workflow",
        "/api/v1/connections/<connection>/workflow",
        "aop",
        r#"{"workflow_url":"https://prod-01.westeurope.logic.azure.com/workflows/4?sig=x"}"#,
    )
    .answers(422),
    line("GET", "/api/v1/connections/{id}", "/api/v1/connections/<connection>", "maop", ""),
    line("PATCH", "/api/v1/connections/{id}", "/api/v1/connections/<connection>", "aop", r#"{"name":"Acme"}"#),
    line("DELETE", "/api/v1/connections/{id}", "/api/v1/connections/<connection>", "aop", "").answers(204),
    line("POST", "/api/v1/connections/{id}/check", "/api/v1/connections/<connection>/check", "aop", ""),
    line("GET", "/api/v1/connections/{id}/calls", "/api/v1/connections/<connection>/calls", "maop", ""),
    line("GET", "/api/v1/connections/{id}/channels", "/api/v1/connections/<connection>/channels", "maop", ""),
    line(
        "POST",
        "/api/v1/connections/{id}/channels/refresh",
        "/api/v1/connections/<connection>/channels/refresh",
        "maop",
        "",
    )
    .answers(204),
    line(
        "GET",
        "/api/v1/connections/{id}/channels/{provider_id}",
        "/api/v1/connections/<connection/channel>",
        "maop",
        "",
    ),
    line("GET", "/api/v1/linked-issues", "", "maop", ""),
    line("GET", "/api/v1/linked-issues/{id}", "/api/v1/linked-issues/<linked-issue>", "maop", ""),
    line("GET", "/api/v1/connections/{id}/issue-types", "/api/v1/connections/<jira/types>", "maop", ""),
    line("GET", "/api/v1/connections/{id}/issue-screen", "/api/v1/connections/<jira/screen>", "maop", ""),
    line("POST", "/api/v1/connections/jira", "", "aop", r#"{"site_url":"x","email":"x","api_token":"x"}"#).answers(422),
    line("GET", "/api/v1/connections/{id}/webhook", "/api/v1/connections/<jira>/webhook", "aop", "").answers(404),
    line("PUT", "/api/v1/connections/{id}/site", "/api/v1/connections/<several>/site", "aop", r#"{"site_id":"none"}"#)
        .answers(422),
    line("GET", "/api/v1/sources", "", "maop", ""),
    line("POST", "/api/v1/sources", "", "aop", r#"{"provider":"github","name":"<own-name>"}"#).answers(201),
    line("GET", "/api/v1/source-presets", "", "maop", ""),
    line("GET", "/api/v1/sources/{id}", "/api/v1/sources/<source>", "maop", ""),
    line("PATCH", "/api/v1/sources/{id}", "/api/v1/sources/<source>", "aop", r#"{"status":"disabled"}"#),
    line("DELETE", "/api/v1/sources/{id}", "/api/v1/sources/<source>", "aop", "").answers(204),
    line(
        "GET",
        "/api/v1/sources/{id}/fields",
        "/api/v1/sources/<source>/fields?provider_event_type=issues.opened",
        "maop",
        "",
    ),
    line("GET", "/api/v1/sources/{id}/figures", "/api/v1/sources/<source>/figures", "maop", ""),
    line(
        "GET",
        "/api/v1/sources/{id}/email-history",
        "/api/v1/sources/<source>/email-history?recipient=ada@acme.test",
        "maop",
        "",
    ),
    line("POST", "/api/v1/sources/{id}/rotate-token", "/api/v1/sources/<source>/rotate-token", "aop", ""),
    line("POST", "/api/v1/sources/{id}/rotate-secret", "/api/v1/sources/<source>/rotate-secret", "aop", ""),
    line("GET", "/api/v1/inbound-requests", "", "maop", ""),
    line("GET", "/api/v1/inbound-requests/stats", "", "maop", ""),
    line("GET", "/api/v1/log-entries", "", "maop", ""),
    line("GET", "/api/v1/log-entries/stats", "", "maop", ""),
    line("GET", "/api/v1/inbound-requests/{id}", "/api/v1/inbound-requests/<inbound-request>", "maop", ""),
    line(
        "POST",
        "/api/v1/inbound-requests/{id}/replay",
        "/api/v1/inbound-requests/<inbound-request>/replay",
        "aop",
        "",
    )
    .answers(202),
    line("GET", "/api/v1/rules", "", "maop", ""),
    line("POST", "/api/v1/rules", "", "aop", r#"{"channel_id":"<channel>","event_types":["a.b"]}"#)
        .answers(201)
        .to_strangers(422),
    line("POST", "/api/v1/rules/estimate", "", "maop", r#"{"channel_id":"<channel>","event_types":["a.b"]}"#)
        .to_strangers(200),
    line("GET", "/api/v1/rules/{id}", "/api/v1/rules/<rule>", "maop", ""),
    line("PATCH", "/api/v1/rules/{id}", "/api/v1/rules/<rule>", "aop", r#"{"format":"compact"}"#),
    line("DELETE", "/api/v1/rules/{id}", "/api/v1/rules/<rule>", "aop", "").answers(204),
    line("POST", "/api/v1/rules/{id}/test", "/api/v1/rules/<rule>/test", "aop", "{}").answers(202),
    line("GET", "/api/v1/health", "", "maop", ""),
    line("GET", "/api/v1/installation/health", "", "p", ""),
    line("GET", "/api/v1/installation/alerts", "", "p", ""),
    // One that exists is seen in health.rs.
    line(
        "POST",
        "/api/v1/installation/alerts/{id}/see",
        "/api/v1/installation/alerts/alr_00000000000000000000000000/see",
        "p",
        "",
    )
    .answers(404),
    line("GET", "/api/v1/deliveries/{id}", "/api/v1/deliveries/<delivery>", "maop", ""),
    line("POST", "/api/v1/deliveries/{id}/replay", "/api/v1/deliveries/<delivery>/replay", "aop", "").answers(202),
    line(
        "POST",
        "/api/v1/deliveries/{id}/replay",
        "/api/v1/deliveries/<delivery>/replay",
        "aop",
        r#"{"settings":"then"}"#,
    )
    .answers(202),
    line("POST", "/api/v1/deliveries/{id}/try-now", "/api/v1/deliveries/<delivery>/try-now", "aop", "").answers(409),
    line("POST", "/api/v1/deliveries/replay", "", "aop", r#"{"ids":["<delivery>"]}"#).answers(202),
    line("POST", "/api/v1/deliveries/replay-failed", "", "aop", r#"{"endpoint_id":"<endpoint>"}"#).answers(202),
    line("GET", "/api/v1/event-types", "", "maop", ""),
    line("POST", "/api/v1/event-types", "", "aop", r#"{"name":"<own-name>","sample":{"id":"x"}}"#).answers(201),
    line("GET", "/api/v1/event-types/{name}", "/api/v1/event-types/<type>", "maop", ""),
    line(
        "PATCH",
        "/api/v1/event-types/{name}",
        "/api/v1/event-types/<type>",
        "aop",
        r#"{"description":"It happened."}"#,
    ),
    line("DELETE", "/api/v1/event-types/{name}", "/api/v1/event-types/<type>", "aop", "").answers(204),
    line("GET", "/api/v1/inbox", "", "maop", ""),
    line("DELETE", "/api/v1/inbox", "", "aop", "").answers(204),
    line("GET", "/api/v1/api-keys", "", "aop", ""),
    line("POST", "/api/v1/api-keys", "", "aop", r#"{"name":"New","scopes":["events:write"]}"#).answers(201),
    line("GET", "/api/v1/api-keys/{id}", "/api/v1/api-keys/<key>", "aop", ""),
    line("DELETE", "/api/v1/api-keys/{id}", "/api/v1/api-keys/<key>", "aop", ""),
    line("GET", "/api/v1/members", "", "maop", ""),
    line("GET", "/api/v1/members/{user_id}", "/api/v1/members/<member>", "maop", ""),
    line("PATCH", "/api/v1/members/{user_id}", "/api/v1/members/<member>", "aop", r#"{"role":"admin"}"#),
    line("DELETE", "/api/v1/members/{user_id}", "/api/v1/members/<member>", "aop", "").answers(204),
    line("GET", "/api/v1/invitations", "", "maop", ""),
    line("POST", "/api/v1/invitations", "", "aop", r#"{"email":"new@example.com","role":"member"}"#).answers(201),
    line("GET", "/api/v1/invitations/{id}", "/api/v1/invitations/<invitation>", "maop", ""),
    line("DELETE", "/api/v1/invitations/{id}", "/api/v1/invitations/<invitation>", "aop", "").answers(204),
    line("GET", "/api/v1/org", "", "maop", ""),
    line("PATCH", "/api/v1/org", "", "op", r#"{"name":"<own-org-name>"}"#),
    line("GET", "/api/v1/orgs", "", "p", ""),
    line("GET", "/api/v1/nodes", "", "p", ""),
    line("POST", "/api/v1/orgs", "", "p", r#"{"name":"Initech"}"#).answers(201),
    line("GET", "/api/v1/audit-entries", "", "aop", ""),
    line("GET", "/api/v1/audit-entries/export", "", "aop", ""),
];

/// Doors without a lock.
pub const PLAIN: &[Line] = &[
    line("GET", "/healthz", "", "nsmaoup", ""),
    line("GET", "/readyz", "", "nsmaoup", ""),
    line("*", "/inbox/{token}", "/inbox/unknown", "nsmaoup", "").answers(404),
    // Asked with a cookie here; an operator's key passes, see api.rs.
    line("GET", "/metrics", "", "nsmaoup", "").answers(401),
    line("GET", "/api/v1/openapi.json", "", "nsmaoup", ""),
    line("*", "/api", "", "nsmaoup", "").answers(404),
    line("POST", "/slack/events", "", "nsmaoup", "{}").answers(401),
    line("POST", "/slack/interactions", "", "nsmaoup", "payload={}").answers(401),
    line("POST", "/slack/commands", "", "nsmaoup", "command=x").answers(401),
    line("POST", "/in/mail/{provider}", "/in/mail/postmark", "nsmaoup", "{}").answers(404),
    line("POST", "/in/{provider}/{token}", "/in/stripe/unknown", "nsmaoup", "{}").answers(404),
    line("POST", "/jira/{connection}", "/jira/<jira>", "nsmaoup", "{}").answers(401),
    line("*", "/api/{*rest}", "/api/v2/events", "nsmaoup", "").answers(404),
];

/// Pages and the stream.
pub const PAGES: &[Line] = &[
    line("GET", "/setup", "", "nsmaoup", "").answers(303),
    line("GET", "/sign-in", "", "nsmaoup", ""),
    line("GET", "/invitations/{token}", "/invitations/unknown", "nsmaoup", "").answers(404),
    line("GET", "/", "", "maoup", ""),
    line("GET", "/endpoints", "", "maop", ""),
    line("GET", "/endpoints/new", "", "aop", ""),
    line("GET", "/endpoints/{id}", "/endpoints/<endpoint>", "maop", ""),
    line("GET", "/endpoints/{id}/edit", "/endpoints/<endpoint>/edit", "aop", ""),
    line("GET", "/endpoints/{id}/filter", "/endpoints/<endpoint>/filter", "maop", ""),
    line("POST", "/endpoints/{id}/filter", "/endpoints/<endpoint>/filter", "aop", "form[then]=try"),
    line("GET", "/endpoints/{id}/security", "/endpoints/<endpoint>/security", "maop", ""),
    line("POST", "/endpoints/{id}/security", "/endpoints/<endpoint>/security", "aop", SECURITY),
    line("GET", "/endpoints/{id}/rules", "/endpoints/<endpoint>/rules", "maop", ""),
    line("POST", "/endpoints/{id}/rules", "/endpoints/<endpoint>/rules", "aop", RULES),
    line("GET", "/endpoints/{id}/history", "/endpoints/<endpoint>/history", "maop", ""),
    line("GET", "/deliveries", "", "maoup", ""),
    line("GET", "/deliveries/inbound", "", "maoup", ""),
    line("GET", "/deliveries/both", "", "maoup", ""),
    line("GET", "/deliveries/{id}", "/deliveries/<delivery>", "maoup", ""),
    line("GET", "/replays", "", "maoup", ""),
    line("GET", "/replays/new", "", "aop", ""),
    line("GET", "/replays/{id}", "/replays/<replay>", "maoup", ""),
    line("GET", "/alerts", "", "maop", ""),
    line("GET", "/integrations", "", "maop", ""),
    line("GET", "/integrations/slack", "", "maop", ""),
    line("GET", "/integrations/slack/link/{token}", "/integrations/slack/link/none", "smaop", "").answers(404),
    line("GET", "/integrations/teams", "", "maop", ""),
    // The installation of these tests is not reached by https, which Teams insists on.
    line("GET", "/integrations/teams/app", "", "aop", "").answers(409),
    // The tab has a session of its own.
    line("GET", "/teams/alerts", "", "nsmaoup", ""),
    line("POST", "/teams/sign-in", "", "nsmaoup", "email=<own-email>&password=x").answers(401),
    line("POST", "/teams/sign-out", "", "nsmaoup", "").answers(303),
    line("GET", "/integrations/jira", "", "maop", ""),
    line("GET", "/connections/{id}", "/connections/<connection>", "maop", ""),
    line("GET", "/connections/{id}/issue-rules/new", "/connections/<jira>/issue-rules/new", "maop", ""),
    line("GET", "/connections/{id}/issue-rules/{rule}", "/connections/<jira/rule>", "maop", ""),
    line("GET", "/connections/{id}/issues", "/connections/<jira>/issues", "maop", ""),
    line("GET", "/connections/{id}/issues/{issue}", "/connections/<jira/issue>", "maop", ""),
    line("GET", "/connections/{id}/rules/new", "/connections/<connection>/rules/new", "maop", ""),
    line("GET", "/connections/{id}/rules/{rule}", "/connections/<connection/rules/rule>", "maop", ""),
    // Everything that can go wrong is told on the page of the integration.
    line("POST", "/oauth/{provider}/start", "/oauth/slack/start", "smaoup", "").answers(303),
    line("GET", "/oauth/{provider}/callback", "/oauth/slack/callback?state=x&code=y", "smaoup", "").answers(303),
    line("GET", "/sources", "", "maop", ""),
    line("GET", "/sources/{id}", "/sources/<source>", "maop", ""),
    line("GET", "/sources/{id}/emails", "/sources/<source>/emails?about=ada@acme.test", "maop", ""),
    line("GET", "/sources/{id}/requests/{request}", "/sources/<source/request>", "maoup", ""),
    line("GET", "/event-types", "", "maop", ""),
    line("GET", "/event-types/{name}", "/event-types/<type>", "maop", ""),
    line("GET", "/inbox", "", "maop", ""),
    line("GET", "/developers", "", "maop", ""),
    // Everything on it happens in the browser.
    line("GET", "/developers/signature", "", "maoup", ""),
    line("GET", "/settings", "", "maop", ""),
    line("GET", "/settings/members", "", "maop", ""),
    line("GET", "/settings/account", "", "maoup", ""),
    line("GET", "/settings/audit", "", "aop", ""),
    line("GET", "/settings/audit/export", "", "aop", ""),
    line("GET", "/operator/orgs", "", "up", ""),
    line("GET", "/operator/health", "", "up", ""),
    line("GET", "/health", "", "maoup", ""),
    line("GET", "/docs/api", "", "nsmaoup", ""),
    line("GET", "/live", "", "maoup", ""),
];

const SECURITY: &str = "form[id]=<endpoint>&form[schemes][]=standard&form[kind]=none";
const RULES: &str = "form[id]=<endpoint>&form[concurrency]=8&form[codes][]=404&form[actions][]=fail&form[then]=save";

const NEW_ENDPOINT: &str = "form[name]=Billing&form[url]=http://127.0.0.1:4999/x&form[event_types][]=*&form[timeout_s]=10&form[rate]=100\
    &form[retry]=standard&form[status]=active";
const OLD_ENDPOINT: &str = "form[id]=<endpoint>&form[name]=Billing&form[url]=http://127.0.0.1:4999/x&form[event_types][]=*&form[timeout_s]=10\
    &form[rate]=100&form[retry]=standard&form[status]=active";

const NEW_RULE: &str =
    "form[connection]=<connection>&form[channel_id]=<channel>&form[event_types]=a.b&form[enabled]=on";

const NEW_WORKFLOW: &str =
    "name=Finance&workflow_url=https%3A%2F%2Fprod-01.westeurope.logic.azure.com%2Fworkflows%2F1%3Fsig%3D<own-email>";
/// The connection is one to Slack.
const OTHER_WORKFLOW: &str =
    "id=<connection>&workflow_url=https%3A%2F%2Fprod-01.westeurope.logic.azure.com%2Fworkflows%2F2%3Fsig%3Dx";

/// Server functions, by page and name.
pub const FUNCTIONS: &[Line] = &[
    line("POST", "frame/calls/load_me", "", "nsmaoup", ""),
    line("POST", "frame/calls/count_alerts", "", "maoup", ""),
    line("POST", "frame/calls/switch_org", "", "maoup", "org_id=<acme>"),
    line("POST", "frame/calls/sign_out", "", "maoup", "").ends_session(),
    line("POST", "frame/calls/set_theme", "", "nsmaoup", "theme=dark"),
    line("POST", "auth/calls/set_up", "", "nsmaoup", "token=x&org=x&name=x&email=x&password=x").answers(409),
    line("POST", "auth/calls/sign_in", "", "nsmaoup", "email=nobody<own-email>&password=x").answers(401),
    line("POST", "auth/calls/load_invitation", "", "nmaoup", "token=<own-invitation-token>"),
    line(
        "POST",
        "auth/calls/accept_invitation",
        "",
        "nmaoup",
        "token=<own-invitation-token>&name=Grace&password=correct+horse+battery+staple",
    ),
    line("POST", "home/calls/load_home", "", "maop", ""),
    line("POST", "home/calls/load_steps", "", "maop", ""),
    line("POST", "home/calls/use_inbox", "", "aop", ""),
    line("POST", "home/calls/send_sample", "", "aop", ""),
    line("POST", "home/calls/skip_steps", "", "maoup", "skip=true"),
    line("POST", "integrations/calls/load_integrations", "", "maop", ""),
    line("POST", "integrations/calls/connect_workflow", "", "aop", NEW_WORKFLOW),
    line("POST", "integrations/calls/connect_api_token", "", "aop", "site_url=x&email=x&api_token=x").answers(422),
    line("POST", "connections/calls/load_connection", "", "maop", "id=<connection>"),
    line("POST", "connections/calls/load_rule", "", "maop", "id=<connection>"),
    line("POST", "connections/calls/find_channels", "", "maop", "id=<connection>&q=gen"),
    line("POST", "connections/calls/save_rule", "", "aop", NEW_RULE).to_strangers(422),
    line("POST", "connections/calls/delete_rule", "", "aop", "id=<rule>&connection=x"),
    line("POST", "connections/calls/test_rule", "", "aop", "id=<rule>&connection=x"),
    line("POST", "connections/calls/check_connection", "", "aop", "id=<connection>"),
    line("POST", "connections/calls/refresh_channels", "", "maop", "id=<connection>"),
    line("POST", "connections/calls/save_connection", "", "aop", "id=<connection>&name=Acme"),
    line("POST", "connections/calls/pause_connection", "", "aop", "id=<connection>&paused=true"),
    line("POST", "connections/calls/pause_connection", "", "aop", "id=<connection>&paused=false"),
    line("POST", "connections/calls/replace_workflow", "", "aop", OTHER_WORKFLOW).answers(422),
    line("POST", "connections/calls/choose_site", "", "aop", "id=<several>&site=none").answers(422),
    line("POST", "issues/calls/load_issue_rule", "", "maop", "id=<jira>"),
    line("POST", "issues/calls/save_issue_rule", "", "aop", "<issue-form>"),
    line("POST", "issues/calls/load_linked_issues", "", "maop", "id=<jira>"),
    line("POST", "issues/calls/load_linked_issue", "", "maop", "id=<jira>&issue=<linked-issue>"),
    line("POST", "connections/calls/disconnect", "", "aop", "id=<connection>"),
    line("POST", "connections/calls/load_link", "", "smaop", "token=none").answers(404),
    line("POST", "connections/calls/accept_link", "", "smaop", "token=none").answers(404),
    line("POST", "connections/calls/unlink", "", "maop", "id=<connection>&person=U0").answers(404),
    line("POST", "endpoints/calls/list_endpoints", "", "maop", ""),
    line("POST", "endpoints/calls/get_endpoint", "", "maop", "id=<endpoint>"),
    line("POST", "endpoints/calls/load_editor", "", "maop", "id=<endpoint>"),
    line("POST", "endpoints/calls/save_endpoint", "", "aop", NEW_ENDPOINT),
    line("POST", "endpoints/calls/save_endpoint", "", "aop", OLD_ENDPOINT),
    line("POST", "endpoints/calls/set_endpoint_status", "", "aop", "id=<endpoint>&status=paused"),
    line("POST", "endpoints/calls/rotate_endpoint_secret", "", "aop", "id=<endpoint>"),
    line("POST", "endpoints/calls/delete_endpoint", "", "aop", "id=<endpoint>"),
    line("POST", "endpoints/calls/test_endpoint", "", "aop", "id=<endpoint>"),
    line("POST", "endpoints/calls/last_test", "", "maoup", "endpoint_id=<endpoint>&wait=false").to_strangers(200),
    line("POST", "endpoints/calls/draw_verify_code", "", "maoup", ""),
    line("POST", "endpoints/calls/take_fresh_secret", "", "nsmaoup", "id=x"),
    line("POST", "controls/calls/open_filter", "", "maop", "id=<endpoint>"),
    line("POST", "controls/calls/submit_filter", "", "aop", "form[id]=<endpoint>&form[then]=try"),
    line("POST", "controls/calls/open_security", "", "maop", "id=<endpoint>"),
    line("POST", "controls/calls/submit_security", "", "aop", SECURITY),
    line("POST", "controls/calls/open_secrets", "", "maop", "id=<endpoint>"),
    line("POST", "controls/calls/rotate_secret", "", "aop", "id=<endpoint>&overlap_hours=24"),
    line("POST", "controls/calls/open_rules", "", "maop", "id=<endpoint>"),
    line("POST", "controls/calls/submit_rules", "", "aop", RULES),
    line("POST", "controls/calls/open_history", "", "maop", "id=<endpoint>"),
    line("POST", "deliveries/calls/list_log", "", "maoup", "search="),
    line("POST", "deliveries/calls/count_log", "", "maoup", "search="),
    line("POST", "deliveries/calls/list_inbound_log", "", "maoup", "both=false&rows=true&search=verdict%3Drejected"),
    line("POST", "deliveries/calls/list_inbound_log", "", "maoup", "both=false&rows=false&search=verdict%3Drejected"),
    line("POST", "deliveries/calls/list_inbound_log", "", "maoup", "both=true&rows=true&search=status%3Drefused"),
    line("POST", "deliveries/calls/list_inbound_log", "", "maoup", "both=true&rows=false&search=status%3Drefused"),
    line("POST", "deliveries/calls/suggest_tokens", "", "maoup", ""),
    line("POST", "deliveries/calls/read_delivery", "", "maoup", "id=<delivery>&search="),
    line("POST", "deliveries/calls/replay_delivery", "", "aop", "id=<delivery>"),
    line("POST", "deliveries/calls/replay_selection", "", "aop", "ids[]=<delivery>"),
    line("POST", "deliveries/calls/replay_all_failed", "", "aop", "endpoint_id=<endpoint>"),
    line("POST", "deliveries/calls/try_delivery_now", "", "aop", "id=<delivery>").answers(409),
    line("POST", "deliveries/calls/replay_delivery", "", "aop", "id=<delivery>&settings=then"),
    line("POST", "deliveries/calls/save_view", "", "aop", "name=<own-name>&query=status%3Dfailed"),
    // Its new name is the id of another one, as names are taken once.
    line("POST", "deliveries/calls/rename_view", "", "aop", "id=<view>&name=<view>"),
    line("POST", "deliveries/calls/delete_view", "", "aop", "id=<view>"),
    line("POST", "replays/calls/plan_replay", "", "aop", "search=status%3Dfailed"),
    line(
        "POST",
        "replays/calls/update_plan",
        "",
        "aop",
        "search=status%3Dfailed&settings=then&rate_per_minute=60&skip=true",
    ),
    line("POST", "replays/calls/start_replay", "", "aop", "search=event_id%3D<failed-event>&settings=now&skip=true")
        .to_strangers(409),
    line("POST", "replays/calls/list_replays", "", "maoup", ""),
    line("POST", "replays/calls/read_replay", "", "maoup", "id=<replay>"),
    line("POST", "replays/calls/set_replay_state", "", "aop", "id=<replay>&state=cancelled"),
    line("POST", "alerts/calls/load_alerts", "", "maop", ""),
    line("POST", "alerts/calls/see_alert", "", "aop", "id=<alert>"),
    line("POST", "health/calls/load_health", "", "maoup", "span=7d"),
    line("POST", "health/calls/load_health", "", "up", "span=7d&installation=true"),
    line("POST", "health/calls/see_installation_alert", "", "p", "id=alr_00000000000000000000000000").answers(404),
    line("POST", "event_types/calls/list_event_types", "", "maop", ""),
    line("POST", "event_types/calls/get_event_type", "", "maop", "name=<type>"),
    line("POST", "event_types/calls/save_event_type", "", "aop", "form[name]=<own-name>"),
    line("POST", "event_types/calls/save_event_type", "", "aop", "form[existing]=<type>&form[description]=x"),
    line("POST", "event_types/calls/take_type_draft", "", "nsmaoup", "existing="),
    line("POST", "event_types/calls/delete_event_type", "", "aop", "name=<type>"),
    line("POST", "inbox/calls/load_inbox", "", "maop", ""),
    line("POST", "inbox/calls/clear_inbox", "", "aop", ""),
    line("POST", "keys/calls/load_developers", "", "maop", ""),
    line("POST", "keys/calls/create_key", "", "aop", "name=New&scopes[]=events:write"),
    line("POST", "keys/calls/take_key", "", "nsmaoup", ""),
    line("POST", "keys/calls/revoke_key", "", "aop", "id=<key>"),
    line("POST", "members/calls/load_members", "", "maop", ""),
    line("POST", "members/calls/invite", "", "aop", "email=<own-email>&role=member"),
    line("POST", "members/calls/take_invitation", "", "nsmaoup", ""),
    line("POST", "members/calls/revoke_invitation", "", "aop", "id=<invitation>"),
    line("POST", "members/calls/change_role", "", "aop", "user_id=<member>&role=admin"),
    line("POST", "members/calls/remove_member", "", "aop", "user_id=<member>"),
    line("POST", "settings/calls/load_settings", "", "maop", ""),
    line("POST", "sources/calls/load_sources", "", "maop", ""),
    line("POST", "sources/calls/create_source", "", "aop", "provider=stripe"),
    line("POST", "sources/calls/load_source", "", "maop", "id=<source>"),
    line("POST", "sources/calls/load_source_fields", "", "maop", "id=<source>&kind=issues.opened"),
    line("POST", "sources/calls/load_source_activity", "", "maop", "id=<source>&show=rejected"),
    line("POST", "sources/calls/rename_source", "", "aop", "id=<source>&name=Shop"),
    line("POST", "sources/calls/set_source_status", "", "aop", "id=<source>&status=disabled"),
    line("POST", "sources/calls/set_source_scheme", "", "aop", "id=<source>&form[scheme]=bearer&form[header]=x-token"),
    line("POST", "sources/calls/find_source_channels", "", "maop", "q=gen"),
    line("POST", "sources/calls/choose_source_channel", "", "aop", "id=<source>&channel=C1"),
    line("POST", "sources/calls/set_source_account", "", "aop", "id=<source>&account="),
    line("POST", "sources/calls/load_emails", "", "maop", "id=<source>&about=ada%40acme.test"),
    line("POST", "sources/calls/delete_source", "", "aop", "id=<source>"),
    line("POST", "sources/calls/rotate_source_token", "", "aop", "id=<source>"),
    line("POST", "sources/calls/rotate_source_secret", "", "aop", "id=<source>&secret="),
    line("POST", "sources/calls/take_source_secret", "", "nsmaoup", "id=none"),
    line("POST", "sources/calls/load_source_request", "", "maoup", "<source-and-request>"),
    line("POST", "sources/calls/replay_source_request", "", "aop", "request=<inbound-request>"),
    line("POST", "settings/calls/rename_org", "", "op", "name=<own-org-name>"),
    line("POST", "settings/calls/set_retention", "", "op", "payload_days=30&log_days="),
    line("POST", "settings/calls/set_integration", "", "p", "key=slack&is_included=true").answers(409),
    line("POST", "audit/calls/load_audit", "", "aop", ""),
    line("POST", "operator/calls/load_orgs", "", "up", ""),
    line("POST", "operator/calls/create_org", "", "p", "name=Initech"),
    line("POST", "account/calls/load_account", "", "maoup", ""),
    line("POST", "account/calls/rename", "", "maoup", "name=Grace"),
    line("POST", "account/calls/revoke_session", "", "maoup", "id=<own-session>"),
    line("POST", "account/calls/revoke_other_sessions", "", "maoup", ""),
    line(
        "POST",
        "account/calls/change_password",
        "",
        "maoup",
        "current=correct+horse+battery+staple&new=correct+horse+battery+staple",
    )
    .ends_session(),
];
