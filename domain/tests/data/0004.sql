INSERT INTO health_hours (org_id, endpoint_id, hour_at, created, delivered, failed, dropped, attempts, retries, failures, latency_ms, within_100_ms, within_500_ms, within_2_s, within_5_s, within_60_s) VALUES
  ('org_00000000000000000000000001', 'ep_00000000000000000000000001', 1795359600000, 12, 10, 1, 1, 14, 3, 4, 5120, 6, 8, 9, 9, 10),
  ('', '', 1795359600000, 12, 10, 1, 1, 14, 3, 4, 5120, 6, 8, 9, 9, 10);

INSERT INTO endpoint_queues (org_id, endpoint_id, pending, retrying, paused, last_at, last_failed_at, last_code, last_error) VALUES
  ('org_00000000000000000000000009', 'ep_00000000000000000000000009', 3, 1, 2, 1795359601000, 1795359601000, 503, 'http');
