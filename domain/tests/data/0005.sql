INSERT INTO nodes (id, role, address, version, started_at, last_seen_at) VALUES
  ('01kb1zr0000000000000000001', 'worker', '10.0.0.5:3000', '0.1.0', 1795356131000, 1795356139000);
