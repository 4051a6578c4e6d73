INSERT INTO orgs (id, name, created_at, updated_at) VALUES
  ('org_00000000000000000000000001', 'Acme Corp', 1795356131000, 1795356131000),
  ('org_00000000000000000000000002', 'Nordlicht Söhne', 1795356132000, 1795356140000);

INSERT INTO users (id, email, name, password_hash, operator_role, created_at) VALUES
  ('usr_00000000000000000000000001', 'dana@acme.example', 'Dana Whitfield', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA', 'operator', 1795356131000),
  ('usr_00000000000000000000000002', 'marta@northwind.example', 'Märta Lindqvist', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA', NULL, 1795356131000);

INSERT INTO memberships (org_id, user_id, role, joined_at) VALUES
  ('org_00000000000000000000000001', 'usr_00000000000000000000000001', 'owner', 1795356131000),
  ('org_00000000000000000000000001', 'usr_00000000000000000000000002', 'member', 1795356131000),
  ('org_00000000000000000000000002', 'usr_00000000000000000000000002', 'admin', 1795356131000);

INSERT INTO invitations (id, org_id, email, role, token_hash, invited_by, created_at, expires_at, closed_at) VALUES
  ('inv_00000000000000000000000001', 'org_00000000000000000000000001', 'new@acme.example', 'member', x'0102', 'usr_00000000000000000000000001', 1795356131000, 1795960931000, NULL),
  ('inv_00000000000000000000000002', 'org_00000000000000000000000001', 'old@acme.example', 'admin', x'0103', 'usr_00000000000000000000000001', 1795356131000, 1795960931000, 1795356132000);

INSERT INTO sessions (id, token_hash, user_id, org_id, created_at, last_seen_at, user_agent, ip) VALUES
  ('ses_00000000000000000000000001', x'aa01', 'usr_00000000000000000000000001', 'org_00000000000000000000000001', 1795356131000, 1795356131000, 'Mozilla/5.0', '192.0.2.1'),
  ('ses_00000000000000000000000002', x'aa02', 'usr_00000000000000000000000002', NULL, 1795356131000, 1795356131000, NULL, NULL);

INSERT INTO throttles (name, failures, first_at) VALUES ('email:dana@acme.example', 3, 1795356131000);

INSERT INTO api_keys (id, org_id, name, hint, token_hash, scopes, created_by, created_at, last_used_at, expires_at, revoked_at) VALUES
  ('key_00000000000000000000000001', 'org_00000000000000000000000001', 'Shop', 'wxyz', x'bb01', 'events:write,events:read', 'usr_00000000000000000000000001', 1795356131000, 1795356132000, NULL, NULL),
  ('key_00000000000000000000000002', NULL, 'Operations', 'abcd', x'bb02', 'orgs:manage', 'usr_00000000000000000000000001', 1795356131000, NULL, 1826892131000, 1795356133000);

INSERT INTO audit_entries (id, org_id, created_at, actor, actor_name, action, target, note, ip) VALUES
  ('aud_00000000000000000000000001', 'org_00000000000000000000000001', 1795356131000, 'usr_00000000000000000000000001', 'dana@acme.example', 'endpoint.updated', 'ep_00000000000000000000000001', 'url', '192.0.2.1'),
  ('aud_00000000000000000000000002', NULL, 1795356131000, 'system', 'system', 'org.created', NULL, NULL, NULL);

INSERT INTO event_types (id, org_id, name, description, schema_json, sample_json, created_at, updated_at) VALUES
  ('ety_00000000000000000000000001', 'org_00000000000000000000000001', 'order.created', 'An order was placed.', '{"type":"object"}', '{"order":"ord_1"}', 1795356131000, 1795356131000),
  ('ety_00000000000000000000000002', 'org_00000000000000000000000002', 'order.created', '', NULL, '{}', 1795356131000, 1795356131000);

INSERT INTO inboxes (id, org_id, token, created_at) VALUES
  ('inb_00000000000000000000000001', 'org_00000000000000000000000001', '0123456789abcdefghjkmnpqrstvwxyz', 1795356131000);

INSERT INTO inbox_requests (id, inbox_id, received_at, method, headers_json, body, verified) VALUES
  ('req_00000000000000000000000001', 'inb_00000000000000000000000001', 1795356131000, 'POST', '[["webhook-id","evt_00000000000000000000000001"]]', '{"größe":1}', 1),
  ('req_00000000000000000000000002', 'inb_00000000000000000000000001', 1795356132000, 'GET', '[]', '', NULL);

INSERT INTO endpoints (id, org_id, name, url, description, event_types_json, status, disabled_reason, timeout_ms, retry_json, rate_limit_per_minute, sealed_headers, created_at, updated_at, deleted_at) VALUES
  ('ep_00000000000000000000000001', 'org_00000000000000000000000001', 'Billing', 'https://billing.example.com/hooks', 'Books invoices', '["invoice.*"]', 'active', NULL, 10000, '"standard"', 100, x'01ff', 1795356131000, 1795356131000, NULL),
  ('ep_00000000000000000000000002', 'org_00000000000000000000000001', 'Old', 'https://old.example.com/', '', '["*"]', 'disabled', 'The receiver answered 410.', 30000, '[60,300]', NULL, NULL, 1795356131000, 1795356139000, 1795356139000);

INSERT INTO signing_secrets (endpoint_id, created_at, sealed, hint, expires_at) VALUES
  ('ep_00000000000000000000000001', 1795356131000, x'01aa', 'wxyz', 1795442531000),
  ('ep_00000000000000000000000001', 1795356132000, x'01bb', 'abcd', NULL);

INSERT INTO events (org_id, id, event_type, source, caller_id, idempotency_key, ordering_key, channels, occurred_at, created_at, dispatched_at, data) VALUES
  ('org_00000000000000000000000001', 'evt_00000000000000000000000001', 'invoice.paid', 'api', 'own-1', 'key-1', 'cus_1', '["eu"]', 1795356131000, 1795356131000, 1795356131000, '{"name":"Müller","city":"東京"}'),
  ('org_00000000000000000000000001', 'evt_00000000000000000000000002', 'user.invited', 'system', NULL, NULL, NULL, NULL, 1795356131000, 1795356131000, NULL, '{}');

INSERT INTO idempotency_keys (org_id, name, body_hash, event_id, event_type, created_at) VALUES
  ('org_00000000000000000000000001', 'key:key-1', x'cc01', 'evt_00000000000000000000000001', 'invoice.paid', 1795356131000);

INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, due_at, next_attempt_at, last_code, last_error, last_duration_us, created_at, updated_at, finished_at, replay_of, unindexed_at) VALUES
  ('org_00000000000000000000000001', 'dlv_00000000000000000000000001', 'evt_00000000000000000000000001', 'invoice.paid', 'ep_00000000000000000000000001', 'delivered', 'event', 2, 8, NULL, NULL, 200, NULL, 41200, 1795356131000, 1795356137000, 1795356137000, NULL, NULL),
  ('org_00000000000000000000000001', 'dlv_00000000000000000000000002', 'evt_00000000000000000000000001', 'invoice.paid', 'ep_00000000000000000000000001', 'retrying', 'replay', 1, 8, 1795356431000, 1795356431000, 503, 'http', 9100, 1795356131000, 1795356137000, NULL, 'dlv_00000000000000000000000001', 1795356137000);

INSERT INTO attempts (org_id, delivery_id, id, number, started_at, outcome, code, error_class, error, dns_us, connect_us, tls_us, first_byte_us, total_us, remote, tls, url, request_headers, response_headers, response_truncated, response_body) VALUES
  ('org_00000000000000000000000001', 'dlv_00000000000000000000000001', 'att_00000000000000000000000001', 1, 1795356131000, 'timed_out', NULL, 'timeout', 'No answer within 10 s.', 900, 2100, 8800, NULL, 10000000, '192.0.2.7:443', 'TLS 1.3', 'https://billing.example.com/hooks', '[["user-agent","Patchbay/0.1.0"]]', '[]', 0, NULL),
  ('org_00000000000000000000000001', 'dlv_00000000000000000000000001', 'att_00000000000000000000000002', 2, 1795356137000, 'succeeded', 200, NULL, NULL, NULL, NULL, NULL, 40100, 41200, '192.0.2.7:443', NULL, 'https://billing.example.com/hooks', '[["user-agent","Patchbay/0.1.0"]]', '[["content-type","text/plain"]]', 1, x'00ff6f6b');
