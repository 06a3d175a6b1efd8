#!lua flags=allow-oom
-- Releases a delivery to wait for the time that its processor's dependency asked for. Reclaim delivers the entry after that.
-- Keeps: for a while after the first postponement a delivery does not count. Then each counts, so that the entry reaches its last delivery.
-- A rejected delivery was not tried: it never counts, and it is not the first postponement.
--
-- KEYS 1 stream · 2 postponed
-- ARGV 1 group · 2 consumer · 3 the waiting name · 4 lease in ms · 5 entry · 6 delivery count
--      7 the last delivery count; 0: the delivery was rejected · 8 wait in ms
--      9 how long after its first postponement an entry's deliveries do not count, in ms
-- Returns 0 another consumer owns it · 1 postponed, uncounted · 2 postponed, counted · 3 counted, and it was the last delivery: nothing is changed
--@ owned
--@ checks
local id, number = ARGV[5], tonumber(ARGV[6])
if not owned(KEYS[1], ARGV[1], ARGV[2], id, number) then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local rejected = tonumber(ARGV[7]) == 0
local since = string.match(redis.call('HGET', KEYS[2], id) or '', '^%d+ (%d+)$') or (not rejected and string.format('%d', now) or nil)
local counted = not rejected and now - since >= tonumber(ARGV[9])
if counted and number >= tonumber(ARGV[7]) then return 3 end
-- Steps that can fail come first. The claim to the waiting name is the last step.
may(KEYS[2], 'PEXPIRE', KEYS[2], ARGV[9])
may(KEYS[1], 'XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, id)
redis.call('HSET', KEYS[2], id, string.format('%d', now + ARGV[8]) .. (since and ' ' .. since or ''))
-- Fields that no settle removes (of entries deleted by hand) expire with the key.
redis.call('PEXPIRE', KEYS[2], ARGV[9] * 2)
-- Reclaim reads the entry again after one lease at the latest.
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, id,
  'IDLE', math.max(0, ARGV[4] - ARGV[8]), 'RETRYCOUNT', counted and number or number - 1, 'JUSTID')
return counted and 2 or 1
