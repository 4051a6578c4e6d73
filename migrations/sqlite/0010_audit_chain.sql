-- The audit log becomes a chain of hashes per organization; lines without an organization have a chain of their own. Lines from before
-- have neither sequence nor hash. audit_heads has the end of each chain: whoever adds to one locks its row, as the last thing before a commit.
ALTER TABLE audit_entries ADD COLUMN acted_as TEXT;
ALTER TABLE audit_entries ADD COLUMN sequence INTEGER;
ALTER TABLE audit_entries ADD COLUMN previous_hash TEXT;
ALTER TABLE audit_entries ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_entries_sequence ON audit_entries (org_id, sequence) WHERE sequence IS NOT NULL;

CREATE TABLE audit_heads (
    chain TEXT NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;
