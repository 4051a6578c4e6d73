-- Queries of the delivery log that an organization keeps under a name.
CREATE TABLE saved_views (
    id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    -- The name in lower case, which is taken once.
    name_key TEXT NOT NULL,
    -- The part of the log's address behind the question mark.
    query TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX saved_views_name ON saved_views (org_id, name_key);
