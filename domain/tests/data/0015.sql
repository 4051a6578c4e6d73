INSERT INTO data_keys (key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at, retired_at) VALUES
  ('00000000000000a1', 'org_00000000000000000000000001', 1, x'01af', '00000000000000aa', 1795356131000, 1795356131000, NULL, 1795356132000);
