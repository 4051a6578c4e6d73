-- What an endpoint may set beyond the basics, every version it had, and how it is doing.

ALTER TABLE endpoints ADD COLUMN controls_json TEXT NOT NULL DEFAULT '{}';
ALTER TABLE endpoints ADD COLUMN sealed_auth BYTEA;
ALTER TABLE endpoints ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Set for an Ed25519 key; without it, it is a shared secret.
ALTER TABLE signing_secrets ADD COLUMN public_key TEXT;

-- One row per change: the endpoint as it was from then on. Signing secrets are not part of it.
CREATE TABLE endpoint_versions (
    org_id TEXT COLLATE "C" NOT NULL,
    endpoint_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    actor_name TEXT NOT NULL,
    changes_json TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    event_types_json TEXT NOT NULL,
    timeout_ms BIGINT NOT NULL,
    retry_json TEXT NOT NULL,
    rate_limit_per_minute BIGINT,
    sealed_headers BYTEA,
    controls_json TEXT NOT NULL,
    sealed_auth BYTEA,
    PRIMARY KEY (org_id, endpoint_id, version)
);
INSERT INTO endpoint_versions (org_id, endpoint_id, version, created_at, actor_name, changes_json, name, url, event_types_json, timeout_ms,
    retry_json, rate_limit_per_minute, sealed_headers, controls_json, sealed_auth)
SELECT org_id, id, 1, updated_at, 'System', '[]', name, url, event_types_json, timeout_ms, retry_json, rate_limit_per_minute, sealed_headers, '{}', NULL
FROM endpoints WHERE deleted_at IS NULL;

-- Failures in a row; there is a row only while there are any.
CREATE TABLE endpoint_failures (
    endpoint_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    failures BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    open_until BIGINT,
    pause_ms BIGINT,
    probe_until BIGINT
);
CREATE INDEX endpoint_failures_org ON endpoint_failures (org_id);

-- waits_for says why a delivery that is not finished does not go: `breaker`, `order`.
ALTER TABLE deliveries ADD COLUMN waits_for TEXT;
ALTER TABLE deliveries ADD COLUMN ordering_key TEXT;
ALTER TABLE deliveries ADD COLUMN order_number BIGINT;
-- The version of the endpoint it is sent to, where that is not the newest.
ALTER TABLE deliveries ADD COLUMN endpoint_version BIGINT;
CREATE INDEX deliveries_held ON deliveries (endpoint_id, waits_for, id) WHERE waits_for IS NOT NULL;
CREATE INDEX deliveries_paused ON deliveries (endpoint_id, id) WHERE status = 'paused';
CREATE INDEX deliveries_order ON deliveries (endpoint_id, ordering_key, order_number) WHERE ordering_key IS NOT NULL AND finished_at IS NULL;

ALTER TABLE attempts ADD COLUMN endpoint_version BIGINT;
-- What was sent, where a transformation made it differ from the event's own body.
ALTER TABLE attempts ADD COLUMN request_body TEXT;

-- Something people must know: open until it is over.
CREATE TABLE alerts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT,
    seen_at BIGINT
);
CREATE INDEX alerts_org ON alerts (org_id, id);
CREATE UNIQUE INDEX alerts_open ON alerts (org_id, kind, target) WHERE closed_at IS NULL;

-- A replay of many deliveries, done in pieces; cursor is the last delivery that was looked at.
CREATE TABLE replays (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    actor_name TEXT NOT NULL,
    state TEXT NOT NULL,
    query_json TEXT NOT NULL,
    settings TEXT NOT NULL,
    skip_delivered BIGINT NOT NULL,
    rate_per_minute BIGINT,
    expected BIGINT NOT NULL,
    made BIGINT NOT NULL,
    excluded BIGINT NOT NULL,
    cursor TEXT COLLATE "C",
    due_at BIGINT,
    updated_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX replays_org ON replays (org_id, id);
CREATE INDEX replays_due ON replays (due_at) WHERE due_at IS NOT NULL;

-- How long payloads and log rows are kept, in days; for ever when absent. Payloads before payload_swept_to are erased.
ALTER TABLE orgs ADD COLUMN payload_days BIGINT;
ALTER TABLE orgs ADD COLUMN log_days BIGINT;
ALTER TABLE orgs ADD COLUMN payload_swept_to BIGINT;
-- When the payload was erased, by age or on request.
ALTER TABLE events ADD COLUMN erased_at BIGINT;
