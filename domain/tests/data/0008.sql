INSERT INTO installation_alerts (id, kind, target, message, created_at, closed_at, seen_at) VALUES
  ('alr_00000000000000000000000003', 'health_degraded', 'delivery_rate', 'Delivery rate is 96.2 %, less than 99 %.', 1795359600000, NULL, NULL),
  ('alr_00000000000000000000000004', 'health_degraded', 'delivery_rate', 'Delivery rate is 98.1 %, less than 99 %.', 1795356131000, 1795357131000, 1795356200000);
