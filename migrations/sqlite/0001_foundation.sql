-- Times are Unix milliseconds, ids are prefixed sortable text, flags are nullable times.

CREATE TABLE orgs (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    operator_role TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE memberships (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, user_id)
) STRICT;
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    invited_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX invitations_token ON invitations (token_hash);
CREATE INDEX invitations_org ON invitations (org_id, id);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    org_id TEXT REFERENCES orgs (id),
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    user_agent TEXT,
    ip TEXT
) STRICT;
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id);

-- Failed tries by name (`email:…`, `ip:…`), for throttling.
CREATE TABLE throttles (
    name TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    first_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT REFERENCES orgs (id),
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX api_keys_token ON api_keys (token_hash);
CREATE INDEX api_keys_org ON api_keys (org_id, id);

CREATE TABLE audit_entries (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT,
    created_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT,
    note TEXT,
    ip TEXT
) STRICT;
CREATE INDEX audit_entries_org ON audit_entries (org_id, id);

CREATE TABLE event_types (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    schema_json TEXT,
    sample_json TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_types_name ON event_types (org_id, name);

CREATE TABLE inboxes (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    token TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX inboxes_org ON inboxes (org_id);
CREATE UNIQUE INDEX inboxes_token ON inboxes (token);

CREATE TABLE inbox_requests (
    id TEXT NOT NULL PRIMARY KEY,
    inbox_id TEXT NOT NULL REFERENCES inboxes (id),
    received_at INTEGER NOT NULL,
    method TEXT NOT NULL,
    headers_json TEXT NOT NULL,
    body TEXT NOT NULL,
    verified INTEGER
) STRICT;
CREATE INDEX inbox_requests_inbox ON inbox_requests (inbox_id, id);

CREATE TABLE endpoints (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    event_types_json TEXT NOT NULL,
    status TEXT NOT NULL,
    disabled_reason TEXT,
    timeout_ms INTEGER NOT NULL,
    retry_json TEXT NOT NULL,
    rate_limit_per_minute INTEGER,
    sealed_headers BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;
CREATE INDEX endpoints_org ON endpoints (org_id, id);

CREATE TABLE signing_secrets (
    endpoint_id TEXT NOT NULL REFERENCES endpoints (id),
    created_at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    hint TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (endpoint_id, created_at)
) STRICT;

-- The event log, and the outbox: an event without dispatched_at has no deliveries yet.
CREATE TABLE events (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    source TEXT NOT NULL,
    caller_id TEXT,
    idempotency_key TEXT,
    ordering_key TEXT,
    channels TEXT,
    occurred_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    dispatched_at INTEGER,
    data TEXT NOT NULL,
    PRIMARY KEY (org_id, id)
) STRICT;
CREATE INDEX events_undispatched ON events (id) WHERE dispatched_at IS NULL;

CREATE TABLE idempotency_keys (
    org_id TEXT NOT NULL,
    name TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- due_at is when anybody may claim the delivery; a claim moves it to the end of the lease.
CREATE TABLE deliveries (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    status TEXT NOT NULL,
    cause TEXT NOT NULL,
    attempt_count INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    due_at INTEGER,
    next_attempt_at INTEGER,
    last_code INTEGER,
    last_error TEXT,
    last_duration_us INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    finished_at INTEGER,
    replay_of TEXT,
    unindexed_at INTEGER,
    PRIMARY KEY (org_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_event ON deliveries (event_id);
CREATE INDEX deliveries_endpoint ON deliveries (endpoint_id, id);
CREATE INDEX deliveries_failed ON deliveries (org_id, id) WHERE status = 'failed';
CREATE INDEX deliveries_unindexed ON deliveries (unindexed_at) WHERE unindexed_at IS NOT NULL;

CREATE TABLE attempts (
    org_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    code INTEGER,
    error_class TEXT,
    error TEXT,
    dns_us INTEGER,
    connect_us INTEGER,
    tls_us INTEGER,
    first_byte_us INTEGER,
    total_us INTEGER NOT NULL,
    remote TEXT,
    tls TEXT,
    url TEXT NOT NULL,
    request_headers TEXT NOT NULL,
    response_headers TEXT NOT NULL,
    response_truncated INTEGER NOT NULL,
    response_body BLOB,
    PRIMARY KEY (org_id, delivery_id, id)
) STRICT;

-- Full text: one document per delivery, rewritten when the delivery changes, behind the hot path.
CREATE TABLE search_docs (
    doc INTEGER NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX search_docs_delivery ON search_docs (org_id, delivery_id);
CREATE VIRTUAL TABLE search_words USING fts5 (org, words, content = '', contentless_delete = 1, detail = 'column', tokenize = 'unicode61 remove_diacritics 0');
