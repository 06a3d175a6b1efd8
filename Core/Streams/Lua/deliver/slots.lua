#!lua flags=no-writes
-- Whether scripts may use these keys together: a server that enforces hash slots refuses the call with CROSSSLOT. Nothing is read.
--
-- KEYS 1 a key · 2 another
-- Returns 1
return 1
