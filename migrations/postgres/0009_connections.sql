-- Authorised accounts at third parties; tokens are sealed. refresh_at, check_at and sync_at say when a worker looks after it; looking
-- moves them on, which is the lease. refresh_sent_at stands while a refresh token that may be used once is out.
CREATE TABLE connections (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    provider TEXT NOT NULL,
    account_id TEXT NOT NULL,
    account_name TEXT NOT NULL,
    account_json TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    problem TEXT,
    limited_until BIGINT,
    scopes_json TEXT NOT NULL,
    sealed_tokens BYTEA,
    expires_at BIGINT,
    refresh_at BIGINT,
    refresh_sent_at BIGINT,
    refreshed_at BIGINT,
    refresh_count BIGINT NOT NULL,
    check_at BIGINT,
    checked_at BIGINT,
    check_us BIGINT,
    sync_at BIGINT,
    sync_cursor TEXT,
    sync_began_at BIGINT,
    synced_at BIGINT,
    default_channel_id TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX connections_org ON connections (org_id, id);
CREATE UNIQUE INDEX connections_account ON connections (org_id, provider, account_id) WHERE deleted_at IS NULL;
CREATE INDEX connections_workspace ON connections (provider, account_id) WHERE deleted_at IS NULL;
CREATE INDEX connections_refresh ON connections (refresh_at) WHERE refresh_at IS NOT NULL;
CREATE INDEX connections_check ON connections (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX connections_sync ON connections (sync_at) WHERE sync_at IS NOT NULL;

-- A browser that was sent to a provider to consent; taken once when it comes back.
CREATE TABLE connection_flows (
    state_hash TEXT NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    provider TEXT NOT NULL,
    connection_id TEXT COLLATE "C",
    sealed_verifier BYTEA,
    expires_at BIGINT NOT NULL
);
CREATE INDEX connection_flows_age ON connection_flows (expires_at);

-- The places behind a connection that messages can go to, as last seen at the provider.
CREATE TABLE channels (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    connection_id TEXT COLLATE "C" NOT NULL,
    provider_id TEXT NOT NULL,
    name TEXT NOT NULL,
    topic TEXT NOT NULL,
    members BIGINT,
    private BIGINT NOT NULL,
    joined BIGINT NOT NULL,
    archived BIGINT NOT NULL,
    state TEXT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX channels_provider ON channels (connection_id, provider_id);

-- What was asked of a provider beside deliveries; bodies without secrets, cut.
CREATE TABLE connection_calls (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    connection_id TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    operation TEXT NOT NULL,
    code BIGINT,
    error TEXT,
    duration_us BIGINT NOT NULL,
    request TEXT NOT NULL,
    response TEXT NOT NULL
);
CREATE INDEX connection_calls_connection ON connection_calls (connection_id, id);
