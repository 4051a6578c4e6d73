INSERT INTO connections (id, org_id, provider, account_id, account_name, account_json, name, status, problem, limited_until, scopes_json, sealed_tokens, expires_at, refresh_at, refresh_sent_at, refreshed_at, refresh_count, check_at, checked_at, check_us, sync_at, sync_cursor, sync_began_at, synced_at, default_channel_id, created_by, created_at, updated_at, deleted_at) VALUES
  ('con_00000000000000000000000001', 'org_00000000000000000000000001', 'slack', 'T0001', 'Acme', '{"team":{"id":"T0001"}}', 'Acme', 'healthy', NULL, NULL, '["chat:write"]', x'01aa', 1795399331000, 1795390691000, NULL, 1795356131000, 1, 1795359731000, 1795356131000, 41200, 1795359731000, NULL, NULL, 1795356131000, 'C0001', 'dana@acme.example', 1795356131000, 1795356131000, NULL);

INSERT INTO connection_flows (state_hash, org_id, user_id, session_id, provider, connection_id, sealed_verifier, expires_at) VALUES
  ('dd01', 'org_00000000000000000000000001', 'usr_00000000000000000000000001', 'ses_00000000000000000000000001', 'slack', NULL, NULL, 1795356731000);

INSERT INTO channels (id, connection_id, provider_id, name, topic, members, private, joined, archived, state, seen_at) VALUES
  ('chn_00000000000000000000000001', 'con_00000000000000000000000001', 'C0001', 'general', 'Everything', 12, 0, 1, 0, 'fine', 1795356131000);

INSERT INTO connection_calls (id, org_id, connection_id, started_at, operation, code, error, duration_us, request, response) VALUES
  ('cal_00000000000000000000000001', 'org_00000000000000000000000001', 'con_00000000000000000000000001', 1795356131000, 'auth.test', 200, NULL, 41200, '{}', '{"ok":true}');
