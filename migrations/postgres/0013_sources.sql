-- Addresses of ours that providers post to. The token in an address is found by its hash; the one before it is taken until its end.
CREATE TABLE sources (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    scheme_json TEXT NOT NULL,
    sealed_token BYTEA NOT NULL,
    token_hash BYTEA NOT NULL,
    previous_token_hash BYTEA,
    previous_token_until BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sources_token ON sources (token_hash);
CREATE UNIQUE INDEX sources_previous_token ON sources (previous_token_hash) WHERE previous_token_hash IS NOT NULL;
CREATE INDEX sources_org ON sources (org_id, id);

-- What its requests are verified with. One without an end is the newest.
CREATE TABLE source_secrets (
    source_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    hint TEXT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (source_id, created_at)
);

-- Every request that came, stored before it is answered. due_at says when it is handled next and is the claim of whoever handles it;
-- is_again stands while it is handled once more because somebody asked for it.
CREATE TABLE inbound_requests (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    ip TEXT,
    size BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    cause TEXT,
    cause_text TEXT,
    base_string_json TEXT,
    provider_event_id TEXT COLLATE "C",
    provider_event_type TEXT,
    duplicate_of TEXT COLLATE "C",
    state TEXT NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL,
    is_again BIGINT NOT NULL,
    error TEXT,
    outcomes_json TEXT NOT NULL,
    processed_at BIGINT,
    erased_at BIGINT,
    headers_json TEXT NOT NULL,
    body BYTEA
);
CREATE INDEX inbound_requests_org ON inbound_requests (org_id, id);
CREATE INDEX inbound_requests_source ON inbound_requests (source_id, verdict, id);
CREATE INDEX inbound_requests_due ON inbound_requests (due_at) WHERE due_at IS NOT NULL;

-- What makes an event of a provider the same when it comes again, as a hash.
CREATE TABLE inbound_keys (
    source_id TEXT COLLATE "C" NOT NULL,
    key_hash BYTEA NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (source_id, key_hash)
);
CREATE INDEX inbound_keys_age ON inbound_keys (seen_at);

-- The newest that was told of each subject, by which late news is known.
CREATE TABLE inbound_subjects (
    source_id TEXT COLLATE "C" NOT NULL,
    subject_hash BYTEA NOT NULL,
    version BIGINT NOT NULL,
    is_ended BIGINT NOT NULL,
    data TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (source_id, subject_hash)
);
CREATE INDEX inbound_subjects_age ON inbound_subjects (seen_at);
