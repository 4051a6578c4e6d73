INSERT INTO events (org_id, id, event_type, source, occurred_at, created_at, dispatched_at, data) VALUES
  ('org_00000000000000000000000001', 'evt_7zzzzzzzzz0000000000000006', 'order.created', 'api', 1795356131000, 1795356131000, 1795356131000, '{"order":"ord_6"}');
