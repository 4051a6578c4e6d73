INSERT INTO nodes (id, role, address, version, started_at, last_seen_at, redis_answers) VALUES
  ('01kb1zr0000000000000000002', 'worker', '10.0.0.6:3000', '0.1.0', 1795356131000, 1795356139000, 1);

INSERT INTO org_integrations (org_id, integration, created_at) VALUES
  ('org_00000000000000000000000001', 'jira', 1795356131000);
