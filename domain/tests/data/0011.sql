UPDATE connections SET call_failures = 6, calls_resume_at = 1795356191000, call_pause_ms = 60000 WHERE id = 'con_00000000000000000000000001';

INSERT INTO linked_people (org_id, provider, account_id, person_id, person_name, user_id, created_at) VALUES
  ('org_00000000000000000000000001', 'slack', 'T0001', 'U0001', 'Dana', 'usr_00000000000000000000000001', 1795356131000);

INSERT INTO link_requests (token_hash, provider, account_id, person_id, person_name, expires_at) VALUES
  (x'01ee', 'slack', 'T0001', 'U0002', 'Grace', 1795357031000);
