-- The circuit breaker of a connection's calls: how many in a row were not answered, until when none goes out, and how long that
-- pause is.
ALTER TABLE connections ADD COLUMN call_failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN calls_resume_at BIGINT;
ALTER TABLE connections ADD COLUMN call_pause_ms BIGINT NOT NULL DEFAULT 0;
