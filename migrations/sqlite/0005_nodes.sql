-- The processes that share this database; with SQLite that is one, which does not list itself.
CREATE TABLE nodes (
    id TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    address TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT;
