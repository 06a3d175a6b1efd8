#!lua flags=no-writes
-- Checks that scripts may use these keys together. A server that enforces hash slots refuses the call with CROSSSLOT. It reads nothing.
--
-- KEYS 1 a key · 2 another
-- Returns 1
return 1
