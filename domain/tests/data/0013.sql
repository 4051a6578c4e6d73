INSERT INTO sources (id, org_id, provider, name, status, scheme_json, sealed_token, token_hash, created_by, created_at, updated_at) VALUES
  ('src_00000000000000000000000001', 'org_00000000000000000000000001', 'stripe', 'Stripe', 'active', '{"scheme":"stripe"}', x'01aa', x'01ab', 'owner@acme.test', 1795356131000, 1795356131000);

INSERT INTO source_secrets (source_id, created_at, sealed, hint) VALUES
  ('src_00000000000000000000000001', 1795356131000, x'01ac', 'abcd');

INSERT INTO inbound_requests (id, org_id, source_id, received_at, method, url, size, verdict, state, attempts, is_again, outcomes_json, headers_json, body) VALUES
  ('ibr_00000000000000000000000001', 'org_00000000000000000000000001', 'src_00000000000000000000000001', 1795356131000, 'POST', 'https://hub.acme.test/in/stripe/{token}', 2, 'verified', 'processed', 1, 0, '[]', '[]', x'7b7d');

INSERT INTO inbound_keys (source_id, key_hash, request_id, seen_at) VALUES
  ('src_00000000000000000000000001', x'01ad', 'ibr_00000000000000000000000001', 1795356131000);

INSERT INTO inbound_subjects (source_id, subject_hash, version, is_ended, data, seen_at) VALUES
  ('src_00000000000000000000000001', x'01ae', 1795356131000, 0, '{}', 1795356131000);
