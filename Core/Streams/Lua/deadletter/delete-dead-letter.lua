#!lua flags=allow-oom
-- Deletes a dead letter with its message and records who did it.
--
-- KEYS 1 dead letters · 2 audit
-- ARGV 1 dead letter · 2 who · 3 now · 4 audit length
-- Returns 1 deleted · 0 there was none
--@ checks
--@ body
local body = body_key(KEYS[1], ARGV[1])
length_of(KEYS[1], 'XLEN')
length_of(KEYS[2], 'XLEN')
may(KEYS[2], 'XADD', KEYS[2], '*', 'a', 'b')
may(body, 'UNLINK', body)
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('UNLINK', body)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', 'at', ARGV[3], 'who', ARGV[2], 'what', 'delete', 'letter', ARGV[1], 'count', 1)
return 1
