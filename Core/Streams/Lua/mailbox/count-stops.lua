#!lua flags=allow-oom
-- Counts the polls in a row that stopped before the same UID, because the server lists it and does not return it.
--
-- KEYS 1 cursor · ARGV 1 epoch · 2 UID
-- Returns how many polls, this one included; 0 when another epoch has begun
local cursor = redis.call('HMGET', KEYS[1], 'epoch', 'missing_uid', 'missing')
if cursor[1] ~= ARGV[1] then return 0 end
local count = cursor[2] == ARGV[2] and (tonumber(cursor[3]) or 0) + 1 or 1
redis.call('HSET', KEYS[1], 'missing_uid', ARGV[2], 'missing', count)
return count
