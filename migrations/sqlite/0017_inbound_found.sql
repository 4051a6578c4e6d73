-- What came in is found by its words, like what goes out. unindexed_at says since when a request waits for the index; those that were
-- there before wait since ever.
ALTER TABLE inbound_requests ADD COLUMN unindexed_at INTEGER DEFAULT 0;
CREATE INDEX inbound_requests_unindexed ON inbound_requests (unindexed_at) WHERE unindexed_at IS NOT NULL;

CREATE TABLE inbound_search_docs (
    doc INTEGER NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    request_id TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX inbound_search_docs_request ON inbound_search_docs (org_id, request_id);
CREATE VIRTUAL TABLE inbound_search_words USING fts5 (org, words, content = '', contentless_delete = 1, detail = 'column', tokenize = 'unicode61 remove_diacritics 0');

-- How many recipients an event named: where there are several, nobody says whom it is about.
ALTER TABLE email_history ADD COLUMN recipients INTEGER NOT NULL DEFAULT 1;
UPDATE email_history SET recipients = (SELECT COUNT(*) FROM email_history o
  WHERE o.source_id = email_history.source_id AND o.message_id = email_history.message_id AND o.request_id = email_history.request_id);
