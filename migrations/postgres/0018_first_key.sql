-- The installation has one key of each number, too: for the index on (org_id, number), no organization differed from none. Nodes that
-- were first at the same time have made several; each stays, since it has sealed something, and the later ones get numbers of their own.
UPDATE data_keys SET number = (SELECT COUNT(*) FROM data_keys o
  WHERE o.org_id IS NULL AND (o.created_at, o.key_id) <= (data_keys.created_at, data_keys.key_id)) WHERE org_id IS NULL;
CREATE UNIQUE INDEX data_keys_installation ON data_keys (number) WHERE org_id IS NULL;
