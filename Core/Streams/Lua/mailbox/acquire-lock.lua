#!lua flags=allow-oom
-- Acquires or renews a lock that one process has at a time (a mailbox lock, a consumer's name), also when Redis is full.
--
-- KEYS 1 the lock · ARGV 1 holder · 2 life in ms
-- Returns 1 the caller has it · 0 another process has it
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
