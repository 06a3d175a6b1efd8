#!lua flags=allow-oom
-- Releases a lock.
--
-- KEYS 1 the lock · ARGV 1 holder
-- Returns 1 released · 0 the caller did not have it
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
