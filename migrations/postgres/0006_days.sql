-- What is big and written once (events, attempts, the search index) is cut into UTC days of the delivery's or event's id, so that a day
-- that nobody keeps is dropped whole. What was there before becomes one part of its own; what fits no day goes to `…_other`.
ALTER TABLE events RENAME TO events_old;
ALTER INDEX events_pkey RENAME TO events_old_pkey;
ALTER INDEX events_undispatched RENAME TO events_old_undispatched;
CREATE TABLE events (LIKE events_old, PRIMARY KEY (org_id, id)) PARTITION BY RANGE (id);
CREATE INDEX events_undispatched ON events (id) WHERE dispatched_at IS NULL;
CREATE TABLE events_other PARTITION OF events DEFAULT;

ALTER TABLE attempts RENAME TO attempts_old;
ALTER INDEX attempts_pkey RENAME TO attempts_old_pkey;
CREATE TABLE attempts (LIKE attempts_old, PRIMARY KEY (org_id, delivery_id, id)) PARTITION BY RANGE (delivery_id);
CREATE TABLE attempts_other PARTITION OF attempts DEFAULT;

ALTER TABLE search_docs RENAME TO search_docs_old;
ALTER INDEX search_docs_pkey RENAME TO search_docs_old_pkey;
ALTER INDEX search_docs_words RENAME TO search_docs_old_words;
CREATE TABLE search_docs (LIKE search_docs_old, PRIMARY KEY (org_id, delivery_id)) PARTITION BY RANGE (delivery_id);
CREATE INDEX search_docs_words ON search_docs USING gin (words);
CREATE TABLE search_docs_other PARTITION OF search_docs DEFAULT;

DO $$
DECLARE
    part RECORD;
    newest TEXT;
    midnight BIGINT;
    number BIGINT;
    bound TEXT;
    whole TEXT;
BEGIN
    FOR part IN SELECT * FROM (VALUES ('events', 'id', 'evt_'), ('attempts', 'delivery_id', 'dlv_'), ('search_docs', 'delivery_id', 'dlv_')) AS v (name, id, prefix) LOOP
        EXECUTE format('SELECT MAX(%I) FROM %I', part.id, part.name || '_old') INTO newest;
        IF newest IS NULL THEN
            EXECUTE format('DROP TABLE %I', part.name || '_old');
            CONTINUE;
        END IF;
        -- The first midnight that lies after now and after every id: ten digits of base 32 hold the time.
        midnight := EXTRACT(EPOCH FROM clock_timestamp())::BIGINT / 86400 * 86400000;
        LOOP
            midnight := midnight + 86400000;
            number := midnight;
            bound := '';
            FOR place IN 1..10 LOOP
                bound := substr('0123456789abcdefghjkmnpqrstvwxyz', (number & 31)::INT + 1, 1) || bound;
                number := number >> 5;
            END LOOP;
            bound := part.prefix || bound || repeat('0', 16);
            EXIT WHEN newest COLLATE "C" < bound COLLATE "C";
        END LOOP;
        whole := part.name || '_until_' || to_char(to_timestamp(midnight / 1000) AT TIME ZONE 'UTC', 'YYYYMMDD');
        EXECUTE format('ALTER TABLE %I RENAME TO %I', part.name || '_old', whole);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)', part.name, whole, bound);
    END LOOP;
END
$$;
