#!lua flags=allow-oom
-- Creates the stream and the group when they are missing. The group begins at 0: at $ it would skip entries that are already there.
-- Keeps: a full Redis still drains. It refuses XGROUP CREATE outside a script, even for a group that exists, so no consumer could start.
--
-- KEYS 1 stream · ARGV 1 group
-- Returns 1 created · 0 it existed
local reply = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if not reply['err'] then return 1 end
if string.find(reply['err'], 'BUSYGROUP', 1, true) then return 0 end
return reply
