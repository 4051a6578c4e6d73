-- Queries of the delivery log that an organization keeps under a name.
CREATE TABLE saved_views (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    -- The name in lower case, which is taken once.
    name_key TEXT COLLATE "C" NOT NULL,
    -- The part of the log's address behind the question mark.
    query TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX saved_views_name ON saved_views (org_id, name_key);
