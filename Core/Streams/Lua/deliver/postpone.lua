#!lua flags=allow-oom
-- Gives a delivery back to wait for a time that its processor's dependency asked for. Reclaim hands it out after that.
-- Keeps: it is not counted for a while after the first time, and then is, so that it ends.
--
-- KEYS 1 stream · 2 postponed
-- ARGV 1 group · 2 consumer · 3 the waiting name · 4 lease in ms · 5 entry · 6 number · 7 the last number · 8 wait in ms
--      9 how long after its first postponement an entry is not counted, in ms
-- Returns 0 not ours any more · 1 postponed, uncounted · 2 postponed, counted · 3 counted, and it was the last delivery: nothing is changed
--@ owned
--@ checks
local id, number = ARGV[5], tonumber(ARGV[6])
if not owned(KEYS[1], ARGV[1], ARGV[2], id, number) then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local since = string.match(redis.call('HGET', KEYS[2], id) or '', '^%d+ (%d+)$') or string.format('%d', now)
local counted = now - since >= tonumber(ARGV[9])
if counted and number >= tonumber(ARGV[7]) then return 3 end
-- What can fail comes first; the claim to the waiting name is the last.
may(KEYS[2], 'PEXPIRE', KEYS[2], ARGV[9])
may(KEYS[1], 'XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, id)
redis.call('HSET', KEYS[2], id, string.format('%d %s', now + ARGV[8], since))
-- What nobody settles here any more (an entry deleted by hand) goes with the key.
redis.call('PEXPIRE', KEYS[2], ARGV[9] * 2)
-- A lease from now at the latest it is looked at again: see reclaim.
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, id,
  'IDLE', math.max(0, ARGV[4] - ARGV[8]), 'RETRYCOUNT', counted and number or number - 1, 'JUSTID')
return counted and 2 or 1
