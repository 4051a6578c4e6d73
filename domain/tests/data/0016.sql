INSERT INTO email_history (org_id, source_id, message_id, recipient, request_id, event_type, happened_at, detail) VALUES
  ('org_00000000000000000000000001', 'src_00000000000000000000000001', 'msg_1', 'ada@acme.test', 'ibr_00000000000000000000000001', 'email.bounced', 1795356131000, 'Permanent');
