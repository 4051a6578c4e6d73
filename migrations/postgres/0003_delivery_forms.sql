-- The queue of an endpoint whose receiver fetches its deliveries (waits_for is `pull`): order_number is then a place in it.
-- number is the last one given; it never goes back, so that a cursor is one for ever.
CREATE TABLE pull_queues (
    endpoint_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    -- Set while the endpoint is pushed to.
    closed_at BIGINT
);
CREATE INDEX deliveries_pull ON deliveries (endpoint_id, order_number) WHERE waits_for = 'pull';
