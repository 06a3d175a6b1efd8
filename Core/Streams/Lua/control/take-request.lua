#!lua flags=allow-oom
-- Removes a request that was served, unless somebody has repeated it meanwhile.
--
-- KEYS 1 control
-- ARGV 1 field · 2 value
-- Returns 1 removed · 0 it is gone, or another one
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
