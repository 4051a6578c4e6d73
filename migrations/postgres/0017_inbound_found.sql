-- What came in is found by its words, like what goes out. unindexed_at says since when a request waits for the index; those that were
-- there before wait since ever.
ALTER TABLE inbound_requests ADD COLUMN unindexed_at BIGINT DEFAULT 0;
CREATE INDEX inbound_requests_unindexed ON inbound_requests (unindexed_at) WHERE unindexed_at IS NOT NULL;

CREATE TABLE inbound_search_docs (
    org_id TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (org_id, request_id)
);
CREATE INDEX inbound_search_docs_words ON inbound_search_docs USING gin (words);

-- How many recipients an event named: where there are several, nobody says whom it is about.
ALTER TABLE email_history ADD COLUMN recipients BIGINT NOT NULL DEFAULT 1;
UPDATE email_history SET recipients = (SELECT COUNT(*) FROM email_history o
  WHERE o.source_id = email_history.source_id AND o.message_id = email_history.message_id AND o.request_id = email_history.request_id);
