#!lua flags=allow-oom
-- Takes or renews a name that one process holds at a time (a mailbox's poll, a consumer's name), also when Redis is full.
--
-- KEYS 1 the name · ARGV 1 holder · 2 life in ms
-- Returns 1 held by the caller · 0 by another
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
