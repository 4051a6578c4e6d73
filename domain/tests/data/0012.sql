INSERT INTO linked_issues (id, org_id, connection_id, endpoint_id, subject, issue_id, issue_key, url, summary, status_name, status_category, state_json, is_deleted, created_at, updated_at) VALUES
  ('lnk_00000000000000000000000001', 'org_00000000000000000000000001', 'con_00000000000000000000000001', 'ep_00000000000000000000000001', 'inv_1', '10001', 'ED-1', 'https://acme.atlassian.net/browse/ED-1', 'Invoice failed', 'To do', 'new', '{}', 0, 1795356131000, 1795356131000);

INSERT INTO sync_entries (id, org_id, linked_issue_id, at, direction, action, detail) VALUES
  ('syn_00000000000000000000000001', 'org_00000000000000000000000001', 'lnk_00000000000000000000000001', 1795356131000, 'to_issue', 'created', 'ED-1 was made.');

INSERT INTO issue_webhooks (connection_id, identifier, org_id, body, received_at, attempts) VALUES
  ('con_00000000000000000000000001', 'hook-1', 'org_00000000000000000000000001', x'7b7d', 1795356131000, 1);
