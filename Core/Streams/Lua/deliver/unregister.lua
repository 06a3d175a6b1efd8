#!lua flags=allow-oom
-- Unregisters a consumer: releases its name if it still has it, and deletes it from the group unless entries are pending under it.
--
-- KEYS 1 stream · 2 liveness of the chosen name
-- ARGV 1 group · 2 consumer, a name that no other process has · 3 holder
-- Returns 1 deleted · 0 it stays
--@ checks
may(KEYS[1], 'XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
local there = redis.call('EXISTS', KEYS[1]) == 1
local pending = there and redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
if not there or #pending > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
