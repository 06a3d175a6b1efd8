#!lua flags=no-writes
-- How much a stream holds and how much of it is outstanding.
--
-- KEYS 1 stream
-- Returns {length, outstanding, lag (-1 = unknown), pending}
--@ outstanding
local length = redis.call('XLEN', KEYS[1])
return {length, outstanding(KEYS[1], length)}
