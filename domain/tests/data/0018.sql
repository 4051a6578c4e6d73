INSERT INTO data_keys (key_id, org_id, number, wrapped, wrapped_by, created_at, seals_from, reseal_at, retired_at) VALUES
  ('00000000000000b3', NULL, 3, x'01af', 'vault:v1', 1795356133000, 1795356133000, NULL, NULL);
