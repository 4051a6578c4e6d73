-- How deliveries do, counted per endpoint and hour behind the hot path, and what waits.

-- What of a delivery is counted already: absent until it is counted for the first time.
ALTER TABLE deliveries ADD COLUMN counted_status TEXT;
ALTER TABLE deliveries ADD COLUMN counted_attempts INTEGER;
-- What ended and is indexed never changes again and is counted below; the rest is counted as it is now and goes on from there.
UPDATE deliveries SET counted_status = status, counted_attempts = attempt_count WHERE finished_at IS NULL OR unindexed_at IS NOT NULL;

-- One row per endpoint and hour, and one with empty ids for the hour of the whole installation. What arrived within a time
-- is counted in every longer one as well.
CREATE TABLE health_hours (
    org_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    hour_at INTEGER NOT NULL,
    created INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    latency_ms INTEGER NOT NULL,
    within_100_ms INTEGER NOT NULL,
    within_500_ms INTEGER NOT NULL,
    within_2_s INTEGER NOT NULL,
    within_5_s INTEGER NOT NULL,
    within_60_s INTEGER NOT NULL,
    PRIMARY KEY (org_id, endpoint_id, hour_at)
) STRICT;
CREATE INDEX health_hours_hour ON health_hours (hour_at);
CREATE INDEX health_hours_failing ON health_hours (hour_at, org_id, endpoint_id) WHERE failures > 0;

INSERT INTO health_hours (org_id, endpoint_id, hour_at, created, delivered, failed, dropped, attempts, retries, failures, latency_ms,
    within_100_ms, within_500_ms, within_2_s, within_5_s, within_60_s)
SELECT org_id, endpoint_id, hour_at, SUM(created), SUM(delivered), SUM(failed), SUM(dropped), SUM(attempts), SUM(retries), SUM(failures),
    SUM(delivered * ms), SUM(CASE WHEN ms <= 100 THEN delivered ELSE 0 END), SUM(CASE WHEN ms <= 500 THEN delivered ELSE 0 END),
    SUM(CASE WHEN ms <= 2000 THEN delivered ELSE 0 END), SUM(CASE WHEN ms <= 5000 THEN delivered ELSE 0 END),
    SUM(CASE WHEN ms <= 60000 THEN delivered ELSE 0 END)
FROM (
    SELECT org_id, endpoint_id, created_at - created_at % 3600000 AS hour_at, 1 AS created, 0 AS delivered, 0 AS failed, 0 AS dropped,
        0 AS attempts, 0 AS retries, 0 AS failures, 0 AS ms
    FROM deliveries
    UNION ALL
    SELECT org_id, endpoint_id, COALESCE(finished_at, updated_at) - COALESCE(finished_at, updated_at) % 3600000, 0,
        CASE WHEN status = 'delivered' THEN 1 ELSE 0 END,
        CASE WHEN status = 'failed' AND attempt_count > 0 THEN 1 ELSE 0 END,
        CASE WHEN status = 'skipped' OR (status = 'failed' AND attempt_count = 0) THEN 1 ELSE 0 END,
        attempt_count,
        CASE WHEN attempt_count > 1 THEN attempt_count - 1 ELSE 0 END,
        CASE WHEN status IN ('delivered', 'skipped') AND attempt_count > 0 THEN attempt_count - 1 ELSE attempt_count END,
        CASE WHEN finished_at > created_at THEN finished_at - created_at ELSE 0 END
    FROM deliveries
) m GROUP BY org_id, endpoint_id, hour_at;

INSERT INTO health_hours (org_id, endpoint_id, hour_at, created, delivered, failed, dropped, attempts, retries, failures, latency_ms,
    within_100_ms, within_500_ms, within_2_s, within_5_s, within_60_s)
SELECT '', '', hour_at, SUM(created), SUM(delivered), SUM(failed), SUM(dropped), SUM(attempts), SUM(retries), SUM(failures), SUM(latency_ms),
    SUM(within_100_ms), SUM(within_500_ms), SUM(within_2_s), SUM(within_5_s), SUM(within_60_s)
FROM health_hours GROUP BY hour_at;

-- What an endpoint's deliveries wait for, when one last changed, and how the last attempt that failed ended.
CREATE TABLE endpoint_queues (
    org_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    pending INTEGER NOT NULL,
    retrying INTEGER NOT NULL,
    paused INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    last_failed_at INTEGER,
    last_code INTEGER,
    last_error TEXT,
    PRIMARY KEY (org_id, endpoint_id)
) STRICT;

INSERT INTO endpoint_queues (org_id, endpoint_id, pending, retrying, paused, last_at)
SELECT org_id, endpoint_id, SUM(CASE WHEN status = 'pending' THEN 1 ELSE 0 END), SUM(CASE WHEN status = 'retrying' THEN 1 ELSE 0 END),
    SUM(CASE WHEN status = 'paused' THEN 1 ELSE 0 END), MAX(updated_at)
FROM deliveries GROUP BY org_id, endpoint_id;
