#!lua flags=allow-oom
-- Creates stream and group when they are missing. From 0: from $ on the group would skip what is already there.
-- Keeps: a full Redis still drains. XGROUP CREATE by itself is refused there, even for a group that exists, and no consumer could join.
--
-- KEYS 1 stream · ARGV 1 group
-- Returns 1 created · 0 it was there
local reply = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if not reply['err'] then return 1 end
if string.find(reply['err'], 'BUSYGROUP', 1, true) then return 0 end
return reply
