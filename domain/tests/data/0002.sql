INSERT INTO endpoint_versions (org_id, endpoint_id, version, created_at, actor_name, changes_json, name, url, event_types_json, timeout_ms, retry_json, rate_limit_per_minute, sealed_headers, controls_json, sealed_auth) VALUES
  ('org_00000000000000000000000001', 'ep_00000000000000000000000001', 2, 1795356133000, 'dana@acme.example', '["filter"]', 'Billing', 'https://hooks.acme.example/billing', '["invoice.*"]', 10000, '"standard"', 100, NULL, '{"filter":{"path":"data.amount","gt":1000}}', x'0a0b');

INSERT INTO endpoint_failures (endpoint_id, org_id, failures, first_at, last_at, open_until, pause_ms, probe_until) VALUES
  ('ep_00000000000000000000000001', 'org_00000000000000000000000001', 7, 1795356133000, 1795356139000, 1795356199000, 60000, NULL);

INSERT INTO alerts (id, org_id, kind, target, message, created_at, closed_at, seen_at) VALUES
  ('alr_00000000000000000000000001', 'org_00000000000000000000000001', 'endpoint_failing', 'ep_00000000000000000000000001', 'Billing failed 50 times in a row.', 1795356139000, NULL, NULL),
  ('alr_00000000000000000000000002', 'org_00000000000000000000000001', 'endpoint_failing', 'ep_00000000000000000000000001', 'Billing failed 50 times in a row.', 1795356139000, 1795356140000, 1795356139500);

INSERT INTO replays (id, org_id, created_at, actor_name, state, query_json, settings, skip_delivered, rate_per_minute, expected, made, excluded, cursor, due_at, updated_at, finished_at) VALUES
  ('rpl_00000000000000000000000001', 'org_00000000000000000000000001', 1795356139000, 'dana@acme.example', 'running', '{"status":"failed"}', 'now', 1, 600, 12, 3, 1, 'dlv_00000000000000000000000001', 1795356140000, 1795356139500, NULL),
  ('rpl_00000000000000000000000002', 'org_00000000000000000000000001', 1795356139000, 'Shop', 'finished', '{}', 'then', 0, NULL, 2, 2, 0, NULL, NULL, 1795356139500, 1795356139500);
