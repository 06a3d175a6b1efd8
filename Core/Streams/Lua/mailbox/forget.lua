#!lua flags=allow-oom
-- Lets the next poll pass over the UID before which the last poll stopped, and records who asked for it.
-- Keeps: only that UID can be passed over, so no email is that a poll can still read.
--
-- KEYS 1 cursor · 2 audit
-- ARGV 1 UID · 2 the number of stops that stands for it · 3 who · 4 now · 5 audit length · 6 mailbox
-- Returns 1 done · 0 the last poll did not stop before this UID
--@ checks
--@ audit
length_of(KEYS[1], 'HLEN')
may(KEYS[1], 'HSET', KEYS[1], 'a', 'b')
check_audit(KEYS[2])
local cursor = redis.call('HMGET', KEYS[1], 'missing_uid', 'missing')
if cursor[1] ~= ARGV[1] or (tonumber(cursor[2]) or 0) == 0 then return 0 end
audit(KEYS[2], ARGV[5], 'at', ARGV[4], 'who', ARGV[3], 'what', 'forget-uid', 'target', ARGV[6] .. ' ' .. ARGV[1], 'count', 1, 'outcome', 'done')
redis.call('HSET', KEYS[1], 'missing', ARGV[2], 'forgotten_by', ARGV[3])
return 1
