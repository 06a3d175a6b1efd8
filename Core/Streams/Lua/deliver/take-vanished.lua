#!lua flags=allow-oom
-- Hands out what has vanished from the stream and has not been told yet. Of several processes that ask, one gets it.
--
-- KEYS 1 vanished
-- Returns {how many, which}; {0} when there is nothing to tell
--@ checks
local fields = redis.call('HMGET', KEYS[1], 'count', 'told', 'which')
local count, told = tonumber(fields[1]) or 0, tonumber(fields[2]) or 0
if count <= told then return {0} end
may(KEYS[1], 'HDEL', KEYS[1], 'which')
redis.call('HSET', KEYS[1], 'told', count)
redis.call('HDEL', KEYS[1], 'which')
return {count - told, fields[3] or ''}
