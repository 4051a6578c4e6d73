-- Whether Redis answers a node (1) or not (0): its limits hold only while it answers every node that delivers.
ALTER TABLE nodes ADD COLUMN redis_answers INTEGER NOT NULL DEFAULT 0;

-- Which of the integrations that the operator keeps for certain plans an organization may connect.
CREATE TABLE org_integrations (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    integration TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, integration)
) STRICT;
