-- PostgreSQL cuts events, attempts and the search index into days here; SQLite has one file and nothing to cut.
SELECT 1;
