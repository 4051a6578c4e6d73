INSERT INTO saved_views (id, org_id, name, name_key, query, created_by, created_at) VALUES
  ('view_00000000000000000000000001', 'org_00000000000000000000000001', 'Fehler in Köln', 'fehler in köln', 'status=failed&endpoint=Billing+sync&since=24h', 'usr_00000000000000000000000001', 1795356131000),
  ('view_00000000000000000000000002', 'org_00000000000000000000000002', 'Fehler in Köln', 'fehler in köln', 'code=500', 'key_00000000000000000000000001', 1795356132000);
