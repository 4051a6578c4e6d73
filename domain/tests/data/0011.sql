UPDATE connections SET call_failures = 6, calls_resume_at = 1795356191000, call_pause_ms = 60000 WHERE id = 'con_00000000000000000000000001';
