-- The organization is a word of its own column from the beginning.

SELECT 1;
