-- Issues at a tracker that events made: one for each subject of a rule. making_until is the lease of whoever makes it; state_json says
-- what the tracker had of its fields when it was last looked at, and what was last written from here.
CREATE TABLE linked_issues (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    issue_id TEXT,
    issue_key TEXT,
    url TEXT,
    summary TEXT NOT NULL,
    status_name TEXT,
    status_category TEXT,
    state_json TEXT NOT NULL,
    making_until INTEGER,
    is_deleted INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX linked_issues_subject ON linked_issues (endpoint_id, subject);
CREATE INDEX linked_issues_issue ON linked_issues (connection_id, issue_id);
CREATE INDEX linked_issues_org ON linked_issues (org_id, id);

-- Every step of keeping an issue in step, from either side.
CREATE TABLE sync_entries (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    linked_issue_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    direction TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    delivery_id TEXT,
    event_id TEXT
) STRICT;
CREATE INDEX sync_entries_issue ON sync_entries (linked_issue_id, id);

-- What a tracker told, stored before it is answered; the identifier is the same over its retries.
CREATE TABLE issue_webhooks (
    connection_id TEXT NOT NULL,
    identifier TEXT NOT NULL,
    org_id TEXT NOT NULL,
    body BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    due_at INTEGER,
    attempts INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (connection_id, identifier)
) STRICT;
CREATE INDEX issue_webhooks_due ON issue_webhooks (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX issue_webhooks_age ON issue_webhooks (received_at);
