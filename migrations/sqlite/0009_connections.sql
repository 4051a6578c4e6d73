-- Authorised accounts at third parties; tokens are sealed. refresh_at, check_at and sync_at say when a worker looks after it; looking
-- moves them on, which is the lease. refresh_sent_at stands while a refresh token that may be used once is out.
CREATE TABLE connections (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    account_id TEXT NOT NULL,
    account_name TEXT NOT NULL,
    account_json TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    problem TEXT,
    limited_until INTEGER,
    scopes_json TEXT NOT NULL,
    sealed_tokens BLOB,
    expires_at INTEGER,
    refresh_at INTEGER,
    refresh_sent_at INTEGER,
    refreshed_at INTEGER,
    refresh_count INTEGER NOT NULL,
    check_at INTEGER,
    checked_at INTEGER,
    check_us INTEGER,
    sync_at INTEGER,
    sync_cursor TEXT,
    sync_began_at INTEGER,
    synced_at INTEGER,
    default_channel_id TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;
CREATE INDEX connections_org ON connections (org_id, id);
CREATE UNIQUE INDEX connections_account ON connections (org_id, provider, account_id) WHERE deleted_at IS NULL;
CREATE INDEX connections_workspace ON connections (provider, account_id) WHERE deleted_at IS NULL;
CREATE INDEX connections_refresh ON connections (refresh_at) WHERE refresh_at IS NOT NULL;
CREATE INDEX connections_check ON connections (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX connections_sync ON connections (sync_at) WHERE sync_at IS NOT NULL;

-- A browser that was sent to a provider to consent; taken once when it comes back.
CREATE TABLE connection_flows (
    state_hash TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    connection_id TEXT,
    sealed_verifier BLOB,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX connection_flows_age ON connection_flows (expires_at);

-- The places behind a connection that messages can go to, as last seen at the provider.
CREATE TABLE channels (
    id TEXT NOT NULL PRIMARY KEY,
    connection_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    name TEXT NOT NULL,
    topic TEXT NOT NULL,
    members INTEGER,
    private INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    state TEXT NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX channels_provider ON channels (connection_id, provider_id);

-- What was asked of a provider beside deliveries; bodies without secrets, cut.
CREATE TABLE connection_calls (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    operation TEXT NOT NULL,
    code INTEGER,
    error TEXT,
    duration_us INTEGER NOT NULL,
    request TEXT NOT NULL,
    response TEXT NOT NULL
) STRICT;
CREATE INDEX connection_calls_connection ON connection_calls (connection_id, id);
