-- What the installation's staff must know. A table of its own: everything in `alerts` is an organization's, and every
-- statement about it says whose.
CREATE TABLE installation_alerts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT,
    seen_at BIGINT
);
CREATE UNIQUE INDEX installation_alerts_open ON installation_alerts (kind, target) WHERE closed_at IS NULL;
