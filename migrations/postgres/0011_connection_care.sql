-- The circuit breaker of a connection's calls: how many in a row were not answered, until when none goes out, and how long that
-- pause is.
ALTER TABLE connections ADD COLUMN call_failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN calls_resume_at BIGINT;
ALTER TABLE connections ADD COLUMN call_pause_ms BIGINT NOT NULL DEFAULT 0;

-- Which member somebody at a provider is, by that member's own consent.
CREATE TABLE linked_people (
    org_id TEXT COLLATE "C" NOT NULL,
    provider TEXT NOT NULL,
    account_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    person_name TEXT NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, provider, account_id, person_id)
);
CREATE INDEX linked_people_member ON linked_people (org_id, user_id);

-- Somebody at a provider who asked to be linked; the word that was sent to them is taken once.
CREATE TABLE link_requests (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    account_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    person_name TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX link_requests_person ON link_requests (provider, account_id, person_id);
CREATE INDEX link_requests_age ON link_requests (expires_at);
