#!lua flags=allow-oom
-- Returns the vanished entries that were not reported yet. When several processes ask, only one gets them.
--
-- KEYS 1 vanished
-- Returns {how many, their IDs}; {0} when there is nothing to report
--@ checks
local fields = redis.call('HMGET', KEYS[1], 'count', 'told', 'which')
local count, told = tonumber(fields[1]) or 0, tonumber(fields[2]) or 0
if count <= told then return {0} end
may(KEYS[1], 'HDEL', KEYS[1], 'which')
redis.call('HSET', KEYS[1], 'told', count)
redis.call('HDEL', KEYS[1], 'which')
return {count - told, fields[3] or ''}
