INSERT INTO inbound_requests (id, org_id, source_id, received_at, method, url, size, verdict, state, attempts, is_again, outcomes_json, headers_json, body, unindexed_at) VALUES
  ('ibr_00000000000000000000000002', 'org_00000000000000000000000001', 'src_00000000000000000000000001', 1795356132000, 'POST', 'https://hub.acme.test/in/stripe/{token}', 2, 'verified', 'pending', 0, 0, '[]', '[]', x'7b7d', 1795356132000);

INSERT INTO email_history (org_id, source_id, message_id, recipient, request_id, event_type, happened_at, detail, recipients) VALUES
  ('org_00000000000000000000000001', 'src_00000000000000000000000001', 'msg_2', 'ada@acme.test', 'ibr_00000000000000000000000002', 'email.sent', 1795356132000, NULL, 2);

INSERT INTO data_keys (key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at, retired_at) VALUES
  ('00000000000000b2', NULL, 1, x'01af', 'vault:v1', 1795356132001, 1795356132001, NULL, NULL),
  ('00000000000000b1', NULL, 1, x'01af', 'vault:v1', 1795356132000, 1795356132000, NULL, NULL);
