-- Keys that secrets are sealed with, each sealed in turn ("wrapped") by the master key. Those of an organization seal what is its
-- own, the newest whose seals_from has come; without an organization it is the installation's. reseal_at says when what older keys
-- have sealed is sealed anew, and is the claim of whoever does it; retired_at stands where nothing was left for a key to open.
CREATE TABLE data_keys (
    key_id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" REFERENCES orgs (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    wrapped_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seals_from BIGINT NOT NULL,
    reseal_at BIGINT,
    retired_at BIGINT
);
CREATE UNIQUE INDEX data_keys_org ON data_keys (org_id, number);
CREATE INDEX data_keys_created ON data_keys (created_at);
CREATE INDEX data_keys_wrapped ON data_keys (wrapped_by, key_id);
CREATE INDEX data_keys_reseal ON data_keys (reseal_at) WHERE reseal_at IS NOT NULL;
CREATE INDEX data_keys_retired ON data_keys (retired_at) WHERE retired_at IS NOT NULL;

-- The name of the workspace that a channel is in, where its connection is for several.
ALTER TABLE channels ADD COLUMN workspace TEXT;
