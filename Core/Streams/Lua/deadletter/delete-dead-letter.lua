#!lua flags=allow-oom
-- Deletes a dead letter with its message and records who did it.
--
-- KEYS 1 dead letters · 2 audit · 3 referers · 4 released · 5 the dead letter's message
-- ARGV 1 dead letter · 2 who · 3 now · 4 audit length
-- Returns 1 deleted · 0 there was none
--@ checks
--@ body
--@ referers
--@ collect
local body = body_key(KEYS[1], ARGV[1])
length_of(KEYS[1], 'XLEN')
length_of(KEYS[2], 'XLEN')
may(KEYS[2], 'XADD', KEYS[2], '*', 'a', 'b')
may(body, 'UNLINK', body)
-- While the slot moves, this fails and not the UNLINK.
redis.call('EXISTS', body)
local letter = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not letter then return 0 end
-- A dead letter of an older version has its message among its fields.
size_of(letter[2])
local stored = reference_of(letter[2])
if stored then check_referers(KEYS[3], stored) end
redis.call('XDEL', KEYS[1], ARGV[1])
redis.call('UNLINK', body)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', 'at', ARGV[3], 'who', ARGV[2], 'what', 'delete', 'letter', ARGV[1], 'count', 1)
if stored then unrefer(KEYS[3], stored, 'd:' .. ARGV[1]) end
letter = nil
clean_up()
return 1
