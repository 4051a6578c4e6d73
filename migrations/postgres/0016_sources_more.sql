-- The account at the provider whose requests alone a source takes; any where none is set.
ALTER TABLE sources ADD COLUMN account TEXT;

-- The channels whose messages alone a source of Slack's tells, as a JSON list; all where none is chosen.
ALTER TABLE sources ADD COLUMN channels_json TEXT NOT NULL DEFAULT '[]';

-- What became of e-mail that was sent: one row for each thing that a provider told of a message and one of its recipients.
CREATE TABLE email_history (
    org_id TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    message_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    event_type TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    detail TEXT,
    PRIMARY KEY (source_id, message_id, recipient, request_id)
);
CREATE INDEX email_history_recipient ON email_history (source_id, recipient, happened_at);
CREATE INDEX email_history_age ON email_history (org_id, happened_at);
