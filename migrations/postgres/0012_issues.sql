-- Issues at a tracker that events made: one for each subject of a rule. making_until is the lease of whoever makes it; state_json says
-- what the tracker had of its fields when it was last looked at, and what was last written from here.
CREATE TABLE linked_issues (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    endpoint_id TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    issue_id TEXT COLLATE "C",
    issue_key TEXT,
    url TEXT,
    summary TEXT NOT NULL,
    status_name TEXT,
    status_category TEXT,
    state_json TEXT NOT NULL,
    making_until BIGINT,
    is_deleted BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX linked_issues_subject ON linked_issues (endpoint_id, subject);
CREATE INDEX linked_issues_issue ON linked_issues (connection_id, issue_id);
CREATE INDEX linked_issues_org ON linked_issues (org_id, id);

-- Every step of keeping an issue in step, from either side.
CREATE TABLE sync_entries (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    linked_issue_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    direction TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    delivery_id TEXT COLLATE "C",
    event_id TEXT COLLATE "C"
);
CREATE INDEX sync_entries_issue ON sync_entries (linked_issue_id, id);

-- What a tracker told, stored before it is answered; the identifier is the same over its retries.
CREATE TABLE issue_webhooks (
    connection_id TEXT COLLATE "C" NOT NULL,
    identifier TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL,
    error TEXT,
    PRIMARY KEY (connection_id, identifier)
);
CREATE INDEX issue_webhooks_due ON issue_webhooks (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX issue_webhooks_age ON issue_webhooks (received_at);
