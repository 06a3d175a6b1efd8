#!lua flags=allow-oom
-- A consumer leaves: its name is given up if it is still its own, and it is deleted from the group unless entries are still pending under it.
--
-- KEYS 1 stream · 2 liveness of the chosen name
-- ARGV 1 group · 2 consumer, which no other process is · 3 holder
-- Returns 1 deleted · 0 it stays
--@ checks
may(KEYS[1], 'XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
local there = redis.call('EXISTS', KEYS[1]) == 1
local pending = there and redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
if not there or #pending > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
