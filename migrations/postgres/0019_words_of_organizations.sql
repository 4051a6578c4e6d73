-- Each document has a word that stands for its organization, so that the index of words alone finds what is rare in it.

UPDATE search_docs SET words = words || array_to_tsvector(ARRAY['org ' || org_id]);
UPDATE inbound_search_docs SET words = words || array_to_tsvector(ARRAY['org ' || org_id]);
