#!lua flags=no-writes
-- Counts the entries of a stream and those that are outstanding.
--
-- KEYS 1 stream
-- Returns {length, outstanding, lag (-1 = unknown), pending}
--@ outstanding
local length = redis.call('XLEN', KEYS[1])
return {length, outstanding(KEYS[1], length)}
